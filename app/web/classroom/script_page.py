"""The page on which a lecture script is written: pins, their order, and the script as a file."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from json import dumps

from fastapi.exceptions import RequestValidationError
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from app.backprop.errors import N_, Invalid
from app.sessions.codec import Lecture, Stored
from app.sessions.lecture import KINDS, LARGER, LONGEST_NOTE, LONGEST_TITLE, Pin, Question, Script
from app.sessions.service import NotFound, Press, Session
from app.simulation.iteration import Moment
from app.simulation.simulation import Simulation
from app.view.classroom.question_view import question_view
from app.view.notation.labels import Translate
from app.view.rendering.languages import translations
from app.view.rendering.numbers import digits
from app.view.rendering.urls import base_of, url
from app.view.screen.network_list import numbered_title
from app.view.slides.moments import (
    default_title,
    moment_words,
    quantities_after,
    shape_in,
)
from app.web.api.schemas.script_file import (
    check_pin,
    check_size,
    one_line,
    plain_lines,
    read_script,
    script_content,
    script_of,
    script_text,
)
from app.web.http.preferences import preferences_of
from app.web.http.problems import invalid_fields
from app.web.http.security import read_cookie
from app.web.pages.browser_session import named_network, sessions_in
from app.web.pages.forms.fields import whole_number
from app.web.pages.forms.uploads import read_form
from app.web.pages.layout import VARY, layout
from app.web.pages.page_response import page_of, page_of_session

FILE = "backstep-script.json"
PINS, EDIT, IMPORT = "pins", "edit", "import"  # the forms that can be refused
DIGITS = 6  # of a number in a form
OUTDATED = N_(
    "The lecture script was changed in another tab. This is its newest state; your last change was "
    "not made."
)
PINNED = N_("Pinned to the lecture script.")
NOTHING = N_("Choose a file, or paste a script.")
WHICH_QUANTITY = N_("Choose what the question is about.")
KIND_NAMES = {
    "": N_("no question"),
    "number": N_("What is its value?"),
    "sign": N_("Is it positive or negative?"),
    "larger": N_("Which of two is larger?"),
}

Form = Mapping[str, str]


class OutdatedScript(Exception):
    """The form was made from another script than the stored one."""


@dataclass(frozen=True, slots=True)
class PinForm:
    """The fields of a pin, as they are or as they were typed."""

    title: str
    note: str
    kind: str
    address: str
    other: str
    moment: Moment


@dataclass(frozen=True, slots=True)
class PinRow:
    """A pin as the page lists it."""

    number: int
    title: str
    moment: str
    note: str
    question: Markup
    # `up`, `down`: the number that it gets if it is moved; 0 if there is none.
    up: int
    down: int


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page says beside the script."""

    notice: str = ""
    undo: str | None = None  # the script before, as JSON; empty for the built-in one
    form: str = ""  # the one that was refused, `place` and `refusal` say where and why
    place: str = ""
    refusal: str = ""
    typed: Form = field(default_factory=dict)
    editing: int = 0  # the number of the pin that is open for editing
    at: int = 0  # the pin that was moved or made
    focus: str = ""  # its button that has the focus


# Reading.


async def script_page(request: Request) -> Response:
    """Show the script. The query may name a pin: to edit, or one that was just moved."""
    query = request.query_params
    editing, at = (digits(query.get(name, "0"), DIGITS) or 0 for name in ("edit", "at"))
    session = await sessions_in(request).get(named_network(request), _key(request))
    shown = Shown(editing=editing, at=at, focus=query.get("focus", ""))
    return _page(request, session, shown)


async def script_file(request: Request) -> Response:
    """The script as a file to keep, or to import into another network."""
    session = await sessions_in(request).get(named_network(request), _key(request))
    text = script_text(script_of(session, preferences_of(request).language))
    headers = {"Content-Disposition": f'attachment; filename="{FILE}"', **VARY}
    return Response(text, 200, headers, "application/json")


# Changing.


