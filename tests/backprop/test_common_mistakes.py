"""The mistakes that published examples make are not made here, and would be seen if they were."""

from typing import Any

import pytest

from tests.support import oracle
from tests.support.accuracy import TOLERANCE, Expected
from tests.support.lab import Lab, State

Json = dict[str, Any]

SHAPES = [[2, 2, 2], [3, 4, 2], [2, 3, 1], [5, 1, 3], [3, 3, 3, 3], [4, 8, 8, 4], [2, 2, 2, 2, 2]]


every_shape = pytest.mark.parametrize(
    "layers", SHAPES, ids=lambda layers: "-".join(map(str, layers))
)


def expected(state: State, **changed: Any) -> Expected:
    """The truth of an iteration that begins as this state is, or as it would with changes."""
    network = state["network"] | changed
    return Expected(network, state["examples"][state["example"]], state["learning_rate"])


@every_shape
async def test_gradients_are_taken_at_the_old_weights(lab: Lab, layers: list[int]) -> None:
    """The new weights are right, and are not those of an update in sequence, layer by layer."""
    start = await lab.create(layers=layers, seed=1)
    right = expected(start)
    mistaken = oracle.sequential(start["network"], start["examples"][0], start["learning_rate"])
    assert right.wrong({"weights": (await lab.update())["network"]["weights"]}) == []
    assert len(right.wrong({"weights": mistaken})) > 0
    for step in await lab.steps():
        for operand in step["operands"]:
            kind, *indices = operand["at"].split("/")
            if kind == "weight":
                layer, i, j = map(int, indices)
                assert operand["value"] == start["network"]["weights"][layer][i][j]


@pytest.mark.parametrize("layers", [[2, 2, 2], [3, 3, 3, 3]])
async def test_rows_are_the_source(lab: Lab, layers: list[int]) -> None:
    """Square matrices, which would fit either way, are not read the other way around."""
    start = await lab.create(layers=layers, seed=1)
    transposed = [
        [list(column) for column in zip(*matrix, strict=True)]
        for matrix in start["network"]["weights"]
    ]
    nets = {"net": (await lab.forward())["values"]["net"]}
    assert expected(start).wrong(nets) == []
    assert len(expected(start, weights=transposed).wrong(nets)) > 0


@every_shape
async def test_a_shared_bias_has_the_sum_of_the_deltas(lab: Lab, layers: list[int]) -> None:
    """The gradient of a layer's one bias is the sum over its units; of a unit's own, its delta."""
    start = await lab.create(layers=layers, seed=1)
    shared = (await lab.backward())["values"]
    assert shared["bias_gradients"] == [
        [pytest.approx(sum(row), rel=TOLERANCE)] for row in expected(start).truth.delta
    ]
    units = start["network"]["layers"][1:]
    biases = [row * n for row, n in zip(start["network"]["biases"], units, strict=True)]
    own = start["network"] | {"bias": "per_unit", "biases": biases}
    again = {name: start[name] for name in ("examples", "learning_rate")}
    await lab.create(network=own, **again)
    per_unit = (await lab.backward())["values"]
    assert per_unit["bias_gradients"] == per_unit["delta"] == shared["delta"]


@every_shape
async def test_examples_take_turns(lab: Lab, layers: list[int]) -> None:
    """Iteration k is that of example k mod n, and of no other; training takes the same turns."""
    start = await lab.create(layers=layers, seed=1)
    first = start["examples"][0]
    other = {name: [x + 1 for x in row] for name, row in first.items()}
    third = {name: [x / 2 - 1 for x in row] for name, row in first.items()}
    state = await lab.edit(examples=[first, other, third])
    for iteration in range(5):
        before, state = state["network"], await lab.update()
        for which, example in enumerate(state["examples"]):
            wrong = Expected(before, example, state["learning_rate"]).wrong(state["values"])
            assert (wrong == []) == (which == iteration % 3)
    again = {name: start[name] for name in ("network", "learning_rate")}
    await lab.create(**again, examples=state["examples"])
    trained = await lab.train(5)
    assert [trained[of] for of in ("network", "values")] == [
        state[of] for of in ("network", "values")
    ]


@every_shape
async def test_a_number_that_is_off_is_seen(lab: Lab, layers: list[int]) -> None:
    """Any number off by twice what was promised is found wrong, and it alone."""
    start = await lab.create(layers=layers, seed=1)
    right = expected(start)
    for kind, lists in right.bounds.items():
        for layer, bounds in enumerate(lists):
            for index, bound in enumerate(bounds):
                answers = [[float(b.true) for b in row] for row in lists]
                answers[layer][index] += 2 * float(bound.promise)
                assert len(right.wrong({kind: answers})) == 1
                assert not bound.excused
