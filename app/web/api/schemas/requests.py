"""The request bodies of the API: the names and the types of their fields.

They are strict: numbers are neither strings nor booleans, and unknown fields are errors. Which values
fit is for the network and its state to say; only single numbers are checked here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

from annotated_types import Ge, GroupedMetadata, Le
from pydantic import (
    AfterValidator,
    AllowInfNan,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
    create_model,
)
from pydantic_core import PydanticCustomError

from app.backprop.conventions import NUMBERINGS
from app.backprop.errors import IN_RANGE, MOST_LETTERS, N_, checked_name
from app.backprop.functions import ACTIVATIONS, ERRORS, HYPERPARAMETERS, OPTIMISERS, Hyperparameter
from app.backprop.network import BIASES, LARGEST, LAYERS, MOST_EXAMPLES, UNITS, UPDATES, users_of
from app.backprop.rounding_rule import UNKNOWN_ROUNDING, rounding_named
from app.examples.random_network import INITS
from app.simulation.description import KEPT
from app.simulation.iteration import LARGEST_SEED, LATEST
from app.simulation.simulation import MOST_ITERATIONS
from app.web.http.problems import OWN_MESSAGE

MOST_STEPS = 10_000


def error_message(text: str, **values: object) -> WrapValidator:
    """Replace pydantic's message for a value; errors of nested values keep their own.

    The page shows the messages for the fields of a session.json, so these are marked with `N_`.
    """

    def validate(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        try:
            return handler(value)
        except ValidationError as error:
            if any(nested["loc"] for nested in error.errors(include_url=False)):
                raise
            message = text % values if values else text
            context = {"message": message, "text": text, "values": values}
            raise PydanticCustomError(OWN_MESSAGE, "{message}", context) from None

    return WrapValidator(validate)


def _to_integer(value: Any) -> Any:
    """Convert 2.0 to 2: JSON has only one kind of numbers."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _check_answer(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        text = "must be a number, or a text with one"
        raise PydanticCustomError(OWN_MESSAGE, text, {"text": text, "values": {}})
    return value


GivenAnswer = Annotated[
    Any,
    WithJsonSchema({"type": ["number", "string"]}),
    AfterValidator(_check_answer),
    Field(description="a number, or a text if zeros at the end count, such as 0.5930"),
]


def names_of(names: Iterable[str], description: str | None = None) -> Any:
    """Return the documentation of a name; `Shape` checks it."""
    return Field(description=description, json_schema_extra={"enum": list(names)})


def _names_of_units(value: Any) -> Any:
    """A name, or a list with one for each unit."""
    names = value if isinstance(value, list) else [value]
    if not all(isinstance(name, str) for name in names):
        text = N_("must be a name, or a list of names")
        raise PydanticCustomError(OWN_MESSAGE, text, {"text": text, "values": {}})
    return value


INTEGER = BeforeValidator(_to_integer)


@dataclass(frozen=True)
class Whole(GroupedMetadata):
    """An integer between two limits."""

    low: int
    high: int

    def __iter__(self) -> Iterator[object]:
        text = N_("must be an integer from %(low)s to %(high)s")
        message = error_message(text, low=f"{self.low:,}", high=f"{self.high:,}")
        return iter((Strict(), Ge(self.low), Le(self.high), INTEGER, message))


@dataclass(frozen=True)
class Real(GroupedMetadata):
    """A finite number between two limits."""

    low: float
    high: float

    def __iter__(self) -> Iterator[object]:
        message = error_message(IN_RANGE, low=f"{self.low:,.0f}", high=f"{self.high:,.0f}")
        return iter((Strict(), AllowInfNan(False), Ge(self.low), Le(self.high), message))