async def pin_moment(request: Request) -> Response:
    """Add the moment that the form names, or else the present one, after those before it."""
    form, _ = await read_form(request), _translate(request)
    added: list[Pin] = []

    def change(script: Script, simulation: Simulation) -> Script:
        moment = simulation.moment
        if "iteration" in form:
            moment = (
                whole_number("iteration", form["iteration"], most=13),
                whole_number("cursor", form.get("cursor", "")),
            )
        pin = _pin_of(form, moment, default_title(simulation, moment, _))
        check_pin(pin, simulation, "pin")
        added[:] = [pin]
        if pin in script:  # the form was sent twice
            return script
        earlier = [i for i, each in enumerate(script, 1) if (each.iteration, each.cursor) <= moment]
        place = max(earlier, default=0)
        return (*script[:place], pin, *script[place:])

    try:
        session, _before = await _change(request, form, change)
    except Invalid as error:
        return await _refused(request, PINS, form, error)
    except OutdatedScript:
        return await _outdated(request)
    if "hx-request" in request.headers:  # from the network's own page
        page_state = replace(page_of_session(session), notice=PINNED)
        return await page_of(request, page_state, preferences_of(request))
    script = script_of(session, preferences_of(request).language)
    return _back(request, script.index(added[0]) + 1)


async def edit_pin(request: Request) -> Response:
    """Change the title, the note and the question of a pin."""
    form, _ = await read_form(request), _translate(request)
    number = _number(form)

    def change(script: Script, simulation: Simulation) -> Script:
        old = _pin_at(script, number)
        moment = old.iteration, old.cursor
        pin = _pin_of(form, moment, default_title(simulation, moment, _))
        if pin.question != old.question:  # what was asked before may not be known to this network
            check_pin(pin, simulation, "pin")
        return (*script[: number - 1], pin, *script[number:])

    try:
        await _change(request, form, change)
    except Invalid as error:
        return await _refused(request, EDIT, form, error, number)
    except OutdatedScript:
        return await _outdated(request)
    return _back(request, number)


async def order_pins(request: Request) -> Response:
    """Move a pin to the place `to`."""
    form = await read_form(request)
    number, place = _number(form), whole_number("to", form.get("to", ""))

    def change(script: Script, simulation: Simulation) -> Script:
        pins = list(script)
        pins.insert(max(0, place - 1), pins.pop(pins.index(_pin_at(script, number))))
        return tuple(pins)

    try:
        session, _before = await _change(request, form, change)
    except OutdatedScript:
        return await _outdated(request)
    count = len(script_of(session, preferences_of(request).language))
    return _back(request, max(1, min(place, count)), form.get("focus", ""))


async def delete_pin(request: Request) -> Response:
    """Take a pin out of the script."""
    form, _ = await read_form(request), _translate(request)
    number, titles = _number(form), list[str]()

    def change(script: Script, simulation: Simulation) -> Script:
        titles[:] = [_pin_at(script, number).title]
        return (*script[: number - 1], *script[number:])

    return await _replaced(
        request, form, change, lambda script: _("“%(title)s” is deleted.") % {"title": titles[0]}
    )


async def import_script(request: Request) -> Response:
    """Replace the script by one from a file, or by one that was pasted."""
    form, _ = await read_form(request), _translate(request)
    text = next(filter(str.strip, (form.get("file", ""), form.get("text", ""))), "")

    def change(script: Script, simulation: Simulation) -> Script:
        if not text:
            raise Invalid("text", NOTHING)
        try:
            return read_script(text, simulation)
        except RequestValidationError as error:
            raise invalid_fields(error)[0] from error

    try:
        return await _replaced(
            request,
            form,
            change,
            lambda script: _("Imported. Moments: %(count)s") % {"count": len(script)},
        )
    except Invalid as error:
        return await _refused(request, IMPORT, {"text": text}, error)


async def use_built_in(request: Request) -> Response:
    """Return to the walk through the deck."""
    form, _ = await read_form(request), _translate(request)
    return await _replaced(
        request,
        form,
        lambda script, simulation: None,
        lambda script: _("This is the built-in script again."),
    )


async def restore_script(request: Request) -> Response:
    """Undo the change before: the form has the script as it was."""
    form = await read_form(request)
    text = form.get("content", "")
    try:
        await _change(
            request, form, lambda script, simulation: read_script(text, None) if text else None
        )
    except OutdatedScript:
        return await _outdated(request)
    return _back(request)


Edit = Callable[[Script, Simulation], Script | None]


