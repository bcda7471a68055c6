"""Iterations as on a blackboard, against plain loops in decimal, and against numbers by hand."""

from decimal import Decimal
from itertools import islice, pairwise, product
from random import Random
from typing import Any

import pytest

from app.analysis.misconceptions import values_of
from app.analysis.rounding import deviations, rounded_iteration, rounded_iterations
from app.backprop.errors import Invalid
from app.backprop.network import BIASES, UPDATES
from app.backprop.rounding_rule import DIGITS, HALVES, KINDS, MOST_ROUNDED, Rounding
from app.examples.published import DECK, MAZUR
from app.simulation.description import restore
from app.simulation.simulation import Simulation
from tests.support.naive_rounding import NaiveBoard
from tests.support.random_networks import random_network

STEPS = 10_000
HIDDEN = ("sigmoid", "tanh", "relu", "leaky_relu", "identity")
OUTPUTS = {"cross_entropy": "softmax", "binary_cross_entropy": "sigmoid"}


def described_network(random: Random) -> tuple[dict[str, Any], str | None]:
    """A network that the plain loops know, as fields, and its momentum."""
    error = random.choice(("half_squared", "mean_squared", *OUTPUTS))
    layers = [random.randint(1, 4) for _ in range(random.randint(2, 4))]
    layers[-1] = max(layers[-1], 2 if error == "cross_entropy" else 1)
    names = [random.choice(HIDDEN) for _ in layers[1:]]
    names[-1] = OUTPUTS.get(error, names[-1])
    bias, update = random.choice(BIASES), random.choice(UPDATES)
    momentum = random.choice((None, "0.9", "0.5"))

    def row(count: int) -> list[float]:
        return [random.randint(-200, 200) / 100 for _ in range(count)]

    def targets() -> list[float]:
        chosen = random.randrange(layers[-1])
        if error == "cross_entropy":
            return [float(k == chosen) for k in range(layers[-1])]
        return [random.randint(0, 100) / 100 for _ in range(layers[-1])]

    counts = {"none": [], "shared": [1] * len(names), "per_unit": layers[1:]}[bias]
    fields: dict[str, Any] = {
        "network": {
            "layers": tuple(layers),
            "activations": tuple(names),
            "error": error,
            "bias": bias,
            "update": update,
            "optimiser": "gradient_descent" if momentum is None else "momentum",
            "weights": [[row(after) for _ in range(n)] for n, after in pairwise(layers)],
            "biases": [row(count) for count in counts],
        },
        "examples": [
            {"inputs": row(layers[0]), "targets": targets()} for _ in range(random.randint(1, 3))
        ],
        "learning_rate": random.choice((0.5, 0.1, 0.03)),
    }
    if momentum is not None:
        fields["momentum"] = float(momentum)
    return fields, momentum


@pytest.mark.parametrize(("kind", "half"), list(product(KINDS, HALVES)))
def test_the_blackboard_agrees_with_plain_loops(kind: str, half: str) -> None:
    """In each of 10,000 steps, to the last digit, over several iterations of many networks."""
    steps = networks = 0
    random = Random(kind + half)
    while steps < STEPS:
        fields, momentum = described_network(random)
        rounding = Rounding(kind, random.choice(DIGITS), half)
        naive = NaiveBoard(fields, kind, rounding.digits, half, momentum)
        for rounded in islice(rounded_iterations(restore(fields), rounding), 4):
            expected = naive.iterate()
            values = rounded.values
            assert len(rounded.results) == len(expected)
            for name, number in expected.items():
                assert values[name] == number, (name, fields, rounding)
            steps += len(expected)
        networks += 1
    assert networks > 25