N = TypeVar("N")
Weights = Annotated[
    list[list[list[N]]],
    Field(description="weights[l][i][j] connects unit i of layer l to unit j of layer l+1"),
]
Biases = Annotated[
    list[list[N]], Field(description="per layer one number if shared, else one per unit")
]
Number = Annotated[float, Real(-LARGEST, LARGEST)]
LearningRate = Annotated[float, Real(0, LARGEST)]
Iteration = Annotated[int, Whole(0, LATEST)]
Name = Annotated[
    str,
    Field(description="what the network is called", json_schema_extra={"maxLength": MOST_LETTERS}),
    AfterValidator(checked_name),
    error_message(
        N_("must be plain text in one line, of at most %(most)s characters"), most=MOST_LETTERS
    ),
]
RoundingField = Annotated[
    str,
    Field(description="how the page rounds each result, as on a blackboard: `decimals.4.up`"),
    AfterValidator(lambda name: rounding_named(name).name),
    error_message(UNKNOWN_ROUNDING),
]
Layers = Annotated[
    list[Annotated[int, Whole(UNITS[0], UNITS[-1])]],
    Field(
        description="units per layer, from the input layer",
        json_schema_extra={"minItems": LAYERS[0], "maxItems": LAYERS[-1]},
    ),
]
_name = {"type": "string", "enum": list(ACTIVATIONS)}
Activations = Annotated[
    list[
        Annotated[
            str | list[str],
            WithJsonSchema({"anyOf": [_name, {"type": "array", "items": _name}]}),
            BeforeValidator(_names_of_units),
        ]
    ],
    Field(
        description="for each layer after the input layer one, or a list with one for each unit; "
        "default: sigmoid, or the one that the error function needs"
    ),
]
Update = Annotated[
    str,
    names_of(
        UPDATES,
        "when parameters are updated: after each example, or after all of them by the mean or the "
        "sum of their gradients",
    ),
]
ErrorName = Annotated[str, names_of(ERRORS)]
Bias = Annotated[str, names_of(BIASES, "one number per layer, one per unit, or none")]
OptimiserName = Annotated[str, names_of(OPTIMISERS)]
Init = Annotated[
    str, names_of(INITS, "initial weights: uniform from −1 to 1, Xavier, all 0.5, or all 0")
]
Seed = Annotated[int, Whole(0, LARGEST_SEED)]
NewSeed = Annotated[Seed, Field(description="of the weights and biases that are new")]
Shuffle = Annotated[
    Seed | None,
    Field(description="a seed to shuffle the examples in each pass; null: in the given order"),
]


def example(**body: Any) -> ConfigDict:
    """Return the configuration of a model with an example."""
    return ConfigDict(json_schema_extra={"examples": [body]})


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    @property
    def fields(self) -> dict[str, Any]:
        """The fields that were given, as plain values."""
        return self.model_dump(exclude_unset=True)


def optional_fields(name: str, base: type[BaseModel], **fields: Any) -> Any:
    """Return a model with more fields, each of which may be left out."""
    # The default is never used. A factory keeps it out of the schema, and null is not allowed.
    missing = Field(default_factory=lambda: None)
    definitions: Any = {each: (kind, missing) for each, kind in fields.items()}
    return create_model(name, __base__=base, **definitions)


def hyperparameter(name: str, row: Hyperparameter) -> Any:
    """Return the type of a hyperparameter."""
    low = "minimum" if row.low_included else "exclusiveMinimum"
    high = "maximum" if row.high_included else "exclusiveMaximum"
    users = ", ".join(users_of(name))
    description = f"only with {users}; default: {row.default:g}" if users else "default: 0, none"
    limits: Any = {low: row.low, high: row.high}
    return Annotated[
        float,
        *(Strict(), AllowInfNan(False)),
        Field(description=description, json_schema_extra=limits),
        error_message(row.range_text, low=f"{row.low:,.12g}", high=f"{row.high:,.12g}"),
    ]


_rows = {name: hyperparameter(name, row) for name, row in HYPERPARAMETERS.items()}


class Hyperparameters(optional_fields("Optional", Body, **_rows)):  # type: ignore[misc]
    """The hyperparameters that the network uses; the others are refused."""


def state_fields(numbers: Any) -> Any:
    """Return a model with the hyperparameters and all that changes besides the parameters."""
    kept = Annotated[numbers, Field(description="only if the optimiser keeps them; at first 0")]
    summed = Field(description="only with update mean or sum: the gradients so far in this pass")
    return optional_fields(
        "StateFields",
        Hyperparameters,
        **dict.fromkeys(sorted(KEPT), kept),
        updates=Iteration,
        gathered=Annotated[numbers, summed],
    )


class NewExample(Body):
    """The inputs and targets of an example."""

    inputs: list[Number]
    targets: list[Number]


Examples = Annotated[
    list[NewExample], Field(json_schema_extra={"minItems": 1, "maxItems": MOST_EXAMPLES})
]


class ConventionsRequest(Body):
    """What an exercise sheet calls the quantities of a network, and which signs it gives them."""

    numbering: Annotated[
        str,
        names_of(
            NUMBERINGS,
            "of units and weights: by layer (w'11), weights from 1 to n unit by unit (w5), or units "
            "from 1 to n, inputs first (w46)",
        ),
    ] = NUMBERINGS[0]
    minus_delta: bool = Field(
        default=False, description="`delta/…` is Err, which is −δ", strict=True
    )
    thresholds: bool = Field(
        default=False, description="`bias/…` is the threshold θ, which is −b", strict=True
    )
    names: dict[str, str] = Field(
        default_factory=dict,
        description="names such as w5, by the address of a weight, bias or out",
    )


