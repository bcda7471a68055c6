"""The responses of the API, for its OpenAPI document.

`serialize` produces them, and the tests validate them against these models.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.analysis.misconceptions import MISCONCEPTIONS
from app.web.api.schemas.requests import Biases, Named, NetworkSettings, Weights, state_fields

Number = Annotated[
    float | Literal["NaN", "Infinity", "-Infinity"],
    Field(description="a string if training has diverged, as JSON has no such numbers"),
]
Known = Annotated[Number | None, Field(description="null until this iteration computes it")]
Unrounded = Annotated[Number | None, Field(description="with `rounding`, the value without it")]
RoundingResponse = Annotated[str | None, Field(description="the rounding of the numbers")]
# Not tuples: many OpenAPI 3.1 tools do not support their prefixItems yet.
Points = list[Annotated[list[Number], Field(min_length=2, max_length=2)]]
Phase = Literal["forward", "backward", "update"]
Index = Annotated[int, Field(ge=0)]


class Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ParameterNumbers(Answer):
    """A number for each parameter, such as its velocity."""

    weights: Weights[Number]
    biases: Biases[Number]


class MistakeResponse(Answer):
    """A wrong procedure that gives the number."""

    kind: str = Field(
        description=f"one of {', '.join([each.name for each in MISCONCEPTIONS])}, cut, rounded"
    )
    sentence: str = Field(description="what was done and what to do instead")
    address: str = Field(description="the quantity whose calculation went wrong")


class NetworkResponse(NetworkSettings, ParameterNumbers):
    """The network with its current numbers."""

    conventions: Named = None


class ExampleResponse(Answer):
    """The inputs and targets of an example."""

    inputs: list[float]
    targets: list[float]


class ValuesResponse(Answer):
    """The values that this iteration has computed. The lists omit the input layer."""

    net: list[list[Known]]
    out: list[list[Known]]
    output_errors: list[Known]
    error: Known
    delta: list[list[Known]]
    weight_gradients: list[list[list[Known]]]
    bias_gradients: list[list[Known]]


class StepOperand(Answer):
    """An operand of a step: a number and its address."""

    symbol: str
    value: Known
    at: str


class StepFields(Answer):
    phase: Phase
    kind: str
    layer: Index
    unit: Index | None
    symbol: str
    at: str = Field(description="the address of the result")


class StepResponse(StepFields):
    """A step: one calculation."""

    value: Known
    operands: list[StepOperand]
    unrounded: Unrounded = None


class IndexedStep(StepResponse):
    """A step with its index in the iteration."""

    index: Index


class ShownState(state_fields(ParameterNumbers)):  # type: ignore[misc]
    """The state of a session, as anyone may see it."""

    version: int = Field(ge=1, description="the number of changes + 1; the ETag")
    network: NetworkResponse
    examples: list[ExampleResponse]
    example: Index = Field(description="the index of the example that this iteration uses")
    learning_rate: float
    iteration: Index
    cursor: Index = Field(description="the number of steps taken in this iteration")
    steps: int = Field(description="the number of steps of this iteration")
    phase: Phase = Field(description="the phase of the next step")
    values: ValuesResponse
    step: StepResponse | None = Field(description="the last step taken in this iteration")
    previous_error: Number | None = Field(description="E of the last finished iteration")
    name: str = Field(description="what the network is called; empty if it has no name")
    shuffle: int | None = Field(default=None, description="the seed, if examples are shuffled")
    rounding: RoundingResponse = None


class State(ShownState):
    """The state of a session."""

    id: str


class Created(Answer):
    """A new session and its key, which no other response contains."""

    id: str
    key: str
    state: State


class Steps(Answer):
    """The steps of this iteration, in order."""

    steps: list[IndexedStep]
    rounding: RoundingResponse = None


class Errors(Answer):
    """E by iteration."""

    points: Points = Field(description="pairs of an iteration and its E")


class PresetResponse(Answer):
    """A preset."""

    name: str
    title: str
    summary: str
    source: str
    network: NetworkResponse
    examples: list[ExampleResponse]
    learning_rate: float


class Presets(Answer):
    """The presets."""

    presets: list[PresetResponse]


class Health(Answer):
    status: Literal["ok"]


class FieldErrorResponse(Answer):
    """An error of one field."""

    field: str = Field(description="dotted: network.weights.0.2.1")
    message: str
    line: int | None = Field(default=None, ge=1, description="only of an error in a text")
    column: int | None = Field(default=None, ge=1, description="the character of that line")


class ProblemResponse(Answer):
    """Why a request failed (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldErrorResponse] = Field(
        default_factory=list, description="the errors of single fields"
    )


class QuantityResponse(Answer):
    """An operand of a formula. Weights and biases are those at the start of the iteration."""

    symbol: str
    value: Known
    address: str


class ComingStep(StepFields):
    """The step that will compute a quantity."""

    index: Index


class Derivation(Answer):
    """The derivation of a quantity. An input, which is not computed, has no formula."""

    address: str
    symbol: str
    value: Known
    slide: int | None = Field(description="the number of the slide in the deck")
    formula: str | None = Field(description="LaTeX, in the deck's notation")
    substitution: str | None = Field(
        description="LaTeX, the right-hand side with numbers; null while an operand is unknown"
    )
    numpy: str | None = Field(description="the line of NumPy that computes its whole layer")
    operands: list[QuantityResponse]
    known_after: ComingStep | None = Field(description="null once the quantity is known")
    rounding: RoundingResponse = None
    unrounded: Unrounded = None
