"""Every error function against 60-digit arithmetic."""

from dataclasses import asdict
from math import inf, isfinite, isnan, log, nan

import pytest
from hypothesis import assume, given, settings

from app.backprop.errors import Invalid
from app.backprop.functions import ERRORS, minus_log_softmax, softmax
from app.backprop.network import Example, Network, Shape
from app.examples.random_network import random_simulation
from app.simulation.simulation import Simulation
from app.web.api.schemas.serialize import values_of
from tests.support import oracle_cases
from tests.support.accuracy import Expected
from tests.support.oracle_cases import Json, simulation_of, steady

KINDS = ("net", "out", "output_errors", "error", "delta", "weight_gradients", "bias_gradients")


@pytest.mark.parametrize("error", ERRORS)
def test_gradients_are_central_differences_of_the_error(error: str) -> None:
    """Every value and new weight of random networks is as near to the oracle's as doubles can be."""

    @settings(steady, max_examples=20)
    @given(case=oracle_cases.cases((error,)))
    def judge(case: Json) -> None:
        network, example = case["network"], case["examples"][0]
        expected = Expected(network, example, case["learning_rate"])
        assume(expected.attainable)
        simulation = simulation_of(case).update()
        values = asdict(values_of(simulation))
        found = {kind: listed(values[kind]) for kind in KINDS}
        new = {
            "weights": simulation.current_network.weights,
            "biases": simulation.current_network.biases,
        }
        assert expected.wrong(found | {kind: listed(each) for kind, each in new.items()}) == []

    judge()


def listed(numbers: object) -> object:
    """The same nested lists, as the API has them."""
    return [listed(each) for each in numbers] if isinstance(numbers, tuple) else numbers


def outputs(error: str, nets: tuple[float, ...], targets: tuple[float, ...]) -> Simulation:
    """A network whose nets are these: one input of 1, and no bias."""
    name = ERRORS[error].activation or "sigmoid"
    shape = Shape((1, len(nets)), (name,), error, "none")
    return Simulation.of(Network(shape, nets), [Example((1.0,), targets)], 0.5).update()


def test_binary_cross_entropy_keeps_its_digits() -> None:
    """Binary cross-entropy is exact where the output is saturated."""
    right, wrong, middle = (
        outputs("binary_cross_entropy", (net,), (1.0,)) for net in (50.0, -800.0, 0.0)
    )
    assert right.value("output_error/0") == pytest.approx(1.9287498479639178e-22, rel=1e-15)
    assert wrong.value("output_error/0") == 800.0
    assert middle.value("output_error/0") == pytest.approx(log(2), rel=1e-15)


def test_cross_entropy_keeps_its_digits() -> None:
    """Cross-entropy is exact where the output is saturated."""
    right = outputs("cross_entropy", (50.0, 0.0, -1e6), (1.0, 0.0, 0.0))
    assert right.value("error") == pytest.approx(1.9287498479639178e-22, rel=1e-15)
    wrong = outputs("cross_entropy", (1e6, 0.0, 5.0), (0.0, 1.0, 0.0))
    assert wrong.value("error") == 1e6
    assert [wrong.value(f"delta/1/{k}") for k in range(3)] == [1.0, -1.0, 0.0]


@pytest.mark.parametrize("error", ["binary_cross_entropy", "cross_entropy"])
def test_joint_outputs_have_no_slopes(error: str) -> None:
    """With a fused delta the outputs have no slope steps."""
    steps = random_simulation((3, 4, 2), 1, error=error).steps
    [first, _] = [step for step in steps if step.kind == "delta" and step.layer == 2]
    assert first.operands == ("out/2/0", "target/0")
    slopes = {step.layer for step in steps if step.kind in ("error_slope", "activation_slope")}
    assert slopes == {1}


def test_what_runs_over_is_no_exception() -> None:
    """Infinite and undefined inputs give IEEE 754 results."""
    assert softmax(1e308, 1e308, -1e308, 1e308) == 0.5
    assert softmax(5.0, 5.0, inf, 5.0) == 0.0
    assert isnan(softmax(nan, 1.0, nan))
    assert isnan(softmax(1.0, nan, 1.0))
    assert minus_log_softmax(0.0, inf, 0.0) == inf
    assert isnan(minus_log_softmax(0.0, nan, 0.0))
    assert minus_log_softmax(0.0, -inf, 0.0) == 0.0
    assert isfinite(minus_log_softmax(0.0, 1e308, 0.0))


@pytest.mark.parametrize(
    ("error", "targets", "field"),
    [
        ("binary_cross_entropy", (0.5, 1.5), "examples.0.targets.1"),
        ("binary_cross_entropy", (nan, 0.5), "examples.0.targets.0"),
        ("cross_entropy", (1.5, -0.5), "examples.0.targets.0"),
        ("cross_entropy", (0.5, 0.4), "examples.0.targets"),
    ],
)
def test_targets_that_do_not_fit(error: str, targets: tuple[float, ...], field: str) -> None:
    """Targets must be probabilities, and those of softmax must sum to 1."""
    with pytest.raises(Invalid) as caught:
        outputs(error, (0.0, 0.0), targets)
    assert caught.value.field == field


def test_random_targets_fit() -> None:
    """Random targets of softmax are one-hot."""
    drawn = {
        random_simulation((2, 3), seed, error="cross_entropy").examples[0].targets
        for seed in range(30)
    }
    assert drawn == {(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)}
    assert random_simulation((2, 3), 1).network.shape.activations == ("sigmoid",)
