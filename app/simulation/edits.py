"""Turns requested changes into edits."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypedDict

from app.backprop.conventions import Conventions
from app.backprop.network import (
    Example,
    Names,
    Shape,
    as_entered,
    check_examples,
    flat_biases,
    flat_weights,
)
from app.backprop.places import (
    KeptLayers,
    check_kept_layers,
    default_kept_layers,
    parameter_places,
)
from app.simulation.history import Edit
from app.simulation.iteration import IN_ORDER, IterationState

SHAPE_FIELDS = ("layers", "error", "bias", "optimiser", "weight_decay", "conventions")
NEW_ACTIVATION = "sigmoid"  # of a layer that is added, unless another one is given


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
    # Those that alter the network.
    layers: Sequence[int] | None
    error: str | None
    bias: str | None
    optimiser: str | None
    weight_decay: bool | None  # whether it has one
    conventions: Conventions | None  # those of the deck are `DECK_CONVENTIONS`
    kept_layers: KeptLayers | None  # by default `default_kept_layers`
    # The numbers of a whole network of a shape; new parameters take theirs. By default they are 0.
    draw: Callable[[Shape], Sequence[float]] | None


def edit_of(start: IterationState, cursor: int, changes: Changes) -> Edit:
    """Return the edit for these changes; raises Invalid if one does not fit the network."""
    given: dict[str, Any] = {name: new for name, new in changes.items() if new is not None}
    before = start.network.shape
    shape, kept = altered_shape(before, changes)
    is_altered = alters(before, shape, kept)
    places = parameter_places(before, shape, kept)
    altered = start.altered(shape, places) if is_altered else start
    old = altered.network.parameters
    hyperparameters = given.get("hyperparameters", {})
    altered.with_hyperparameters(hyperparameters)
    examples, update, shuffle = (given.get(name) for name in ("examples", "update", "shuffle"))
    if examples is not None:
        check_examples(shape, examples)
        examples = tuple(Example.of(each.inputs, each.targets) for each in examples)
        examples = None if repr(examples) == repr(start.examples) else examples
    elif is_altered:
        check_examples(shape, start.examples)
    if update is not None:
        replace(shape, update=update)
    order = IN_ORDER if start.shuffle is None else start.shuffle
    new = old
    if is_altered and "draw" in given:
        drawn = as_entered(given["draw"](shape))
        new = tuple(
            number if place is None else number_before
            for number, number_before, place in zip(drawn, old, places, strict=True)
        )
    weights, biases = new[: shape.weight_count], new[shape.weight_count :]
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
        activations=shape.activations if "activations" in given and not is_altered else None,
        hyperparameters=tuple((name, each + 0.0) for name, each in hyperparameters.items()),
        update=None if update == shape.update else update,
        shuffle=None if shuffle == order else shuffle,
        shape=shape if is_altered else None,
        kept_layers=kept if is_altered else (),
    )


def altered_shape(before: Shape, changes: Changes) -> tuple[Shape, KeptLayers]:
    """Return the shape that some changes lead to, and which layers it keeps.

    Units that are added have the activation of the last one before, added layers a sigmoid. What is
    gone loses its name.

    Raises:
        Invalid: if the shape is none; nothing is adapted that was not asked for.
    """
    given: dict[str, Any] = {
        name: new for name in SHAPE_FIELDS if (new := changes.get(name)) is not None
    }
    layers = tuple(given.pop("layers", before.layers))
    kept = changes.get("kept_layers") or default_kept_layers(before.depth, len(layers))
    names: Any = changes.get("activations")
    activations = kept_activations(before, layers, kept) if names is None else tuple(names)
    chosen = given.pop("conventions", None)
    shape = replace(before, layers=layers, activations=activations, conventions=None, **given)
    shape = replace(shape, conventions=chosen or _kept_conventions(before.named, shape))
    check_kept_layers(kept, before, shape)
    return shape, kept


def _kept_conventions(before: Conventions, shape: Shape) -> Conventions:
    """The conventions without the names of what an altered network does not have."""
    known = shape.nameable if before.names else frozenset()
    return replace(before, names=tuple(each for each in before.names if each[1] in known))


def alters(before: Shape, shape: Shape, kept: KeptLayers) -> bool:
    """Whether more than the activations differ, so that an edit has to name the shape."""
    differs = any(getattr(shape, name) != getattr(before, name) for name in SHAPE_FIELDS)
    return differs or kept != tuple(range(before.depth))


def kept_activations(before: Shape, layers: Sequence[int], kept: KeptLayers) -> Names:
    """The activations of altered layers if none are given."""
    names: list[str | tuple[str, ...]] = []
    for units, origin in zip(layers[1:], kept[1:], strict=False):
        own = NEW_ACTIVATION if origin is None else before.activations[origin - 1]
        names.append(own if isinstance(own, str) else (*own, *[own[-1]] * units)[:units])
    return tuple(names)
