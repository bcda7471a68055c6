"""The claims of tasks and lessons."""

from itertools import pairwise
from math import isclose

import pytest

from app.analysis.misconceptions import UPDATED_WEIGHTS, key, results
from app.backprop.errors import Invalid
from app.backprop.network import Example, Shape
from app.examples.lessons import LESSONS
from app.examples.presets import NAMED, PRESETS
from app.examples.published import DECK
from app.examples.random_network import INITS, parameters_of, random_simulation, xavier_limit
from app.simulation.simulation import Simulation
from app.web.api.schemas.serialize import values_of

LEARNT_AFTER = {"and": 400, "or": 200, "xor": 2000, "parity-3": 600, "one-hot": 400, "square": 600}


def errors(simulation: Simulation) -> list[float]:
    """E of each example in turn, in the iterations that come next."""
    ends = [simulation.train(k) for k in range(1, len(simulation.examples) + 1)]
    return [end.previous_error or 0.0 for end in ends]


def mean(simulation: Simulation) -> float:
    found = errors(simulation)
    return sum(found) / len(found)


def named(name: str) -> Simulation:
    return NAMED[name].simulation


@pytest.mark.parametrize(("name", "iterations"), LEARNT_AFTER.items())
def test_what_can_be_learnt_is(name: str, iterations: int) -> None:
    """The tasks are learned within the stated iterations, and were not before."""
    assert mean(named(name)) > 0.01
    assert mean(named(name).train(iterations)) < 0.01


def test_starts_have_few_decimals() -> None:
    """Parameters have at most four decimals."""
    for preset in NAMED.values():
        for number in preset.simulation.network.parameters:
            assert number == round(number, 4)


def test_every_lesson_leads_somewhere() -> None:
    """Every lesson links to examples that exist."""
    for lesson in LESSONS:
        assert lesson.beside or lesson.presets
        assert set(lesson.presets) <= NAMED.keys()
    assert PRESETS.keys() <= NAMED.keys()


def test_xor_needs_a_hidden_layer() -> None:
    """Without a hidden layer XOR is not learned, and with one it is."""
    for iterations in (3_000, 20_000):
        assert min(errors(named("xor-alone").train(iterations))) > 0.1
    assert max(errors(named("xor").train(3_000))) < 0.01


def test_the_gradient_vanishes() -> None:
    """The deltas shrink layer by layer, and the first weights hardly move."""
    begun = named("vanishing")
    deltas = [max(abs(delta or 0.0) for delta in row) for row in values_of(begun.backward()).delta]
    assert deltas == sorted(deltas)
    assert 0 < deltas[0] < deltas[-1] / 10_000
    for before, after in zip(
        begun.network.weights[0], begun.update().current_network.weights[0], strict=True
    ):
        assert [f"{number:.4f}" for number in before] == [f"{number:.4f}" for number in after]


def test_symmetry_stays() -> None:
    """Equal weights stay equal, and one other number breaks the symmetry."""
    trained = named("symmetry").train(1_000)
    assert trained.current_network != trained.history.origin.network
    for row in trained.current_network.weights[0]:
        assert len(set(row)) == 1
    broken = named("symmetry").edit_parameter("weight/0/0/0", 0.6).train(1_000)
    assert all(len(set(row)) > 1 for row in broken.current_network.weights[0])


def test_too_large_a_learning_rate() -> None:
    """With a large learning rate E grows fourfold, and with a small one it shrinks."""
    begun = named("divergence")
    assert [begun.train(k).previous_error for k in range(1, 5)] == [0.5, 2.0, 8.0, 32.0]
    slow = begun.edit(learning_rate=0.1)
    found = [slow.train(k).previous_error or 0.0 for k in range(1, 5)]
    assert all(isclose(b, a / 4) for a, b in pairwise(found))


def test_a_dead_relu() -> None:
    """A dead unit never moves, and a bias revives it."""
    begun = named("dead-relu")
    before, after = begun.network, begun.train(400).current_network
    assert [row[1] for row in before.weights[0]] == [row[1] for row in after.weights[0]]
    assert before.biases[0][1] == after.biases[0][1]
    assert max(errors(begun.train(400))) < 0.001
    awake = begun.edit_parameter("bias/0/1", 0.1).train(400).current_network
    assert [row[1] for row in before.weights[0]] != [row[1] for row in awake.weights[0]]


def test_updating_too_early() -> None:
    """Updating too early changes only what depends on the updated weights."""
    right = dict(
        zip((step.result for step in DECK.simulation.steps), DECK.simulation.trace(), strict=True)
    )
    values = results(DECK.simulation, UPDATED_WEIGHTS)
    wrong = {step.result: values[key(step)] for step in DECK.simulation.steps}
    apart = {address for address in right if right[address] != wrong[address]}
    for address in right:
        early = address.split("/")[0] in ("net", "out", "error", "output_error", "activation_slope")
        if early or address.startswith(("delta/2", "weight/1", "bias/1", "weight_gradient/1")):
            assert address not in apart
    for start in ("error_slope/1", "delta/1", "weight_gradient/0", "weight/0", "bias/0"):
        assert all(address in apart for address in right if address.startswith(start)), start
    # By hand: δ of H1 with the output weights that have been updated already.
    slope = sum(right[f"delta/2/{k}"] * right[f"weight/1/0/{k}"] for k in range(2))
    assert wrong["error_slope/1/0"] == slope


@pytest.mark.parametrize("init", INITS)
def test_ways_to_begin(init: str) -> None:
    """Each initialization is as described, and repeatable."""
    shape = Shape((3, 8, 2), ("tanh", "sigmoid"), bias="per_unit")
    numbers = parameters_of(shape, init, 7)
    assert len(numbers) == shape.parameter_count
    assert numbers == parameters_of(shape, init, 7)
    weights, biases = numbers[: shape.weight_count], numbers[shape.weight_count :]
    if init == "zeros":
        assert set(numbers) == {0.0}
    elif init == "equal":
        assert set(weights) == {0.5}
        assert set(biases) == {0.0}
    else:
        assert numbers != parameters_of(shape, init, 8)
        assert len(set(weights)) > len(weights) / 2
        drawn = random_simulation((3, 8, 2), 7, bias="per_unit", init=init)
        assert drawn.network.parameters == numbers
        assert drawn.examples == random_simulation((3, 8, 2), 7, bias="per_unit").examples


def test_xavier() -> None:
    """Xavier's limit bounds the weights of each layer."""
    shape = Shape((8, 8, 1), ("tanh", "sigmoid"), bias="per_unit")
    assert isclose(xavier_limit(shape, 0), (6 / 16) ** 0.5)
    numbers = parameters_of(shape, "xavier", 1)
    assert 0.9 * xavier_limit(shape, 0) < max(map(abs, numbers[:64])) <= xavier_limit(shape, 0)
    assert max(map(abs, numbers[64:72])) <= xavier_limit(shape, 1)
    assert set(numbers[72:]) == {0.0}


def test_other_ways_are_refused() -> None:
    """An unknown initialization is refused."""
    with pytest.raises(Invalid) as caught:
        random_simulation((2, 1), 1, init="he")
    assert caught.value.field == "init"


def test_examples_of_ones_own() -> None:
    """Given examples are used, and must fit."""
    own = [Example((1.0, 2.0), (3.0,))]
    assert random_simulation((2, 1), 1, examples=own, learning_rate=0.1).examples == tuple(own)
    with pytest.raises(Invalid):
        random_simulation((3, 1), 1, examples=own)
