"""The templates, in a language."""

from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from app.view.rendering.digits import DIGITS
from app.view.rendering.languages import translations
from app.view.rendering.numbers import exact, grouped, scientific
from app.view.rendering.urls import url

TEMPLATES = Path(__file__).resolve().parents[3] / "templates"


@lru_cache
def environment(language: str) -> Environment:
    """The templates in a language."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,  # what a template renders is kept anyway
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["url"] = url
    made.filters |= {
        "short": _short,
        "exact": exact,
        "grouped": grouped,
        "listed": _listed,
        "scientific": scientific,
    }
    made.install_gettext_translations(translations(language), newstyle=False)  # type: ignore[attr-defined]
    return made


@pass_context
def _short(context: Context, value: float) -> str:
    """A number in the digits that the template was given, by their name."""
    return DIGITS[context["digits"]].short(value)


@pass_context
def _listed(context: Context, value: float) -> str:
    return DIGITS[context["digits"]].listed(value)


def render(template: str, language: str, **context: object) -> str:
    """A template in a language."""
    return environment(language).get_template(template).render(context, language=language)
