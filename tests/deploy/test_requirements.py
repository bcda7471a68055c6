"""Locked requirements, and those of the benchmarks' peers."""

import re
from pathlib import Path

import pytest

from app.settings import ROOT
from benchmarks import environments
from benchmarks.environments import PEERS, NotInstalledError, install

LOCKED = sorted(ROOT.glob("requirements*.txt"))
IN = sorted(ROOT.glob("requirements*.in"))
PINNED = sorted(PEERS.glob("requirements-*.txt"))


def entries(path: Path) -> list[str]:
    """The requirements of a file, each with its hashes on one line."""
    joined = path.read_text().replace("\\\n", " ")
    return [line for line in joined.splitlines() if line and not line.startswith("#")]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_every_list_is_locked() -> None:
    """Every list of packages has a lock file."""
    assert [path.with_suffix(".txt") for path in IN] == LOCKED


@pytest.mark.parametrize("path", LOCKED, ids=name_of)
def test_each_package_has_a_version_and_hashes(path: Path) -> None:
    """Every package is pinned with hashes."""
    assert entries(path)
    for entry in entries(path):
        assert re.match(r"[a-z0-9.-]+==\S+ .*--hash=sha256:[0-9a-f]{64}$", entry), entry


@pytest.mark.parametrize("path", PINNED, ids=name_of)
def test_each_peer_has_versions(path: Path) -> None:
    """The packages that a benchmark compares with are pinned."""
    assert entries(path)
    for entry in entries(path):
        assert re.match(r"[a-z0-9.-]+==\S+", entry), entry


@pytest.mark.parametrize("path", [*LOCKED, *IN, *PINNED], ids=name_of)
def test_no_list_names_a_place(path: Path) -> None:
    """No list names a package index."""
    text = path.read_text()
    assert "://" not in text
    assert not re.search(r"^\s*(-i|-f|--(extra-)?index-url|--find-links)\b", text, re.MULTILINE)


def test_what_cannot_be_installed_is_told_from_a_bug(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package that cannot be installed is told apart from a bug."""
    (tmp_path / "requirements-missing.txt").write_text("./missing-1.0-py3-none-any.whl\n")
    monkeypatch.setattr(environments, "PEERS", tmp_path)
    with pytest.raises(NotInstalledError, match="missing: ERROR: "):
        install("missing")
