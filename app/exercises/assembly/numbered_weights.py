"""Weights that are numbered through the network, w1 to w8: which units they join."""

from collections.abc import Sequence
from itertools import pairwise

from app.backprop.errors import N_
from app.exercises.assembly.choices import OpenQuestions
from app.exercises.assembly.layouts import (
    BY_SOURCE,
    BY_TARGET,
    KnownSizes,
    Layout,
    labels_of,
    missing_end,
    missing_weights,
    second_value,
    unclear_weight,
)
from app.exercises.lexing.sources import Source
from app.exercises.reading.sheet import Given


def numbered_layout(
    given: Sequence[Given], source: Source, known: KnownSizes, open_: OpenQuestions
) -> Layout:
    """w1 to w8: numbered through the network."""
    found: dict[int, Given] = {}
    for each in given:
        number = each.name.number
        if number is None:
            raise unclear_weight(source, each)
        if number in found and found[number].array.numbers[0].value != each.array.numbers[0].value:
            raise second_value(source, each, found[number])
        found[number] = each
    base, last = given[0].name.base, max(found)
    sizes = known.sizes or _sizes_for(last, known)
    count = sum(a * b for a, b in pairwise(sizes)) if sizes else last
    if sizes and last > count:
        text = N_("%(name)s: No unit has this weight: a network %(layers)s has %(count)s weights.")
        layers = "-".join(map(str, sizes))
        raise source.problem(found[last].start, text, name=found[last].name.text, layers=layers, count=count)  # fmt: skip
    missing = [f"{base}{number}" for number in range(1, min(count, 512) + 1) if number not in found]
    if missing:
        raise missing_weights(source, given[-1].start, missing)
    if sizes is None:
        if known.inputs is None or known.outputs is None:
            raise missing_end(source, known)
        text = N_(
            "%(count)s weights fit no network with %(inputs)s inputs and %(outputs)s outputs."
        )
        values = {"count": last, "inputs": known.inputs, "outputs": known.outputs}
        raise source.problem(given[-1].start, text, **values)
    orders = {}
    for order in (BY_TARGET, BY_SOURCE):
        number, matrices, names = 1, [], {}
        for layer, (sources, targets) in enumerate(pairwise(sizes)):
            cells = {}
            for k in range(sources * targets):
                i, j = (k % sources, k // sources) if order == BY_TARGET else divmod(k, targets)
                cells[i, j] = found[number]
                names[layer, i, j] = found[number].name.text
                number += 1
            matrices.append(
                tuple(
                    tuple(cells[i, j].array.numbers[0] for j in range(targets))
                    for i in range(sources)
                )
            )
        orders[order] = tuple(matrices), names
    order = BY_TARGET
    if any(a > 1 and b > 1 for a, b in pairwise(sizes)):
        order = open_.choose(
            "numbering",
            N_(
                "The weights are numbered, and no arrows say which units they join. In which order?"
            ),
            by_target=N_("First all weights into the first unit of a layer, then into the second"),
            by_source=N_("First all weights from the first unit of a layer, then from the second"),
        )
    matrices_found, names = orders[order]
    return Layout(sizes, matrices_found, labels_of(sizes, known.input_labels), names, order)


def _sizes_for(count: int, known: KnownSizes) -> tuple[int, ...] | None:
    """Return the layers of a network with so many weights and at most one hidden layer."""
    inputs, outputs = known.inputs, known.outputs
    if not inputs or not outputs:
        return None
    if known.hidden in (None, ()) and count == inputs * outputs:
        return inputs, outputs
    hidden, rest = divmod(count, inputs + outputs)
    return (inputs, hidden, outputs) if hidden and not rest and known.hidden is None else None
