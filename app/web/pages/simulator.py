"""The routes of the simulator page, on plain Starlette: FastAPI would cost half as much as a step.

Every change is a form post. A browser with htmx gets the changed region back; any other is
redirected to the page. Visiting the page stores nothing: the first change of an example begins a
network, whose address is `/n/{id}` from then on.
"""

from collections.abc import Callable
from dataclasses import replace

from fastapi.exceptions import RequestValidationError
from markupsafe import escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from app.analysis.alteration import Alteration
from app.analysis.rounding import board_of
from app.backprop.errors import Invalid, check_index
from app.examples.presets import preset_of
from app.sessions.service import Change, Outcome, PreconditionFailed, Press
from app.sessions.stores.base import AnswerLost
from app.simulation.navigation import (
    STEPS,
    branch_end,
    redo,
    seek,
    seek_iteration,
    switch_branch,
    take,
    undo,
)
from app.simulation.saved_runs import remove_run, save_run
from app.simulation.simulation import MOST_ITERATIONS, Simulation
from app.simulation.training import continue_training, start_training, stop_training
from app.view.export.csv_files import FIELD
from app.view.export.matrix_program import program_text
from app.view.export.numpy_program import not_rounded
from app.view.notation.alteration_sentences import preview_of
from app.view.notation.labels import Translate
from app.view.panels.registry import PANEL_OF_FIELD
from app.view.rendering.digits import Digits
from app.view.rendering.languages import translations
from app.view.rendering.numbers import ordinal
from app.view.rendering.page_state import AlterationForm, FormError, Preferences
from app.view.rendering.templates import environment
from app.view.rendering.urls import base_of, url
from app.web.api.dependencies import classroom_in
from app.web.api.schemas.session_import import begins_network, import_simulation, rounding_in
from app.web.http.preferences import preferences_of, with_choices, write_preferences
from app.web.http.problems import invalid_fields
from app.web.pages import training_stream
from app.web.pages.browser_session import (
    begin_network,
    change_session,
    keep_owner,
    named_network,
    names_example,
    owner_of,
    owners_in,
    press_of,
    session_of,
)
from app.web.pages.forms import alteration_form, example_edits, fields, pasted_matrix
from app.web.pages.forms.alteration_form import read_alteration
from app.web.pages.forms.uploads import read_form
from app.web.pages.layout import VARY
from app.web.pages.network_routes import under_network
from app.web.pages.page_response import (
    OUTDATED,
    OUTDATED_ENTRY,
    current_page,
    outcome_page,
    page_of,
    page_of_session,
    requested_page,
    respond,
    with_outcome,
)
from app.web.pages.query import DEFAULT, PUNCTUATION, derivation_path, initial_example

Form = dict[str, str]

LEADING_ON = ("at", "focus", "change", "after")  # what of an example's query a network has, too


def _seek(simulation: Simulation, form: Form, _: Translate) -> Outcome:
    """To a step of this iteration, or of another, or to the same one of another.

    A form numbers iterations as people count, from 1.
    """
    if "iteration" not in form:
        return simulation.seek(fields.whole_number("cursor", form.get("cursor", "")))
    number = fields.whole_number("iteration", form["iteration"].strip(), most=15)
    first, last = simulation.history.first.iteration, branch_end(simulation)[0]
    check_index("iteration", number, ordinal(first), ordinal(last))
    iteration = number - ordinal(0)
    if "cursor" not in form:
        return seek_iteration(simulation, iteration)
    return seek(simulation, iteration, fields.whole_number("cursor", form["cursor"]))


def _train(simulation: Simulation, form: Form, _: Translate) -> Outcome:
    """Train for a number of iterations or until E is below a bound; return the first chunk."""
    if "below" in form:
        count, below = MOST_ITERATIONS, fields.error_bound(form["below"], _)
    else:
        count, below = fields.iterations(form.get("iterations", ""), _), None
    return continue_training(start_training(simulation, count, below))


def _edit(simulation: Simulation, form: Form, _: Translate, shown: Digits) -> Simulation:
    if not form:
        raise Invalid("field", "There is no field to change.")
    field, text = next(iter(form.items()))
    if field.startswith(fields.SLIDER_PREFIX) and len(form) == 1:
        return fields.slider_edit(simulation, field, text)
    return fields.edit_fields(simulation, form, _, shown)


def _import(simulation: Simulation, form: Form, _: Translate) -> Simulation:
    """Return what a session.json or a link contains, or the simulation with the numbers of a table."""
    try:
        return import_simulation(form[FIELD].encode(), simulation)[0]
    except (Invalid, RequestValidationError) as error:
        first = error if isinstance(error, Invalid) else invalid_fields(error)[0]
        message = first.sentence(_).encode("utf-8", "replace").decode()
        raise Invalid(FIELD, message) from error


def _remove_run(simulation: Simulation, form: Form, _: Translate) -> Simulation:
    return remove_run(simulation, fields.whole_number("run", form.get("run", "")))


