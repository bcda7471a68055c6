"""Files to download, the worksheet to print, and opening files and links again."""

from dataclasses import replace
from functools import partial

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from app.backprop.errors import Invalid
from app.sessions.service import TooLong
from app.sessions.stores.base import AnswerLost
from app.simulation.permalink import decode_permalink
from app.simulation.simulation import Simulation
from app.view.export.csv_files import FIELD
from app.view.export.files import FILES
from app.view.export.worksheet import worksheet
from app.view.rendering.languages import translations
from app.view.rendering.links import query_of
from app.view.rendering.page_state import FormError, PageState
from app.view.rendering.urls import url
from app.web.api.check_queue import queued
from app.web.api.exports import file_of
from app.web.api.schemas.session_import import import_simulation
from app.web.http.preferences import preferences_of
from app.web.http.problems import problem_of
from app.web.http.rate_limiting import create_session
from app.web.http.security import write_cookie
from app.web.pages.browser_session import change_session, unconfirmed
from app.web.pages.forms.uploads import form_fields
from app.web.pages.layout import VARY, layout
from app.web.pages.page_response import form_error_page, requested_page

PANEL = "home"
FIELDS = ("file", "text")  # a chosen file comes before a pasted text


async def export(request: Request) -> Response:
    """Return a file of the simulation that the page shows."""
    name = request.path_params["name"]
    if name not in FILES:
        raise HTTPException(404)
    return file_of(request, (await requested_page(request)).simulation, name, VARY)


async def open_link(request: Request) -> Response:
    """Open a permalink: the page shows a copy, and the first change creates a session from it."""
    moment = request.path_params["moment"]
    decode_permalink(moment)  # an error is shown here, where the link is still visible
    query = {"moment": moment}
    if "at" in request.query_params:
        query["at"] = request.query_params["at"]
    return RedirectResponse(url("/", query), 302)


async def print_sheet(request: Request) -> Response:
    """Return one iteration to work out by hand, with the numbers if `answers=1`.

    It takes 70 ms for the largest network, so it runs on a thread, one at a time, like a gradient
    check.
    """
    work = partial(_sheet, request, await requested_page(request))
    return HTMLResponse(await queued(request, work, TooLong), headers=VARY)


def _sheet(request: Request, page_state: PageState) -> str:
    preferences = preferences_of(request)
    answers = request.query_params.get("answers") == "1"
    return layout(
        request,
        "export/worksheet.html",
        preferences,
        sheet=worksheet(
            page_state.simulation, translations(preferences.language).gettext, answers=answers
        ),
        answers=answers,
        fonts=(request.app.state.settings.vendor / "fonts.css").is_file(),
        other=query_of({**page_state.example_query, "answers": "0" if answers else "1"}),
        back=query_of(page_state.example_query),
    )


async def import_file(request: Request) -> Response:
    """Create a session from a file or a text. A table of parameters edits the present one."""
    try:
        fields = await form_fields(request)
    except HTTPException:  # no form at all
        fields = {}
    content = next((fields[name] for name in FIELDS if fields.get(name, b"").strip()), b"")
    try:
        page_state = await requested_page(request)
        simulation, own = import_simulation(content, page_state.simulation)
        if own:
            session = await create_session(request, simulation)
        else:

            def put(simulation: Simulation) -> Simulation:
                return import_simulation(content, simulation)[0]

            timed = request.app.state.metrics.timing("import", put)
            session = await change_session(request, timed, ("import", content))
    except AnswerLost as error:
        return await unconfirmed(request, error, ("import", content))
    except (Invalid, RequestValidationError) as error:
        return await _refused(request, error)
    response = RedirectResponse(url("/"), 303)
    if session.key is not None:
        write_cookie(request, response, session.id, session.key)
    return response


async def _refused(request: Request, error: Invalid | RequestValidationError) -> Response:
    """Return the page with the panel open and the error beside the form."""
    preferences = preferences_of(request)
    message = (
        problem_of(request, error).invalid[0].sentence(translations(preferences.language).gettext)
    )
    message = message.encode("utf-8", "replace").decode()
    return await form_error_page(
        request, replace(preferences, panel=PANEL), FormError(FIELD, "", message)
    )


routes: list[Route] = [
    Route("/export/{name}", export),
    Route("/open/{moment}", open_link),
    Route("/sheet", print_sheet),
    Route("/import", import_file, methods=["POST"]),
]
