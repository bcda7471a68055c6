"""What the API takes. Strict: no strings or booleans for numbers, no fields that it does not know.

Each limit is said whole, whichever side of it was missed.
"""

from typing import Annotated, Any, Literal

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
from app.web.http.problems import REFUSED

MOST_STEPS = 10_000


def error_message(text: str, **varying: object) -> WrapValidator:
    """Says this of a value that is refused; what lies deeper in it speaks for itself.

    What the page shows is marked as a text to be translated: the fields of a session.json.
    """

    def validate(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        try:
            return handler(value)
        except ValidationError as error:
            if any(problem["loc"] for problem in error.errors(include_url=False)):
                raise
            message = text % varying if varying else text
            context = {"message": message, "text": text, "varying": varying}
            raise PydanticCustomError(REFUSED, "{message}", context) from None

    return WrapValidator(validate)


def _whole(value: Any) -> Any:
    """2.0 is an integer in JSON, which has numbers of one kind only."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


WHOLE = BeforeValidator(_whole)
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
    int, Field(strict=True, ge=1, le=8), WHOLE, error_message(N_("must be an integer from 1 to 8"))
]
Layers = Annotated[
    list[Units],
    Field(min_length=2, max_length=5, description="units per layer, the inputs first"),
    error_message(N_("must be a list of 2 to 5 layers")),
]
Activation = Annotated[
    Literal["sigmoid", "tanh", "relu", "identity", "softmax"],
    Field(description="softmax of the outputs alone, with cross_entropy"),
]
ErrorFunction = Annotated[
    Literal["half_squared", "mean_squared", "binary_cross_entropy", "cross_entropy"],
    Field(
        description="binary_cross_entropy goes with sigmoid outputs, and targets from 0 to 1; "
        "cross_entropy with softmax outputs, and targets that add up to 1"
    ),
]
Activations = Annotated[
    list[Activation],
    Field(min_length=1, max_length=4, description="one per layer after the inputs"),
    error_message(N_("must be a list of 1 to 4 activations")),
]
Bias = Annotated[
    Literal["shared", "per_unit", "none"],
    Field(description="one number a layer, one a unit, or none"),
]
Init = Annotated[
    Literal["uniform", "xavier", "equal", "zeros"],
    Field(
        description="how the weights begin: even in −1 … 1, by Xavier’s formula, all 0.5, or all 0"
    ),
]
Row = Annotated[
    list[Number], Field(max_length=8), error_message(N_("must be a list of at most 8 numbers"))
]
Weights = Annotated[
    list[
        Annotated[
            list[Row], Field(max_length=8), error_message(N_("must be a list of at most 8 rows"))
        ]
    ],
    Field(max_length=4, description="weights[l][i][j] leads from unit i of layer l to unit j"),
    error_message(N_("must be a list of at most 4 matrices")),
]
Biases = Annotated[
    list[Row],
    Field(max_length=4, description="per layer one number if shared, else one a unit; or empty"),
    error_message(N_("must be a list of at most 4 layers")),
]


Optimiser = Annotated[
    Literal["gradient_descent", "momentum"],
    Field(description="with momentum, v = momentum · v + gradient, and w = w - learning_rate · v"),
]
Momentum = Annotated[
    float,
    Field(strict=True, allow_inf_nan=False, ge=0, lt=1),
    error_message(N_("must be a number from 0 to less than 1")),
]
Update = Annotated[
    Literal["each", "mean", "sum"],
    Field(
        description="when parameters move: after each example, or after all of them, by the mean or "
        "the sum of their gradients"
    ),
]
Seed = Annotated[
    int,
    Field(strict=True, ge=0, le=LARGEST_SEED),
    WHOLE,
    error_message(N_("must be an integer from 0 to 9,007,199,254,740,991")),
]
Shuffle = Annotated[
    Seed | None,
    Field(
        description="a seed: each pass takes the examples in an order of its own; null: as given"
    ),
]
IF_NOT_GIVEN = "sigmoid if not given, and softmax of the outputs with cross_entropy"


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NewExample(Body):
    """What goes in and what should come out."""

    inputs: Annotated[
        list[Number], Field(min_length=1, max_length=8), error_message(N_("must be 1 to 8 numbers"))
    ]
    targets: Annotated[
        list[Number], Field(min_length=1, max_length=8), error_message(N_("must be 1 to 8 numbers"))
    ]


Examples = Annotated[
    list[NewExample],
    Field(min_length=1, max_length=MOST_EXAMPLES),
    error_message(N_("must be a list of 1 to 64 examples")),
]


class NewNetwork(Body):
    """A network given number by number."""

    layers: Layers
    activations: Activations = Field(default_factory=list, description=IF_NOT_GIVEN)
    error: ErrorFunction = "half_squared"
    bias: Bias = "shared"
    optimiser: Optimiser = "gradient_descent"
    update: Update = "each"
    weights: Weights
    biases: Biases = Field(default_factory=list)


class FromPreset(Body):
    """Begin with a named example."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"preset": "deck"}]})

    preset: Annotated[str, Field(max_length=100, description="a name of /api/presets")]


class FromSeed(Body):
    """Begin with random numbers, the same for the same seed."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"layers": [3, 4, 2], "seed": 7}]})

    layers: Layers
    seed: Seed
    activations: Activations = Field(default_factory=list, description=IF_NOT_GIVEN)
    error: ErrorFunction = "half_squared"
    bias: Bias = "shared"
    init: Init = "uniform"
    optimiser: Optimiser = "gradient_descent"
    update: Update = "each"
    shuffle: Shuffle = None


class FromNetwork(Body):
    """Begin with a network of your own."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "network": {
                        "layers": [2, 1],
                        "weights": [[[0.5], [-0.25]]],
                        "biases": [[0.1]],
                    },
                    "examples": [{"inputs": [1, 0.5], "targets": [1]}],
                    "learning_rate": 0.5,
                }
            ]
        }
    )

    network: NewNetwork
    examples: Examples
    learning_rate: LearningRate
    momentum: Momentum = Field(default_factory=lambda: 0.9, description="with that optimiser only")
    shuffle: Shuffle = None


