"""How a visitor wants to see the page, kept in a cookie."""

import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import Response

from app.backprop.compiler import GRANULARITIES
from app.backprop.rounding_rule import ROUNDINGS
from app.view.rendering.digits import DIGITS
from app.view.rendering.languages import languages, negotiate
from app.view.rendering.page_state import SCALES, THEMES, Preferences, digits_of
from app.view.rendering.urls import EMBED
from app.web.http.headers import headers_of
from app.web.http.security import cookies, set_cookie

PREFERENCES_COOKIE = "backstep_view"
YEAR = 365 * 24 * 60 * 60
MOST_LETTERS = 256  # of a header
PANEL_NAME = re.compile("[a-z0-9_]{0,24}")


def preferences_of(request: Request) -> Preferences:
    """Return the choices in the cookie; without one, the language that the browser prefers."""
    accepted = headers_of(request.scope).get("accept-language", "")[:MOST_LETTERS]
    if request.scope["path"].startswith(EMBED):  # where the address alone decides
        query = request.query_params
        asked = {**query, "language": query.get("lang", "")}
        named = ("language", "by", "theme", "digits", "rounding")
        given = {name: asked[name] for name in named if asked.get(name)}
        return with_choices(_preferences("", accepted), given)
    choices = cookies(request).get(PREFERENCES_COOKIE, "")[:MOST_LETTERS]
    return _preferences(choices, accepted)


@lru_cache(maxsize=1024)
def _preferences(cookie: str, accept_language: str) -> Preferences:
    chosen = _valid(dict(parse_qsl(cookie)))
    if "language" not in chosen:
        chosen["language"] = negotiate(accept_language)
    return replace(Preferences(), **chosen)


def _valid(choices: Mapping[str, str]) -> dict[str, str]:
    """Return the valid choices; a cookie may be old or forged. The page checks the panel."""
    options = {
        **{"by": GRANULARITIES, "theme": THEMES, "language": languages()},
        **{"scale": SCALES, "digits": DIGITS, "rounding": ("", *ROUNDINGS)},
    }
    known = {name: choices[name] for name in options if choices.get(name) in options[name]}
    panel = choices.get("panel")
    return known | {"panel": panel} if panel is not None and PANEL_NAME.fullmatch(panel) else known


def with_choices(preferences: Preferences, choices: Mapping[str, str]) -> Preferences:
    """Return the preferences with the choices made in a form.

    Rounded numbers are shown with the digits that they have.
    """
    chosen = _valid(choices)
    if rounding := ROUNDINGS.get(chosen.get("rounding", "")):
        chosen["digits"] = digits_of(rounding)
    return replace(preferences, **chosen)


def write_preferences(request: Request, response: Response, preferences: Preferences) -> None:
    """Store the preferences in an unsigned cookie: they grant no access to anything."""
    set_cookie(request, response, PREFERENCES_COOKIE, urlencode(asdict(preferences)), YEAR)
