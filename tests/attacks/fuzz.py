"""schemathesis over the whole OpenAPI of a real server, with all of its checks.

    python -m tests.attacks.fuzz [examples of each operation] [seed]

Once as a stranger, and once with the key of a session. Each finding is printed with the request
that shows it.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.settings import ROOT
from tests.support.server import AppServer, served

EXAMPLES = 90  # of each operation: more than 5,000 requests in all
UNLIMITED = {  # it asks as no honest client does, and every answer counts
    "BACKSTEP_CLIENT_REQUESTS": "0",
    "BACKSTEP_SESSION_REQUESTS": "0",
    "BACKSTEP_CLIENT_SESSIONS": "0",
    "BACKSTEP_CODE_GUESSES": "0",
}


@dataclass(frozen=True, slots=True)
class Found:
    """What a run came to: how many requests were made up, whether all went well, and what it said."""

    cases: int
    well: bool
    text: str


def fuzz(server: AppServer, examples: int, seed: int, *options: str, key: bool) -> Found:
    """Let schemathesis loose on a server, as a stranger or as an owner."""
    command = [
        *(str(Path(sys.executable).parent / "schemathesis"), "--config-file"),
        *(str(Path(__file__).with_name("schemathesis.toml")), "run", f"{server.url}/openapi.json"),
        *("--checks", "all", "--max-examples", f"{examples}", "--seed", f"{seed}"),
        *("--generation-database", "none", "--continue-on-failure", "--no-color", *options),
    ]
    if key:
        # It knows of no API that hides what is not yours (404): `hidden_from_strangers` checks that.
        command += ["--exclude-checks", "ignored_auth"]
    environment = {
        "SCHEMATHESIS_HOOKS": "tests.attacks.fuzz_hooks",
        "FUZZED_SERVER": server.url,
        "FUZZED_WITH_KEY": "1" if key else "",
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    count = re.search(r"(\d+) generated", done.stdout)
    return Found(int(count[1]) if count else 0, done.returncode == 0, done.stdout + done.stderr)


def main(arguments: Sequence[str]) -> int:
    examples, seed = (*map(int, arguments), *(EXAMPLES, 1)[len(arguments) :])
    cases, well = 0, True
    with tempfile.TemporaryDirectory() as folder, served(Path(folder), **UNLIMITED) as server:
        for key in (False, True):
            found = fuzz(server, examples, seed, key=key)
            print(f"{'With' if key else 'Without'} a key: {found.cases} requests")
            if not found.well:
                print(found.text)
            cases, well = cases + found.cases, well and found.well
        if "Traceback" in server.err:
            print(server.err)
            well = False
    print(f"{cases} requests in all, seed {seed}: {'nothing found' if well else 'see above'}")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
