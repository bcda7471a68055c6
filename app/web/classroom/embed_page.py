"""A moment in other people's slides or pages: `/embed/{moment}?step=n`, n calculations after it.

Each address is computed anew and shows the same for everybody: nothing is stored, no cookie is set or
read, and an answer may be cached.
"""

from markupsafe import Markup
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from app.backprop.compiler import GRANULARITIES
from app.backprop.errors import check_choice, check_index
from app.backprop.rounding_rule import ROUNDINGS
from app.simulation.permalink import decode_permalink
from app.view.classroom.embedding import MOST_CALCULATIONS, embedded
from app.view.rendering.digits import DIGITS
from app.view.rendering.languages import languages
from app.view.rendering.page_state import READER, THEMES, PageState
from app.view.rendering.urls import EMBED, url
from app.view.screen.page import simulator_region
from app.view.screen.region_texts import page_title
from app.web.http.headers import headers_of
from app.web.http.preferences import preferences_of
from app.web.pages.forms.fields import whole_number
from app.web.pages.layout import layout

STEP, UNTIL, HIDE = "step", "until", "hide"
PARTS = ("card", "matrices", "controls")  # that a page may go without
CHOICES = {
    **{"by": GRANULARITIES, "theme": THEMES, "lang": tuple(languages())},
    **{"digits": tuple(DIGITS), "rounding": tuple(ROUNDINGS)},
}
# For an hour: an address shows the same until Backstep itself is upgraded.
CACHED = {"Cache-Control": "public, max-age=3600", "Vary": "Accept-Language, HX-Request"}


async def embed(request: Request) -> Response:
    """Return the page, or its region for a control of it."""
    query, moment = request.query_params, request.path_params["moment"]
    for name, known in CHOICES.items():
        if name in query:
            check_choice(name, query[name], known)
    hidden = _hidden(query)
    until = _count(query, UNTIL, MOST_CALCULATIONS)
    origin, preferences = decode_permalink(moment), preferences_of(request)
    now, controls = embedded(origin, _count(query, STEP, 0), preferences.by, until)
    kept = [(name, text) for name, text in query.items() if name in (*CHOICES, HIDE, UNTIL)]
    controls = controls._replace(action=url(EMBED + moment), fields=tuple(kept))
    page_state = PageState(now, {"moment": moment}, audience=READER, embedded=controls)
    region = simulator_region(page_state, preferences)
    if "hx-request" in headers_of(request.scope):
        return HTMLResponse(region, headers=CACHED)
    shown = {"lab": Markup(region.decode()), "title": page_title(page_state, preferences)}
    page = layout(request, "classroom/embed.html", preferences, hidden=hidden, **shown)
    return HTMLResponse(page, headers=CACHED)


def _count(query: QueryParams, name: str, default: int) -> int:
    """Return a number of calculations in a query. Raises Invalid."""
    if name not in query:
        return default
    count = whole_number(name, query[name], most=6)
    check_index(name, count, 0, MOST_CALCULATIONS)
    return count


def _hidden(query: QueryParams) -> tuple[str, ...]:
    """Return the parts that a page goes without. Raises Invalid."""
    named = [part for part in query.get(HIDE, "").split(",") if part]
    for part in named:
        check_choice(HIDE, part, PARTS)
    return tuple(part for part in PARTS if part in named)


routes = [Route(EMBED + "{moment}", embed)]
