"""What a text says, as facts with their places: not yet a network."""

from dataclasses import dataclass, field

from app.exercises.lexing.sheet_names import SheetName
from app.exercises.lexing.sources import Span
from app.exercises.reading.number_arrays import Array

# Kinds of `Datum`. A `GAP` ends what belongs to one example.
INPUT, TARGET, CLASS, GAP = "input", "target", "class", "gap"


@dataclass(frozen=True, slots=True)
class Given:
    """A weight, a bias or several of them.

    Attributes:
        edge: the units that a weight joins, if an arrow says so.
        group: how many times “into …” stood before it.
        of_program: whether it is a parameter of PyTorch, whose rows are the units that it leads to.
        is_threshold: whether it was called one.
    """

    name: SheetName
    array: Array
    start: int
    edge: tuple[str, str] | None = None
    group: int = 0
    of_program: bool = False
    is_threshold: bool = False


@dataclass(frozen=True, slots=True)
class Datum:
    """An input or a target of an example, or several of them."""

    kind: str
    start: int
    name: SheetName | None = None
    array: Array | None = None
    number: int = 0  # of a class, from 1, or as it stands there
    is_ordinal: bool = False  # whether it is “third” and not 3


@dataclass(frozen=True, slots=True)
class SaidNumber:
    """A number such as the learning rate."""

    value: float
    start: int
    symbol: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """A word of the text that stands for something of the network."""

    value: str
    start: int


@dataclass(frozen=True, slots=True)
class ActivationSaid:
    """An activation, and the layers that it is for: input, hidden, hidden1, layer1, output, all."""

    name: str
    roles: tuple[str, ...]
    start: int


@dataclass(frozen=True, slots=True)
class Into:
    """“into two ReLU units”: the end of what is said about a layer."""

    units: int | None
    activation: str | None
    start: int


@dataclass(frozen=True, slots=True)
class Module:
    """A layer of `nn.Sequential`: the sizes of a linear one, or the name of an activation."""

    sizes: tuple[int, int] | None
    activation: str
    start: int


@dataclass(frozen=True, slots=True)
class RowsSaid:
    """What the rows or the columns of a matrix are: of the one before, by its index, if there is one."""

    of: str  # rows or columns
    role: str  # input, hidden, output, source, target
    matrix: int
    start: int


@dataclass(slots=True)
class Sheet:
    """All facts of a text, in its order."""

    weights: list[Given] = field(default_factory=list)
    biases: list[Given] = field(default_factory=list)
    all_weights: SaidNumber | None = None
    all_biases: SaidNumber | None = None
    no_bias: Said | None = None
    data: list[Datum] = field(default_factory=list)
    settings: dict[str, SaidNumber] = field(default_factory=dict)
    letters: dict[str, SaidNumber] = field(default_factory=dict)  # α, ε, …: what they are is open
    sizes: tuple[tuple[int, ...], int] | None = None  # of all layers, and where they stand
    counts: dict[str, list[SaidNumber]] = field(default_factory=dict)
    units: dict[str, list[str]] = field(default_factory=dict)  # their names, by role
    activations: list[ActivationSaid] = field(default_factory=list)
    intos: list[Into] = field(default_factory=list)
    modules: list[Module] = field(default_factory=list)
    errors: list[Said] = field(default_factory=list)
    optimisers: list[Said] = field(default_factory=list)
    updates: list[Said] = field(default_factory=list)
    bias_input: float | None = None  # the input that thresholds are weights from
    # Which part of each matrix has the biases: rows or columns, and whether it is the last.
    bias_rows: tuple[str, bool] | None = None
    rows: list[RowsSaid] = field(default_factory=list)
    conventions: list[Said] = field(default_factory=list)
    unread: list[Span] = field(default_factory=list)
    has_decimal_commas: bool | None = None