async def _change(request: Request, form: Form, change: Edit) -> tuple[Session, Script | None]:
    """Change the script; return the network, and the script before. None stands for the built-in
    one. Open pages of the network stay valid.

    Raises OutdatedScript if the form is of another script, what `Sessions.change` raises, and
    whatever `change` raises.
    """
    language, before = preferences_of(request).language, list[Script | None]()

    def beside(stored: Stored, version: int) -> Stored:
        lecture = stored.lecture or Lecture()
        before[:] = [lecture.script]
        session = Session("", 0, stored.simulation, lecture=lecture)
        script = script_of(session, language)
        if form.get("script", "") not in ("", sign_of(script)):
            raise OutdatedScript
        after = change(script, stored.simulation)
        if after is script or after == lecture.script:
            return stored
        if after is not None:
            check_size(after)
        pin = followed(lecture.pin, script, after or ())
        return replace(stored, lecture=replace(lecture, script=after, pin=pin))

    def stay(simulation: Simulation) -> Simulation:
        return simulation

    id, key = named_network(request), _key(request)
    session = await sessions_in(request).change(id, key, stay, Press(""), beside)
    return session, before[0]


def followed(pin: int, before: Script, after: Script) -> int:
    """The number of the pin gone to last in a script that was changed.

    If it was taken out, it is that of the one before it, so that the next one is still the next.
    """
    if len(after) == len(before) and before[pin - 1 : pin] and before[pin - 1] not in after:
        return pin  # it was edited
    earlier = [each for each in before[:pin] if each in after]
    return after.index(earlier[-1]) + 1 if earlier else 0


async def _replaced(
    request: Request, form: Form, change: Edit, notice: Callable[[Script], str]
) -> Response:
    """Change the script, and show it with a way back to the one before."""
    try:
        session, before = await _change(request, form, change)
    except OutdatedScript:
        return await _outdated(request)
    script = script_of(session, preferences_of(request).language)
    undo = "" if before is None else compact(before)
    return _page(request, session, Shown(notice(script), undo))


def compact(script: Script) -> str:
    """A script as JSON in one line."""
    return dumps(script_content(script), ensure_ascii=False, separators=(",", ":"))


def sign_of(script: Script) -> str:
    """A sign by which a form knows whether it is of this script."""
    return sha256(compact(script).encode()).hexdigest()[:12]


def _pin_at(script: Script, number: int) -> Pin:
    if not 1 <= number <= len(script):
        raise OutdatedScript
    return script[number - 1]


def _pin_of(form: Form, moment: Moment, title: str) -> Pin:
    """The pin that was typed. Raises Invalid."""
    kind, question = form.get("kind", ""), None
    if kind:
        names = ("address", "other") if kind == LARGER else ("address",)
        addresses = tuple(form.get(name, "") for name in names)
        if not all(addresses):
            raise Invalid("address", WHICH_QUANTITY)
        question = Question(kind, addresses)
    return Pin(
        one_line(form.get("title", "")) or title,
        *moment,
        note=plain_lines(form.get("note", "")),
        question=question,
    )


def _number(form: Form) -> int:
    return whole_number("pin", form.get("pin", ""), DIGITS)


def _key(request: Request) -> str:
    """The key of the browser's networks. Raises NotFound: nobody else has one."""
    owner = read_cookie(request)
    if owner is None:
        raise NotFound
    return owner.key


# Showing.


async def _refused(
    request: Request, form: str, typed: Form, error: Invalid, editing: int = 0
) -> Response:
    """Show what was typed again, and why it was refused."""
    place = error.field.removeprefix("pin.").removeprefix("question.").removeprefix("moment.")
    typed_field = form != IMPORT and place in ("title", "note", "kind", "address", "other")
    named = error if form == IMPORT else error.of(place)
    message = (named.translated if typed_field else named.sentence)(_translate(request))
    shown = Shown(form=form, place=place, refusal=message, typed=typed, editing=editing)
    session = await sessions_in(request).look(named_network(request), _key(request))
    return _page(request, session, shown, 422)


async def _outdated(request: Request) -> Response:
    session = await sessions_in(request).look(named_network(request), _key(request))
    return _page(request, session, Shown(_translate(request)(OUTDATED)), 409)


def _back(request: Request, at: int = 0, focus: str = "") -> Response:
    """Lead to the script, and there to a pin."""
    named = {"at": str(at), "focus": focus} if focus else {"at": str(at)}
    address = url(f"{base_of(named_network(request))}/script", named if at else None)
    # A button that takes the focus scrolls there, but not with a fragment.
    return RedirectResponse(address + (f"#pin-{at}" if at and not focus else ""), 303)


