"""Sheets for a class, as a file."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import ConfigDict, Field, Tag
from starlette.requests import Request
from starlette.responses import Response

from app.backprop.errors import check_choice
from app.exercises.variants import DECIMALS, LAST_SEED, USUAL_DECIMALS, Structure
from app.sessions.service import TooLong
from app.view.exercises.class_sheets import (
    ALL,
    LONGEST_NAME,
    MOST_SHEETS,
    QUESTIONS,
    SheetOrder,
    names_in,
)
from app.view.exercises.sheet_files import FORMATS, PRINTED, write_sheets
from app.view.rendering.digits import COUNTS, DEFAULT, DIGITS
from app.web.api.check_queue import queued
from app.web.api.dependencies import ROUTER, public_address
from app.web.api.openapi import problems
from app.web.api.schemas import requests
from app.web.api.schemas.new_session import ONE_FORM, simulation_of
from app.web.api.schemas.requests import Body, Whole, example, names_of
from app.web.api.schemas.session_import import FromFile, FromLink
from app.web.http.compression import compress_on_thread
from app.web.http.preferences import preferences_of

router = APIRouter(**ROUTER)

VARY = {"Vary": "Accept-Language, Accept-Encoding, Cookie"}
SheetSeed = Annotated[int, Whole(0, LAST_SEED)]
SheetName = Annotated[str, Field(json_schema_extra={"maxLength": LONGEST_NAME})]


class SheetsTooLong(TooLong):
    """The sheets, including their time in the queue, took longer than the limit."""

    detail = "The sheets took too long. Ask for fewer at a time, or try again later."


class SheetFields(Body):
    """Which sheets are made, beside the network whose structure they have."""

    seeds: list[SheetSeed] = Field(
        description="one for each sheet; a seed gives the same numbers for good",
        json_schema_extra={"minItems": 1, "maxItems": MOST_SHEETS},
    )
    names: list[SheetName] = Field(
        default_factory=list,
        description="one for each seed, or none; printed, and neither stored nor logged",
        json_schema_extra={"maxItems": MOST_SHEETS},
    )
    format: Annotated[
        str,
        names_of(FORMATS, "sheets to print, the answer key, or questions for Moodle or in GIFT"),
    ] = PRINTED
    answers: bool = Field(default=False, strict=True, description="print the answers, too")
    decimals: Annotated[int, Whole(COUNTS[0], COUNTS[-1])] = Field(
        default=int(DEFAULT), description="of the answers"
    )
    given_decimals: Annotated[int, Whole(DECIMALS[0], DECIMALS[-1])] = Field(
        default=USUAL_DECIMALS, description="of weights, biases, inputs and targets"
    )
    questions: Annotated[
        str,
        names_of(
            QUESTIONS, "for moodle and gift: every calculation, or one of each kind and layer"
        ),
    ] = ALL
    links: bool = Field(
        default=True,
        strict=True,
        description="whether a sheet says how to open it in the simulator",
    )

    @property
    def fields(self) -> dict[str, Any]:
        """The fields that describe the network."""
        return {n: v for n, v in super().fields.items() if n not in SheetFields.model_fields}


class SheetsPreset(SheetFields, requests.FromPreset):
    """Sheets with the structure of a preset."""

    model_config = example(preset="deck", seeds=[4711, 4712], names=["Ada", "Emmy"])


class SheetsSeed(SheetFields, requests.FromSeed):
    """Sheets with this structure. Its own numbers, and so its `seed`, do not matter."""

    model_config = example(layers=[2, 2, 1], seed=0, seeds=[1, 2, 3], format="moodle")


class SheetsNetwork(SheetFields, requests.FromNetwork):
    """Sheets with the structure of your own network."""

    model_config = example(  # type: ignore[misc]  # mypy takes the base's for a variable
        network={"layers": [2, 1], "weights": [[[0.5], [-0.25]]], "biases": [[0.1]]},
        examples=[{"inputs": [1, 0.5], "targets": [1]}],
        learning_rate=0.5,
        seeds=[1],
        format="csv",
    )


class SheetsFile(SheetFields, FromFile):
    """Sheets with the structure of the network in a session.json."""

    model_config = ConfigDict(json_schema_extra={})


class SheetsLink(SheetFields, FromLink):
    """Sheets with the structure of the network in a permalink."""

    model_config = ConfigDict(json_schema_extra={})


SheetsRequest = Annotated[
    Annotated[SheetsPreset, Tag("form:preset")]
    | Annotated[SheetsSeed, Tag("form:seed")]
    | Annotated[SheetsNetwork, Tag("form:network")]
    | Annotated[SheetsFile, Tag("form:import")]
    | Annotated[SheetsLink, Tag("form:link")],
    ONE_FORM,
]
CONTENT: dict[str, Any] = {row.media: {"schema": {"type": "string"}} for row in FORMATS.values()}


@router.post(
    "/sheets",
    response_description="The sheets.",
    tags=["Exercises"],
    summary="Make sheets for a class",
    response_class=Response,
    responses={**problems(403, 413, 415, 422, 503), 200: {"content": CONTENT}},
)
async def sheets(request: Request, body: SheetsRequest) -> Response:
    """A variant of one exercise for each seed: the same structure, with other numbers that are pleasant
    by hand. `Accept-Language` chooses the language. Nothing is stored."""
    check_choice("format", body.format, FORMATS)
    check_choice("questions", body.questions, QUESTIONS)
    order = SheetOrder(
        Structure.of(simulation_of(body), body.given_decimals),
        tuple(body.seeds),
        names_in(body.names),
        DIGITS[str(body.decimals)],
        body.questions,
        body.links,
        preferences_of(request).language,
        public_address(request),
    )
    return await sheets_response(request, order, body.format, answers=body.answers)


async def sheets_response(
    request: Request, order: SheetOrder, format: str, *, answers: bool = False
) -> Response:
    """Return the sheets in a format.

    They are written, and compressed, on a thread: hundreds of sheets take seconds. Raises Invalid or
    SheetsTooLong.
    """
    work = partial(_body, request, order, format, answers)
    content, headers = await queued(request, work, SheetsTooLong, takes_seconds=True)
    if file := FORMATS[format].file:
        headers["Content-Disposition"] = f'attachment; filename="{file}"'
    return Response(content, 200, headers, FORMATS[format].media)


def _body(
    request: Request, order: SheetOrder, format: str, answers: bool
) -> tuple[bytes, dict[str, str]]:
    state = request.app.state
    fonts = (state.settings.vendor / "fonts.css").is_file()
    text = write_sheets(order, format, answers=answers, asset=state.assets.url, fonts=fonts)
    content, headers = compress_on_thread(request.scope, text.encode())
    return content, headers | VARY
