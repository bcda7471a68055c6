"""Turns requested changes into edits."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypedDict

from app.backprop.compiler import compile_iteration, flat
from app.backprop.network import (
    Example,
    Shape,
    check_examples,
    flat_biases,
    flat_weights,
)
from app.simulation.error_curve import pack_numbers
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
    weights, biases = changes.get("weights"), changes.get("biases")
    examples, learning_rate = changes.get("examples"), changes.get("learning_rate")
    activations = changes.get("activations")
    hyperparameters = changes.get("hyperparameters") or {}
    start.with_hyperparameters(hyperparameters)
    if activations is not None:
        names: Any = tuple(activations)
        shape = replace(shape, activations=names)
    if examples is not None:
        check_examples(shape, examples)
        examples = tuple(Example.of(each.inputs, each.targets) for each in examples)
        examples = None if _rows(examples) == _rows(start.examples) else examples
    update, shuffle = changes.get("update"), changes.get("shuffle")
    if update is not None:
        replace(shape, update=update)
    before = IN_ORDER if start.shuffle is None else start.shuffle
    new = (old[: shape.weight_count] if weights is None else flat_weights(shape, weights)) + (
        old[shape.weight_count :] if biases is None else flat_biases(shape, biases)
    )
    return Edit(
        iteration=start.iteration,
        cursor=cursor,
        parameters=_differences(old, new),
        examples=examples,
        learning_rate=None if learning_rate is None else learning_rate + 0.0,
        activations=None if activations is None else shape.activations,
        hyperparameters=tuple((name, each + 0.0) for name, each in hyperparameters.items()),
        update=None if update == shape.update else update,
        shuffle=None if shuffle == before else shuffle,
    )


def parameter_edit(start: IterationState, cursor: int, address: str, value: float) -> Edit:
    """Return the edit of one weight or bias; raises KeyError if there is no such parameter."""
    shape = start.network.shape
    inputs = compile_iteration(shape).inputs[: shape.parameter_count]
    if address not in inputs:
        raise KeyError(address)
    return Edit(start.iteration, cursor, ((inputs.index(address), value + 0.0),))


def same_bits(one: IterationState, other: IterationState) -> bool:
    """Whether two states are equal bit by bit: nan equals nan."""
    return _bits(one) == _bits(other)


def _bits(start: IterationState) -> tuple[Shape, int | None, int, bytes, list[bytes]]:
    """Everything that an edit can change."""
    numbers = [
        *start.network.parameters,
        start.learning_rate,
        *start.hyperparameters,
        *start.accumulated,
    ]
    settings = start.network.shape, start.shuffle, start.pass_start
    return *settings, pack_numbers(numbers), _rows(start.examples)


def _rows(examples: Sequence[Example]) -> list[bytes]:
    return [pack_numbers(flat(example)) for example in examples]


def _differences(old: tuple[float, ...], new: tuple[float, ...]) -> tuple[tuple[int, float], ...]:
    """(index, new value) of each value that changed."""
    pairs = enumerate(zip(old, new, strict=True))
    return tuple((index, after) for index, (before, after) in pairs if before != after)