def _page(request: Request, session: Session, shown: Shown, status: int = 200) -> Response:
    preferences, _ = preferences_of(request), _translate(request)
    simulation, lecture = session.simulation, session.lecture or Lecture()
    script = script_of(session, preferences.language)
    editing = shown.editing if 1 <= shown.editing <= len(script) else 0
    opened = _form_of(script[editing - 1]) if editing else None
    moment = simulation.moment
    new = PinForm(default_title(simulation, moment, _), "", "", "", "", moment)
    if shown.form == EDIT and opened:
        opened = _typed(shown.typed, opened.moment)
    elif shown.form == PINS:
        new = _typed(shown.typed, _moment_of(shown.typed, moment))
    body = layout(
        request,
        "classroom/script.html",
        preferences,
        base=url(base_of(session.id)),
        network=numbered_title(simulation, session.number, _),
        rows=list(_rows(script, simulation, _)),
        is_own=lecture.script is not None,
        last=min(lecture.pin, len(script)),
        sign=sign_of(script),
        shown=shown,
        status=_status(script, shown, _),
        editing=editing,
        opened=opened,
        opened_quantities=_quantities(simulation, opened, _) if opened else (),
        new=new,
        new_words=moment_words(simulation, new.moment, _),
        quantities=_quantities(simulation, new, _),
        kinds={name: _(KIND_NAMES[name]) for name in ("", *KINDS)},
        longest_title=LONGEST_TITLE,
        longest_note=LONGEST_NOTE,
        file=FILE,
    )
    return HTMLResponse(body, status, VARY)


def _status(script: Script, shown: Shown, _: Translate) -> str:
    """What was done, for the reader of a screen as well."""
    if shown.notice or not 1 <= shown.at <= len(script):
        return shown.notice
    return _("“%(title)s” is moment %(number)s of %(count)s.") % {
        "title": script[shown.at - 1].title,
        "number": shown.at,
        "count": len(script),
    }


def _rows(script: Script, simulation: Simulation, _: Translate) -> Iterator[PinRow]:
    for number, pin in enumerate(script, 1):
        shape, question = shape_in(simulation, pin.iteration), Markup("")
        if pin.question:
            asked = question_view(_, shape, number, pin.question.kind, pin.question.addresses)
            question = asked.text
        yield PinRow(
            number,
            pin.title,
            moment_words(simulation, (pin.iteration, pin.cursor), _),
            pin.note,
            question,
            up=number - 1,
            down=number + 1 if number < len(script) else 0,
        )


def _quantities(
    simulation: Simulation, form: PinForm, _: Translate
) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    iteration, cursor = form.moment
    return tuple(quantities_after(shape_in(simulation, iteration), cursor, _))


def _form_of(pin: Pin) -> PinForm:
    question = pin.question
    first, *others = question.addresses if question else ("",)
    kind = question.kind if question else ""
    moment = pin.iteration, pin.cursor
    return PinForm(pin.title, pin.note, kind, first, "".join(others), moment)


def _typed(form: Form, moment: Moment) -> PinForm:
    title, note, kind, address, other = (
        form.get(name, "") for name in ("title", "note", "kind", "address", "other")
    )
    return PinForm(title, note, kind, address, other, moment)


def _moment_of(form: Form, otherwise: Moment) -> Moment:
    """The moment that a form names, if that makes sense."""
    iteration, cursor = (digits(form.get(name, ""), 12) for name in ("iteration", "cursor"))
    return otherwise if iteration is None or cursor is None else (iteration, cursor)


def _translate(request: Request) -> Translate:
    return translations(preferences_of(request).language).gettext


_changes = {
    "pin": pin_moment,
    "edit": edit_pin,
    "order": order_pins,
    "delete": delete_pin,
    "import": import_script,
    "built-in": use_built_in,
    "restore": restore_script,
}
network_routes: list[Route] = [
    Route(base_of("{id}/script"), script_page),
    Route(base_of(f"{{id}}/script/{FILE}"), script_file),
    *(
        Route(base_of(f"{{id}}/script/{name}"), change, methods=["POST"])
        for name, change in _changes.items()
    ),
]
routes: list[Route] = []
