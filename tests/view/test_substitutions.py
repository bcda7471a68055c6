"""Formulas in numbers, evaluated as a person evaluates them: they come to what the program has."""

from collections.abc import Iterator
from math import isfinite, isnan
from random import Random

import pytest

from app.backprop.compiler import GRANULARITIES
from app.backprop.expressions import Expression, Function, Mention, tokens
from app.backprop.network import Example, Network
from app.backprop.steps import Step
from app.simulation.simulation import Simulation
from app.view.notation.notations import TEXT
from app.view.rendering.numbers import exact
from app.view.rendering.placeholder_numbers import sum_counted_as_zero
from app.web.api.derivations import derivation_of
from tests.support.formula_evaluator import evaluate_latex, evaluate_text
from tests.support.markup import Element, region_of
from tests.support.random_networks import random_network

# Functions that the program computes in another form than their definition, for its digits.
SAFE = {"softmax", "minus_log_softmax", "log1p"}


def functions(formula: Expression) -> Iterator[str]:
    """The names of the functions in an expression."""
    if isinstance(formula, Function):
        yield formula.name
    for part in formula.parts:
        yield from functions(part)


def comes_to(evaluated: float, step: Step, value: float) -> bool:
    """Whether a formula comes to a value: to the same double, unless the program computes a safe
    form of it. A person has no largest number, so e^net may be no double."""
    if SAFE & set(functions(step.expression)):
        return evaluated == pytest.approx(value, rel=1e-12, abs=1e-12, nan_ok=True)
    return float(evaluated) == value or (isnan(evaluated) and isnan(value))


def text_of(step: Step, values: dict[str, float]) -> str:
    """A step's substitution in plain text, with all digits."""

    def number(mention: Mention) -> str:
        value = values[mention.address]
        return f"({exact(value)})" if value < 0 and not mention.leading else exact(value)

    written = (number(t) if isinstance(t, Mention) else t for t in tokens(step.expression, TEXT))
    return "".join(written)


def check(simulation: Simulation) -> int:
    """Every substitution of an iteration comes to the value; returns how many nets count as 0."""
    simulation = simulation.update()
    results = dict(zip((s.result for s in simulation.steps), simulation.trace(), strict=True))
    values = results | simulation.reading()
    counted = 0
    for step in simulation.steps:
        result = results[step.result]
        total = sum_counted_as_zero(step, values)
        counted += bool(total)
        text = evaluate_text(text_of(step, values))
        latex = evaluate_latex(derivation_of(simulation, step.result)["substitution"])
        assert comes_to(text, step, total or result), step
        assert comes_to(latex, step, result), step
    return counted


@pytest.mark.parametrize("seed", range(60))
def test_any_network(seed: int) -> None:
    """Every substitution of a random network comes to the bits of its step, at first and later."""
    random = Random(seed)
    simulation = random_network(random)
    check(simulation)
    later = simulation.train(random.randint(1, 5))
    if isfinite(later.value("error") or 0.0):
        check(later.step("unit"))


def triple(a: int, b: int) -> Simulation:
    """A relu unit whose net is a/10 + b/10 − (a + b)/10."""
    weights = (((a / 10,), (b / 10,), (-(a + b) / 10,)), ((1.0,),))
    network = Network.of((3, 1, 1), weights, activations=("relu", "identity"), bias="none")
    return Simulation.of(network, [Example((1.0, 1.0, 1.0), (1.0,))], 0.5)


def test_nets_that_count_as_0() -> None:
    """What 0.1 + 0.2 − 0.3 and its like leave is said, and counts as 0."""
    pairs = [(a, b) for a in range(1, 10) for b in range(1, 10)]
    counted = [check(triple(a, b)) for a, b in pairs]
    assert sum(counted) == sum(a / 10 + b / 10 - (a + b) / 10 != 0 for a, b in pairs) > 5
    substitution = derivation_of(triple(1, 2).step("unit"), "net/1/0")["substitution"]
    assert substitution.endswith(r" = 5.551115123125783 \times 10^{-17}, \text{counted as } 0")


@pytest.mark.parametrize("by", GRANULARITIES[:2])
def test_the_page_says_it(by: str) -> None:
    """The card and the derivation of a net that counts as 0 say what it comes to; others do not."""

    def said(simulation: Simulation) -> list[str]:
        page = region_of(simulation.step("unit"), "net/1/0", by=by)
        endings = [each for each in page if each.get("title") and "counted as" in each.text]
        assert len(endings) == 2
        return [each.text for each in endings if "hidden" not in parents(each)]

    assert said(triple(1, 2)) == ["5.6e−17, counted as 0"] * 2
    assert said(triple(1, 3)) == []


def parents(element: Element) -> set[str]:
    """The attributes of the elements that an element is in."""
    return set(element.parent.attributes) | parents(element.parent) if element.parent else set()


def test_the_right_values_are_told_apart() -> None:
    """A substitution that names another sum than its own is refused."""
    assert (
        evaluate_text("0.1 · 1.0 + 0.2 · 1.0 + (−0.3) · 1.0 = 5.551115123125783e−17, counted as 0")
        == 0
    )
    with pytest.raises(ValueError, match="comes to"):
        evaluate_text("0.1 + 0.2 = 0.3, counted as 0")
