"""Exercises, read from their text, as JSON."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from app.exercises.assembly.exercise import Exercise, read_exercise
from app.exercises.lexing.sources import Translate
from app.sessions.service import TooLong
from app.simulation.description import as_json
from app.view.rendering.languages import translations
from app.web.api.check_queue import queued
from app.web.api.dependencies import ROUTER
from app.web.api.openapi import problems
from app.web.api.schemas import serialize
from app.web.api.schemas.requests import Body, Hyperparameters, example
from app.web.api.schemas.responses import Answer, ExampleResponse, NetworkResponse
from app.web.http.preferences import preferences_of

router = APIRouter(**ROUTER)


class ReadingTooLong(TooLong):
    """Reading a text, including its time in the queue, exceeded the limit."""

    detail = "Reading the text took too long. Try again later."


class ExerciseRequest(Body):
    """The text of an exercise."""

    model_config = example(text="x = (1, 0), t = 1\nw1 = 0.2, w2 = -0.1, b = 0.1\nlr = 0.5")

    # A text of a request cannot be longer than is read: a body has at most 64 KiB.
    text: Annotated[
        str,
        Field(description="as a sheet prints it, or what a program prints of a network"),
    ]
    choose: Annotated[
        dict[str, str],
        Field(description="by the name of a choice, the name of the option that is meant"),
    ] = Field(default_factory=dict)


class UnreadResponse(Answer):
    """A part of the text that was not understood."""

    line: int = Field(ge=1)
    column: int = Field(ge=1, description="the character of the line where it begins, from 1")
    text: str


class OptionResponse(Answer):
    """One way to read the text."""

    name: str
    label: str


class ChoiceResponse(Answer):
    """Several ways to read the text: the first is taken unless `choose` says another."""

    name: str
    question: str
    options: list[OptionResponse]
    chosen: str


class ConventionsResponse(Answer):
    """How the text names and signs its quantities."""

    names: dict[str, str] = Field(description="what it calls weights and biases, by address")
    units: list[list[str]] = Field(description="what it calls the units of each layer")
    numbering: str = Field(description="by_target, by_source, or empty")
    thresholds: str = Field(description="added, subtracted, or empty if it has none")
    err_is_minus_delta: bool


class ExerciseResponse(Answer, Hyperparameters):
    """An exercise: a body for POST /api/sessions, and what the text leaves open."""

    network: NetworkResponse
    examples: list[ExampleResponse]
    learning_rate: float
    assumed: list[str] = Field(description="what the text does not say, and what is taken for it")
    unread: list[UnreadResponse]
    choices: list[ChoiceResponse]
    sheet: ConventionsResponse


@router.post(
    "/exercise",
    response_description="The exercise.",
    tags=["Exercises"],
    summary="Read an exercise",
    response_model=ExerciseResponse,
    responses=problems(403, 413, 415, 422, 503),
)
async def exercise(request: Request, body: ExerciseRequest) -> Response:
    """Reads an exercise as sheets print it: lists of names, matrices in any notation, words in English,
    German or Korean; or the `state_dict` of PyTorch, the `coefs_` of scikit-learn. The answer can be
    sent to `POST /api/sessions` as it is. What the text does not say takes the value of the deck and is
    listed in `assumed`. An error names the line and the column. Nothing is stored."""
    read = await queued(request, partial(read_exercise, body.text, body.choose), ReadingTooLong)
    translate = translations(preferences_of(request).language).gettext
    content = serialize.encode(as_json(_content(read, translate)))
    return Response(content, 200, media_type="application/json")


def _content(read: Exercise, _: Translate) -> dict[str, Any]:
    conventions = read.conventions
    return {
        **read.fields,
        "assumed": [remark.translated(_) for remark in read.assumed],
        "unread": [
            {"line": span.line, "column": span.column, "text": span.text} for span in read.unread
        ],
        "choices": [
            {
                "name": choice.name,
                "question": choice.question.translated(_),
                "options": [
                    {"name": option.name, "label": option.label.translated(_)}
                    for option in choice.options
                ],
                "chosen": choice.chosen,
            }
            for choice in read.choices
        ],
        "sheet": {
            "names": dict(conventions.names),
            "units": conventions.units,
            "numbering": conventions.numbering,
            "thresholds": conventions.thresholds,
            "err_is_minus_delta": conventions.err_is_minus_delta,
        },
    }
