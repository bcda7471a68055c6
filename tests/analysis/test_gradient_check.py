"""The gradient check against 60-digit differences."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise, product
from math import nan
from random import Random
from typing import Any

import pytest
from hypothesis import given

from app.analysis.gradient_check import (
    AGREES,
    DISAGREES,
    INCONCLUSIVE,
    TOLERANCE,
    GradientRow,
    backprop,
    check_gradients,
)
from app.backprop.functions import ACTIVATIONS, ERRORS
from app.backprop.network import Example, Network
from app.examples.presets import PRESETS
from app.examples.published import DECK
from app.examples.random_network import random_simulation
from app.simulation.simulation import Simulation
from tests.support import oracle, oracle_cases
from tests.support.networks import relu_network
from tests.support.oracle_cases import case_of, simulation_of, steady, truths

Json = dict[str, Any]


def rows_of(simulation: Simulation) -> dict[str, GradientRow]:
    return {row.address: row for row in check_gradients(simulation).rows}


INTO_THE_FIRST = {"weight/0/0/0", "weight/0/1/0", "bias/0/0"}


@steady
@given(oracle_cases.cases())
def test_verdicts_on_random_networks(case: Json) -> None:
    """Correct gradients never disagree, wrong ones do, and each difference is the true gradient."""
    simulation = simulation_of(case)
    found, right = check_gradients(simulation), backprop(simulation)
    assert found.verdict != DISAGREES
    idle = simulation.network.shape.idle_parameter
    error = simulation.trace()[simulation.compiled.position["error"]]
    for index, (row, true) in enumerate(zip(found.rows, truths(simulation), strict=True)):
        # What 60 digits of E leave of a difference; or what a sum of δ may be off by.
        noise = 1e-59 * max(1.0, error) / row.h if index != idle else 1e-14
        if row.reason != "kink":
            assert abs(row.difference - true) <= 1e-12 * abs(true) + noise, row
        if row.verdict == AGREES:
            assert abs(row.backprop - true) <= 3 * TOLERANCE * abs(true) + noise, row
    for factor in (1 + 1e-4, 1 - 1e-4, -1.0):
        wrong = check_gradients(simulation, gradients={a: g * factor for a, g in right.items()})
        for index, (before, after) in enumerate(zip(found.rows, wrong.rows, strict=True)):
            if before.verdict == AGREES and before.backprop and index != idle:
                assert after.verdict == DISAGREES, after


def test_few_are_inconclusive() -> None:
    """Nearly all gradients of random networks can be judged."""
    drawn, counts = Random(7), Counter[str]()
    for seed in range(60):
        layers = [drawn.randint(1, 8) for _ in range(drawn.randint(2, 5))]
        names = [drawn.choice(oracle_cases.ACTIVATIONS) for _ in layers[1:]]
        simulation = random_simulation(
            layers, seed, activations=names, bias=drawn.choice(oracle_cases.BIASES)
        )
        counts.update(row.verdict for row in check_gradients(simulation).rows)
    assert counts[AGREES] > 10 * counts[INCONCLUSIVE]


@pytest.mark.parametrize("name", PRESETS)
def test_presets_agree(name: str) -> None:
    """Every gradient of the presets agrees, at the start and after a hundred iterations."""
    for simulation in (PRESETS[name].simulation, PRESETS[name].simulation.train(100)):
        found = check_gradients(simulation)
        assert found.verdict == AGREES
        assert found.max_relative_error < 1e-6
        assert [row.address for row in found.rows] == list(backprop(simulation))


def test_one_wrong_gradient_spoils_the_whole() -> None:
    """One gradient that is off by a ten-thousandth is found."""
    right = backprop(DECK.simulation)
    for address, value in right.items():
        found = check_gradients(DECK.simulation, gradients=right | {address: value * 1.0001})
        assert found.verdict == DISAGREES
        assert [row.address for row in found.rows if row.verdict == DISAGREES] == [address]


@pytest.mark.parametrize("layers", [(2, 2, 2), (3, 4, 2), (3, 3, 3, 3), (2, 2, 2, 2, 2)])
def test_the_sequential_update_is_found(layers: tuple[int, ...]) -> None:
    """Gradients taken through updated weights disagree in every layer but the last."""
    start = random_simulation(layers, 1)
    case = case_of(start)
    mistaken = oracle.sequential(case["network"], case["example"], start.learning_rate)
    gradients = backprop(start)
    for layer, i, j in start.network.shape.weight_indices():
        moved = start.network.weights[layer][i][j] - float(mistaken[layer][i][j])
        if layer < len(layers) - 2:
            gradients[f"weight/{layer}/{i}/{j}"] = moved / start.learning_rate
    found = check_gradients(start, gradients=gradients)
    assert found.verdict == DISAGREES
    wrong = [row for row in found.rows if row.verdict == DISAGREES]
    assert {row.address.split("/")[1] for row in wrong} == {str(n) for n in range(len(layers) - 2)}


def test_on_a_kink() -> None:
    """On a kink the parameters of that unit are inconclusive, and all others agree."""
    rows = rows_of(relu_network(0.0))
    verdicts = {address: (row.verdict, row.reason) for address, row in rows.items()}
    for address, verdict in verdicts.items():
        expected = (INCONCLUSIVE, "kink") if address in INTO_THE_FIRST else (AGREES, None)
        assert verdict == expected, address


@pytest.mark.parametrize("distance", [1e-1, 1e-7, 1e-9, 1e-11])
def test_near_a_kink(distance: float) -> None:
    """Near a kink all gradients agree: the differences do not reach it."""
    for bias in (distance, -distance):
        assert check_gradients(relu_network(bias)).verdict == AGREES


def test_a_net_that_counts_as_zero() -> None:
    """A net below the rounding of its terms lies on the kink, and only its own unit is unsure."""
    for bias in (1e-13, -1e-13, 5e-324):
        for address, row in rows_of(relu_network(bias)).items():
            expected = INCONCLUSIVE if address in INTO_THE_FIRST else AGREES
            assert row.verdict == expected, row


def test_a_steep_output() -> None:
    """A weight of 40 into a sigmoid with cross-entropy: doubles lose digits of out − target only."""
    for target in (0.0, 1.0):
        network = Network.of((1, 1), (((40.0,),),), bias="none", error="binary_cross_entropy")
        found = check_gradients(Simulation.of(network, [Example((1.0,), (target,))], 0.5))
        assert found.verdict in (AGREES, INCONCLUSIVE)
        assert found.verdict == (AGREES if target == 0 else INCONCLUSIVE)


def test_triples_that_sum_to_zero() -> None:
    """For weights whose sum is 0 by hand, no gradient is called wrong."""
    for a, b in product(range(-9, 10), repeat=2):
        weights = (a / 10, b / 10, -(a + b) / 10)
        if 0 not in weights and abs(a + b) < 10:
            network = Network.of(
                (3, 1, 1),
                (tuple((weight,) for weight in weights), ((1.0,),)),
                activations=("relu", "identity"),
                bias="none",
            )
            start = Simulation.of(network, [Example((1.0, 1.0, 1.0), (1.0,))], 0.1)
            rows = rows_of(start)
            assert {row.reason for row in rows.values()} == {"kink", None}
            assert rows["weight/1/0/0"].verdict == AGREES


def test_random_networks_with_one_decimal() -> None:
    """No gradient of short decimals disagrees, and nearly all networks agree as a whole."""
    drawn, verdicts = Random(11), Counter[str]()
    for _ in range(150):
        verdicts[check_gradients(one_decimal_network(drawn)).verdict] += 1
    assert verdicts[DISAGREES] == 0
    assert verdicts[AGREES] > 0.9 * verdicts.total()


HARD: list[Sequence[float]] = [
    (40.0, -40.0, 100.0, -800.0, 0.5),  # saturated
    (1e6, -1e6, 1.0, 0.1, 0.0),  # large
    (5e-324, 1e-310, -1e-300, 1e-160, 1.0),  # denormal
    (0.1, 0.2, -0.3, 0.0, 1.0),  # on kinks
]


@pytest.mark.parametrize("numbers", HARD, ids=["saturated", "large", "denormal", "kinks"])
def test_hard_networks(numbers: Sequence[float]) -> None:
    """Where doubles lose digits, no gradient is called wrong either."""
    drawn = Random(13)
    for _ in range(40):
        start = one_decimal_network(drawn, lambda: drawn.choice(numbers))
        assert check_gradients(start.train(drawn.choice([0, 1, 20]))).verdict != DISAGREES


def one_decimal_network(drawn: Random, number: Callable[[], float] | None = None) -> Simulation:
    """A small network of any kind, with numbers of one decimal or others."""
    number = number or (lambda: drawn.randint(-9, 9) / 10)
    error = drawn.choice(list(ERRORS))
    layers = [drawn.randint(1, 3) for _ in range(drawn.randint(2, 4))]
    layers[-1] += error == "cross_entropy"
    single = [name for name, rule in ACTIVATIONS.items() if not rule.per_layer]
    outputs = ERRORS[error].activation or drawn.choice(single)
    hidden = [[drawn.choice(single) for _ in range(units)] for units in layers[1:-1]]
    bias = drawn.choice(oracle_cases.BIASES)
    network = Network.of(
        layers,
        [[[number() for _ in range(b)] for _ in range(a)] for a, b in pairwise(layers)],
        [[number() for _ in range(units if bias == "per_unit" else 1)] for units in layers[1:]]
        if bias != "none"
        else (),
        activations=[*hidden, outputs],
        bias=bias,
        error=error,
    )
    targets = [number() for _ in range(layers[-1])]
    if ERRORS[error].slope is None:
        targets = [float(unit == 0) for unit in range(layers[-1])]
    example = Example(tuple(number() for _ in range(layers[0])), tuple(targets))
    return Simulation.of(network, [example], 0.1)


def test_a_kink_that_nothing_depends_on() -> None:
    """A kink that does not affect E does not matter."""
    assert check_gradients(relu_network(0.0, out=0.0)).verdict == AGREES
    dead = Network.of(
        (1, 1, 1, 1),
        (((0.0,),), ((1.0,),), ((0.5,),)),
        ((0.0,), (-1.0,), (0.3,)),
        activations=("relu", "relu", "sigmoid"),
    )
    assert check_gradients(Simulation.of(dead, [Example((1.0,), (0.9,))], 0.5)).verdict == AGREES


def test_nothing_comes_in_or_gets_out() -> None:
    """Gradients that are exactly 0 agree, and any other value disagrees."""
    start = relu_network(-0.5)
    start = start.edit(examples=[Example((1.0, 0.0), (0.2,))])
    rows = rows_of(start)
    silent = {"weight/0/1/0", "weight/0/1/1"}
    for address in silent:
        assert rows[address].backprop == rows[address].difference == 0
        assert (rows[address].verdict, rows[address].relative_error) == (AGREES, 0)
        wrong = check_gradients(start, address, gradients={address: 1e-300})
        assert wrong.verdict == DISAGREES


def test_saturated_units() -> None:
    """A saturated unit's zero gradient is inconclusive."""
    network = Network.of((1, 1, 1), (((50.0,),), ((0.5,),)), ((0.0,), (0.1,)))
    start = Simulation.of(network, [Example((1.0,), (0.2,))], 0.5)
    rows = rows_of(start)
    for address in ("weight/0/0/0", "bias/0"):
        assert (rows[address].verdict, rows[address].reason) == (INCONCLUSIVE, "flat")
    for address in ("weight/1/0/0", "bias/1"):
        assert rows[address].verdict == AGREES
    assert check_gradients(start).verdict == INCONCLUSIVE


