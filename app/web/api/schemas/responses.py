"""What the API answers, for its OpenAPI document; `state` writes it, and tests compare the two."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.web.api.schemas.requests import Activation, Bias, ErrorFunction, Optimiser, Update

Number = Annotated[
    float | Literal["NaN", "Infinity", "-Infinity"],
    Field(description="a string where training has diverged: JSON has no such numbers"),
]
Known = Annotated[Number | None, Field(description="null until this iteration has computed it")]
Phase = Literal["forward", "backward", "update"]
Index = Annotated[int, Field(ge=0)]


class Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NetworkResponse(Answer):
    """Units per layer and the numbers between them, as they are at this moment."""

    layers: list[int]
    activations: list[Activation]
    error: ErrorFunction
    bias: Bias
    optimiser: Optimiser = Field(
        default="gradient_descent", description="only where it is another than gradient descent"
    )
    update: Update = Field(
        default="each", description="only where it comes after all examples, not after each"
    )
    weights: list[list[list[Number]]] = Field(
        description="weights[l][i][j] leads from unit i of layer l to unit j of layer l+1"
    )
    biases: list[list[Number]] = Field(description="per layer one if shared, else one a unit")


class ExampleResponse(Answer):
    """What goes in and what should come out."""

    inputs: list[float]
    targets: list[float]


class Velocities(Answer):
    """Numbers beside the parameters as they are at this moment, nested as the network's weights and biases."""

    weights: list[list[list[Number]]]
    biases: list[list[Number]]


class ValuesResponse(Answer):
    """What this iteration has computed. The lists leave the input layer out."""

    net: list[list[Known]]
    out: list[list[Known]]
    output_errors: list[Known]
    error: Known
    delta: list[list[Known]]
    weight_gradients: list[list[list[Known]]]
    bias_gradients: list[list[Known]]


class Operand(Answer):
    """A number that a step reads, and its address."""

    symbol: str
    value: Known
    at: str


class StepResponse(Answer):
    """One calculation."""

    phase: Phase
    kind: str
    layer: Index
    unit: Index | None
    symbol: str
    value: Known
    operands: list[Operand]
    at: str = Field(description="the address of what it computes")


class IndexedStep(StepResponse):
    """One calculation and its place in the iteration."""

    index: Index


class State(Answer):
    """Where a session stands."""

    id: str
    version: int = Field(ge=1, description="counts the changes; the ETag")
    network: NetworkResponse
    examples: list[ExampleResponse]
    example: Index = Field(description="which example this iteration uses")
    learning_rate: float
    iteration: Index
    cursor: Index = Field(description="how many steps of this iteration have been taken")
    steps: int = Field(description="how many steps an iteration has")
    phase: Phase = Field(description="that of the next step")
    values: ValuesResponse
    step: StepResponse | None = Field(description="the step taken last in this iteration")
    previous_error: Number | None = Field(description="E of the last finished iteration")
    momentum: float = Field(default=0.9, description="only with the optimiser momentum")
    velocities: Velocities = Field(
        default_factory=lambda: Velocities(weights=[], biases=[]),
        description="only with the optimiser momentum",
    )
    gathered: Velocities = Field(
        default_factory=lambda: Velocities(weights=[], biases=[]),
        description="the sums of gradients of this pass so far; only with another update than each",
    )
    shuffle: int | None = Field(default=None, description="the seed, where examples are shuffled")


class Created(Answer):
    """A session, and the key that it is reached with. The key is shown only here."""

    id: str
    key: str
    state: State


class Steps(Answer):
    """The steps of this iteration, in order."""

    steps: list[IndexedStep]


class Errors(Answer):
    """E by iteration."""

    # Not a tuple: many readers of OpenAPI 3.1 do not know its prefixItems yet.
    points: list[Annotated[list[Number], Field(min_length=2, max_length=2)]] = Field(
        description="pairs of an iteration and its E"
    )


class PresetResponse(Answer):
    """A named example."""

    name: str
    title: str
    summary: str
    source: str
    network: NetworkResponse
    examples: list[ExampleResponse]
    learning_rate: float


class Presets(Answer):
    """The named examples."""

    presets: list[PresetResponse]


class Health(Answer):
    status: Literal["ok"]


class FieldErrorResponse(Answer):
    """What is wrong with one field."""

    field: str = Field(description="dotted: network.weights.0.2.1")
    message: str


class ProblemResponse(Answer):
    """Why a request was refused (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldErrorResponse] = Field(
        default_factory=list, description="the fields at fault, if fields are"
    )


class QuantityResponse(Answer):
    """A number that a formula reads: weights and biases as the iteration started with them."""

    symbol: str
    value: Known
    address: str


class ComingStep(Answer):
    """The step that a quantity waits for."""

    index: Index
    phase: Phase
    kind: str
    layer: Index
    unit: Index | None
    symbol: str
    at: str


class Derivation(Answer):
    """Where a number comes from. What is given, and not computed, has no formula."""

    address: str
    symbol: str
    value: Known
    slide: int | None = Field(description="of the deck")
    formula: str | None = Field(description="LaTeX, in the deck's notation")
    substitution: str | None = Field(
        description="LaTeX of the right-hand side with all digits; null while an operand is unknown"
    )
    numpy: str | None = Field(description="the line that computes it for its whole layer")
    operands: list[QuantityResponse]
    known_after: ComingStep | None = Field(description="null once it is known")
