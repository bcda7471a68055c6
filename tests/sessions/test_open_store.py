"""The address of a store picks its kind."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.sessions.sqlite import SQLiteStore
from app.sessions.store import open_store


async def test_an_unknown_scheme_is_named_without_the_rest() -> None:
    """The error for an unknown scheme names the scheme, and keeps what may be a password."""
    with pytest.raises(ValueError, match="'mongodb'") as caught:
        await open_store("mongodb://teacher:hunter2@localhost")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["sqlite://data/x.db", "sqlite:///", "sqlite://", "sqlite:///x.db?mode=ro", "sqlite:///x#y"],
)
async def test_a_sqlite_address_of_another_form_is_refused(url: str) -> None:
    """An address with a host, a query or no path does not open some other file."""
    with pytest.raises(ValueError, match="sqlite:///relative/path"):
        await open_store(url)


async def test_three_slashes_are_relative_and_four_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative path counts from the working directory; %20 is a space."""
    monkeypatch.chdir(tmp_path)
    for url in ("sqlite:///here/a%20b.db", f"sqlite:///{tmp_path}/there.db"):
        await (await open_store(url)).close()
    assert (tmp_path / "here" / "a b.db").exists()
    assert (tmp_path / "there.db").exists()


def test_a_kind_is_imported_only_when_asked_for() -> None:
    """Importing the protocol does not import SQLite."""
    code = "import sys, app.sessions.store; print('sqlite3' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


async def test_the_sqlite_scheme_opens_sqlite(tmp_path: Path) -> None:
    """The scheme sqlite opens the SQLite store."""
    store = await open_store(f"sqlite:///{tmp_path}/x.db")
    assert isinstance(store, SQLiteStore)
    await store.close()
