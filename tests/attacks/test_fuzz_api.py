"""A small share of `make fuzz`: answers conform to the OpenAPI document."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.attacks.fuzz import UNLIMITED, fuzz
from tests.support.server import served

EXAMPLES = 1  # of each operation
SEED = 4


def test_openapi_is_kept(tmp_path: Path) -> None:
    """For strangers and owners every answer conforms to its schema."""
    with served(tmp_path, **UNLIMITED) as server, ThreadPoolExecutor() as pool:

        def run(key: bool) -> None:
            found = fuzz(server, EXAMPLES, SEED, "--phases", "examples,fuzzing", key=key)
            assert found.well, found.text
            assert found.cases >= 50

        list(pool.map(run, (False, True)))
        assert "Traceback" not in server.err
