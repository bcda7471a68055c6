"""Pictures for a person to look at, in test-results/screenshots/.

With BACKSTEP_SCREENSHOTS=1 the README's picture, docs/screenshot.png, is replaced as well.
"""

import os
import struct
import zlib
from pathlib import Path

import pytest

from app.settings import ROOT
from tests.browser.conftest import NewVisitor
from tests.browser.visitor import Visitor

FOLDER = ROOT / "test-results" / "screenshots"
PICTURE = ROOT / "docs" / "screenshot.png"
# Every pair of a size, a theme and a language.
SCREENS = [
    *((1280, 720, "light", "en"), (1280, 720, "dark", "ko")),
    *((1920, 1080, "dark", "en"), (1920, 1080, "light", "ko")),
    *((390, 844, "light", "en"), (390, 844, "dark", "ko")),
]


def check(png: Path, width: int, height: int) -> None:
    """The picture has this size, and something on it."""
    data = png.read_bytes()
    assert data.startswith(b"\x89PNG")
    assert struct.unpack(">II", data[16:24]) == (width, height)
    pixels, at = b"", 8
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        if kind == b"IDAT":
            pixels += data[at + 8 : at + 8 + length]
        at += length + 12
    assert len(set(zlib.decompress(pixels))) > 100


def show_the_middle(visitor: Visitor) -> None:
    """δ of the hidden layer: the moment that shows most."""
    visitor.open()
    visitor.key("f")
    for _ in range(8):
        visitor.step()


@pytest.mark.parametrize(("width", "height", "theme", "language"), SCREENS)
def test_screenshots(
    new_visitor: NewVisitor, width: int, height: int, theme: str, language: str
) -> None:
    """The start, the middle of the backward pass, and the end after some iterations are shown."""
    size = {"width": width, "height": height}
    visitor = new_visitor(viewport=size, color_scheme=theme, locale=language).open()
    for moment in ("start", "backward", "updated"):
        if moment == "backward":
            show_the_middle(visitor)
        if moment == "updated":
            visitor.key("u", "u", "u")
        path = FOLDER / f"{width}x{height}-{theme}-{language}-{moment}.png"
        visitor.page.screenshot(path=path)
        check(path, width, height)


def test_the_picture_of_the_readme(visitor: Visitor) -> None:
    """It can be taken, and replaces docs/screenshot.png if BACKSTEP_SCREENSHOTS=1."""
    show_the_middle(visitor)
    path = PICTURE if os.environ.get("BACKSTEP_SCREENSHOTS") else FOLDER / PICTURE.name
    visitor.page.screenshot(path=path)
    check(path, 1280, 720)
