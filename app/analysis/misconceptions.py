"""Wrong procedures that students follow, as transformations of the formulas of the steps.

A misconception turns the expression of a step into another one, or into several if there is more than
one way to make the mistake. What follows from it is computed rightly. The diagnosis compares a
student's number with the results, and a lesson shows one beside the right numbers.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from app.backprop.addresses import address, parse
from app.backprop.compiler import prepare_step
from app.backprop.expressions import (
    Constant,
    Difference,
    Expression,
    Negation,
    Operand,
    Product,
    Quotient,
    Sum,
    negated,
    operands,
    rewrite,
    substitute,
    terms,
    total,
)
from app.backprop.functions import ERRORS, UPDATE_RULES
from app.backprop.network import Shape
from app.backprop.steps import Step, steps_of, steps_of_kind
from app.simulation.simulation import Simulation

OF_ANOTHER = "of_another"
LEARNING_RATE, EXAMPLE_COUNT = map(Operand, ("learning_rate", "example_count"))

UPDATES = ("weight_update", "bias_update")
_KEPT = tuple(
    f"{parameter}_{rule.name}"
    for rule in UPDATE_RULES.values()
    if rule.is_kept
    for parameter in ("weight", "bias")
)
_OF_UNITS = ("net", "out", "error", "error_slope", "activation_slope", "delta")
_OF_PARAMETERS = ("weight_gradient", "bias_gradient", "weight_sum", "bias_sum", *_KEPT, *UPDATES)


@dataclass(frozen=True, slots=True)
class Misconception:
    """A wrong procedure. `rule` gives the wrong formulas of a step of one of the `kinds`."""

    name: str
    kinds: tuple[str, ...]
    rule: Callable[[Shape, Step], Iterable[Expression]]

    def formulas(self, shape: Shape, step: Step) -> tuple[Expression, ...]:
        """The wrong formulas of a step; empty if the mistake cannot be made there."""
        return tuple(self.rule(shape, step)) if step.kind in self.kinds else ()


def key(step: Step) -> str:
    """The name of a result among the values of an iteration.

    It is its address, except for an update: `weight/…` is the old value, `weight_update/…` the new.
    """
    return f"{step.kind}/{step.result.partition('/')[2]}" if step.kind in UPDATES else step.result


# The rules.


def _is_output(shape: Shape, step: Step) -> bool:
    return step.layer == shape.depth - 1


def _wrong_sign(shape: Shape, step: Step) -> Iterator[Expression]:
    if isinstance(step.expression, Negation) and _is_output(shape, step):
        yield negated(step.expression)  # δ in place of Err
    elif _is_output(shape, step) and step.unit is not None:
        out = Operand(address("out", step.layer, step.unit))
        target = Operand(address("target", step.unit))
        turned: dict[Expression, Expression] = {
            out - target: target - out,
            target - out: out - target,
        }
        yield rewrite(step.expression, lambda part: turned.get(part, part))


def _slope_left_out(shape: Shape, step: Step) -> Iterator[Expression]:
    match step.expression:
        case Product((error_slope, _)):
            yield error_slope
        case Negation((Product((error_slope, _)),)):
            yield negated(error_slope)


def _net_for_out(shape: Shape, step: Step) -> Iterator[Expression]:
    if step.kind == "out":
        yield Operand(address("net", step.layer, step.unit or 0))
    else:
        outs = [text for text in step.operands if text.startswith("out/") and text[4] != "0"]
        yield substitute(step.expression, {text: Operand(f"net{text[3:]}") for text in outs})


def _updated_weights(shape: Shape, step: Step) -> Iterator[Expression]:
    if not _is_output(shape, step) and shape.is_update_iteration:
        weights = [text for text in step.operands if text.startswith("weight/")]
        new = {text: Operand(text.replace("weight", "weight_update", 1)) for text in weights}
        yield substitute(step.expression, new)


def _one_path(shape: Shape, step: Step) -> Iterator[Expression]:
    if not _is_output(shape, step):
        yield from _terms_of(step.expression)


def _terms_of(formula: Expression) -> Iterator[Expression]:
    """The terms of a sum with their signs; none if it is no sum."""
    parts = terms(formula)
    if len(parts) > 1:
        yield from (negated(part) if sign == "-" else part for sign, part in parts)


def _transposed(shape: Shape, step: Step) -> Iterator[Expression]:
    """Every pair of indices the other way round, if there are such weights, outs and δ."""
    if step.kind == "error_slope" and _is_output(shape, step):
        return
    new: dict[str, Expression] = {}
    if step.kind == "weight_gradient":
        _, (layer, source, target) = parse(step.result)
        pairs = [(source, target)]
        new[address("out", layer, source)] = Operand(address("out", layer, target))
        new[address("delta", layer + 1, target)] = Operand(address("delta", layer + 1, source))
    else:
        weights = [parse(text)[1] for text in step.operands if text.startswith("weight/")]
        layer, pairs = weights[0][0], [(source, target) for _, source, target in weights]
        new = {
            address("weight", layer, *pair): Operand(address("weight", layer, *pair[::-1]))
            for pair in pairs
        }
    if all(max(pair) < min(shape.layers[layer : layer + 2]) for pair in pairs):
        yield substitute(step.expression, new)


def _of_another(shape: Shape, step: Step) -> Iterator[Expression]:
    yield from (
        other.expression
        for other in steps_of_kind(shape, step.kind, step.layer)
        if other.result not in (step.result, "error") and step.result != "error"
    )


def _rate_too_early(shape: Shape, step: Step) -> Iterator[Expression]:
    yield LEARNING_RATE * step.expression


def _rate_forgotten(shape: Shape, step: Step) -> Iterator[Expression]:
    match step.expression:
        case Difference((old, Product((_, *change)))):
            yield old - (change[0] if len(change) == 1 else Product(tuple(change)))


def _added(shape: Shape, step: Step) -> Iterator[Expression]:
    match step.expression:
        case Difference((old, change)):
            yield old + change


def _times(factor: float) -> Callable[[Shape, Step], Iterator[Expression]]:
    """A ½ or a 2 of a squared error is forgotten or applied twice."""

    def rule(shape: Shape, step: Step) -> Iterator[Expression]:
        of_output = _is_output(shape, step) and step.unit is not None
        if of_output and ERRORS[shape.error].slope is not None:
            yield factor * step.expression

    return rule


def _outputs_forgotten(shape: Shape, step: Step) -> Iterator[Expression]:
    match step.expression:
        case Quotient((of, Constant(_))):
            yield of


def _sum_for_mean(shape: Shape, step: Step) -> Iterator[Expression]:
    def without(part: Expression) -> Expression:
        divides = isinstance(part, Quotient) and part.parts[1] == EXAMPLE_COUNT
        return part.parts[0] if divides else part

    yield rewrite(step.expression, without)


def _bias_forgotten(shape: Shape, step: Step) -> Iterator[Expression]:
    match step.expression:
        case Sum((Operand(_) | Negation((Operand(_),)), *others)):
            yield total(others)


def _threshold_added(shape: Shape, step: Step) -> Iterator[Expression]:
    match step.expression:
        case Sum((Negation((Operand(_) as threshold,)), *others)):
            yield total([threshold, *others])


def _bias_per_input(shape: Shape, step: Step) -> Iterator[Expression]:
    match step.expression:
        case Sum((Operand(_) | Negation((Operand(_),)) as bias, *others)) if len(others) > 1:
            yield total([float(len(others)) * bias, *others])


def _bias_gradient_of_one(shape: Shape, step: Step) -> Iterator[Expression]:
    yield from _terms_of(step.expression)


def _old_value_forgotten(shape: Shape, step: Step) -> Iterator[Expression]:
    match step.expression:
        case Sum(parts):
            new = [part for part in parts if not any("_before" in at for at in operands(part))]
            yield total(new)


def _bias_kept(shape: Shape, step: Step) -> Iterator[Expression]:
    yield Operand(step.result)


UPDATED_WEIGHTS = Misconception("updated_weights", ("error_slope",), _updated_weights)
# The more common ones first: those that give the same number are named in this order.
MISCONCEPTIONS = (
    Misconception("wrong_sign", ("error_slope", "delta"), _wrong_sign),
    Misconception("slope_left_out", ("delta",), _slope_left_out),
    Misconception("added", UPDATES, _added),
    UPDATED_WEIGHTS,
    Misconception("learning_rate_forgotten", UPDATES, _rate_forgotten),
    Misconception("one_path", ("error_slope",), _one_path),
    Misconception("bias_forgotten", ("net",), _bias_forgotten),
    Misconception("threshold_added", ("net",), _threshold_added),
    Misconception("slope_at_net", ("activation_slope",), _net_for_out),
    Misconception(
        "net_for_out",
        ("net", "out", "error", "error_slope", "delta", "weight_gradient"),
        _net_for_out,
    ),
    Misconception("doubled", ("error", "error_slope"), _times(2.0)),
    Misconception("halved", ("error", "error_slope"), _times(0.5)),
    Misconception("outputs_forgotten", ("error", "error_slope"), _outputs_forgotten),
    Misconception("sum_for_mean", (*UPDATES, "weight_decayed", *_KEPT), _sum_for_mean),
    Misconception("old_value_forgotten", _KEPT, _old_value_forgotten),
    Misconception("bias_gradient_of_one", ("bias_gradient",), _bias_gradient_of_one),
    Misconception("bias_kept", ("bias_update",), _bias_kept),
    Misconception("bias_per_input", ("net",), _bias_per_input),
    Misconception(
        "learning_rate_early", ("delta", "weight_gradient", "bias_gradient"), _rate_too_early
    ),
    Misconception("transposed", ("net", "error_slope", "weight_gradient"), _transposed),
    Misconception(OF_ANOTHER, (*_OF_UNITS, *_OF_PARAMETERS), _of_another),
)


# The results.


@dataclass(frozen=True, eq=False)
class StepFormula:
    """A right or wrong formula of a step, and the function that computes it."""

    step: Step
    expression: Expression

    @cached_property
    def compute(self) -> Callable[[Mapping[str, float]], float]:
        return prepare_step(self.step, self.expression)


Changes = Mapping[str, StepFormula]  # the changed formulas, by the key of their step


@dataclass(frozen=True, eq=False)
class Graph:
    """The steps of a shape, and which results each is used for."""

    shape: Shape
    formulas: Mapping[str, StepFormula]  # the right ones by key, in the order of the steps
    users: Mapping[str, tuple[str, ...]]  # the keys of the steps that use a result

    def affected_by(self, changes: Iterable[str], among: Container[str]) -> set[str]:
        """The keys of the results that depend on some of these, themselves included."""
        queue = list(changes)
        found = set(queue)
        for name in queue:
            for user in self.users.get(name, ()):
                if user in among and user not in found:
                    found.add(user)
                    queue.append(user)
        return found


@lru_cache(maxsize=16)  # the largest takes some megabytes
def graph_of(shape: Shape) -> Graph:
    """The steps of an iteration and how they depend on each other."""
    formulas = {key(step): StepFormula(step, step.expression) for step in steps_of(shape)}
    users: dict[str, list[str]] = {}
    for name, formula in formulas.items():
        for text in formula.step.operands:
            users.setdefault(text, []).append(name)
    return Graph(shape, formulas, {text: tuple(names) for text, names in users.items()})


@lru_cache(maxsize=256)
def leading_to(graph: Graph, target: str, given: frozenset[str] = frozenset()) -> Mapping[str, int]:
    """The keys of the steps that a result depends on, each with its distance from it.

    Args:
        given: the keys of results that are given, so that no step leads to them.
    """
    distances = {target: 0}
    queue = [target]
    for name in queue:
        for text in graph.formulas[name].step.operands:
            if text in graph.formulas and text not in distances and text not in given:
                distances[text] = distances[name] + 1
                queue.append(text)
    return distances


@lru_cache(maxsize=4096)
def wrong_formulas(
    graph: Graph, misconception: Misconception, name: str
) -> tuple[StepFormula, ...]:
    """The formulas of a mistake for the step of this key."""
    step = graph.formulas[name].step
    wrong = misconception.formulas(graph.shape, step)
    return tuple(StepFormula(step, expression) for expression in wrong)


class Results(dict[str, float]):
    """The values of an iteration by key, if these formulas are used instead of the right ones.

    Args:
        values: the right values.
        affected: the keys of those that may differ; they are computed when they are asked for.
    """

    def __init__(
        self, graph: Graph, values: Mapping[str, float], changes: Changes, affected: Iterable[str]
    ) -> None:
        super().__init__(values)
        self.graph, self.changes = graph, changes
        for name in affected:
            del self[name]

    def __missing__(self, name: str) -> float:
        formula = self.changes.get(name) or self.graph.formulas[name]
        self[name] = value = formula.compute(self)
        return value


def values_of(simulation: Simulation) -> dict[str, float]:
    """The right values of the current iteration by key, its inputs included."""
    names = graph_of(simulation.shape).formulas
    return simulation.reading() | dict(zip(names, simulation.trace(), strict=True))


def values_given(
    graph: Graph, values: Mapping[str, float], own: Mapping[str, float]
) -> dict[str, float]:
    """The values of an iteration by key, if these results were others: what follows from them is
    computed from them."""
    affected = graph.affected_by(own, graph.formulas) - own.keys()
    changed = {**values, **own}
    for name, formula in graph.formulas.items():
        if name in affected:
            changed[name] = formula.compute(changed)
    return changed


def results(simulation: Simulation, misconception: Misconception) -> Results:
    """The values of the current iteration if a mistake is made wherever it can be, in its first way."""
    graph = graph_of(simulation.shape)
    changes = {
        name: formula
        for name in graph.formulas
        for formula in wrong_formulas(graph, misconception, name)[:1]
    }
    affected = graph.affected_by(changes, graph.formulas)
    return Results(graph, values_of(simulation), changes, affected)
