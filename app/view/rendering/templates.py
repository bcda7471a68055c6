"""The templates, in a language."""

from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.view.rendering.languages import translations
from app.view.rendering.numbers import exact, grouped, scientific, seven_digits, short
from app.view.rendering.urls import url

TEMPLATES = Path(__file__).resolve().parents[3] / "templates"


@lru_cache
def environment(language: str) -> Environment:
    """The templates in a language."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["url"] = url
    made.filters |= {
        "short": short,
        "exact": exact,
        "grouped": grouped,
        "seven_digits": seven_digits,
        "scientific": scientific,
    }
    made.install_gettext_translations(translations(language), newstyle=False)  # type: ignore[attr-defined]
    return made


def render(template: str, language: str, **context: object) -> str:
    """A template in a language."""
    return environment(language).get_template(template).render(context, language=language)