@pytest.mark.parametrize(
    ("rounding", "value", "written"),
    [
        (Rounding("decimals", 1, "up"), "0.25", "0.3"),
        (Rounding("decimals", 1, "even"), "0.25", "0.2"),
        (Rounding("decimals", 1, "up"), "-0.25", "-0.3"),
        (Rounding("decimals", 1, "even"), "-0.35", "-0.4"),
        (Rounding("decimals", 2, "up"), "0.2449999999", "0.24"),
        (Rounding("decimals", 4), "2", "2.0000"),
        (Rounding("decimals", 4), "-0.00004", "0.0000"),
        (Rounding("decimals", 4), "123456.78901", "123456.7890"),
        (Rounding("significant", 3), "9.996", "10.0"),
        (Rounding("significant", 3), "0.0123450", "0.0123"),
        (Rounding("significant", 3), "0.5", "0.500"),
        (Rounding("significant", 2, "even"), "0.125", "0.12"),
        (Rounding("significant", 2, "up"), "0.125", "0.13"),
        (Rounding("significant", 3), "123456", "1.23E+5"),
        (Rounding("significant", 3), "0", "0"),
        (Rounding("significant", 12), "1e-300", "1.00000000000E-300"),
        (Rounding("decimals", 4), "1e40", "1E+40"),
        (Rounding("decimals", 4), "NaN", "NaN"),
        (Rounding("decimals", 4), "-Infinity", "-Infinity"),
    ],
)
def test_a_number_is_written(rounding: Rounding, value: str, written: str) -> None:
    """With zeros at the end, and never as −0."""
    assert str(rounding.write(Decimal(value))) == written


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "digits"}, "rounding.kind"),
        ({"digits": 0}, "rounding.digits"),
        ({"digits": 13}, "rounding.digits"),
        ({"half": "down"}, "rounding.half"),
    ],
)
def test_other_roundings_are_refused(given: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as error:
        Rounding(**given)
    assert error.value.field == field


def test_mazur_on_the_blackboard() -> None:
    """With three decimals, by hand: net_h1 is 0.3775 and is written 0.378, or 0.378 to even."""
    values = next(rounded_iterations(MAZUR.simulation.start, Rounding("decimals", 3))).values
    written = {"net/1/0": "0.378", "out/1/0": "0.593", "net/1/1": "0.393", "out/1/1": "0.597"}
    # 0.4 · 0.593 + 0.45 · 0.597 + 0.6 = 1.10585, and 0.5 · 0.593 + 0.55 · 0.597 + 0.6 = 1.22485
    written |= {"net/2/0": "1.106", "net/2/1": "1.225", "error_slope/2/0": "0.741"}
    # 0.751 · 0.249 = 0.186999, and 0.741 · 0.187 = 0.138567
    written |= {"activation_slope/2/0": "0.187", "delta/2/0": "0.139"}
    # 0.139 · 0.593 = 0.082427, and 0.4 − 0.5 · 0.082 = 0.359
    written |= {"weight_gradient/1/0/0": "0.082", "weight_update/1/0/0": "0.359"}
    assert {name: str(values[name]) for name in written} == written


def test_what_was_given_is_not_rounded() -> None:
    values = next(rounded_iterations(MAZUR.simulation.start, Rounding("decimals", 1))).values
    assert values["weight/0/0/0"] == Decimal("0.15")
    assert values["out/0/0"] == Decimal("0.05")


@pytest.mark.parametrize("seed", range(3))
def test_many_digits_are_nearly_exact(seed: int) -> None:
    """Of every kind of network: with 12 significant digits the numbers are those of the simulation."""
    random = Random(seed)
    for _ in range(40):
        simulation = random_network(random).train(random.randint(1, 4))
        rounded = rounded_iteration(simulation, Rounding("significant", 12))
        exact, carried = values_of(simulation), deviations(simulation, rounded)
        assert carried.keys() <= exact.keys()
        sizes: dict[str, float] = {}
        for name, value in exact.items():
            kind = name.partition("/")[0]
            sizes[kind] = max(sizes.get(kind, 0.0), abs(value))
        if max(sizes.values()) < 1e3:
            far = [n for n, by in carried.items() if abs(by) > 1e-4 * sizes[n.partition("/")[0]]]
            assert len(far) <= 0.05 * len(carried), far


def test_how_far_rounding_carries_a_number() -> None:
    carried = deviations(MAZUR.simulation, rounded_iteration(MAZUR.simulation, Rounding()))
    exact = values_of(MAZUR.simulation)
    assert carried["weight/0/0/0"] == pytest.approx(0, abs=1e-15)
    assert carried["out/1/0"] == pytest.approx(0.5933 - exact["out/1/0"], abs=1e-15)


def test_the_board_of_a_simulation() -> None:
    """It is that of all iterations before, wherever one has come from, and however it is asked."""
    deck, rounding = DECK.simulation, Rounding("decimals", 3)
    boards = list(islice(rounded_iterations(deck.start, rounding), 101))
    for iteration in (100, 3, 64, 65, 0):
        simulation = deck.train(iteration).step("unit") if iteration else deck
        assert simulation.iteration == iteration
        assert rounded_iteration(simulation, rounding).results == boards[iteration].results


def test_an_edit_sets_only_what_it_changes() -> None:
    """The other numbers stay on the board as they are."""
    rounding = Rounding("decimals", 3)
    before = DECK.simulation.train(5).step("unit")
    edited = before.edit_parameter("weight/0/0/0", 0.1234567)
    board, new = rounded_iteration(before, rounding), rounded_iteration(edited, rounding)
    assert new.state[0] == Decimal("0.1234567")
    assert new.state[1:] == board.state[1:]
    later = rounded_iteration(edited.train(2).edit(learning_rate=0.25).train(3), rounding)
    assert later.values["learning_rate"] == Decimal("0.25")
    assert all(number == round(number, 3) for number in later.state)


def test_only_so_many_iterations_are_rounded() -> None:
    simulation = MAZUR.simulation.train(MOST_ROUNDED)
    rounded_iteration(simulation, Rounding())
    with pytest.raises(Invalid, match="1,000 iterations"):
        rounded_iteration(simulation.step("unit"), Rounding())


def test_a_diverging_network_ends_on_the_board_too() -> None:
    """No number makes it fail, however large it grows."""
    fields = {
        "network": {"layers": (1, 1, 1), "weights": [[[3.0]], [[2.0]]], "biases": [],
                    "bias": "none", "activations": ("relu", "identity")},
        "examples": [{"inputs": [10.0], "targets": [0.0]}],
        "learning_rate": 100.0,
    }  # fmt: skip
    simulation = Simulation.of(restore(fields).network, restore(fields).examples, 100.0)
    for kind in KINDS:
        for rounded in islice(rounded_iterations(simulation.start, Rounding(kind)), 60):
            assert len(rounded.values) == len(values_of(simulation))
