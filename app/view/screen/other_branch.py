"""What the branch that was left is: its iterations, what differs there, and its last known E."""

from collections.abc import Iterator
from itertools import takewhile
from typing import Any

from app.backprop.compiler import compile_iteration
from app.backprop.errors import MOST_LETTERS
from app.backprop.functions import HYPERPARAMETERS
from app.backprop.quantity_names import symbol
from app.simulation.history import Edit, History
from app.simulation.iteration import Moment
from app.simulation.simulation import Simulation
from app.view.notation.labels import Translate
from app.view.rendering.digits import FOUR, Digits
from app.view.rendering.numbers import ordinal

Edits = tuple[Edit, ...]


def other_branch_text(simulation: Simulation, _: Translate, digits: Digits = FOUR) -> str:
    """Describe the other branch in a line; empty if there is none.

    Its settings are told as they change on the way there: "lr 0.5 → 3.0".
    """
    other = simulation.history.other_branch
    if other is None or other.branch.end is None:
        return ""
    branch, end = other.branch, other.branch.end
    own, theirs = _since_they_parted(simulation.history, branch)
    first, last_one = ordinal(_fork(own, theirs, end)), ordinal(end[0])
    if first == last_one:
        parts = [_("iteration %(iteration)s") % {"iteration": first}]
    else:
        parts = [_("iterations %(first)s to %(last)s") % {"first": first, "last": last_one}]
    parts += _differences(simulation, branch, _, digits)
    parts += _parameters(simulation, branch, own, theirs, _, digits)
    # The last point alone: a curve has up to 512, and this is said at every step.
    last = max(branch.first.iteration - 1, end[0] - branch.curve.stride - 1)
    if points := branch.curve.after(last):
        iteration, error = points[-1]
        message = _("E %(error)s in iteration %(iteration)s")
        parts.append(message % {"error": digits.short(error), "iteration": ordinal(iteration)})
    return ", ".join(parts)


def other_branch_id(simulation: Simulation) -> str:
    """Return what tells the other branch from those before and after it; empty if there is none."""
    other = simulation.history.other_branch
    if other is None or other.branch.end is None:
        return ""
    return "-".join(map(str, (other.branch.number, *other.branch.end)))


def name_of_kept_branch(simulation: Simulation, title: str, _: Translate) -> str:
    """Return the name of a network that is made of the other branch of the network with a title."""
    other = simulation.history.other_branch
    assert other is not None
    assert other.branch.end is not None
    parted = _since_they_parted(simulation.history, other.branch)
    fork = ordinal(_fork(*parted, other.branch.end))
    name = _("%(name)s (branch of iteration %(iteration)s)")
    rest = len(name % {"name": "", "iteration": fork})
    return name % {"name": title[: MOST_LETTERS - rest], "iteration": fork}


def _fork(own: Edits, theirs: Edits, end: Moment) -> int:
    """The iteration in which the branches part: that of the first edit that is on one of them."""
    edits = (*own[:1], *theirs[:1])
    return min((edit.iteration for edit in edits), default=end[0])


def _since_they_parted(here: History, there: History) -> tuple[Edits, Edits]:
    """The edits of both branches after those that they share."""
    # Both forget their oldest edits, each for itself.
    forgotten = max(here.forgotten, there.forgotten)
    own = here.edits[forgotten - here.forgotten : here.edit_count]
    theirs = there.edits[forgotten - there.forgotten :]
    shared = sum(
        1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(own, theirs, strict=False))
    )
    return own[shared:], theirs[shared:]


def _differences(
    simulation: Simulation, branch: History, _: Translate, digits: Digits
) -> Iterator[str]:
    """The settings that differ, as they are here and there."""
    start, first, plain = simulation.start, branch.first, digits.plain
    rate = _last(branch, "learning_rate", first.learning_rate)
    if rate != start.learning_rate:
        yield f"lr {plain(start.learning_rate)} → {plain(rate)}"
    here, shape = start.network.shape, _last(branch, "shape", first.network.shape)
    values = _hyperparameters(branch)
    for name, value in start.hyperparameter_values.items():
        if value != values.get(name, value):
            yield f"{HYPERPARAMETERS[name].symbol} {plain(value)} → {plain(values[name])}"
    given = (edit.activations or (edit.shape and edit.shape.activations) for edit in branch.edits)
    *_before, activations = (first.network.shape.activations, *filter(None, given))
    if shape.layers != here.layers:
        yield f"{here.text} → {shape.text}"
    elif activations != here.activations:
        yield _("other activations")
    if shape.error != here.error:
        yield _("another error function")
    if shape.bias != here.bias:
        yield _("other biases")
    if shape.optimiser != here.optimiser:
        yield _("another optimiser")
    if _last(branch, "update", first.network.shape.update) != here.update:
        yield _("other updates")
    if _last(branch, "examples", first.examples) != start.examples:
        yield _("other examples")


def _hyperparameters(branch: History) -> dict[str, float]:
    """The hyperparameters at the end of a branch, by name."""
    values = branch.first.hyperparameter_values
    for edit in branch.edits:
        if edit.shape is not None:
            names = edit.shape.hyperparameters
            values = {name: values.get(name, HYPERPARAMETERS[name].default) for name in names}
        values |= dict(edit.hyperparameters)
    return values


def _last(branch: History, name: str, first: Any) -> Any:
    """What an edit of a branch set last, or what it began with."""
    given = (new for edit in reversed(branch.edits) if (new := getattr(edit, name)) is not None)
    return next(given, first)


def _parameters(
    simulation: Simulation,
    branch: History,
    own: Edits,
    theirs: Edits,
    _: Translate,
    digits: Digits,
) -> Iterator[str]:
    """The weights and biases that were given on the other branch alone.

    Those that an alteration drew are not counted.
    """
    numbers = _given_parameters(branch, len(theirs))
    kinds = {address.partition("/")[0] for address in numbers}
    if len(numbers) == 1 and not any(edit.shape for edit in (*own, *theirs)):
        [(address, value)] = numbers.items()
        yield f"{symbol(address, simulation.shape)} = {digits.plain(value)}"
    elif len(kinds) > 1:
        yield _("%(count)s other weights and biases") % {"count": len(numbers)}
    elif len(numbers) == 1:  # of a network with other layers, where a symbol would mislead
        yield _("another weight") if "weight" in kinds else _("another bias")
    elif "weight" in kinds:
        yield _("%(count)s other weights") % {"count": len(numbers)}
    elif numbers:
        yield _("%(count)s other biases") % {"count": len(numbers)}


def _given_parameters(branch: History, last: int) -> dict[str, float]:
    """The weights and biases that the last edits of a branch gave, by their addresses there."""
    shape, since = branch.first.network.shape, len(branch.edits) - last
    numbers: dict[str, float] = {}
    for position, edit in enumerate(branch.edits):
        if edit.shape is not None:
            shape = edit.shape
        elif edit.parameters and position >= since:
            addresses = list(compile_iteration(shape).parameters)
            numbers |= {addresses[index]: value for index, value in edit.parameters}
    return numbers