@pytest.mark.parametrize("steepness", [1e2, 1e7])
@pytest.mark.parametrize("off", [0.0, 3e-6])
def test_a_narrow_valley(steepness: float, off: float) -> None:
    """A narrow, symmetric valley does not mislead the check."""
    network = Network.of(
        (1, 1, 1), (((off,),), ((steepness,),)), activations=("identity", "tanh"), bias="none"
    )
    start = Simulation.of(network, [Example((1.0,), (0.0,))], 0.5)
    for row, true in zip(check_gradients(start).rows, truths(start), strict=True):
        assert row.verdict != DISAGREES
        assert abs(row.difference - true) <= 1e-12 * abs(true) + 1e-38


@pytest.mark.parametrize("size", [1e-8, 1e4, 1e12])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "identity"])
def test_inputs_of_any_size(size: float, activation: str) -> None:
    """Very small and very large inputs are checked with fitting step sizes."""
    network = Network.of(
        (1, 2, 1),
        (((0.3 / max(size, 1.0), -0.2 / max(size, 1.0)),), ((0.5,), (-0.4,))),
        ((0.1,), (0.2,)),
        activations=(activation, "sigmoid"),
    )
    found = check_gradients(Simulation.of(network, [Example((size,), (0.9,))], 0.5))
    assert found.verdict == AGREES