FORMS = {
    "form:preset": frozenset(("preset",)),
    "form:seed": frozenset(("layers", "seed")),
    "form:network": frozenset(("network", "examples", "learning_rate")),
}


class Move(Body):
    """How far to go; one layer's calculation if not said."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"by": "unit", "count": 3}]})

    by: Literal["unit", "layer", "phase"] = Field(
        default="layer", description="one number, one kind for a whole layer, or a whole pass"
    )
    count: Annotated[
        int,
        Field(strict=True, ge=1, le=MOST_STEPS, description="how many"),
        WHOLE,
        error_message("must be an integer from 1 to 10,000"),
    ] = 1


class Training(Body):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"iterations": 1000}, {"iterations": 5000, "below": 0.01}]}
    )

    iterations: Annotated[
        int,
        Field(strict=True, ge=1, le=MOST_ITERATIONS),
        WHOLE,
        error_message("must be an integer from 1 to 100,000"),
    ]
    below: Annotated[
        float | None,
        Field(
            strict=True,
            allow_inf_nan=False,
            gt=0,
            le=LARGEST,
            description="stop once E, as the mean over a pass through all examples, is smaller",
        ),
        error_message("must be a finite number above 0, at most 1,000,000, or null"),
    ] = None


class EditRequest(Body):
    """What to change; what is not given stays. The layers and the kind of bias are for good."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"learning_rate": 0.1}]})

    # Defaults by factory: they are never looked at, and null is not a value of these.
    weights: Weights = Field(default_factory=list)
    biases: Biases = Field(default_factory=list)
    examples: Examples = Field(default_factory=list)
    learning_rate: LearningRate = Field(default_factory=float)
    activations: Activations = Field(default_factory=list)
    momentum: Momentum = Field(default_factory=float)
    update: Update = Field(default_factory=lambda: "each")
    shuffle: Shuffle = None
