"""Check my working: one iteration as blanks or as a pasted text, marked line by line.

Nothing is stored: the page has what was typed, and the script keeps a draft of it in the browser.
"""

from functools import partial
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from app.backprop.conventions import NUMBERINGS, Conventions
from app.backprop.errors import check_choice
from app.exercises.answers import read_working
from app.exercises.marking import MarkedWorking, mark
from app.exercises.name_book import WorkingConventions, guessed
from app.sessions.service import TooLong
from app.simulation.simulation import Simulation
from app.view.exercises.working_view import (
    LAYER,
    SHEET_SIGNS,
    UNIT,
    WORKING,
    Checked,
    LineVerdict,
    answer_lines,
    blanks,
    checked,
    verdict_of,
)
from app.view.export.worksheet import input_tables
from app.view.notation.labels import Translate
from app.view.panels.network_builder import NUMBERING
from app.view.rendering.languages import translations
from app.view.rendering.links import query_of
from app.view.rendering.numbers import ordinal
from app.view.rendering.page_state import PageState
from app.view.rendering.urls import url
from app.web.api.check_queue import queued
from app.web.http.preferences import preferences_of
from app.web.pages.forms.uploads import read_form
from app.web.pages.layout import VARY, layout
from app.web.pages.network_routes import under_network
from app.web.pages.page_response import page_with_all

TEXT, BY = "text", "by"


async def show(request: Request) -> Response:
    """Return the blanks."""
    page_state = await page_with_all(request)
    given = dict(request.query_params)
    return await _response(
        request, page_state, given, _conventions(given, page_state.simulation.shape.named), None, {}
    )


async def check(request: Request) -> Response:
    """Mark what was typed. It may take some milliseconds for each wrong line, so it runs on a thread."""
    page_state = await page_with_all(request)
    form = {**request.query_params, **await read_form(request)}
    simulation = page_state.simulation
    conventions = _conventions(form, simulation.shape.named)
    translate = translations(preferences_of(request).language).gettext
    work = partial(_marked, simulation, form, conventions)
    marked, pasted, fields = await queued(request, work, TooLong)
    verdicts: dict[str, list[LineVerdict]] = {}
    for line, field in zip(marked.lines[pasted:], fields, strict=True):
        said = verdict_of(simulation, line, marked.conventions, translate)
        verdicts.setdefault(field, []).append(said)
    digits = preferences_of(request).shown_digits
    outcome = checked(simulation, marked, pasted, digits, translate) if marked.lines else None
    return await _response(request, page_state, form, marked.conventions, outcome, verdicts)


def _conventions(given: dict[str, str], own: Conventions) -> WorkingConventions:
    """Return the conventions of the sheet that a form chooses; by default, the network's own.

    Raises Invalid.
    """
    if given.keys().isdisjoint((NUMBERING, *SHEET_SIGNS)):
        return WorkingConventions.of(own)
    numbering = given.get(NUMBERING, own.numbering)
    check_choice(NUMBERING, numbering, NUMBERINGS)
    minus_delta, thresholds, halved_mean = (given.get(name) == "1" for name in SHEET_SIGNS)
    names = own.names if numbering == own.numbering else ()
    return WorkingConventions(numbering, minus_delta, thresholds, names, halved_mean)


def _marked(
    simulation: Simulation, form: dict[str, str], conventions: WorkingConventions
) -> tuple[MarkedWorking, int, tuple[str, ...]]:
    """Return the marked lines, how many of them were pasted, and the fields of the others."""
    pasted = read_working(form.get(TEXT, ""))
    lines, fields = answer_lines(simulation, form)
    conventions = guessed((line.name for line in pasted), simulation.shape, conventions)
    return mark(simulation, (*pasted, *lines), conventions), len(pasted), fields


async def _response(
    request: Request, page_state: PageState, given: dict[str, str], *shown: Any
) -> Response:
    """Return the page. The names of a large network take 0.2 s, so it is made on a thread."""
    work = partial(_body, request, page_state, given, *shown)
    return HTMLResponse(await queued(request, work, TooLong), headers=VARY)


def _body(
    request: Request,
    page_state: PageState,
    given: dict[str, str],
    conventions: WorkingConventions,
    outcome: Checked | None,
    verdicts: dict[str, list[LineVerdict]],
) -> str:
    preferences, simulation = preferences_of(request), page_state.simulation
    _: Translate = translations(preferences.language).gettext
    by = LAYER if given.get(BY) == LAYER else UNIT
    query = page_state.example_query
    home = url(page_state.base or "/", query)
    return layout(
        request,
        "exercises/working.html",
        preferences,
        phases=blanks(simulation, by, conventions, given, verdicts, _),
        outcome=outcome,
        unread_text=bool(given.get(TEXT, "").strip()) and not (outcome and outcome.pasted),
        text=given.get(TEXT, ""),
        step_by=by,
        conventions=conventions,
        is_own=conventions.is_of(simulation.shape.named),
        numberings=(
            (NUMBERINGS[0], _("as in the deck: w11, w′11, H1")),
            (NUMBERINGS[1], _("weights from w1 to wn")),
            (NUMBERINGS[2], _("units from 1 to n: w46 leads from unit 4 to unit 6")),
        ),
        has_mean=simulation.shape.error == "mean_squared",
        has_biases=simulation.shape.bias != "none",
        tables=tuple(input_tables(simulation, _, preferences.shown_digits)),
        shape=simulation.shape.text,
        iteration=ordinal(simulation.iteration),
        action=Markup(url(f"{page_state.base}/{WORKING}")) + query_of(query),
        home=home,
        explain=Markup(url(page_state.base or "/")) + query_of({**query, "at": ""}),
    )


routes: list[BaseRoute] = [
    Route(f"/{WORKING}", show),
    Route(f"/{WORKING}", check, methods=["POST"]),
]
network_routes = under_network(routes)
