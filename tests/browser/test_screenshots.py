"""Pictures for a person to look at, in test-results/screenshots/.

With BACKSTEP_SCREENSHOTS=1 the README's picture, docs/screenshot.png, is taken anew as well.
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
SIZES = [(1280, 720), (1920, 1080), (390, 844)]


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


def middle(visitor: Visitor) -> None:
    """The moment that shows most: δ of the hidden layer."""
    visitor.open()
    visitor.key("f")
    for _ in range(8):
        visitor.step()


@pytest.mark.parametrize(("theme", "language"), [("light", "en"), ("dark", "ko")])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_screenshots(
    new_visitor: NewVisitor, width: int, height: int, theme: str, language: str
) -> None:
    """The start, the middle of the backward pass, and the end after some iterations."""
    size = {"width": width, "height": height}
    visitor = new_visitor(viewport=size, color_scheme=theme, locale=language).open()
    for moment in ("start", "backward", "updated"):
        if moment == "backward":
            middle(visitor)
        if moment == "updated":
            visitor.key("u", "u", "u")
        path = FOLDER / f"{width}x{height}-{theme}-{language}-{moment}.png"
        visitor.page.screenshot(path=path)
        check(path, width, height)


def test_the_picture_of_the_readme(visitor: Visitor) -> None:
    """It can be taken, and with BACKSTEP_SCREENSHOTS=1 it takes the old one's place."""
    middle(visitor)
    path = PICTURE if os.environ.get("BACKSTEP_SCREENSHOTS") else FOLDER / PICTURE.name
    visitor.page.screenshot(path=path)
    check(path, 1280, 720)
