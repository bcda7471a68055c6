"""What was taken home, opened again: the JSON of a simulation, a link, a table of parameters.

Whatever is wrong with it, it is refused in words that name the field, and nothing is changed.
"""

from dataclasses import replace
from math import isfinite, nan
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit

from fastapi.exceptions import RequestValidationError
from pydantic import BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema
from pydantic_core import PydanticCustomError, from_json

from app.backprop.errors import N_, Invalid
from app.backprop.network import Example, Network, Shape, flat_biases, flat_weights
from app.examples.published import DECK
from app.simulation.history import History
from app.simulation.iteration import IterationState
from app.simulation.permalink import LATEST, decode_permalink, encode_permalink
from app.simulation.simulation import Simulation
from app.view.export.csv_files import FIELD, with_parameters
from app.view.export.session_file import FORMAT, session_json
from app.view.rendering.links import OPEN
from app.web.api.schemas import requests as schemas
from app.web.api.schemas.requests import Body, error_message

BEYOND = {"NaN": nan, "Infinity": float("inf"), "-Infinity": float("-inf")}
LONGEST_LINK = 20_000  # letters


def _number(value: Any) -> Any:
    if isinstance(value, str) and value in BEYOND:
        return BEYOND[value]
    if isinstance(value, float) and not isfinite(value):
        raise PydanticCustomError("number", "1e999 is no number of JSON")
    return value


SavedNumber = Annotated[
    float,
    Field(strict=True),
    BeforeValidator(_number),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"enum": list(BEYOND)}]}),
    error_message(N_('must be a number, "NaN", "Infinity" or "-Infinity"')),
]
Row = Annotated[
    list[SavedNumber], Field(max_length=8), error_message(N_("must be a list of at most 8 numbers"))
]
Weights = Annotated[
    list[
        Annotated[
            list[Row], Field(max_length=8), error_message(N_("must be a list of at most 8 rows"))
        ]
    ],
    Field(max_length=4),
    error_message(N_("must be a list of at most 4 matrices")),
]
Biases = Annotated[
    list[Row], Field(max_length=4), error_message(N_("must be a list of at most 4 layers"))
]


class SavedNetwork(Body):
    """A network as the iteration started with it: all digits, and what training made of them."""

    layers: schemas.Layers
    activations: schemas.Activations
    error: Annotated[
        str, Field(max_length=40), error_message(N_("must be the name of an error function"))
    ]
    bias: schemas.Bias
    optimiser: schemas.Optimiser = "gradient_descent"
    update: schemas.Update = "each"
    weights: Weights
    biases: Biases


class SavedNumbers(Body):
    """What the iteration started with beside the network, nested as weights and biases are."""

    weights: Weights
    biases: Biases


class SessionFile(Body):
    """A session.json: all of a simulation but how it came there."""

    backstep: Annotated[
        int,
        Field(strict=True, ge=FORMAT, le=FORMAT, description="the version of this format"),
        error_message(N_("must be %(format)s, the format that is known here"), format=FORMAT),
    ]
    network: SavedNetwork
    examples: schemas.Examples
    learning_rate: schemas.LearningRate
    momentum: schemas.Momentum | None = Field(default=None, description="with that optimiser only")
    velocities: SavedNumbers | None = Field(
        default=None, description="with momentum only; all 0 if not given"
    )
    gathered: SavedNumbers | None = Field(
        default=None, description="with another update than each only; all 0 if not given"
    )
    pass_from: Annotated[
        int,
        Field(strict=True, ge=0, le=LATEST, description="the iteration passes are counted from"),
        schemas.WHOLE,
        error_message(N_("must be a whole number from 0 to 1,000,000,000,000")),
    ] = 0
    shuffle: schemas.Shuffle = None
    iteration: Annotated[
        int,
        Field(strict=True, ge=0, le=LATEST),
        schemas.WHOLE,
        error_message(N_("must be a whole number from 0 to 1,000,000,000,000")),
    ]
    cursor: Annotated[
        int,
        Field(strict=True, ge=0, le=10**6),
        schemas.WHOLE,
        error_message(N_("must be a whole number")),
    ]
    previous_error: SavedNumber | None = Field(default=None, description="null in iteration 0")


