"""What is asked next: every step once and in order, or those of some kinds, in networks of all sorts."""

from typing import Any

import pytest

from app.backprop.network import Example
from app.backprop.steps import Step
from app.examples.published import DECK
from app.examples.random_network import random_simulation
from app.exercises.asked_steps import AskedSteps, coming, kinds_of, onward
from app.simulation.simulation import Simulation

EXAMPLES = [
    Example((0.5, 0.25), (1.0,)),
    Example((1.0, -1.0), (0.0,)),
    Example((-0.5, 1.0), (1.0,)),
]
NETWORKS: dict[str, Simulation] = {"deck": DECK.simulation}
for name, settings in dict[str, dict[str, Any]](
    batch={"update": "mean", "examples": EXAMPLES},
    adam={"optimiser": "adam", "bias": "per_unit"},
    no_bias={"bias": "none", "activations": ["relu", "tanh", "identity"]},
).items():
    NETWORKS[name] = random_simulation([2, 3, 2, 1], 7, **settings)


@pytest.mark.parametrize("by", ["layer", "unit"])
@pytest.mark.parametrize("name", NETWORKS)
def test_all_of_an_iteration(name: str, by: str) -> None:
    """Step by step; each is asked once, at the moment before it is taken."""
    simulation, asked = NETWORKS[name], AskedSteps(by)
    expected, numbers = simulation.steps, list[int]()
    results: list[Step] = []
    while not simulation.finished:
        step_ahead = coming(simulation, asked)
        assert step_ahead.before is simulation
        assert step_ahead.after == simulation.step(by)
        results += step_ahead.steps
        numbers.append(step_ahead.number)
        simulation = step_ahead.after
    assert results == [*expected]
    assert numbers == [*range(1, step_ahead.count + 1)]


@pytest.mark.parametrize("by", ["layer", "one", "unit"])
@pytest.mark.parametrize("name", NETWORKS)
def test_each_kind_alone(name: str, by: str) -> None:
    """From one to the next for some iterations: all of a kind, or one of each layer."""
    start = NETWORKS[name]
    for kind in kinds_of(start.network.shape):
        asked, simulation, results = AskedSteps(by, (kind,)), start, []
        while simulation.iteration < 4:
            simulation = onward(simulation, asked)
            step_ahead = coming(simulation, asked)
            assert step_ahead.before is simulation
            at = (simulation.iteration, simulation.cursor)
            position = step_ahead.after.compiled.position
            assert at == (step_ahead.after.iteration, position[step_ahead.steps[0].result]) or (
                simulation.finished and position[step_ahead.steps[0].result] == 0
            )
            results += [(step_ahead.after.iteration, step) for step in step_ahead.steps]
            simulation = step_ahead.after
        found = [each for each in results if each[0] < 4]
        true = [(i, step) for i in range(4) for step in steps_in(start, i) if step.kind == kind]
        if by == "one":
            assert [(i, step.layer) for i, step in found] == layers_of(true)
            assert {*found} <= {*true}
        else:
            assert found == true


def steps_in(start: Simulation, iteration: int) -> tuple[Step, ...]:
    return start.train(iteration).step("unit").steps


def layers_of(found: list[tuple[int, Step]]) -> list[tuple[int, int]]:
    return list(dict.fromkeys((iteration, step.layer) for iteration, step in found))


def test_what_is_shown_before_a_question() -> None:
    """What was asked last, and what was not asked since: nothing of it twice, and nothing to come."""
    asked = AskedSteps("layer", ("delta",))
    first = coming(DECK.simulation, asked)
    assert first.shown == DECK.simulation.steps[:19]
    second = coming(first.after, asked)
    assert second.shown == DECK.simulation.steps[19:38]
    last = coming(second.after, asked)
    assert (last.steps, last.shown) == ((), DECK.simulation.steps[38:])
    assert last.before.finished


def test_unknown_kinds_are_none() -> None:
    """A network that was altered may have lost those that were chosen."""
    asked = AskedSteps("layer", ("weight_velocity", "nonsense"))
    assert asked.kinds_in(DECK.simulation.network.shape) == kinds_of(DECK.simulation.network.shape)
    assert coming(DECK.simulation, asked) == coming(DECK.simulation, AskedSteps())
