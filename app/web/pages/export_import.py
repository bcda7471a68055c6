"""Files to download, the worksheet to print, and opening links again."""

from functools import partial

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from app.analysis.rounding import board_of, can_round
from app.backprop.rounding_rule import ROUNDINGS
from app.sessions.service import TooLong
from app.simulation.permalink import decode_permalink
from app.view.export.files import FILES
from app.view.export.worksheet import worksheet
from app.view.rendering.languages import translations
from app.view.rendering.links import query_of
from app.view.rendering.page_state import PageState
from app.view.rendering.urls import url
from app.web.api.check_queue import queued
from app.web.api.exports import file_of
from app.web.http.preferences import preferences_of
from app.web.pages.layout import VARY, layout
from app.web.pages.network_routes import under_network
from app.web.pages.page_response import page_with_all, requested_page
from app.web.pages.query import PUNCTUATION


async def export(request: Request) -> Response:
    """Return a file of the simulation that the page shows."""
    name = request.path_params["name"]
    if name not in FILES:
        raise HTTPException(404)
    simulation = (await requested_page(request)).simulation
    board = board_of(simulation, preferences_of(request).rounding)
    return file_of(request, simulation, name, VARY, board)


async def open_link(request: Request) -> Response:
    """Open a permalink: the page shows a copy, and the first change creates a session from it."""
    moment = request.path_params["moment"].rstrip(PUNCTUATION)
    decode_permalink(moment)  # an error is shown here, where the link is still visible
    query = {"moment": moment}
    for name in ("at", "rounding"):
        if name in request.query_params:
            query[name] = request.query_params[name].rstrip(PUNCTUATION)
    return RedirectResponse(url("/", query), 302)


async def print_sheet(request: Request) -> Response:
    """Return one iteration to work out by hand, with the numbers if `answers=1`.

    It takes 70 ms for the largest network, so it runs on a thread, one at a time, like a gradient
    check.
    """
    page_state = await page_with_all(request)
    work = partial(_sheet, request, page_state)
    return HTMLResponse(await queued(request, work, TooLong), headers=VARY)


def _sheet(request: Request, page_state: PageState) -> str:
    preferences = preferences_of(request)
    simulation, answers = page_state.simulation, request.query_params.get("answers") == "1"
    return layout(
        request,
        "export/worksheet.html",
        preferences,
        sheet=worksheet(
            simulation,
            translations(preferences.language).gettext,
            preferences.shown_digits,
            answers=answers,
            rounding=ROUNDINGS.get(preferences.rounding) if can_round(simulation) else None,
        ),
        answers=answers,
        fonts=(request.app.state.settings.vendor / "fonts.css").is_file(),
        other=query_of({**page_state.example_query, "answers": "0" if answers else "1"}),
        back=Markup(url(page_state.base or "/")) + query_of(page_state.example_query),
        again=url(f"{page_state.base}/sheet"),
    )


routes: list[Route] = [
    Route("/export/{name}", export),
    Route("/open/{moment}", open_link),
    Route("/sheet", print_sheet),
]
network_routes = under_network([routes[0], routes[2]])
