"""The page as a response: all of it, or only the region that a change replaces."""

from dataclasses import replace
from time import perf_counter

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app.view.panels.registry import panel_named
from app.view.rendering.links import AT
from app.view.rendering.page_state import FormError, PageState, Preferences
from app.view.rendering.urls import url
from app.view.screen.derivation import known_path
from app.view.screen.page import simulator_region
from app.web.api import check_queue
from app.web.http.security import read_cookie
from app.web.pages.browser_session import forget_unconfirmed, session_of
from app.web.pages.forms import fields
from app.web.pages.layout import layout
from app.web.pages.query import (
    DEFAULT,
    current_session,
    derivation_path,
    focus,
    initial_example,
    replaced_session,
    typed_number,
)


async def requested_page(request: Request) -> PageState:
    """Return the example that the URL names, else the browser's session, else the deck."""
    start = initial_example(request.query_params)
    return _example_page(request, start) if start else await session_page(request)


async def current_page(request: Request) -> PageState:
    session = await session_of(request, current_session(request))
    if session is not None:
        return PageState(session.simulation)
    return _example_page(request, initial_example(request.query_params) or DEFAULT)


async def session_page(request: Request) -> PageState:
    """Return the browser's session or the deck, whatever the URL names."""
    session = await session_of(request, read_cookie(request))
    return PageState(session.simulation) if session else _example_page(request, DEFAULT)


def _example_page(request: Request, start: PageState) -> PageState:
    return replace(start, example_query={**start.example_query, **replaced_session(request)})


async def form_error_page(
    request: Request, preferences: Preferences, refused: FormError
) -> Response:
    """Return the page with what was typed still in its field, and the error."""
    page_state = replace(await current_page(request), form_error=refused)
    response = await respond(request, page_state, preferences, redirect=False)
    response.status_code = 422
    return response


async def respond(
    request: Request, page_state: PageState, preferences: Preferences, *, redirect: bool = True
) -> Response:
    page_state = with_derivation(request, page_state)
    response: Response
    if "hx-request" in request.headers:
        response = HTMLResponse(await _render(request, page_state, preferences))
    elif redirect:
        response = RedirectResponse(address_of(page_state), 303)
    else:
        response = await page_of(request, page_state, preferences)
    forget_unconfirmed(request, response)
    return response


def address_of(page_state: PageState) -> str:
    """Return the URL of the page that shows this."""
    query = {name: text for name, text in page_state.example_query.items() if name != "instead"}
    if page_state.derivation_path:
        query["at"] = AT.join(page_state.derivation_path)
    elif page_state.focus:
        query["focus"] = page_state.focus
    return url("/", query)


def with_derivation(request: Request, page_state: PageState) -> PageState:
    """Add the derivation or the focus that the request names, if the network has the quantity."""
    asked, shape = derivation_path(request), page_state.simulation.shape
    refused = page_state.form_error
    if asked:
        path = known_path(shape, asked)
        if refused and not refused.field.startswith(fields.DERIVATION):  # shown in a panel
            return replace(page_state, focus="".join(path[:1]))
        return replace(page_state, derivation_path=path, typed_number=typed_number(request))
    if chosen := focus(request):
        return replace(page_state, focus="".join(known_path(shape, (chosen,))))
    return page_state


async def page_of(request: Request, page_state: PageState, preferences: Preferences) -> Response:
    """Return the page, or only its region for a link that htmx follows."""
    page_state = with_derivation(request, page_state)
    headers = {"Vary": "Cookie, Accept-Language, HX-Request"}
    if "hx-request" in request.headers and request.method == "GET":
        headers["HX-Push-Url"] = address_of(page_state)
        return HTMLResponse(await _render(request, page_state, preferences), headers=headers)
    # Escaped by our own templates.
    region = Markup((await _render(request, page_state, preferences)).decode())
    return HTMLResponse(
        layout(request, "layout/page.html", preferences, lab=region), headers=headers
    )


async def _render(request: Request, page_state: PageState, preferences: Preferences) -> bytes:
    """Render and time the region, after a gradient check if the panel shows one."""
    await check_queue.prepare_check(request, page_state.simulation, preferences)
    if panel_named(preferences.panel).shows_link:
        address = request.app.state.settings.public_url or str(request.base_url)
        page_state = replace(page_state, base_url=address.rstrip("/"))
    begun = perf_counter()
    region = simulator_region(page_state, preferences)
    request.app.state.metrics.record_render(perf_counter() - begun)
    return region