class FromFile(Body):
    """Begin where a session.json stands: a copy of it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{FIELD: from_json(session_json(DECK.simulation))}]}
    )

    file: SessionFile = Field(alias="import")


class FromLink(Body):
    """Begin where a link of any Backstep stands: a copy of it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"link": OPEN + encode_permalink(DECK.simulation)}]}
    )

    link: Annotated[
        str,
        Field(max_length=LONGEST_LINK, description="/open/…, with or without the server"),
        error_message(f"must be a link of at most {LONGEST_LINK:,} letters"),
    ]


def simulation_of_file(file: SessionFile) -> Simulation:
    """The simulation of a session.json, at the beginning of its history.

    Raises:
        Invalid: naming the field, where the parts do not fit each other.
    """
    given = file.network
    network = Network.of(
        given.layers,
        given.weights,
        given.biases,
        activations=given.activations,
        bias=given.bias,
        error=given.error,
        optimiser=given.optimiser,
        update=given.update,
    )
    examples = tuple(Example(tuple(row.inputs), tuple(row.targets)) for row in file.examples)
    first = IterationState.first(network, examples, file.learning_rate, file.momentum, file.shuffle)
    velocities = _beside(network.shape, "velocities", file.velocities) or first.velocities
    gathered = _beside(network.shape, "gathered", file.gathered) or first.accumulated
    if file.previous_error is not None and not file.iteration:
        raise Invalid("previous_error", N_("in iteration 0 there is none yet"))
    state = network.parameters + velocities + gathered
    start = first.at(state, file.iteration, file.previous_error)
    start = replace(start, pass_start=file.pass_from)
    if file.pass_from > (file.iteration if gathered else 0):
        text = N_("at most the iteration, and 0 where the update comes after each example")
        raise Invalid("pass_from", text)
    if any(gathered) and not start.place(file.iteration):
        raise Invalid("gathered", N_("a pass begins with sums of 0"))
    simulation = Simulation(start, 0, History.starting_at(start)).seek(file.cursor)
    return decode_permalink(encode_permalink(simulation))  # which holds to whatever a link holds to


def _beside(shape: Shape, field: str, given: SavedNumbers | None) -> tuple[float, ...]:
    """The velocities, or the sums, in a row; none where none are given.

    Raises:
        Invalid: where they are not nested as the network is, or there can be none.
    """
    if given is None:
        return ()
    if field == "velocities" and not shape.velocity_count:
        raise Invalid(field, N_("only with the optimiser momentum are there velocities"))
    if field == "gathered" and not shape.accumulates:
        raise Invalid(field, N_("only with an update after all examples is anything gathered"))
    try:
        return flat_weights(shape, given.weights) + flat_biases(shape, given.biases)
    except Invalid as error:
        raise error.of(error.field.replace("network", field)) from error


def simulation_of_link(link: str) -> Simulation:
    """The simulation of a link, wherever it was made.

    Raises:
        Invalid: where the link holds none.
    """
    try:
        parts = urlsplit(link.strip())
        text = parts.path.partition(OPEN)[2] or parse_qs(parts.query).get("moment", [""])[0]
        return decode_permalink(text)
    except (Invalid, ValueError) as error:
        said = error if isinstance(error, Invalid) and error.field != "moment" else None
        text = N_("this link is damaged: it is no moment of a simulation")
        raise said or Invalid("link", text) from error


def inside(field: str, error: Invalid) -> Invalid:
    """The same refusal, of a part of a field."""
    return error.of(f"{field}.{error.field}")


def import_simulation(content: bytes, looked_at: Simulation) -> tuple[Simulation, bool]:
    """What a file or a text holds, and whether it is a simulation of its own: else it is the
    present one with the parameters of a table.

    Raises:
        Invalid: saying what is wrong with it.
        RequestValidationError: the same, of a field of the JSON.
    """
    text = content.decode("utf-8-sig", "replace").strip()
    if not text:
        raise Invalid(FIELD, N_("choose a file, or paste its text"))
    if text[0] not in "{[":
        return with_parameters(looked_at, text), False
    try:
        file = SessionFile.model_validate(from_json(text, allow_inf_nan=False))
    except ValidationError as error:
        raise RequestValidationError(
            [{**each, "loc": ("body", *each["loc"])} for each in error.errors(include_url=False)]
        ) from error
    except ValueError as error:
        raise Invalid(FIELD, N_("this is no JSON: %(why)s"), why=_plain(str(error))) from error
    return simulation_of_file(file), True


def _plain(text: str) -> str:
    return text.encode("ascii", "replace").decode()[:200]
