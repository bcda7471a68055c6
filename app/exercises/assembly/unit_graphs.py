"""Units that are joined by single weights: their layers."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from app.backprop.errors import N_
from app.exercises.assembly.choices import OpenQuestions
from app.exercises.assembly.layouts import (
    KnownSizes,
    Layout,
    missing_weights,
    other_layers,
    second_value,
    unclear_weight,
)
from app.exercises.lexing.sources import Source
from app.exercises.reading.sheet import Given


def edges_of_pairs(
    given: Sequence[Given], source: Source, known: KnownSizes, open_: OpenQuestions
) -> list[tuple[str, str]]:
    """Return which unit each weight leads from, and to: w14 from 1 to 4, w_ca to c from a."""
    pairs = [(each.name.labels[0], each.name.labels[1]) for each in given]
    if all(a.isdecimal() and b.isdecimal() for a, b in pairs):
        rising = [int(a) < int(b) for a, b in pairs]
        if not all(rising) and any(rising):
            majority = sum(rising) * 2 >= len(rising)
            odd = given[rising.index(not majority)]
            raise unclear_weight(source, odd)
        return pairs if all(rising) else [(b, a) for a, b in pairs]
    inputs = set(known.input_labels)
    first = sum((a in inputs or a[0] in "xi") for a, _b in pairs)
    second = sum((b in inputs or b[0] in "xi") for _a, b in pairs)
    if first == second == 0:
        open_.assume(N_("The first index of a weight is the unit that it leads from."))
    return [(b, a) for a, b in pairs] if second > first else pairs


def graph_layout(
    given: Sequence[Given],
    edges: Sequence[tuple[str, str]],
    source: Source,
    known: KnownSizes,
) -> Layout:
    """Return the layers of units that are joined by weights. Raises Unreadable."""
    found: dict[tuple[str, str], Given] = {}
    for each, edge in zip(given, edges, strict=True):
        if edge in found and found[edge].array.numbers[0].value != each.array.numbers[0].value:
            raise second_value(source, each, found[edge])
        found.setdefault(edge, each)
    incoming: dict[str, list[str]] = {}
    units: dict[str, None] = {}
    for a, b in found:
        units[a] = units[b] = None
        incoming.setdefault(b, []).append(a)
    depth = _depths(units, incoming)
    for (a, b), each in found.items():
        if a not in depth and b not in depth:
            text = N_("%(name)s: The connections go round in a circle.")
            raise source.problem(each.start, text, name=each.name.text)
    _check_hidden(depth, found, source, known)
    for (a, b), each in found.items():
        if depth[b] != depth[a] + 1:
            text = N_("%(name)s: It does not lead from one layer to the next.")
            raise source.problem(each.start, text, name=each.name.text)
    layers: list[list[str]] = [[] for _ in range(max(depth.values()) + 1)]
    for unit in sorted(units, key=_natural):
        layers[depth[unit]].append(unit)
    _check_inputs(layers[0], found, source, known)
    if set(known.input_labels) == set(layers[0]):
        layers[0] = list(known.input_labels)
    missing = [
        f"{a}→{b}"
        for before, after in pairwise(layers)
        for b in after
        for a in before
        if (a, b) not in found
    ]
    if missing:
        raise missing_weights(source, given[-1].start, missing)
    sizes = tuple(map(len, layers))
    if known.all and known.all != sizes:
        raise other_layers(source, given[-1].start, known.all, sizes)
    matrices = tuple(
        tuple(tuple(found[a, b].array.numbers[0] for b in after) for a in before)
        for before, after in pairwise(layers)
    )
    names = {
        (layer, i, j): found[a, b].name.text
        for layer, (before, after) in enumerate(pairwise(layers))
        for i, a in enumerate(before)
        for j, b in enumerate(after)
    }
    return Layout(sizes, matrices, tuple(map(tuple, layers)), names)


def _depths(units: Iterable[str], incoming: Mapping[str, list[str]]) -> dict[str, int]:
    """Return the layer of each unit; of those in a circle none."""
    outgoing: dict[str, list[str]] = {}
    waiting = {unit: len(incoming.get(unit, ())) for unit in units}
    for unit, sources in incoming.items():
        for each in sources:
            outgoing.setdefault(each, []).append(unit)
    depth = {unit: 0 for unit, count in waiting.items() if not count}
    ready = list(depth)
    while ready:
        unit = ready.pop()
        for after in outgoing.get(unit, ()):
            depth[after] = max(depth.get(after, 0), depth[unit] + 1)
            waiting[after] -= 1
            if not waiting[after]:
                ready.append(after)
    return {unit: depth[unit] for unit in depth if not waiting[unit]}


def _natural(label: str) -> tuple[str, int, str]:
    letters = label.rstrip("0123456789")
    digits = label[len(letters) :]
    return letters, int(digits) if digits and len(digits) < 9 else 0, label


def _check_hidden(
    depth: Mapping[str, int],
    edges: Mapping[tuple[str, str], Given],
    source: Source,
    known: KnownSizes,
) -> None:
    """Raise Unreadable if no weight leads to a unit that is no input by its name."""
    for (unit, _to), each in edges.items():
        if not depth[unit] and unit[0] in "hoy" and unit not in known.input_labels:
            text = N_("%(name)s: No weight leads to the unit %(unit)s.")
            raise source.problem(each.start, text, name=each.name.text, unit=unit)


def _check_inputs(
    first: Sequence[str],
    edges: Mapping[tuple[str, str], Given],
    source: Source,
    known: KnownSizes,
) -> None:
    """Raise Unreadable if a unit of the first layer is none of the inputs."""
    if known.inputs is None or len(first) == known.inputs:
        return
    if len(first) > known.inputs:
        numbers = {label.lstrip("xiXI") for label in known.input_labels}
        numbers |= set(map(str, range(1, known.inputs + 1))) if not numbers else set()
        unknown = [unit for unit in first if unit.lstrip("xiXI") not in numbers] or list(first[-1:])
        each = next(given for (a, _b), given in edges.items() if a == unknown[0])
        text = N_("%(name)s: There is no unit %(unit)s: %(count)s inputs are given.")
        values = {"name": each.name.text, "unit": unknown[0], "count": known.inputs}
        raise source.problem(each.start, text, **values)
    last = list(edges.values())[-1]
    text = N_("Weights lead from %(given)s inputs, and there are %(expected)s.")
    raise source.problem(last.start, text, given=len(first), expected=known.inputs)
