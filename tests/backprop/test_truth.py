"""Every number of random networks, through the JSON API, against 60-digit arithmetic."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.support import oracle, oracle_cases
from tests.support.accuracy import Expected
from tests.support.lab import Lab, State

Json = dict[str, Any]

# The same networks every time: a failure here is never a matter of luck. The lab is one for all of
# them because each begins a session of its own; how long they take to draw says nothing.
steady = settings(
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

FORWARD = ("net", "out", "output_errors", "error")
WALKS = ("commands", "phase", "layer", "unit")


@settings(steady, max_examples=40)
@given(case=oracle_cases.cases(), walk=st.sampled_from(WALKS))
async def test_every_number_is_true(lab: Lab, case: Json, walk: str) -> None:
    """All numbers of two iterations are accurate, however the iterations are stepped through."""
    await lab.create(**case)
    network = case["network"]
    for iteration in range(2):
        which = iteration % len(case["examples"])
        example = case["examples"][which]
        assume(not oracle_cases.near_a_kink(network, example))
        expected = Expected(network, example, case["learning_rate"])
        assume(expected.attainable)

        state = await finish(lab, "forward", walk)
        assert (state["iteration"], state["example"]) == (iteration, which)
        assert expected.wrong({kind: state["values"][kind] for kind in FORWARD}) == []
        assert parameters(state) == parameters({"network": network})

        state = await finish(lab, "backward", walk)
        assert expected.wrong(state["values"]) == []
        assert parameters(state) == parameters({"network": network})

        state = await finish(lab, "update", walk)
        assert expected.wrong(state["values"] | parameters(state)) == []
        assert expected.wrong(await slopes(lab)) == []
        assert state["previous_error"] == state["values"]["error"]
        network = state["network"]


async def finish(lab: Lab, phase: str, walk: str) -> State:
    """On to the end of this phase, with its button or by steps of one granularity."""
    state: State
    match walk:
        case "commands":
            state = await getattr(lab, phase)()
            return state
        case "phase":
            state = await lab.step(by="phase")
            return state
        case "unit":
            steps = [step for step in await lab.steps() if step["phase"] == phase]
            state = await lab.step(by="unit", count=len(steps))
            return state
    state = await lab.step(by="layer")
    while state["phase"] == phase and state["cursor"] < state["steps"]:
        state = await lab.step(by="layer")
    return state


def parameters(state: State) -> Json:
    return {kind: state["network"][kind] for kind in ("weights", "biases")}


async def slopes(lab: Lab) -> Json:
    """The two factors of each delta, which only the steps show: in lists as the deltas are."""
    steps = await lab.steps()
    layers = sorted({step["layer"] for step in steps if step["kind"] == "delta"})
    return {
        f"{kind}s": [
            [s["value"] for s in steps if s["kind"] == kind and s["layer"] == layer]
            for layer in layers
        ]
        for kind in ("error_slope", "activation_slope")
    }


def test_the_networks_are_of_every_shape_and_few_are_excused() -> None:
    """All shapes are drawn, and nearly all numbers are held to 1e-12 rather than to less."""
    drawn: Counter[object] = Counter()

    # Hypothesis varies a network several times before it goes on, so not every one is judged.
    @settings(steady, max_examples=250)
    @given(case=oracle_cases.cases())
    def draw(case: Json) -> None:
        network, example = case["network"], case["examples"][0]
        units = network["layers"]
        drawn.update([("layers", len(units)), network["bias"], ("examples", len(case["examples"]))])
        drawn.update({*units, *network["activations"], network["error"]})
        drawn["near a kink"] += oracle_cases.near_a_kink(network, example)
        drawn["networks"] += 1
        if drawn["networks"] % 10 == 0:
            bounds = Expected(network, example, case["learning_rate"]).all()
            drawn["judged"] += len(bounds)
            drawn["excused"] += sum(bound.excused for bound in bounds)

    draw()
    shapes = [("layers", n) for n in range(2, 6)] + list(range(1, 9))
    for one in [
        *shapes,
        ("examples", 2),
        ("examples", 3),
        *oracle_cases.BIASES,
        *oracle.ACTIVATIONS,
        *oracle.ERRORS,
    ]:
        # Which are drawn changes with the code, whose constants hypothesis likes to try.
        assert drawn[one] >= 5, one
    assert drawn["near a kink"] == 0
    assert drawn["excused"] < 0.05 * drawn["judged"]


@pytest.mark.parametrize("layers", [[3, 4, 2], [5, 1, 3], [3, 3, 3, 3]], ids=str)
async def test_a_number_that_is_off_is_seen(lab: Lab, layers: list[int]) -> None:
    """A number that is off by twice the tolerance is found, and no other."""
    start = await lab.create(layers=layers, seed=1)
    right = Expected(start["network"], start["examples"][0], start["learning_rate"])
    for kind, lists in right.bounds.items():
        for layer, bounds in enumerate(lists):
            for index, bound in enumerate(bounds):
                answers = [[float(b.true) for b in row] for row in lists]
                answers[layer][index] += 2 * float(bound.promise)
                assert len(right.wrong({kind: answers})) == 1
                assert not bound.excused