Named = Annotated[
    ConventionsRequest | None,
    Field(description="names and signs of a sheet; default: those of the deck"),
]


class NetworkSettings(BaseModel):
    """What a network is besides its numbers."""

    layers: Layers
    activations: Activations = Field(default_factory=list)
    error: ErrorName = "half_squared"
    bias: Bias = "shared"
    optimiser: OptimiserName = "gradient_descent"
    update: Update = "each"


class NewNetwork(NetworkSettings, Body):
    """A network with all its numbers."""

    weights: Weights[Number]
    biases: Biases[Number] = Field(default_factory=list)
    conventions: Named = None


class FromPreset(Body):
    """Start from a preset."""

    model_config = example(preset="deck")

    preset: Annotated[str, Field(max_length=100, description="a name from /api/presets")]


class FromSeed(NetworkSettings, Hyperparameters):
    """Start from random numbers, which depend only on the seed."""

    model_config = example(layers=[3, 4, 2], seed=7)

    seed: Seed
    init: Init = INITS[0]
    shuffle: Shuffle = None


FromExercise = Annotated[N, Field(description="of POST /api/exercise; not used here")]


class FromNetwork(Hyperparameters):
    """Start from your own network."""

    model_config = example(
        network={"layers": [2, 1], "weights": [[[0.5], [-0.25]]], "biases": [[0.1]]},
        examples=[{"inputs": [1, 0.5], "targets": [1]}],
        learning_rate=0.5,
    )

    network: NewNetwork
    examples: Examples
    learning_rate: LearningRate
    shuffle: Shuffle = None
    # An answer of POST /api/exercise is such a body.
    assumed: FromExercise[list[Any]] = Field(default_factory=list, exclude=True)
    unread: FromExercise[list[Any]] = Field(default_factory=list, exclude=True)
    choices: FromExercise[list[Any]] = Field(default_factory=list, exclude=True)
    sheet: FromExercise[dict[str, Any]] = Field(default_factory=dict, exclude=True)


class Move(Body):
    """How far to go; by default, one step of a whole layer."""

    model_config = example(by="unit", count=3)

    by: Literal["unit", "layer", "phase"] = Field(
        default="layer", description="one number, one kind of a whole layer, or a whole pass"
    )
    count: Annotated[int, Field(description="number of steps"), Whole(1, MOST_STEPS)] = 1


class Training(Body):
    model_config = example(iterations=1000, below=0.01)

    iterations: Annotated[int, Whole(1, MOST_ITERATIONS)]
    below: Annotated[
        float | None,
        Field(
            strict=True,
            allow_inf_nan=False,
            gt=0,
            le=LARGEST,
            description="stop when E, averaged over a pass through all examples, is smaller",
        ),
        error_message("must be a finite number greater than 0 and at most 1,000,000, or null"),
    ] = None


class EditRequest(Hyperparameters):
    """The fields to change. The others stay, and so does every weight and bias that has a place in
    the altered network.

    Units are added and removed at the end of a layer, hidden layers before the outputs. A weight
    keeps its value if the layers that it joins are still next to each other. A shared bias becomes
    that of each unit; of the biases of units, the first becomes the shared one. New weights and biases
    are those that a new network of this shape would have with `seed` and `init`, unless `weights`
    and `biases` are given. Another optimiser starts with nothing kept. Nothing else is adapted: what
    a change forces, such as the activation of the outputs or the examples, belongs in the same
    request, and is refused without it, by its field.
    """

    model_config = example(layers=[3, 5, 2], bias="per_unit", seed=7)

    weights: Weights[Number] = Field(default_factory=list)
    biases: Biases[Number] = Field(default_factory=list)
    examples: Examples = Field(default_factory=list)
    learning_rate: LearningRate = Field(default_factory=float)
    layers: Layers = Field(default_factory=list)
    activations: Activations = Field(default_factory=list)
    error: ErrorName = Field(default_factory=lambda: "half_squared")
    bias: Bias = Field(default_factory=lambda: "shared")
    optimiser: OptimiserName = Field(default_factory=lambda: "gradient_descent")
    update: Update = Field(default_factory=lambda: "each")
    conventions: Named = None
    shuffle: Shuffle = None
    seed: NewSeed = 0
    init: Init = INITS[0]
    name: Name = Field(default_factory=str)
