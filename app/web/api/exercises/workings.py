"""The marking of a working, as JSON."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import ConfigDict, Field, Tag, model_validator
from pydantic_core import PydanticCustomError
from starlette.requests import Request
from starlette.responses import Response

from app.analysis.diagnosis import MOST_DECIMALS
from app.backprop.conventions import NUMBERINGS
from app.backprop.errors import Invalid
from app.exercises.answers import MOST_CHARACTERS, MOST_LINES, AnswerLine, read_working
from app.exercises.marking import VERDICTS, MarkedLine, MarkedWorking, mark
from app.exercises.name_book import WorkingConventions
from app.sessions.service import TooLong
from app.simulation.description import conventions_in
from app.simulation.simulation import Simulation
from app.view.notation.labels import Translate
from app.view.notation.mistake_sentences import mistake_sentence, unread_sentence
from app.view.rendering.languages import translations
from app.web.api.check_queue import queued
from app.web.api.dependencies import ROUTER
from app.web.api.openapi import problems
from app.web.api.schemas import requests, serialize
from app.web.api.schemas.new_session import (
    ONE_FORM,
    simulation_of,
    without_network_prefix,
)
from app.web.api.schemas.requests import (
    Body,
    ConventionsRequest,
    GivenAnswer,
    Whole,
    example,
    names_of,
)
from app.web.api.schemas.responses import Answer, MistakeResponse, Number
from app.web.api.schemas.session_import import FromFile, FromLink
from app.web.http.preferences import preferences_of
from app.web.http.problems import OWN_MESSAGE

router = APIRouter(**ROUTER)


class MarkTooLong(TooLong):
    """A marking, including its time in the queue, exceeded the limit."""

    detail = "The marking took too long. Send fewer lines at once."


class WorkingLine(Body):
    """A line of a working: what it is about, by its address or by a name, and a number."""

    address: str | None = Field(default=None, description="of a weight or bias, its new value")
    name: str | None = Field(default=None, description="as on paper: net_h1, δ_o1, ∂E/∂w5, w5_new")
    answer: GivenAnswer

    @model_validator(mode="after")
    def _check_one(self) -> "WorkingLine":
        if (self.address is None) == (self.name is None):
            raise _problem("must have either an address or a name")
        return self

    @property
    def line(self) -> AnswerLine:
        is_address = self.address is not None
        name = self.address if self.address is not None else self.name
        return AnswerLine(name or "", str(self.answer), is_address)


class WorkingConventionsRequest(ConventionsRequest):
    """What a sheet calls its quantities, and where its signs and factors differ."""

    halved_mean: bool = Field(
        default=False, description="with mean_squared: E is 1/2n Σ, not 1/n Σ", strict=True
    )


class MarkFields(Body):
    """A working, beside the network that it is about: `lines`, or the `text` of a list of them."""

    lines: list[WorkingLine] = Field(default_factory=list, max_length=MOST_LINES)
    text: str | None = Field(
        default=None,
        max_length=MOST_CHARACTERS,
        description="such as net_h1 = 0.3775, out_h1 = 0.5933; also with commas or working",
    )
    decimals: Annotated[int, Whole(0, MOST_DECIMALS)] | None = Field(
        default=None, description="how many decimals count; default: those of each answer"
    )
    conventions: WorkingConventionsRequest | None = Field(
        default=None, description="default: the numbering that the names suggest"
    )

    @model_validator(mode="after")
    def _check_working(self) -> "MarkFields":
        if ("lines" in self.model_fields_set) == (self.text is not None):
            raise _problem('Give either "lines" or "text".')
        return self

    @property
    def fields(self) -> dict[str, Any]:
        """The fields that describe the network."""
        return {n: v for n, v in super().fields.items() if n not in MarkFields.model_fields}

    @property
    def working(self) -> Sequence[AnswerLine]:
        if self.text is not None:
            return read_working(self.text)
        return [each.line for each in self.lines]


def _problem(text: str) -> PydanticCustomError:
    return PydanticCustomError(OWN_MESSAGE, "{text}", {"text": text, "values": {}})


class MarkPreset(MarkFields, requests.FromPreset):
    """A working of a preset."""

    model_config = example(
        preset="mazur",
        lines=[{"name": "net_h1", "answer": "0.3775"}, {"name": "w5", "answer": 0.4411}],
    )


class MarkSeed(MarkFields, requests.FromSeed):
    """A working of a network with random numbers."""

    model_config = example(layers=[3, 4, 2], seed=7, text="net_h1 = 0.25, out_h1 = 0.5622")


class MarkNetwork(MarkFields, requests.FromNetwork):
    """A working of your own network."""

    model_config = example(  # type: ignore[misc]  # mypy takes the base's for a variable
        network={"layers": [2, 1], "weights": [[[0.5], [-0.25]]], "biases": [[0.1]]},
        examples=[{"inputs": [1, 0.5], "targets": [1]}],
        learning_rate=0.5,
        lines=[{"address": "net/1/0", "answer": "0.475"}],
    )


class MarkFile(MarkFields, FromFile):
    """A working of the iteration of a session.json."""

    model_config = ConfigDict(json_schema_extra={})


class MarkLink(MarkFields, FromLink):
    """A working of the iteration of a permalink."""

    model_config = ConfigDict(json_schema_extra={})


MarkRequest = Annotated[
    Annotated[MarkPreset, Tag("form:preset")]
    | Annotated[MarkSeed, Tag("form:seed")]
    | Annotated[MarkNetwork, Tag("form:network")]
    | Annotated[MarkFile, Tag("form:import")]
    | Annotated[MarkLink, Tag("form:link")],
    ONE_FORM,
]


class MarkedLineResponse(Answer):
    """A line: right, right given the lines before it, wrong, or unread."""

    address: str | None = Field(description="of the quantity; null if nothing is called like this")
    verdict: Annotated[str, names_of(VERDICTS)]
    right: Number | None = Field(description="the true value, as the sheet writes it")
    own: Number | None = Field(description="the value that follows from the lines before it")
    mistakes: list[MistakeResponse] = Field(description="that give a wrong number, maybe none")
    name: str
    answer: str
    line: int = Field(description="the place of the name in `text`, from 1; 0 without a text")
    column: int
    reason: str | None = Field(description="why it is unread")


class MarkedWorkingResponse(Answer):
    """All lines, in order."""

    lines: list[MarkedLineResponse]
    first_wrong: int | None = Field(description="the index of the first wrong line, from 0")
    numbering: Annotated[str, names_of(NUMBERINGS, "by which names were read")]


@router.post(
    "/mark",
    response_description="The marks.",
    tags=["Exercises"],
    summary="Mark a working",
    response_model=MarkedWorkingResponse,
    responses=problems(403, 413, 415, 422, 503),
)
async def mark_(request: Request, body: MarkRequest) -> Response:
    """Marks the lines of a working of one iteration. A line is right if it is within half a unit of
    its last digit of the true value, and follow-on if it follows from the student's own lines before
    it, so that a mistake counts once. Nothing is stored."""
    simulation, translate = (
        simulation_of(body),
        translations(preferences_of(request).language).gettext,
    )
    given = body.conventions
    conventions = None if given is None else _conventions(given)
    work = partial(mark, simulation, body.working, conventions, body.decimals)
    marked: MarkedWorking = await queued(request, work, MarkTooLong)
    content = {
        "lines": [_line(translate, simulation, line) for line in marked.lines],
        "first_wrong": marked.first_wrong,
        "numbering": marked.conventions.numbering,
    }
    return Response(serialize.encode(content), media_type="application/json")


def _conventions(given: WorkingConventionsRequest) -> WorkingConventions:
    fields = given.model_dump(exclude={"halved_mean"})
    try:
        own = conventions_in(fields)
    except Invalid as error:
        raise without_network_prefix(error) from error
    return WorkingConventions.of(own, halved_mean=given.halved_mean)


def _line(translate: Translate, simulation: Simulation, line: MarkedLine) -> serialize.Json:
    sentence = partial(mistake_sentence, translate, simulation.shape)
    return {
        **{name: getattr(line, name) for name in ("address", "verdict", "right", "own")},
        "mistakes": [
            serialize.mistake(mistake, sentence(line.step, mistake))
            for mistake in line.mistakes
            if line.step is not None
        ],
        **{name: getattr(line.line, name) for name in ("name", "answer", "line", "column")},
        "reason": unread_sentence(translate, line.reason) if line.reason else None,
    }
