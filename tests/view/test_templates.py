"""The templates as text."""

from pathlib import Path

import pytest

from app.view.rendering.templates import TEMPLATES

COLUMNS = 120
FILES = sorted(path for path in TEMPLATES.rglob("*.*") if path.is_file())


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_lines_fit(path: Path) -> None:
    """No line of a template is longer than an editor shows."""
    lines = path.read_text().splitlines()
    long = [number for number, line in enumerate(lines, 1) if len(line) > COLUMNS]
    assert not long, f"{path}: lines {long}"