PRESSES: dict[str, Change] = {  # moves that need no more than the press
    "forward": Simulation.forward,
    "backward": Simulation.backward,
    "update": Simulation.update,
    "start-over": Simulation.start_over,
    "reset": Simulation.reset,
    "undo": undo,
    "redo": redo,
    "return": switch_branch,
    "train/on": continue_training,
    "train/stop": stop_training,
    "runs/keep": lambda simulation: save_run(simulation, preset_of(simulation)),
}
FORMS: dict[str, Callable[[Simulation, Form, Translate], Outcome]] = {
    "seek": _seek,
    "train": _train,
    "runs/remove": _remove_run,
    "alter": alteration_form.alter,
    "paste": pasted_matrix.paste_matrix,
    "passes": example_edits.edit_update,
    "examples/add": example_edits.add_example,
    "examples/remove": example_edits.remove_example,
    "examples/replace": example_edits.replace_examples,
    "import": _import,
}
MOVES = (*STEPS, *PRESSES, *FORMS, "edit")


async def home(request: Request) -> Response:
    """Show an example, or lead to the network that was opened last; else show the deck.

    If the query names a press on an example, lead to the network that it has begun.
    """
    example = names_example(request)
    press = Press(request.query_params["change"]) if "change" in request.query_params else None
    session = await session_of(request, press)
    if session is not None and "hx-request" in request.headers:  # of a page of an earlier version
        return await page_of(request, page_of_session(session), preferences_of(request))
    if session is not None:
        query = dict(request.query_params)
        kept = {name: query[name] for name in LEADING_ON if name in query} if example else query
        return RedirectResponse(url(base_of(session.id), kept), 303)
    page_state, preferences = (
        initial_example(request.query_params) or DEFAULT,
        preferences_of(request),
    )
    if "rounding" not in request.query_params:
        return await page_of(request, with_outcome(request, page_state), preferences)
    preferences = with_choices(preferences, {"rounding": request.query_params["rounding"]})
    response = await page_of(request, with_outcome(request, page_state), preferences)
    write_preferences(request, response, preferences)  # the link of a rounded simulation
    return response


async def network(request: Request) -> Response:
    """Show the network that the address names, to its owner alone."""
    id = named_network(request)
    if id[-1:] in PUNCTUATION:
        address = url(base_of(id.rstrip(PUNCTUATION)), request.query_params)
        return RedirectResponse(address, 302)
    page_state = with_outcome(request, await requested_page(request))
    response = await page_of(request, page_state, preferences_of(request))
    if "hx-request" not in request.headers:
        opened = owners_in(request).visit(owner_of(request), page_state.network)
        keep_owner(request, response, await opened)
    return response


async def move(request: Request) -> Response:
    """Make the change that the path names, and show the result."""
    name = _name_of(request)
    preferences, form = preferences_of(request), await read_form(request)
    translate = translations(preferences.language).gettext
    press = replace(press_of(request, form), by=preferences.by)
    if name == "import":  # a chosen file comes before a pasted text
        form = {FIELD: next(filter(str.strip, (form.get("file", ""), form.get("text", ""))), "")}

    def change(simulation: Simulation) -> Outcome:
        if name in STEPS:
            return take(simulation, name, preferences.by)
        if name in PRESSES:
            return PRESSES[name](simulation)
        if name == "edit":
            return _edit(simulation, form, translate, preferences.shown_digits)
        return FORMS[name](simulation, form, translate)

    timed = request.app.state.metrics.timing(name, change)
    try:
        if name == "import" and begins_network(form[FIELD]):
            simulation = _import(DEFAULT.simulation, form, translate)
            await session_of(request)  # nobody else's network leads anywhere
            id = owner_of(request).network(f"import {press.id}")
            session = await begin_network(request, simulation, None, press, id)
        else:
            session = await change_session(request, timed, press)
    except Invalid as error:
        return await _refused(request, preferences, form, press, error)
    except alteration_form.Unconfirmed as unconfirmed:
        return await _altering(request, preferences, form, press, unconfirmed.alteration)
    except alteration_form.InvalidChoice as refused:
        return await _altering(request, preferences, form, press, refused=refused)
    except PreconditionFailed:
        return await _refused(request, preferences, form, press, None)
    except pasted_matrix.DirectionUnclear as unclear:
        return await _ask_direction(request, preferences, form, press, unclear)
    except AnswerLost as error:
        response = outcome_page(request, press, error)
        keep_owner(request, response)
        return response
    session = await training_stream.continue_without_script(request, session)
    rounding = rounding_in(form[FIELD]) if name == "import" else ""
    if rounding:
        preferences = with_choices(preferences, {"rounding": rounding})
    response = await respond(request, page_of_session(session), preferences)
    if rounding:
        write_preferences(request, response, preferences)
    if session.key is not None:
        keep_owner(request, response)
    return response


def _name_of(request: Request) -> str:
    """Return the name of the move that the path names."""
    path: str = request.scope["path"]
    return path.removeprefix(base_of(named_network(request)))[1:]


