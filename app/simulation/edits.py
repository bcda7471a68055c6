"""Turns requested changes into edits."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypedDict

from app.backprop.network import Example, check_examples, flat_biases, flat_weights
from app.simulation.history import Edit
from app.simulation.iteration import IN_ORDER, IterationState


class Changes(TypedDict, total=False):
    """The changes of one edit; what is None or missing stays as it is."""

    weights: Sequence[Sequence[Sequence[float]]] | None
    biases: Sequence[Sequence[float]] | None
    examples: Sequence[Example] | None
    learning_rate: float | None
    activations: Sequence[str | Sequence[str]] | None
    hyperparameters: Mapping[str, float] | None
    update: str | None
    shuffle: int | None  # a seed, or IN_ORDER


def edit_of(start: IterationState, cursor: int, changes: Changes) -> Edit:
    """Return the edit for these changes; raises Invalid if one does not fit the network."""
    shape, old = start.network.shape, start.network.parameters
    given: dict[str, Any] = {name: new for name, new in changes.items() if new is not None}
    hyperparameters = given.get("hyperparameters", {})
    start.with_hyperparameters(hyperparameters)
    if "activations" in given:
        shape = replace(shape, activations=tuple(given["activations"]))
    examples, update, shuffle = (given.get(name) for name in ("examples", "update", "shuffle"))
    if examples is not None:
        check_examples(shape, examples)
        examples = tuple(Example.of(each.inputs, each.targets) for each in examples)
        examples = None if repr(examples) == repr(start.examples) else examples
    if update is not None:
        replace(shape, update=update)
    order = IN_ORDER if start.shuffle is None else start.shuffle
    weights, biases = old[: shape.weight_count], old[shape.weight_count :]
    if "weights" in given:
        weights = flat_weights(shape, given["weights"])
    if "biases" in given:
        biases = flat_biases(shape, given["biases"])
    values = enumerate(zip(old, weights + biases, strict=True))
    return Edit(
        iteration=start.iteration,
        cursor=cursor,
        parameters=tuple((index, after) for index, (before, after) in values if before != after),
        examples=examples,
        learning_rate=given["learning_rate"] + 0.0 if "learning_rate" in given else None,
        activations=shape.activations if "activations" in given else None,
        hyperparameters=tuple((name, each + 0.0) for name, each in hyperparameters.items()),
        update=None if update == shape.update else update,
        shuffle=None if shuffle == order else shuffle,
    )