def test_what_has_diverged() -> None:
    """Where E is not finite the check is inconclusive, and a NaN gradient disagrees."""
    start = random_simulation((2, 2, 1), 1, activations=("identity", "identity"))
    lost = start.edit(learning_rate=1e6).train(20)
    found = check_gradients(lost)
    assert found.verdict == INCONCLUSIVE
    assert {row.reason for row in found.rows} == {"diverged"}
    assert (
        check_gradients(start, gradients=dict.fromkeys(backprop(start), nan)).verdict == DISAGREES
    )


def test_one_alone() -> None:
    """Checking one parameter gives its row, and an unknown address is refused."""
    for row in check_gradients(DECK.simulation).rows:
        assert check_gradients(DECK.simulation, row.address).rows == (row,)
    for address in ("net/1/0", "weight/2/0/0", "weight_gradient/0/0/0", ""):
        with pytest.raises(KeyError):
            check_gradients(DECK.simulation, address)


def test_the_verdict_of_all() -> None:
    """One disagreement outweighs inconclusive rows, and those outweigh agreement."""
    found = check_gradients(DECK.simulation)
    first, second, *others = found.rows
    doubtful = replace(first, verdict=INCONCLUSIVE)
    wrong = replace(second, verdict=DISAGREES, relative_error=0.5)
    assert replace(found, rows=(doubtful, second, *others)).verdict == INCONCLUSIVE
    assert replace(found, rows=(doubtful, wrong, *others)).verdict == DISAGREES
    assert replace(found, rows=(first, wrong)).max_relative_error == 0.5
