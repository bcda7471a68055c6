"""Imports: a session.json, a permalink or a table of parameters.

An error names the field, and nothing is changed.
"""

from dataclasses import replace
from math import isfinite, nan
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit

from fastapi.exceptions import RequestValidationError
from pydantic import BeforeValidator, Field, ValidationError, WithJsonSchema
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
from app.web.api.schemas import requests
from app.web.api.schemas.requests import Body, error_message, example

NON_FINITE = {"NaN": nan, "Infinity": float("inf"), "-Infinity": float("-inf")}
LONGEST_LINK = 20_000  # characters


def _to_number(value: Any) -> Any:
    if isinstance(value, str) and value in NON_FINITE:
        return NON_FINITE[value]
    if isinstance(value, float) and not isfinite(value):
        raise PydanticCustomError("number", "not a finite number")
    return value


SavedNumber = Annotated[
    float,
    Field(strict=True),
    BeforeValidator(_to_number),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"enum": list(NON_FINITE)}]}),
    error_message(N_('must be a number, "NaN", "Infinity" or "-Infinity"')),
]


class SavedNetwork(Body):
    """The network at the start of the iteration. After training, its numbers have no limits."""

    layers: requests.Layers
    activations: requests.Activations
    error: Annotated[
        str, Field(max_length=40), error_message(N_("must be the name of an error function"))
    ]
    bias: requests.Bias
    optimiser: requests.Optimiser = "gradient_descent"
    update: requests.Update = "each"
    weights: requests.Weights[SavedNumber]
    biases: requests.Biases[SavedNumber]


class SavedNumbers(Body):
    """Velocities or accumulated gradients, nested like the weights and biases."""

    weights: requests.Weights[SavedNumber]
    biases: requests.Biases[SavedNumber]


class SessionFile(Body):
    """A session.json: a simulation without its history."""

    backstep: Annotated[
        int,
        Field(strict=True, ge=FORMAT, le=FORMAT, description="the version of the format"),
        error_message(N_("must be %(format)s, the supported format version"), format=FORMAT),
    ]
    network: SavedNetwork
    examples: requests.Examples
    learning_rate: requests.LearningRate
    momentum: requests.Momentum | None = Field(
        default=None, description="only with the optimiser momentum"
    )
    velocities: SavedNumbers | None = Field(
        default=None, description="only with momentum; default: all 0"
    )
    gathered: SavedNumbers | None = Field(
        default=None, description="only with update mean or sum; default: all 0"
    )
    pass_from: Annotated[
        int,
        Field(
            strict=True, ge=0, le=LATEST, description="the iteration that passes are counted from"
        ),
        requests.INTEGER,
        error_message(N_("must be an integer from 0 to 1,000,000,000,000")),
    ] = 0
    shuffle: requests.Shuffle = None
    iteration: Annotated[
        int,
        Field(strict=True, ge=0, le=LATEST),
        requests.INTEGER,
        error_message(N_("must be an integer from 0 to 1,000,000,000,000")),
    ]
    cursor: Annotated[
        int,
        Field(strict=True, ge=0, le=10**6),
        requests.INTEGER,
        error_message(N_("must be an integer")),
    ]
    previous_error: SavedNumber | None = Field(default=None, description="null in iteration 0")


class FromFile(Body):
    """Start from a session.json."""

    model_config = example(**{FIELD: from_json(session_json(DECK.simulation))})

    file: SessionFile = Field(alias="import")


class FromLink(Body):
    """Start from a permalink, made by any Backstep server."""

    model_config = example(link=OPEN + encode_permalink(DECK.simulation))

    link: Annotated[
        str,
        Field(max_length=LONGEST_LINK, description="/open/…, with or without the origin"),
        error_message(f"must be a link of at most {LONGEST_LINK:,} characters"),
    ]


def network_of(body: requests.NewNetwork | SavedNetwork) -> Network:
    """Return the network of a body. Raises Invalid with the field that does not fit."""
    return Network.of(
        body.layers,
        body.weights,
        body.biases,
        activations=body.activations or None,
        bias=body.bias,
        error=body.error,
        optimiser=body.optimiser,
        update=body.update,
    )