async def _refused(
    request: Request, preferences: Preferences, form: Form, press: Press, error: Invalid | None
) -> Response:
    """Show an error beside its field, in the drawing, the derivation or the panel.

    Without an error, the page of the press was outdated: show the newest state, and say so beside
    the number that was typed, if there is one.
    """
    page_state, outdated = await current_page(request, press), error is None
    if error is None:
        typed = "shuffle" if form.get("order") == "shuffled" else next(iter(form), "")
        error = Invalid(typed, OUTDATED_ENTRY)
    elif error.field not in form:
        raise error
    field, message = error.field, error.translated(translations(preferences.language).gettext)
    place, plain = fields.field_place(page_state.simulation, field)
    panel = PANEL_OF_FIELD.get(plain.partition("/")[0])
    if place == fields.DERIVATION and field.partition("/")[2] in derivation_path(request):
        refused = FormError(field, form[field], message)
    elif outdated and (place == fields.GRAPH or panel != preferences.panel):
        notice = OUTDATED_ENTRY if place == fields.GRAPH else OUTDATED
        return await page_of(request, replace(page_state, notice=notice), preferences, 409)
    elif place == fields.GRAPH and "hx-request" in request.headers:
        headers = {"HX-Retarget": "#editing-refusal", "HX-Reswap": "textContent"}
        return HTMLResponse(escape(message), 422, headers)
    elif panel is None:
        raise error
    else:
        texts = form if len(form) > 1 and _name_of(request) == "edit" else None
        refused = FormError(plain, form[field], message, form.get("update", ""), texts)
        preferences = replace(preferences, panel=panel)
    return await page_of(request, replace(page_state, form_error=refused), preferences, 422)


async def _ask_direction(
    request: Request,
    preferences: Preferences,
    form: Form,
    press: Press,
    unclear: pasted_matrix.DirectionUnclear,
) -> Response:
    """Show a pasted matrix in the directions that fit, below what was pasted."""
    field = unclear.field
    asked = FormError(field, form[field], unclear.question, previews=unclear.previews)
    page_state = replace(await current_page(request, press), form_error=asked)
    shown = replace(preferences, panel=PANEL_OF_FIELD[field.partition("/")[0]])
    return await page_of(request, page_state, shown)


async def _altering(
    request: Request,
    preferences: Preferences,
    form: Form,
    press: Press,
    planned: Alteration | None = None,
    refused: alteration_form.InvalidChoice | None = None,
) -> Response:
    """Show the form that alters the network as it was typed: with what it would force, which is still
    to be confirmed, or with an error."""
    translate = translations(preferences.language).gettext
    page_state = await current_page(request, press)
    preview = preview_of(translate, planned, preferences.shown_digits) if planned else None
    page_state = replace(page_state, alteration_form=AlterationForm(form, preview))
    if refused is not None:
        message, typed = refused.error.sentence(translate), form.get(refused.field, "")
        page_state = replace(page_state, form_error=FormError(refused.field, typed, message))
    shown = replace(preferences, panel="network")
    return await page_of(request, page_state, shown, 422 if refused else 200)


async def preview_alteration(request: Request) -> Response:
    """Return what the form that alters the network comes to, as HTML; or the error."""
    preferences, form = preferences_of(request), await read_form(request)
    translate = translations(preferences.language).gettext
    simulation = (await current_page(request, press_of(request, form))).simulation
    preview, message = None, ""
    try:
        preview = preview_of(
            translate, read_alteration(simulation, form, translate), preferences.shown_digits
        )
    except alteration_form.InvalidChoice as refused:
        message = refused.error.sentence(translate)
    template = environment(preferences.language).get_template("panels/alteration_preview.html")
    return HTMLResponse(template.render(preview=preview, message=message), headers=VARY)


async def view(request: Request) -> Response:
    """Keep a choice of how to see the page in the browser."""
    form = await read_form(request)
    page_state = await current_page(request, press_of(request, form))
    preferences = with_choices(preferences_of(request), form)
    if page_state.lecture.code and "by" in form:
        sharing, key = classroom_in(request).sharing, owner_of(request).key
        shared = await sharing.show_by(page_state.network, key, preferences.by)
        page_state = page_of_session(shared)
    response = await respond(request, page_state, preferences)
    write_preferences(request, response, preferences)
    return response


async def program(request: Request) -> Response:
    """The lines of slide 4, in the page's language, as a file."""
    simulation = (await requested_page(request)).simulation
    preferences = preferences_of(request)
    translate = translations(preferences.language).gettext
    notes = not_rounded(translate, board_of(simulation, preferences.rounding))
    headers = {"Content-Disposition": 'attachment; filename="backstep.py"', **VARY}
    return Response(program_text(simulation, translate, notes), 200, headers, "text/x-python")


routes: list[Route] = [  # the most frequent first
    *(Route(f"/{name}", move, methods=["POST"]) for name in MOVES),
    Route("/", home),
    Route("/program.py", program),
    Route("/view", view, methods=["POST"]),
    Route("/alter/preview", preview_alteration, methods=["POST"]),
    Route("/training/events", training_stream.events),
]
network_routes = [*under_network(routes), Route(base_of("{id}"), network)]
