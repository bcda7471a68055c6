"""Networks that a URL describes.

`/?layers=3-8-2&activations=tanh,sigmoid&bias=per_unit&init=xavier&seed=7` describes all of it. The
builder's form has a field for each layer and sends empty ones for layers that do not exist.
"""

from collections.abc import Mapping, Sequence

from starlette.datastructures import QueryParams

from app.backprop.errors import N_, Invalid
from app.backprop.functions import ERRORS
from app.backprop.network import LARGEST, OPTIMISERS, Example, Shape, check_examples
from app.examples.random_network import INITS, random_simulation
from app.simulation.simulation import Simulation
from app.view.panels.network_builder import LONGEST, examples_text
from app.view.rendering.numbers import digits, parse

MOST_DIGITS = 9
FIELDS = (
    *("layers", "seed", "activations", "error", "optimiser", "bias", "init"),
    *("learning_rate", "examples"),
)


Query = Mapping[str, str]


def network_fields(query: Query) -> dict[str, str]:
    """Return the fields of a query that describe a network, those of several layers joined."""
    if not isinstance(query, QueryParams):
        return {name: query[name] for name in FIELDS if name in query}
    asked = {name: query[name] for name in FIELDS if name in query}
    layers, activations = query.getlist("layers"), query.getlist("activations")
    if len(layers) > 1:
        sizes = [size.strip() for size in layers]
        if len(activations) == len(sizes) - 1:
            pairs = zip(sizes[1:], activations, strict=True)
            asked["activations"] = ",".join(name for size, name in pairs if size)
        asked["layers"] = "-".join(size for size in sizes if size)
    return asked


def build_network(query: Query) -> tuple[dict[str, str], Simulation]:
    """Return the fields that describe a network in a URL, and the simulation of it.

    It has the given examples if they fit, else one example of random numbers.

    Raises:
        Invalid: naming the field.
    """
    asked = {"layers": "3-4-2", "seed": "0"} | network_fields(query)
    if not is_number(asked["seed"]):
        raise Invalid(
            "seed", N_("must be a whole number of at most %(most)s digits"), most=MOST_DIGITS
        )
    sizes = asked["layers"].split("-")
    if not all(is_number(size) for size in sizes):
        raise Invalid("layers", N_("Enter the units of each layer, such as 3-4-2."))
    layers = [int(size) for size in sizes]
    names, error = _activations(asked.get("activations", ""), len(layers) - 1), asked.get("error")
    only = ERRORS[error].activation if error in ERRORS else None
    if names and only:
        names[-1] = only
        asked["activations"] = ",".join(names)
    examples = _examples(asked.pop("examples", ""), layers)
    if examples is not None and error in ERRORS and not _accepts(error, examples):
        examples = None
    simulation = random_simulation(
        layers,
        int(asked["seed"]),
        activations=names,
        error="half_squared" if error is None else error,
        bias=asked.get("bias", "shared"),
        optimiser=asked.get("optimiser", OPTIMISERS[0]),
        init=asked.get("init", INITS[0]),
        examples=examples,
        learning_rate=_learning_rate(asked.get("learning_rate", "0.5")),
    )
    if examples is not None:
        asked["examples"] = examples_text(examples)
    return asked, simulation


def is_number(text: str) -> bool:
    return digits(text, MOST_DIGITS) is not None


def _activations(text: str, count: int) -> list[str] | None:
    """Return the names of the activations; a single one is for all layers."""
    names = text.split(",") if text else []
    return names * count if len(names) == 1 else names or None


def _learning_rate(text: str) -> float:
    try:
        value = parse(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= LARGEST:
        message = N_("must be a number from %(low)s to %(high)s")
        raise Invalid("learning_rate", message, low=0, high=f"{LARGEST:,.0f}")
    return value


def _accepts(error: str, examples: Sequence[Example]) -> bool:
    """Return whether an error function accepts the targets."""
    shape = Shape((len(examples[0].inputs), len(examples[0].targets)), (ERRORS[error].activation or "sigmoid",), error)  # fmt: skip
    try:
        check_examples(shape, examples)
    except Invalid:
        return False
    return True


def _examples(text: str, layers: Sequence[int]) -> list[Example] | None:
    """Return the examples in a text, None if their sizes do not fit the network."""
    if not text or len(text) > LONGEST:
        return None
    try:
        rows = [[parse(number) for number in row.split(",")] for row in text.split("_")]
    except ValueError:
        raise Invalid(
            "examples", N_("Give each example as a row of numbers, such as 0,1,1_1,1,0.")
        ) from None
    if any(abs(number) > LARGEST for row in rows for number in row):
        raise Invalid("examples", N_("must be a number from %(low)s to %(high)s"), low=f"{-LARGEST:,.0f}", high=f"{LARGEST:,.0f}")  # fmt: skip
    inputs, targets = layers[0], layers[-1]
    if any(len(row) != inputs + targets for row in rows):
        return None
    return [Example(tuple(row[:inputs]), tuple(row[inputs:])) for row in rows]
