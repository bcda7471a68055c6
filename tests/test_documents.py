"""The documents: links lead somewhere, files exist, and the README's example works."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from app.settings import ROOT
from tests.support.deploy_files import blocks
from tests.support.server import served

DECISIONS = ROOT / "docs" / "decisions"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
# Folders that hold source: a path that starts with one of them is a file of this project.
FILE = re.compile(r"`((?:app|benchmarks|deploy|docs|scripts|static|templates|tests)/[^`…*]+)`")

MADE = ("static/vendor", "app/locale/fr/")  # by make; the second is CONTRIBUTING's example


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", CODE.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_links(document: Path) -> None:
    """Each relative link leads to a file, and its anchor to a heading."""
    for link in LINK.findall(document.read_text()):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path) if path else document
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), link


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_files(document: Path) -> None:
    """Each file of the project that a document names exists."""
    for path in FILE.findall(document.read_text()):
        assert path.startswith(MADE) or (ROOT / path).exists(), path


def test_every_decision_is_listed() -> None:
    """By its title and in order; numbers have no gap."""
    pages = sorted(DECISIONS.glob("[0-9]*.md"))
    assert [int(page.name[:3]) for page in pages] == list(range(1, len(pages) + 1))
    entry = re.compile(r"^- \[(\d{3})\]\((\S+)\): (.*(?:\n  .*)*)$", re.MULTILINE)
    listed = entry.findall((DECISIONS / "README.md").read_text())
    titles = [page.read_text().partition("\n")[0] for page in pages]
    assert titles == [f"# {number}. {' '.join(title.split())}" for number, _, title in listed]
    assert [page.name for page in pages] == [name for _, name, _ in listed]


@pytest.mark.parametrize("document", sorted(DECISIONS.glob("[0-9]*.md")), ids=name_of)
def test_a_decision_has_three_parts(document: Path) -> None:
    headings = re.findall(r"^## (.*)$", document.read_text(), re.MULTILINE)
    assert headings == ["Context", "Decision", "Consequences"]


def test_settings_are_in_one_place() -> None:
    """The README links to the table of settings, and repeats no default of it."""
    text = (ROOT / "README.md").read_text()
    assert "(docs/deploying.md#settings)" in text
    assert "BACKSTEP_" not in text


def test_readme_example(tmp_path: Path) -> None:
    """The commands print what the comments below them say."""
    [example] = blocks("../README.md", "Use the API")
    lines = example.splitlines()
    expected = " ".join(line.removeprefix("#") for line in lines if line.startswith("#"))
    with served(tmp_path) as server:
        assert "http://127.0.0.1:8000" in example
        commands = example.replace("http://127.0.0.1:8000", server.url)
        done = subprocess.run(
            ["sh", "-e", "-c", commands],
            env=os.environ | {"no_proxy": "*"},
            capture_output=True,
            text=True,
            check=True,
        )
    assert done.stdout.split() == expected.split()
