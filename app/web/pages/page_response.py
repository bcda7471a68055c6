"""The page as a response: of what is looked at, whole or only the region that changed."""

from dataclasses import replace
from time import perf_counter
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app.view.rendering.links import AT
from app.view.rendering.page_state import Refused, Visit, Wishes
from app.view.screen.derivation import known_way
from app.view.screen.page import lab
from app.web.api import check_queue as checking
from app.web.http.metrics import Metrics
from app.web.pages.browser_session import kept_session, session_of, settled
from app.web.pages.layout import shell
from app.web.pages.query import DEFAULT, Start, instead, start_of, way_of


async def looked_at(request: Request) -> Visit:
    """The example that the address names, else the browser's session, else the deck's example."""
    start = start_of(request.query_params)
    if start is None:
        session = await session_of(request)
        if session is not None:
            return Visit(session.simulation)
    return _looking(request, start or DEFAULT)


async def current_visit(request: Request) -> Visit:
    session = await session_of(request)
    if session is not None:
        return Visit(session.simulation)
    return _looking(request, start_of(request.query_params) or DEFAULT)


async def kept_visit(request: Request) -> Visit:
    """What is looked at where the address names nothing that can be: the session, or the deck."""
    session = await kept_session(request)
    return Visit(session.simulation) if session else _looking(request, DEFAULT)


def _looking(request: Request, start: Start) -> Visit:
    return Visit(start.simulation, {**start.query, **instead(request)})


async def refusal(request: Request, wishes: Wishes, refused: Refused) -> Response:
    """The page as it was, with what was typed still in its field, and why it was not taken."""
    visit = replace(await current_visit(request), refused=refused)
    response = await answer_with(request, visit, wishes, redirect=False)
    response.status_code = 422
    return response


async def answer_with(
    request: Request, visit: Visit, wishes: Wishes, *, redirect: bool = True
) -> Response:
    visit = explaining(request, visit)
    response: Response
    if "hx-request" in request.headers:
        response = HTMLResponse(await _drawn(request, visit, wishes))
    elif redirect:
        response = RedirectResponse(address_of(visit), 303)
    else:
        response = await page_of(request, visit, wishes)
    settled(request, response)
    return response


def address_of(visit: Visit) -> str:
    """Where the page is that shows this: what a link to it says."""
    query = {name: text for name, text in visit.start.items() if name != "instead"}
    if visit.at:
        query["at"] = AT.join(visit.at)
    return "/" + ("?" + urlencode(query, safe="/~") if query else "")


def explaining(request: Request, visit: Visit) -> Visit:
    """With the quantity that the request asks about, if the network has it."""
    asked = way_of(request)
    if not asked:
        return visit
    return replace(visit, at=known_way(visit.simulation.shape, asked))


async def page_of(request: Request, visit: Visit, wishes: Wishes) -> Response:
    """The page, or, for a link that htmx follows, the region of it that changes."""
    visit = explaining(request, visit)
    headers = {"Vary": "Cookie, Accept-Language, HX-Request"}
    if "hx-request" in request.headers and request.method == "GET":
        headers["HX-Push-Url"] = address_of(visit)
        return HTMLResponse(await _drawn(request, visit, wishes), headers=headers)
    # Rendered, and escaped, by our templates.
    region = Markup((await _drawn(request, visit, wishes)).decode())
    return HTMLResponse(shell(request, "page.html", wishes, lab=region), headers=headers)


async def _drawn(request: Request, visit: Visit, wishes: Wishes) -> bytes:
    """The region, and how long it took; a gradient check has its turn before."""
    await checking.ahead(request, visit.simulation, wishes)
    if wishes.panel == "home":  # which shows whole addresses
        visit = replace(visit, site=str(request.base_url).rstrip("/"))
    begun = perf_counter()
    region = lab(visit, wishes)
    metrics_of(request).drawn(perf_counter() - begun)
    return region


def metrics_of(request: Request) -> Metrics:
    metrics: Metrics = request.app.state.metrics
    return metrics
