"""A lecture script as JSON: of the API, and as one readable file."""

import re
from collections.abc import Sequence
from json import dumps
from typing import Annotated, Any, Literal

from fastapi.exceptions import RequestValidationError
from pydantic import (
    Field,
    TypeAdapter,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError, from_json

from app.backprop.errors import N_, Invalid
from app.sessions.lecture import (
    LARGER,
    LONGEST_NOTE,
    LONGEST_TITLE,
    MOST_PINS,
    Pin,
    Question,
    Script,
    check_script,
)
from app.sessions.service import Session
from app.simulation.navigation import check_moment
from app.simulation.simulation import Simulation
from app.view.rendering.languages import translations
from app.view.slides.moments import is_computed_after, shape_in, walk_script
from app.web.api.schemas.requests import Body, Iteration, Whole, error_message

FIELD = "script"
MOST_BYTES = 60_000  # of a script as a file, so that it can be imported again
NO_JSON = N_("This is not valid JSON: there is an error in line %(line)s, column %(column)s.")
TOO_LONG = N_("is too long: titles and notes together must fit into a file of %(most)s bytes")
NOT_LATER = N_("Choose a quantity that a later step of the iteration computes.")
_PLACE = re.compile(r" at line (\d+) column (\d+)$")

Text = Annotated[str, Field(strict=True)]


class PinnedMoment(Body):
    """An iteration, and how many of its steps have been taken."""

    iteration: Iteration
    cursor: Annotated[int, Whole(0, 10**6)]


class PinnedQuestion(Body):
    """What to ask there about a quantity that a later step computes: its value, its sign, or
    whether it is larger than the `other`."""

    kind: Literal["number", "sign", "larger"]
    address: Text
    other: Text | None = Field(default=None, description="only with `larger`")


class PinnedStep(Body):
    """A moment of a lecture."""

    title: Annotated[Text, Field(json_schema_extra={"minLength": 1, "maxLength": LONGEST_TITLE})]
    note: Annotated[
        Text,
        Field(description="for the lecturer alone", json_schema_extra={"maxLength": LONGEST_NOTE}),
    ] = ""
    moment: PinnedMoment
    question: PinnedQuestion | None = None


def _of_script(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    """Let the fields in errors begin with `script`, as the list itself has no name."""
    try:
        return handler(value)
    except ValidationError as error:
        details = [
            InitErrorDetails(
                type=PydanticCustomError(each["type"], "{message}", _context(each)),
                loc=(FIELD, *each["loc"]),
                input=None,
            )
            for each in error.errors(include_url=False, include_input=False)
        ]
        raise ValidationError.from_exception_data(FIELD, details) from None


def _context(error: Any) -> dict[str, Any]:
    return {**error.get("ctx", {}), "message": error["msg"]}


LectureScript = Annotated[
    list[PinnedStep],
    Field(json_schema_extra={"maxItems": MOST_PINS}),
    WrapValidator(_of_script),
    error_message(N_("must be a list")),
]
_script: TypeAdapter[list[PinnedStep]] = TypeAdapter(LectureScript)


def read_script(text: str, simulation: Simulation | None) -> Script:
    """Read a script from a file, for a network unless it is one that was stored before.

    Raises Invalid for text that is no JSON, RequestValidationError, and what `pins_of` raises.
    """
    try:
        content = from_json(text, allow_inf_nan=False)
    except ValueError as error:
        place = _PLACE.search(str(error))
        line, column = place.groups() if place else ("1", "0")
        raise Invalid("body", NO_JSON, line=line, column=column) from error
    try:
        steps = _script.validate_python(content)
    except ValidationError as error:
        found = [{**each, "loc": ("body", *each["loc"])} for each in error.errors()]
        raise RequestValidationError(found) from error
    return pins_of(steps, simulation)


def pins_of(steps: Sequence[PinnedStep], simulation: Simulation | None) -> Script:
    """Return the pins of a script. Raises Invalid, which names the moment and its field."""
    pins = tuple(_pin_of(step, f"{FIELD}.{index}") for index, step in enumerate(steps))
    for index, pin in enumerate(pins if simulation else ()):
        assert simulation is not None
        check_pin(pin, simulation, f"{FIELD}.{index}")
    check_size(pins)
    return pins


def check_size(script: Script) -> None:
    """Raise Invalid if a script has too many moments, or cannot be imported as a file."""
    check_script(script)
    if len(script_text(script).encode()) > MOST_BYTES:
        raise Invalid(FIELD, TOO_LONG, most=f"{MOST_BYTES:,}")


def _pin_of(step: PinnedStep, field: str) -> Pin:
    asked, question = step.question, None
    try:
        if asked is not None:
            addresses = (asked.address,) if asked.other is None else (asked.address, asked.other)
            field = f"{field}.question"
            question = Question(asked.kind, addresses)
            field = field.removesuffix(".question")
        return Pin(
            one_line(step.title),
            *(step.moment.iteration, step.moment.cursor),
            note=plain_lines(step.note),
            question=question,
        )
    except Invalid as error:
        at = "other" if error.field == "address" and asked and asked.kind == LARGER else error.field
        raise error.of(f"{field}.{at}") from error


def one_line(text: str) -> str:
    """A title without blanks around it, and without line breaks."""
    return " ".join(text.split())


def plain_lines(text: str) -> str:
    """A note without blanks around it, with line breaks of one kind."""
    return "\n".join(text.strip().splitlines())


def check_pin(pin: Pin, simulation: Simulation, field: str) -> None:
    """Raise Invalid unless the network has a pin's moment, and what it asks for."""
    if not pin.title.isprintable():
        raise Invalid(f"{field}.title", N_("must be plain text in one line"))
    try:
        check_moment(simulation, pin.iteration, pin.cursor)
    except Invalid as error:
        raise error.of(f"{field}.moment.{error.field}") from error
    shape = shape_in(simulation, pin.iteration)
    for name, address in _asked(pin).items():
        if not is_computed_after(shape, pin.cursor, address):
            raise Invalid(f"{field}.question.{name}", NOT_LATER)


def _asked(pin: Pin) -> dict[str, str]:
    """The quantities that a pin asks for, by the names of their fields."""
    addresses = pin.question.addresses if pin.question else ()
    return dict(zip(("address", "other"), addresses, strict=False))


def script_of(session: Session, language: str) -> Script:
    """The script of a network: its own, or the walk through the deck in a language."""
    lecture = session.lecture
    if lecture is not None and lecture.script is not None:
        return lecture.script
    return built_in_script(session.simulation, language)


def built_in_script(simulation: Simulation, language: str) -> Script:
    """The walk through the deck as a script."""
    return tuple(
        Pin(each.title, *each.moment, each.note, _question(each.asks))
        for each in walk_script(simulation, translations(language).gettext)
    )


def _question(asks: tuple[str, ...]) -> Question | None:
    return Question(asks[0], asks[1:]) if asks else None


def script_content(script: Script) -> list[dict[str, object]]:
    """A script as JSON, as plain values."""
    return [_pin_content(pin) for pin in script]


def _pin_content(pin: Pin) -> dict[str, object]:
    moment = {"iteration": pin.iteration, "cursor": pin.cursor}
    content: dict[str, object] = {"title": pin.title, "note": pin.note, "moment": moment}
    if pin.question:
        content["question"] = {"kind": pin.question.kind, **_asked(pin)}
    return content


def script_text(script: Script) -> str:
    """A script as a file that people can read."""
    return dumps(script_content(script), ensure_ascii=False, indent=2) + "\n"
