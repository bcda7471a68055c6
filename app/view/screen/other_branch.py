"""What the branch that was left is: its iterations, what differs there, and its last known E."""

from collections.abc import Iterator
from itertools import takewhile
from math import inf
from typing import Any

from app.backprop.addresses import symbol
from app.backprop.functions import HYPERPARAMETERS
from app.simulation.history import Edit, History
from app.simulation.simulation import Simulation
from app.view.notation.labels import Translate
from app.view.rendering.numbers import ordinal, plain, short


def other_branch_text(simulation: Simulation, _: Translate) -> str:
    """Describe the other branch in a line; empty if there is none.

    Its settings are told as they change on the way there: "lr 0.5 → 3.0".
    """
    other = simulation.history.other_branch
    if other is None or other.branch.end is None:
        return ""
    branch, end = other.branch, other.branch.end
    own, theirs = _since_they_parted(simulation.history, branch)
    fork = min(edits[0].iteration if edits else inf for edits in (own, theirs))
    begun = ordinal(end[0] if fork == inf else int(fork))
    parts = [_("iterations %(first)s to %(last)s") % {"first": begun, "last": ordinal(end[0])}]
    parts += _differences(simulation, branch, _)
    parts += _parameters(simulation, theirs, _)
    # The last point alone: a curve has up to 512, and this is said at every step.
    last = max(branch.first.iteration - 1, end[0] - branch.curve.stride - 1)
    if points := branch.curve.after(last):
        iteration, error = points[-1]
        message = _("E %(error)s in iteration %(iteration)s")
        parts.append(message % {"error": short(error), "iteration": ordinal(iteration)})
    return ", ".join(parts)


def _since_they_parted(here: History, there: History) -> tuple[tuple[Edit, ...], tuple[Edit, ...]]:
    """The edits of both branches after those that they share."""
    # Both forget their oldest edits, each for itself.
    forgotten = max(here.forgotten, there.forgotten)
    own = here.edits[forgotten - here.forgotten : here.edit_count]
    theirs = there.edits[forgotten - there.forgotten :]
    shared = sum(
        1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(own, theirs, strict=False))
    )
    return own[shared:], theirs[shared:]


def _differences(simulation: Simulation, branch: History, _: Translate) -> Iterator[str]:
    """The settings that differ, as they are here and there."""
    start, first = simulation.start, branch.first
    rate = _last(branch, "learning_rate", first.learning_rate)
    if rate != start.learning_rate:
        yield f"lr {plain(start.learning_rate)} → {plain(rate)}"
    values = first.hyperparameter_values
    for edit in branch.edits:
        values |= dict(edit.hyperparameters)
    for name, value in start.hyperparameter_values.items():
        if value != values[name]:
            yield f"{HYPERPARAMETERS[name].symbol} {plain(value)} → {plain(values[name])}"
    here, shape = start.network.shape, first.network.shape
    activations = _last(branch, "activations", shape.activations)
    if activations != here.activations:
        yield _("other activations")
    if _last(branch, "update", shape.update) != here.update:
        yield _("other updates")
    if _last(branch, "examples", first.examples) != start.examples:
        yield _("other examples")


def _last(branch: History, name: str, first: Any) -> Any:
    """What an edit of a branch set last, or what it began with."""
    given = (new for edit in reversed(branch.edits) if (new := getattr(edit, name)) is not None)
    return next(given, first)


def _parameters(simulation: Simulation, edits: tuple[Edit, ...], _: Translate) -> Iterator[str]:
    """The weights and biases that were given on the other branch alone."""
    numbers = dict(number for edit in edits for number in edit.parameters)
    if len(numbers) == 1:
        [(index, value)] = numbers.items()
        address = list(simulation.compiled.parameters)[index]
        yield f"{symbol(address, simulation.shape.depth)} = {plain(value)}"
    elif numbers:
        yield _("%(count)s other weights") % {"count": len(numbers)}
