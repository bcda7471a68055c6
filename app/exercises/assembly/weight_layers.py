"""The layers of a network and its weights, however the text gives them."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from app.backprop.errors import N_
from app.exercises.assembly.choices import OpenQuestions
from app.exercises.assembly.layouts import (
    SOURCE,
    TARGET,
    KnownSizes,
    Layout,
    labels_of,
    missing_end,
    unclear_weight,
)
from app.exercises.assembly.matrix_chains import chained_layout
from app.exercises.assembly.numbered_weights import numbered_layout
from app.exercises.assembly.unit_graphs import edges_of_pairs, graph_layout
from app.exercises.assembly.weight_blocks import WeightBlock, blocks_of
from app.exercises.lexing.sheet_names import SheetName
from app.exercises.lexing.sources import Source
from app.exercises.reading.number_arrays import Array, ReadNumber
from app.exercises.reading.sheet import Given, Sheet


def layout_of(sheet: Sheet, source: Source, known: KnownSizes, open_: OpenQuestions) -> Layout:
    """Return the layers and weights of a text.

    Raises Unreadable if weights are missing, too many, or fit no network.
    """
    if not sheet.weights:
        return _uniform(sheet, source, known)
    blocks = blocks_of(sheet, source)
    if len(blocks) == 1 and blocks[0].is_network:
        return _network_of(blocks[0], source, known, open_)
    if sheet.bias_rows:
        _take_biases(blocks, sheet)
    arrays = [block.resolved(source, sheet.has_decimal_commas) for block in blocks]
    return chained_layout(arrays, sheet, source, known, open_)


def _take_biases(blocks: Sequence[WeightBlock], sheet: Sheet) -> None:
    """Take the biases out of matrices that have them in a row or a column of their own."""
    assert sheet.bias_rows is not None
    of, is_last = sheet.bias_rows
    for layer, block in enumerate(blocks, 1):
        array = block.given[0].array
        if len(block.given) > 1 or array.depth not in (1, 2) or array.question:
            continue
        if array.depth == 1:  # one unit
            of, array = "columns", replace(array, depth=2)
        rows = array.rows if of == "rows" else tuple(zip(*array.rows, strict=False))
        place = len(rows) - 1 if is_last else 0
        rest = (*rows[:place], *rows[place + 1 :])
        kept = rest if of == "rows" else tuple(zip(*rest, strict=False))
        block.given = [replace(block.given[0], array=replace(array, rows=kept))]
        block.orientation = SOURCE if of == "rows" else TARGET
        name = SheetName(block.name, "b", str(layer))
        biases = Array((rows[place],), 1, rows[place][0].start)
        sheet.biases.append(Given(name, biases, block.start))


def _uniform(sheet: Sheet, source: Source, known: KnownSizes) -> Layout:
    """All weights are the same."""
    end = len(source.text)
    if sheet.all_weights is None:
        raise source.problem(end, N_("The weights are missing."))
    sizes = known.sizes
    if sizes is None and known.inputs and known.outputs and known.hidden == ():
        sizes = (known.inputs, known.outputs)
    if sizes is None:
        if known.inputs is None or known.outputs is None:
            raise missing_end(source, known)
        text = N_("How many units each layer has is missing, such as 2-3-1.")
        raise source.problem(sheet.all_weights.start, text)
    number = ReadNumber(sheet.all_weights.value, sheet.all_weights.start, "")
    weights = tuple(((number,) * b,) * a for a, b in pairwise(sizes))
    return Layout(sizes, weights, labels_of(sizes, known.input_labels))


def _network_of(
    block: WeightBlock, source: Source, known: KnownSizes, open_: OpenQuestions
) -> Layout:
    given = block.given
    if any(each.edge for each in given):
        for each in given:
            if each.edge is None:
                raise unclear_weight(source, each)
        edges = [each.edge for each in given if each.edge]
        return graph_layout(given, edges, source, known)
    if all(len(each.name.labels) == 2 for each in given):
        return graph_layout(given, edges_of_pairs(given, source, known, open_), source, known)
    return numbered_layout(given, source, known, open_)
