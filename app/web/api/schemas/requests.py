"""The request bodies of the API.

They are strict: numbers are neither strings nor booleans, and unknown fields are errors. Each error
message states both limits.
"""

from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

from app.backprop.errors import N_
from app.backprop.network import LARGEST, MOST_EXAMPLES
from app.simulation.iteration import LARGEST_SEED
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


INTEGER = BeforeValidator(_to_integer)
Number = Annotated[
    float,
    Field(strict=True, allow_inf_nan=False, ge=-LARGEST, le=LARGEST),
    error_message(N_("must be a finite number from -1,000,000 to 1,000,000")),
]
LearningRate = Annotated[
    float,
    Field(strict=True, allow_inf_nan=False, ge=0, le=LARGEST),
    error_message(N_("must be a finite number from 0 to 1,000,000")),
]
Units = Annotated[
    int,
    Field(strict=True, ge=1, le=8),
    INTEGER,
    error_message(N_("must be an integer from 1 to 8")),
]
Layers = Annotated[
    list[Units],
    Field(min_length=2, max_length=5, description="units per layer, from the input layer"),
    error_message(N_("must be a list of 2 to 5 layers")),
]
Activation = Annotated[
    Literal["sigmoid", "tanh", "relu", "identity", "softmax"],
    Field(description="softmax for the output layer only, with cross_entropy"),
]
ErrorFunction = Annotated[
    Literal["half_squared", "mean_squared", "binary_cross_entropy", "cross_entropy"],
    Field(
        description="binary_cross_entropy needs sigmoid outputs and targets from 0 to 1; "
        "cross_entropy needs softmax outputs and targets that sum to 1"
    ),
]
Activations = Annotated[
    list[Activation],
    Field(min_length=1, max_length=4, description="one per layer after the input layer"),
    error_message(N_("must be a list of 1 to 4 activations")),
]
Bias = Annotated[
    Literal["shared", "per_unit", "none"],
    Field(description="one number per layer, one per unit, or none"),
]
Init = Annotated[
    Literal["uniform", "xavier", "equal", "zeros"],
    Field(description="initial weights: uniform from −1 to 1, Xavier, all 0.5, or all 0"),
]
N = TypeVar("N")
Row = Annotated[
    list[N], Field(max_length=8), error_message(N_("must be a list of at most 8 numbers"))
]
Rows = Annotated[
    list[Row[N]], Field(max_length=8), error_message(N_("must be a list of at most 8 rows"))
]
Weights = Annotated[
    list[Rows[N]],
    Field(max_length=4, description="weights[l][i][j] connects unit i of layer l to unit j"),
    error_message(N_("must be a list of at most 4 matrices")),
]
Biases = Annotated[
    list[Row[N]],
    Field(max_length=4, description="per layer one number if shared, else one per unit"),
    error_message(N_("must be a list of at most 4 layers")),
]
Optimiser = Annotated[
    Literal["gradient_descent", "momentum"],
    Field(description="momentum: v = momentum · v + gradient, w = w - learning_rate · v"),
]
Momentum = Annotated[
    float,
    Field(strict=True, allow_inf_nan=False, ge=0, lt=1),
    error_message(N_("must be at least 0 and less than 1")),
]
Update = Annotated[
    Literal["each", "mean", "sum"],
    Field(
        description="when parameters are updated: after each example, or after all of them by the "
        "mean or the sum of their gradients"
    ),
]
Seed = Annotated[
    int,
    Field(strict=True, ge=0, le=LARGEST_SEED),
    INTEGER,
    error_message(N_("must be an integer from 0 to 9,007,199,254,740,991")),
]
Shuffle = Annotated[
    Seed | None,
    Field(description="a seed to shuffle the examples in each pass; null: in the given order"),
]
ONLY_MOMENTUM = "only with the optimiser momentum"
ACTIVATIONS_DEFAULT = "default: sigmoid, or softmax for the output layer with cross_entropy"


def example(**body: Any) -> ConfigDict:
    """Return the configuration of a model with an example."""
    return ConfigDict(json_schema_extra={"examples": [body]})


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Numbers = Annotated[
    list[Number],
    Field(min_length=1, max_length=8),
    error_message(N_("must be a list of 1 to 8 numbers")),
]


class NewExample(Body):
    """The inputs and targets of an example."""

    inputs: Numbers
    targets: Numbers


Examples = Annotated[
    list[NewExample],
    Field(min_length=1, max_length=MOST_EXAMPLES),
    error_message(N_("must be a list of 1 to 64 examples")),
]


class NewNetwork(Body):
    """A network with all its numbers."""

    layers: Layers
    activations: Activations = Field(default_factory=list, description=ACTIVATIONS_DEFAULT)
    error: ErrorFunction = "half_squared"
    bias: Bias = "shared"
    optimiser: Optimiser = "gradient_descent"
    update: Update = "each"
    weights: Weights[Number]
    biases: Biases[Number] = Field(default_factory=list)


class FromPreset(Body):
    """Start from a preset."""

    model_config = example(preset="deck")

    preset: Annotated[str, Field(max_length=100, description="a name from /api/presets")]


class FromSeed(Body):
    """Start from random numbers, which depend only on the seed."""

    model_config = example(layers=[3, 4, 2], seed=7)

    layers: Layers
    seed: Seed
    activations: Activations = Field(default_factory=list, description=ACTIVATIONS_DEFAULT)
    error: ErrorFunction = "half_squared"
    bias: Bias = "shared"
    init: Init = "uniform"
    optimiser: Optimiser = "gradient_descent"
    update: Update = "each"
    shuffle: Shuffle = None


class FromNetwork(Body):
    """Start from your own network."""

    model_config = example(
        network={"layers": [2, 1], "weights": [[[0.5], [-0.25]]], "biases": [[0.1]]},
        examples=[{"inputs": [1, 0.5], "targets": [1]}],
        learning_rate=0.5,
    )

    network: NewNetwork
    examples: Examples
    learning_rate: LearningRate
    momentum: Momentum = Field(default_factory=lambda: 0.9, description=ONLY_MOMENTUM)
    shuffle: Shuffle = None


class Move(Body):
    """How far to go; by default, one step of a whole layer."""

    model_config = example(by="unit", count=3)

    by: Literal["unit", "layer", "phase"] = Field(
        default="layer", description="one number, one kind of a whole layer, or a whole pass"
    )
    count: Annotated[
        int,
        Field(strict=True, ge=1, le=MOST_STEPS, description="number of steps"),
        INTEGER,
        error_message("must be an integer from 1 to 10,000"),
    ] = 1


class Training(Body):
    model_config = example(iterations=1000, below=0.01)

    iterations: Annotated[
        int,
        Field(strict=True, ge=1, le=MOST_ITERATIONS),
        INTEGER,
        error_message("must be an integer from 1 to 100,000"),
    ]
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


class EditRequest(Body):
    """The fields to change. The layers and the kind of bias cannot be changed."""

    model_config = example(learning_rate=0.1)

    # The defaults are never used. Factories keep them out of the schema, and null is not allowed.
    weights: Weights[Number] = Field(default_factory=list)
    biases: Biases[Number] = Field(default_factory=list)
    examples: Examples = Field(default_factory=list)
    learning_rate: LearningRate = Field(default_factory=float)
    activations: Activations = Field(default_factory=list)
    momentum: Momentum = Field(default_factory=float)
    update: Update = Field(default_factory=lambda: "each")
    shuffle: Shuffle = None
