"""The catalogs of translations."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from app.settings import ROOT
from app.view.rendering.languages import FOLDER, SOURCE, languages

LANGUAGES = pytest.mark.parametrize("language", sorted(languages().keys() - {SOURCE}))
MAPPINGS = [("app/**.py", "python"), ("templates/**.html", "jinja2")]
# The deck’s own names, those of a gate and of a key: they are written so in every language.
SAME = {
    "Page Down",
    "Page Up",
    "net",
    "out",
    "δ",
    "AND",
    "E = ½ Σ (target − out)²",
    "OR",
    "Shift",
    "target",
    "lr %(rate)s",
}
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[a-z%]")


def path(language: str, suffix: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / f"messages.{suffix}"


def catalogue(language: str) -> Catalog:
    with path(language, "po").open("rb") as file:
        return read_po(file, locale=language)


def extracted() -> set[str]:
    """Every text that the sources mark for translation."""
    found: set[str] = set()
    for folder in ("app", "templates"):
        mappings = [
            (pattern.removeprefix(f"{folder}/"), method)
            for pattern, method in MAPPINGS
            if pattern.startswith(folder)
        ]
        for _, _, message, _, _ in extract_from_dir(ROOT / folder, mappings):
            assert isinstance(message, str), f"a plural, which the page has no place for: {message}"
            found.add(message)
    return found


@LANGUAGES
def test_catalogue_is_that_of_the_sources(language: str) -> None:
    """A catalog has exactly the texts of the sources."""
    known = {message.id for message in catalogue(language) if message.id}
    assert known == extracted()


@LANGUAGES
def test_translations(language: str) -> None:
    """Every text has a translation, with the same placeholders and the same end."""
    for message in catalogue(language):
        if message.id:
            source, target = message.id, message.string
            assert isinstance(source, str)
            assert isinstance(target, str)
            assert target
            assert target != source or source in SAME, source
            assert not message.fuzzy, source
            assert sorted(PLACEHOLDER.findall(source)) == sorted(PLACEHOLDER.findall(target))
            ends = [text.endswith((".", "!", "?")) for text in (source, target)]
            assert ends[0] == ends[1], source


@LANGUAGES
def test_the_compiled_catalogue_is_current(language: str) -> None:
    """The compiled catalog is current."""
    compiled = read_mo(BytesIO(path(language, "mo").read_bytes()))
    served = {message.id: message.string for message in compiled if message.id}
    assert served == {m.id: m.string for m in catalogue(language) if m.id}
