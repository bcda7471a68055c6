"""Random simulations, and walks through them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import nan
from random import Random
from struct import pack
from typing import Any

from hypothesis import strategies as st

from app.backprop.network import Example, Network
from app.simulation.iteration import IN_ORDER
from app.simulation.simulation import Simulation
from tests.support.naive import Iteration, Moment, Naive
from tests.support.oracle_cases import ACTIVATIONS, BIASES, ERRORS, OUTPUTS

BY = ("unit", "layer", "phase")
WILD = (0.0, 1e-6, -1e6, 1e6, 1e308, -1e308)


UPDATES = st.sampled_from(("each", "each", "mean", "sum"))
SEEDS = st.sampled_from((None, None, 1, 2**53 - 1))


@dataclass(frozen=True)
class Setting:
    """All that a simulation begins with."""

    layers: tuple[int, ...]
    activations: tuple[str, ...]
    bias: str
    weights: tuple[list[list[float]], ...]
    biases: list[list[float]]
    examples: tuple[tuple[list[float], list[float]], ...]
    learning_rate: float
    error: str = "half_squared"
    optimiser: str = "gradient_descent"
    update: str = "each"
    shuffle: int | None = None

    def simulation(self) -> Simulation:
        network = Network.of(
            self.layers,
            self.weights,
            self.biases,
            activations=self.activations,
            bias=self.bias,
            error=self.error,
            optimiser=self.optimiser,
            update=self.update,
        )
        examples = as_examples(self.examples)
        return Simulation.of(network, examples, self.learning_rate, shuffle=self.shuffle)

    def naive(self) -> Naive:
        moving = self.optimiser == "momentum"
        still = tuple([[0.0] * len(row) for row in matrix] for matrix in self.weights)
        return Naive(
            Iteration(
                self.layers,
                self.activations,
                self.bias,
                self.weights,
                self.biases,
                self.examples,
                self.learning_rate,
                rule=self.error,
                velocities=still if moving else None,
                bias_velocities=[[0.0] * len(row) for row in self.biases] if moving else None,
                update=self.update,
                shuffle=self.shuffle,
            ).anew()
        )


@dataclass(frozen=True)
class Move:
    """One thing that a visitor does; an edit changes single weights and biases, by their place."""

    name: str
    details: dict[str, Any]

    def of(self, simulation: Simulation) -> Simulation:
        """The simulation after it."""
        if self.name != "edit":
            changed: Simulation = getattr(simulation, self.name)(**self.details)
            return changed
        changes = dict(self.details)
        if "weights" in changes:
            weights = [[list(row) for row in matrix] for matrix in simulation.network.weights]
            changes["weights"] = _with(weights, changes["weights"])
        if "biases" in changes:
            biases = [list(row) for row in simulation.network.biases]
            changes["biases"] = _with(biases, changes["biases"])
        if "examples" in changes:
            changes["examples"] = as_examples(changes["examples"])
        if "momentum" in changes:
            changes["hyperparameters"] = {"momentum": changes.pop("momentum")}
        return simulation.edit(**changes)

    def on(self, naive: Naive) -> None:
        """Does the same to the naive simulation."""
        match self.name:
            case "forward" | "backward" | "update":
                naive.on_to(self.name)
            case "edit":
                now, changes = naive.now.iteration, dict(self.details)
                if "weights" in changes:
                    weights = [[list(row) for row in matrix] for matrix in now.weights]
                    changes["weights"] = tuple(_with(weights, changes["weights"]))
                if "biases" in changes:
                    biases = [list(row) for row in now.biases]
                    changes["biases"] = _with(biases, changes["biases"])
                changes |= changes.pop("hyperparameters", {})
                if changes.get("shuffle") == IN_ORDER:
                    changes["shuffle"] = None
                naive.edit(**changes)
            case name:
                getattr(naive, name)(**self.details)


def as_examples(rows: Sequence[tuple[list[float], list[float]]]) -> list[Example]:
    return [Example(tuple(inputs), tuple(targets)) for inputs, targets in rows]


def _with(nested: Any, places: dict[tuple[int, ...], float]) -> Any:
    for place, value in places.items():
        row = nested
        for index in place[:-1]:
            row = row[index]
        row[place[-1]] = value
    return nested


def numbers(wild: bool) -> st.SearchStrategy[float]:
    """Thousandths, and where it may be wild, what overflows, saturates and underflows."""
    gentle = st.integers(-2000, 2000).map(lambda thousandths: thousandths / 1000)
    return st.one_of(gentle, st.sampled_from(WILD)) if wild else gentle


@st.composite
def settings_of(
    draw: st.DrawFn,
    *,
    largest: int = 4,
    deepest: int = 4,
    wild: bool = False,
    errors: Sequence[str] = ERRORS,
    passes: bool = True,
    most_examples: int = 3,
) -> Setting:
    """Any shape up to a size. The numbers come from a seed, with a few drawn ones among them."""
    sizes = draw(st.lists(st.integers(1, largest), min_size=2, max_size=deepest))
    error = draw(st.sampled_from(errors))
    layers = (*sizes[:-1], 2) if error == "cross_entropy" and sizes[-1] == 1 else tuple(sizes)
    bias = draw(st.sampled_from(BIASES))
    random = Random(draw(st.integers(0, 2**32)))
    drawn = draw(st.lists(numbers(wild), max_size=4))

    def row(length: int) -> list[float]:
        return [
            random.choice(drawn) if drawn and random.random() < 0.2 else random.uniform(-1, 1)
            for _ in range(length)
        ]

    def targets() -> list[float]:
        return fitting(error, row(layers[-1]))

    return Setting(
        layers,
        draw(activations_of(layers, error)),
        bias,
        tuple([row(after) for _ in range(before)] for before, after in pairwise(layers)),
        [] if bias == "none" else [row(1 if bias == "shared" else units) for units in layers[1:]],
        tuple((row(layers[0]), targets()) for _ in range(draw(st.integers(1, most_examples)))),
        draw(st.sampled_from((0.5, 0.1, 1e6) if wild else (0.5, 0.1, 0.03))),
        error,
        draw(st.sampled_from(("gradient_descent", "momentum"))),
        draw(UPDATES) if passes else "each",
        draw(SEEDS) if passes else None,
    )


def activations_of(layers: Sequence[int], error: str) -> st.SearchStrategy[tuple[str, ...]]:
    """Any, but that of the outputs where the error is made for one."""
    names = [st.sampled_from(ACTIVATIONS) for _ in layers[1:]]
    if error in OUTPUTS:
        names[-1] = st.just(OUTPUTS[error])
    return st.tuples(*names)


def fitting(error: str, numbers: list[float]) -> list[float]:
    """Targets that the error can have, made of any numbers: for joint outputs, probabilities."""
    shares = [min(abs(number), 1.0) for number in numbers]
    if error == "cross_entropy":
        total = sum(shares)
        return [share / total for share in shares] if total else [1.0, *[0.0] * (len(shares) - 1)]
    return shares if error == "binary_cross_entropy" else numbers


@st.composite
def edits(draw: st.DrawFn, setting: Setting, wild: bool = False) -> Move:
    """One or several things of a network of that shape, edited at once."""
    value = numbers(wild)
    layer = draw(st.integers(0, len(setting.layers) - 2))
    before, after = setting.layers[layer : layer + 2]
    pair = st.tuples(
        st.lists(value, min_size=setting.layers[0], max_size=setting.layers[0]),
        st.lists(value, min_size=setting.layers[-1], max_size=setting.layers[-1]).map(
            lambda numbers: fitting(setting.error, numbers)
        ),
    )
    place = st.tuples(st.just(layer), st.integers(0, before - 1), st.integers(0, after - 1))
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "weights": st.dictionaries(place, value, min_size=1, max_size=3),
        "examples": st.lists(pair, min_size=1, max_size=3).map(tuple),
        "learning_rate": st.sampled_from((0.5, 0.25, 1e6) if wild else (0.5, 0.25)),
        "activations": activations_of(setting.layers, setting.error),
        "update": UPDATES,
        "shuffle": SEEDS.map(lambda seed: IN_ORDER if seed is None else seed),
    }
    if setting.bias != "none":
        unit = st.integers(0, 0 if setting.bias == "shared" else after - 1)
        kinds["biases"] = st.dictionaries(
            st.tuples(st.just(layer), unit), value, min_size=1, max_size=2
        )
    if setting.optimiser == "momentum":
        values = st.sampled_from((0.0, 0.5, 0.99))
        kinds["hyperparameters"] = st.fixed_dictionaries({"momentum": values})
    names = draw(st.lists(st.sampled_from(sorted(kinds)), min_size=1, max_size=2, unique=True))
    return Move("edit", {name: draw(kinds[name]) for name in names})


@st.composite
def moves(draw: st.DrawFn, setting: Setting, *, wild: bool = False, longest: int = 6) -> Move:
    """Anything that a visitor can do but reset."""
    name = draw(st.sampled_from(("step", "back", "edit", "train", "forward", "backward", "update")))
    if name == "edit":
        return draw(edits(setting, wild))
    if name == "train":
        return Move(name, {"iterations": draw(st.integers(0, longest))})
    if name in ("step", "back"):
        count = draw(st.integers(0, 9))
        return Move(name, {"by": draw(st.sampled_from(BY)), "count": count})
    return Move(name, {})


@st.composite
def walks(
    draw: st.DrawFn, *, length: int = 60, wild: bool = False, longest: int = 6
) -> tuple[Setting, list[Move]]:
    """A setting and as many moves through it."""
    setting = draw(settings_of(wild=wild))
    move = moves(setting, wild=wild, longest=longest)
    return setting, draw(st.lists(move, min_size=length, max_size=length))


def packed(numbers: Sequence[float]) -> bytes:
    """Their bits: equal for nan and nan, whatever its sign; different for 0 and −0."""
    return pack(f"<{len(numbers)}d", *(nan if x != x else x for x in numbers))


def bits(simulation: Simulation) -> dict[str, Any]:
    """All that can be seen of a simulation, numbers by their bits."""
    previous = simulation.previous_error
    return {
        "iteration": simulation.iteration,
        "cursor": simulation.cursor,
        "example": simulation.example,
        "phase": simulation.phase,
        "activations": simulation.network.shape.activations,
        "parameters": packed(simulation.network.parameters),
        "shown": packed(simulation.current_network.parameters),
        "known": packed(simulation.trace()[: simulation.cursor]),
        "examples": [packed(e.inputs + e.targets) for e in simulation.examples],
        "learning_rate": packed([simulation.learning_rate]),
        "inertia": packed(
            [
                *simulation.start.optimiser_state,
                *simulation.start.hyperparameters[-1:] * bool(simulation.start.optimiser_state),
            ]
        ),
        "gathered": packed(simulation.start.accumulated),
        "update": simulation.network.shape.update,
        "previous_error": None if previous is None else packed([previous]),
    }


def naive_bits(moment: Moment) -> dict[str, Any]:
    """The same of a naive one."""
    iteration, cursor, _ = moment
    done = iteration.calculations[:cursor]
    previous = iteration.error if moment.finished else iteration.previous_error
    return {
        "iteration": iteration.number,
        "cursor": cursor,
        "example": iteration.example,
        "phase": "forward" if moment.finished else iteration.calculations[cursor].phase,
        "activations": iteration.activations,
        "parameters": packed(_flat(iteration.weights, iteration.biases)),
        "shown": packed(_flat(*iteration.displayed(cursor))),
        "known": packed([c.value for c in done]),
        "examples": [packed(inputs + targets) for inputs, targets in iteration.examples],
        "learning_rate": packed([iteration.learning_rate]),
        "inertia": packed(_inertia(iteration)),
        "gathered": packed(_gathered(iteration)),
        "update": iteration.update,
        "previous_error": None if previous is None else packed([previous]),
    }


def _inertia(iteration: Iteration) -> list[float]:
    if iteration.velocities is None or iteration.bias_velocities is None:
        return []
    return [*_flat(iteration.velocities, iteration.bias_velocities), iteration.momentum]


def _gathered(iteration: Iteration) -> list[float]:
    if iteration.sums is None or iteration.bias_sums is None:
        return []
    return _flat(iteration.sums, iteration.bias_sums)


def _flat(weights: Sequence[list[list[float]]], biases: list[list[float]]) -> list[float]:
    return [w for matrix in weights for row in matrix for w in row] + [
        b for row in biases for b in row
    ]
