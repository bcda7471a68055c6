"""Pictures for a person to look at, in test-results/screenshots/.

With BACKSTEP_SCREENSHOTS=1 there are six screens, and one picture replaces that of the README,
docs/screenshot.png. Else there is one screen, which shows that pictures can be taken.
"""

import os
import shutil
import struct
from pathlib import Path

import pytest

from app.settings import ROOT
from tests.browser.conftest import NewVisitor

FOLDER = ROOT / "test-results" / "screenshots"
PICTURE = "1280x720-light-en-backward.png"
SIGNATURE = b"\x89PNG\r\n\x1a\n"
WANTED = bool(os.environ.get("BACKSTEP_SCREENSHOTS"))
# Every pair of a size, a theme and a language.
SCREENS = [
    *((1280, 720, "light", "en"), (1280, 720, "dark", "ko")),
    *((1920, 1080, "dark", "en"), (1920, 1080, "light", "ko")),
    *((390, 844, "light", "en"), (390, 844, "dark", "ko")),
]


def check(png: Path, width: int, height: int) -> None:
    """The picture has this size, and something on it."""
    content = png.read_bytes()
    assert struct.unpack(">8s4x4sII", content[:24]) == (SIGNATURE, b"IHDR", width, height)
    assert len(content) > width * height / 50  # an empty page takes a tenth of that


@pytest.mark.parametrize(
    ("width", "height", "theme", "language"), SCREENS if WANTED else SCREENS[:1]
)
def test_screenshots(
    new_visitor: NewVisitor, width: int, height: int, theme: str, language: str
) -> None:
    """The start, the middle of the backward pass, and the end after some iterations are shown."""
    size = {"width": width, "height": height}
    visitor = new_visitor(viewport=size, color_scheme=theme, locale=language).open()
    for moment in ("start", "backward", "updated"):
        if moment == "backward":  # δ of the hidden layer: the moment that shows most
            visitor.key("f", *["ArrowRight"] * 8)
        if moment == "updated":
            visitor.key("u", "u", "u")
        path = FOLDER / f"{width}x{height}-{theme}-{language}-{moment}.png"
        visitor.page.screenshot(path=path)
        check(path, width, height)
        if path.name == PICTURE and WANTED:
            shutil.copy(path, ROOT / "docs" / "screenshot.png")
