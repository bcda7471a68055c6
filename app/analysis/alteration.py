"""Plans how to alter a network: completes a choice by what it forces elsewhere, and says what that is.

`Simulation.edit` adapts nothing that was not asked for. A form asks here first, shows what is forced,
and then edits with the completed changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import fsum
from typing import Any, cast

from app.backprop.errors import check_choice
from app.backprop.functions import ACTIVATIONS, ERRORS, HYPERPARAMETERS
from app.backprop.network import SUM_TO_ONE, Example, Shape, default_activations
from app.backprop.places import KeptLayers, default_kept_layers, parameter_places
from app.simulation.edits import (
    SHAPE_FIELDS,
    Changes,
    altered_shape,
    alters,
    kept_activations,
)
from app.simulation.iteration import IterationState
from app.simulation.simulation import Simulation

OTHER_ERROR = "half_squared"  # in place of one that the chosen activation does not fit


@dataclass(frozen=True, slots=True)
class Consequence:
    """Something that a choice forces elsewhere: its kind, and the values to tell it with."""

    kind: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Alteration:
    """The changes that alter a network, with all that they force."""

    changes: Changes
    consequences: tuple[Consequence, ...]
    # The numbers of weights and biases: those that keep their values, new ones, those that go.
    kept: int
    new: int
    removed: int


def plan_alteration(start: IterationState, chosen: Changes) -> Alteration:
    """Return what some choices come to; raises Invalid if they do not fit together.

    An error function decides over the activation of the outputs, unless only the activation was
    chosen anew. Examples follow the inputs and the outputs: new columns are 0. Targets become
    probabilities where they must be. The changes have only what differs.
    """
    before = start.network.shape
    changes, consequences = _with_outputs(before, chosen)
    shape, kept = altered_shape(before, changes)
    examples, told = _fitting_examples(start.examples, shape)
    if told:
        changes["examples"] = examples
    consequences += told
    consequences += _of_parameters(start, shape, kept)
    if shape.optimiser != before.optimiser:
        consequences.append(_of_optimiser(shape, changes))
    if any(start.accumulated) and alters(before, shape, kept):
        consequences.append(Consequence("pass"))
    places = parameter_places(before, shape, kept)
    used = {place for place in places if place is not None}
    return Alteration(
        _differing(start, changes, shape, kept),
        tuple(consequences),
        kept=len(places) - places.count(None),
        new=places.count(None),
        removed=before.parameter_count - len(used),
    )


def _differing(start: IterationState, changes: Changes, shape: Shape, kept: KeptLayers) -> Changes:
    """Those of some changes that change something; none are left if nothing does."""
    before = start.network.shape
    differing: dict[str, Any] = dict(changes)
    for name in (*SHAPE_FIELDS, "activations"):
        if getattr(shape, name) == getattr(before, name):
            differing.pop(name, None)
    if differing.get("learning_rate") == start.learning_rate:
        del differing["learning_rate"]
    if kept == tuple(range(before.depth)):
        differing.pop("kept_layers", None)
    if differing.keys() <= {"draw"}:
        differing.clear()
    return cast(Changes, differing)


def _with_outputs(before: Shape, chosen: Changes) -> tuple[Changes, list[Consequence]]:
    """Make the error function and the activation of the outputs fit each other."""
    changes = cast(Changes, {name: new for name, new in chosen.items() if new is not None})
    layers = changes.get("layers") or before.layers
    kept = changes.get("kept_layers") or default_kept_layers(before.depth, len(layers))
    *hidden, outputs = changes.get("activations") or kept_activations(before, layers, kept)
    error = changes.get("error") or before.error
    check_choice("network.error", error, ERRORS)
    names = {outputs} if isinstance(outputs, str) else {*outputs}
    needed, per_layer = ERRORS[error].activation, _is_per_layer(outputs)
    if names == {needed} or (needed is None and not per_layer):
        return changes, []
    if error == before.error and names != {before.activations[-1]}:
        fitting = (name for name, row in ERRORS.items() if per_layer and row.activation == outputs)
        error = next(fitting, OTHER_ERROR)
        changes["error"] = error
        return changes, [Consequence("error", {"error": error, "activation": outputs})]
    outputs = default_activations(before.layers, error)[-1]
    changes["activations"] = (*hidden, outputs)
    return changes, [Consequence("activation", {"error": error, "activation": outputs})]


def _is_per_layer(names: str | Sequence[str]) -> bool:
    return isinstance(names, str) and names in ACTIVATIONS and ACTIVATIONS[names].per_layer


def _fitting_examples(
    examples: Sequence[Example], shape: Shape
) -> tuple[tuple[Example, ...], list[Consequence]]:
    """The examples with as many inputs and outputs as a network has, and targets that its error
    function can have."""
    told = []
    for kind, now, units in (
        ("inputs", len(examples[0].inputs), shape.layers[0]),
        ("outputs", len(examples[0].targets), shape.layers[-1]),
    ):
        if now != units:
            kind += "_added" if units > now else "_removed"
            told.append(Consequence(kind, {"count": abs(units - now)}))
    resized = tuple(
        Example(
            _resized(example.inputs, shape.layers[0]), _resized(example.targets, shape.layers[-1])
        )
        for example in examples
    )
    if not shape.fused_delta:
        return resized, told
    per_layer = ACTIVATIONS[shape.activation(shape.depth - 1)].per_layer
    fitting = tuple(
        replace(example, targets=as_probabilities(example.targets, per_layer))
        for example in resized
    )
    changed = sum(one != other for one, other in zip(fitting, resized, strict=True))
    if changed:
        kind = "targets_sum" if per_layer else "targets_range"
        told.append(Consequence(kind, {"count": changed, "of": len(examples)}))
    return fitting, told


def as_probabilities(targets: Sequence[float], sum_to_one: bool) -> tuple[float, ...]:
    """Return the targets within 0 and 1; scaled in proportion if their sum must be 1, or all equal
    if none of them is above 0."""
    limited = tuple(min(max(target, 0.0), 1.0) for target in targets)
    total = fsum(limited)
    if not sum_to_one or abs(total - 1.0) <= SUM_TO_ONE:
        return limited
    return tuple(each / total if total else 1.0 / len(limited) for each in limited)


def _resized(numbers: Sequence[float], count: int) -> tuple[float, ...]:
    return (*numbers, *[0.0] * count)[:count]


def _of_parameters(start: IterationState, shape: Shape, kept: KeptLayers) -> list[Consequence]:
    """What becomes of the weights between layers that are or were not adjacent, and of biases."""
    told, before = list[Consequence](), start.network.shape
    known = [(layer, origin) for layer, origin in enumerate(kept) if origin is not None]
    for (layer, origin), (following, origin_of_it) in pairwise(known):
        adjacent, were_adjacent = following == layer + 1, origin_of_it == origin + 1
        if adjacent != were_adjacent:
            kind = "joined" if adjacent else "separated"
            told.append(Consequence(kind, {"from": layer, "to": following, "depth": shape.depth}))
    if (before.bias, shape.bias) != ("per_unit", "shared"):
        return told
    biases = start.network.biases
    for layer, own in enumerate(kept[1:]):
        row = () if own is None else biases[own - 1]
        if len(set(row)) > 1:
            values = {"name": f"b{layer + 1}", "value": row[0]}
            told.append(Consequence("bias_of_first_unit", values))
    return told


def _of_optimiser(shape: Shape, changes: Changes) -> Consequence:
    given = changes.get("hyperparameters") or {}
    values = tuple(
        (name, given.get(name, HYPERPARAMETERS[name].default))
        for name in shape.hyperparameters
        if name not in ("weight_decay", "c")
    )
    return Consequence("optimiser", {"optimiser": shape.optimiser, "hyperparameters": values})


def new_parameters(simulation: Simulation) -> frozenset[int]:
    """The indices of the parameters that an alteration in this iteration drew, until each is edited.

    It looks only at the edits of this iteration, of which there are usually none.
    """
    history = simulation.history
    if not history.edits or history.edited_at != simulation.iteration:
        return frozenset()
    edits = history.edits[: history.edit_count]
    begin = len(edits)
    while begin and edits[begin - 1].iteration == simulation.iteration:
        begin -= 1
    if not any(edit.shape for edit in edits[begin:]):
        return frozenset()
    start = history.settings_after(begin)
    new: frozenset[int] = frozenset()
    for edit in edits[begin:]:
        if edit.shape is None:
            new -= {index for index, _ in edit.parameters}
        else:
            places = parameter_places(start.network.shape, edit.shape, edit.kept_layers)
            new = frozenset(i for i, place in enumerate(places) if place is None or place in new)
        start = edit.apply(start)
    return new
