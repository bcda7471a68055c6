"""Enter an exercise: a text as on a sheet, or a form, is read, drawn, and becomes a network."""

from collections.abc import Mapping
from functools import partial

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from app.backprop.errors import Invalid
from app.sessions.service import TooLong, new_id
from app.view.exercises.exercise_view import (
    BIASES,
    FORM_FIELDS,
    FUNCTIONS,
    MATRICES,
    ReadExercise,
    Unread,
    shown_exercise,
    text_of_form,
    unread,
)
from app.view.exercises.practice_view import PRACTICE
from app.view.exercises.working_view import WORKING
from app.view.notation.labels import Translate
from app.view.rendering.languages import translations
from app.view.rendering.templates import environment
from app.view.rendering.urls import base_of, url
from app.web.api.check_queue import queued
from app.web.http.preferences import preferences_of
from app.web.pages.browser_session import begin_network, keep_owner, press_of
from app.web.pages.forms.uploads import read_form
from app.web.pages.layout import VARY, layout

PATH = "/exercise"
TEXT, DOES, CHOICE = "text", "do", "choose."
FROM_FORM, SIMULATOR = "form", "open"
BEGINS = (SIMULATOR, WORKING, PRACTICE)


async def show(request: Request) -> Response:
    """Return the empty page."""
    return _response(request, {}, None, None)


async def enter(request: Request) -> Response:
    """Show what a text says; begin a network of it if that is what was pressed."""
    form = await read_form(request)
    form, read, problem = await _read(request, form)
    if read is None or form.get(DOES) not in BEGINS:
        return _response(request, form, read, problem)
    session = await begin_network(request, read.simulation, None, press_of(request, {}), new_id())
    base, does = base_of(session.id), form[DOES]
    response = RedirectResponse(url(base if does == SIMULATOR else f"{base}/{does}"), 303)
    keep_owner(request, response)
    return response


async def preview(request: Request) -> Response:
    """Return what a text says while it is typed, as a part of the page."""
    _, read, problem = await _read(request, await read_form(request))
    language = preferences_of(request).language
    template = environment(language).get_template("exercises/exercise_reading.html")
    return HTMLResponse(template.render(read=read, problem=problem))


Form = dict[str, str]


async def _read(request: Request, form: Form) -> tuple[Form, ReadExercise | None, Unread | None]:
    """Return the form with the text that was read, and what it says. Long texts take some time."""
    _ = translations(preferences_of(request).language).gettext
    filled: Mapping[str, int] = {}
    if form.get(DOES) == FROM_FORM or not form.get(TEXT, "").strip():
        text, filled = text_of_form(form)
        form = {**form, TEXT: text}
    text = form.get(TEXT, "")
    if not text.strip():
        return form, None, None
    chosen = {n.removeprefix(CHOICE): v for n, v in form.items() if n.startswith(CHOICE)}
    try:
        return form, await queued(request, partial(shown_exercise, text, chosen, _), TooLong), None
    except Invalid as error:
        return form, None, unread(text, error, filled, _)


def _response(
    request: Request, form: Form, read: ReadExercise | None, problem: Unread | None
) -> Response:
    preferences = preferences_of(request)
    _: Translate = translations(preferences.language).gettext
    body = layout(
        request,
        "exercises/exercise.html",
        preferences,
        text=form.get(TEXT, ""),
        is_sent=DOES in form,
        form={name: form.get(name, "") for name in FORM_FIELDS},
        is_form_open=any(form.get(name) for name in FORM_FIELDS if name != "functions"),
        matrices=tuple(zip(MATRICES, BIASES, strict=True)),
        functions=tuple((value, _(label)) for value, label in FUNCTIONS),
        read=read,
        problem=problem,
        action=url(PATH),
        preview=url(f"{PATH}/preview"),
        home=Markup(url("/")),
    )
    return HTMLResponse(body, 422 if problem else 200, headers=VARY)


routes: list[BaseRoute] = [
    Route(PATH, show),
    Route(PATH, enter, methods=["POST"]),
    Route(f"{PATH}/preview", preview, methods=["POST"]),
]
