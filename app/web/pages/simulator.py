"""The routes of the simulator page, on plain Starlette: FastAPI would cost half as much as a step.

Every change is a form post. A browser with htmx gets the changed region back; any other is
redirected to the page. Visiting the page stores nothing: the first change creates a session.
"""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qsl

from markupsafe import escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from app.backprop.errors import Invalid, check_index
from app.examples.presets import preset_of
from app.sessions.service import Change, Outcome
from app.sessions.stores.base import AnswerLost
from app.simulation.navigation import branch_end, redo, seek, seek_iteration, switch_branch, undo
from app.simulation.saved_runs import remove_run, save_run
from app.simulation.simulation import MOST_ITERATIONS, Simulation
from app.simulation.training import continue_training, start_training, stop_training
from app.view.export.matrix_program import program_text
from app.view.notation.labels import Translate
from app.view.panels.registry import PANEL_OF_FIELD
from app.view.rendering.languages import translations
from app.view.rendering.numbers import ordinal
from app.view.rendering.page_state import FormError, PageState, Preferences
from app.web.http.middleware import has_no_body
from app.web.http.preferences import preferences_of, with_choices, write_preferences
from app.web.http.security import write_cookie
from app.web.pages import training_stream
from app.web.pages.browser_session import change_session, forget_unconfirmed, unconfirmed
from app.web.pages.forms import example_edits, fields, pasted_matrix
from app.web.pages.forms.uploads import decode_text, form_fields
from app.web.pages.layout import VARY
from app.web.pages.page_response import (
    address_of,
    current_page,
    form_error_page,
    page_of,
    requested_page,
    respond,
    with_derivation,
)
from app.web.pages.query import derivation_path

Form = dict[str, str]

STEPS = {"step": Simulation.step, "back": Simulation.back}  # as far as the visitor chose
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
    "seek": lambda simulation, form, _: _seek(simulation, form),
    "train": lambda simulation, form, _: _train(simulation, form, _),
    "runs/remove": lambda simulation, form, _: remove_run(
        simulation, fields.whole_number("run", form.get("run", ""))
    ),
    "edit": lambda simulation, form, _: _edit(simulation, form, _),
    "paste": pasted_matrix.paste_matrix,
    "passes": example_edits.edit_update,
    "examples/add": example_edits.add_example,
    "examples/remove": example_edits.remove_example,
    "examples/replace": example_edits.replace_examples,
}
MOVES = (*STEPS, *PRESSES, *FORMS)


async def home(request: Request) -> Response:
    """Show the page."""
    response = await page_of(request, await requested_page(request), preferences_of(request))
    forget_unconfirmed(request, response)
    return response


async def move(request: Request) -> Response:
    """Make the change that the path names, and show the result."""
    name = request.scope["path"][1:]
    preferences, form = preferences_of(request), await _form(request)
    translate = translations(preferences.language).gettext
    action = (name, preferences.by, form)

    def change(simulation: Simulation) -> Outcome:
        if name in STEPS:
            return STEPS[name](simulation, preferences.by)
        if name in PRESSES:
            return PRESSES[name](simulation)
        return FORMS[name](simulation, form, translate)

    timed = request.app.state.metrics.timing(name, change)
    try:
        session = await change_session(request, timed, action)
    except AnswerLost as error:
        return await unconfirmed(request, error, action)
    except Invalid as error:
        if error.field not in form:
            raise
        return await _form_error(request, preferences, error, form)
    session = await training_stream.continue_without_script(request, session)
    response = await respond(request, PageState(session.simulation), preferences)
    if session.key is not None:
        write_cookie(request, response, session.id, session.key)
        # The URL still names the example that the session was created from.
        shown = with_derivation(request, PageState(session.simulation))
        response.headers["HX-Replace-Url"] = address_of(shown)
    return response


async def _form_error(
    request: Request, preferences: Preferences, error: Invalid, form: Form
) -> Response:
    """Show an error beside its field, in the drawing, the derivation or the panel."""
    page_state, field = await current_page(request), error.field
    typed, message = form[field], error.translated(translations(preferences.language).gettext)
    place, plain = fields.field_place(page_state.simulation, field)
    if place == fields.GRAPH and "hx-request" in request.headers:
        headers = {"HX-Retarget": "#editing-refusal", "HX-Reswap": "textContent"}
        return HTMLResponse(escape(message), 422, headers)
    if place == fields.DERIVATION and field.partition("/")[2] in derivation_path(request):
        return await form_error_page(request, preferences, FormError(field, typed, message))
    panel = PANEL_OF_FIELD.get(plain.partition("/")[0])
    if panel is None:
        raise error
    refused = FormError(plain, typed, message, form.get("update", ""))
    return await form_error_page(request, replace(preferences, panel=panel), refused)


async def view(request: Request) -> Response:
    """Keep a choice of how to see the page in the browser."""
    preferences = with_choices(preferences_of(request), await _form(request))
    response = await respond(request, await current_page(request), preferences)
    write_preferences(request, response, preferences)
    return response


async def _form(request: Request) -> Form:
    """Return the fields of a form, the last of each name; empty if the body is no form."""
    if has_no_body(request.headers):  # most changes are only a press
        return {}
    if request.headers.get("content-type", "").startswith("multipart/"):
        return {
            name: decode_text(content) for name, content in (await form_fields(request)).items()
        }
    body = await request.body()
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def _train(simulation: Simulation, form: Form, _: Translate) -> Outcome:
    """Train for a number of iterations or until E is below a bound; return the first chunk."""
    if "below" in form:
        count, below = MOST_ITERATIONS, fields.error_bound(form["below"], _)
    else:
        count, below = fields.iterations(form.get("iterations", ""), _), None
    return continue_training(start_training(simulation, count, below))


def _edit(simulation: Simulation, form: Form, _: Translate) -> Simulation:
    if len(form) != 1:
        raise Invalid("field", "Change one field at a time.")
    [(field, text)] = form.items()
    if field.startswith(fields.SLIDER_PREFIX):
        return fields.slider_edit(simulation, field, text)
    return fields.field_edit(simulation, field, text, _)


async def program(request: Request) -> Response:
    """The lines of slide 4, in the page's language, as a file."""
    simulation = (await requested_page(request)).simulation
    translate = translations(preferences_of(request).language).gettext
    headers = {"Content-Disposition": 'attachment; filename="backstep.py"', **VARY}
    return Response(program_text(simulation, translate), 200, headers, "text/x-python")


def _seek(simulation: Simulation, form: Form) -> Outcome:
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


routes: list[Route] = [  # the most frequent first
    *(Route(f"/{name}", move, methods=["POST"]) for name in MOVES),
    Route("/", home),
    Route("/program.py", program),
    Route("/view", view, methods=["POST"]),
    Route("/training/events", training_stream.events),
]