def simulation_of_file(file: SessionFile) -> Simulation:
    """Return the simulation of a session.json, with an empty history.

    Raises:
        Invalid: if its parts do not fit each other, with the field.
    """
    network = network_of(file.network)
    examples = tuple(Example(tuple(row.inputs), tuple(row.targets)) for row in file.examples)
    first = IterationState.first(network, examples, file.learning_rate, file.momentum, file.shuffle)
    velocities = _flat(network.shape, "velocities", file.velocities) or first.velocities
    accumulated = _flat(network.shape, "gathered", file.gathered) or first.accumulated
    if file.previous_error is not None and not file.iteration:
        raise Invalid("previous_error", N_("Iteration 0 has no previous error."))
    state = network.parameters + velocities + accumulated
    start = first.at(state, file.iteration, file.previous_error)
    start = replace(start, pass_start=file.pass_from)
    if file.pass_from > (file.iteration if accumulated else 0):
        text = N_("must be at most the iteration, and 0 if each example is followed by an update")
        raise Invalid("pass_from", text)
    if any(accumulated) and not start.place(file.iteration):
        raise Invalid("gathered", N_("At the start of a pass, the sums must be 0."))
    simulation = Simulation(start, 0, History.starting_at(start)).seek(file.cursor)
    return decode_permalink(encode_permalink(simulation))  # checks it like a permalink


def _flat(shape: Shape, field: str, numbers: SavedNumbers | None) -> tuple[float, ...]:
    """Return the velocities or accumulated gradients as a flat tuple, empty if not given.

    Raises:
        Invalid: if the network has none, or they are nested differently.
    """
    if numbers is None:
        return ()
    if field == "velocities" and not shape.velocity_count:
        raise Invalid(field, N_("There are velocities only with the optimiser momentum."))
    if field == "gathered" and not shape.accumulates:
        raise Invalid(field, N_("Gradients are accumulated only if the update is mean or sum."))
    try:
        return flat_weights(shape, numbers.weights) + flat_biases(shape, numbers.biases)
    except Invalid as error:
        raise error.of(error.field.replace("network", field)) from error


def simulation_of_link(link: str) -> Simulation:
    """Return the simulation of a permalink. Raises Invalid."""
    try:
        parts = urlsplit(link.strip())
        text = parts.path.partition(OPEN)[2] or parse_qs(parts.query).get("moment", [""])[0]
        return decode_permalink(text)
    except (Invalid, ValueError) as error:
        if isinstance(error, Invalid) and error.field != "moment":
            raise
        raise Invalid("link", N_("This link is damaged.")) from error


def with_prefix(field: str, error: Invalid) -> Invalid:
    return error.of(f"{field}.{error.field}")


def import_simulation(content: bytes, current: Simulation) -> tuple[Simulation, bool]:
    """Import a file or pasted text.

    Returns:
        The simulation, and whether it is a new one; a table changes the parameters of `current`.

    Raises:
        Invalid: if the content is invalid.
        RequestValidationError: if a field of the JSON is.
    """
    text = content.decode("utf-8-sig", "replace").strip()
    if not text:
        raise Invalid(FIELD, N_("Choose a file or paste its text."))
    if text[0] not in "{[":
        return with_parameters(current, text), False
    try:
        file = SessionFile.model_validate(from_json(text, allow_inf_nan=False))
    except ValidationError as error:
        raise RequestValidationError(
            [{**each, "loc": ("body", *each["loc"])} for each in error.errors(include_url=False)]
        ) from error
    except ValueError as error:
        why = str(error).encode("ascii", "replace").decode()[:200]
        if why.startswith("EOF"):
            raise Invalid(FIELD, N_("The file ends too early.")) from error
        raise Invalid(FIELD, N_("This is not valid JSON: %(why)s"), why=why) from error
    return simulation_of_file(file), True
