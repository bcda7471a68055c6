"""The languages of the page: English is the source, the others come from compiled catalogues."""

from collections.abc import Sequence
from functools import lru_cache
from gettext import NullTranslations
from pathlib import Path

from babel import Locale, negotiate_locale
from babel.support import Translations

FOLDER = Path(__file__).resolve().parents[2] / "locale"
SOURCE = "en"


@lru_cache
def languages() -> dict[str, str]:
    """The available languages by code, each with its own name."""
    codes = [SOURCE, *sorted(path.parts[-3] for path in FOLDER.glob("*/LC_MESSAGES/messages.po"))]
    return {code: Locale.parse(code).get_display_name(code) or code for code in codes}


@lru_cache
def translations(code: str) -> NullTranslations:
    """The catalogue of a language; a catalogue that changes nothing for English."""
    return Translations.load(FOLDER, [code]) if code != SOURCE else NullTranslations()


def negotiate(accept_language: str) -> str:
    """The available language that fits an Accept-Language header best."""
    return negotiate_locale(_preferred(accept_language), list(languages()), sep="-") or SOURCE


def _preferred(accept_language: str) -> Sequence[str]:
    """The languages of an Accept-Language header by preference; malformed parts are skipped."""
    preferences = []
    for place, part in enumerate(accept_language.split(",")[:32]):
        code, _, parameter = part.lower().partition(";")
        code = code.strip()  # HTTP allows spaces before the semicolon, and any case
        try:
            weight = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
        except ValueError:
            continue
        if code and code.replace("-", "").isalnum() and weight > 0:
            preferences.append((-weight, place, code))
    return [code for _, _, code in sorted(preferences)]
