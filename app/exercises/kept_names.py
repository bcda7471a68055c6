"""The names and signs of a sheet that its network keeps."""

import re
from collections.abc import Iterator
from dataclasses import replace

from app.backprop.addresses import address
from app.backprop.conventions import CONSECUTIVE, DECK, NAME, NUMBERINGS, Conventions
from app.backprop.network import Shape
from app.backprop.quantity_names import symbol, unit_name
from app.exercises.assembly.bias_layers import SUBTRACTED
from app.exercises.assembly.exercise import Exercise
from app.exercises.name_book import plain_name

_DECORATION = re.compile(r"[\s{}\\$,()]+")


def conventions_of(exercise: Exercise) -> Conventions:
    """Return the conventions of the sheet, as far as its names and its text show them.

    A name that is too long or is used twice is left out: there the network has the deck's.
    """
    sheet, shape = exercise.conventions, exercise.network.shape
    signs = Conventions(
        minus_delta=sheet.err_is_minus_delta, thresholds=sheet.thresholds == SUBTRACTED
    )
    weights = [(name, at) for at, name in sheet.names if at.startswith("weight")]

    def others(numbering: str) -> list[tuple[str, str]]:
        """The names that the numbering does not give."""
        named = replace(shape, conventions=replace(signs, numbering=numbering))
        return [
            (name, at) for name, at in weights if plain_name(symbol(at, named)) != plain_name(name)
        ]

    numbering = min(NUMBERINGS, key=lambda each: len(others(each))) if weights else DECK
    if numbering == DECK and _are_numbered(sheet.units, shape):
        numbering = CONSECUTIVE
    kept = replace(signs, numbering=numbering)
    named = replace(shape, conventions=kept)
    names = [*_units(sheet.units, named), *others(numbering)]
    names += [
        (name, at)
        for at, name in sheet.names
        if at.startswith("bias") and plain_name(symbol(at, named)) != plain_name(name)
    ]
    return replace(kept, names=tuple(_usable(names)))


def _are_numbered(units: tuple[tuple[str, ...], ...], shape: Shape) -> bool:
    """Whether all units after the inputs have numbers, from the inputs on."""
    given = [name for layer in units[1:] for name in layer]
    first = shape.layers[0] + 1
    return given == [str(first + index) for index in range(len(given))]


def _units(units: tuple[tuple[str, ...], ...], named: Shape) -> Iterator[tuple[str, str]]:
    """The names of units that differ by more than their letters' size: a, but not h1 for H1."""
    for layer, names in enumerate(units):
        for unit, name in enumerate(names):
            usual = unit_name(layer, unit, named)
            if name.casefold() != usual.casefold() and not name.isdecimal():
                yield name, address("out", layer, unit)


def _usable(names: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    written = [(_DECORATION.sub("", name), at) for name, at in names]
    folded = [name.casefold() for name, _ in written]
    for name, at in written:
        if NAME.fullmatch(name) and folded.count(name.casefold()) == 1:
            yield name, at
