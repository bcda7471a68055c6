"""Matrices that follow each other: which way round they are, and whether they fit."""

from collections.abc import Mapping, Sequence
from itertools import product

from app.backprop.errors import N_
from app.exercises.assembly.choices import OpenQuestions
from app.exercises.assembly.layouts import SOURCE, TARGET, KnownSizes, Layout, Matrix, labels_of
from app.exercises.assembly.weight_blocks import LayerWeights
from app.exercises.lexing.sources import Source, Unreadable
from app.exercises.reading.sheet import Sheet

# Of each layer the index of its reading, and its matrix.
_Solution = tuple[tuple[int, Matrix], ...]


def chained_layout(
    layers: list[LayerWeights],
    sheet: Sheet,
    source: Source,
    known: KnownSizes,
    open_: OpenQuestions,
) -> Layout:
    for layer in layers:
        _check_rows(layer, source)
    fixed = known.fixed(len(layers) + 1)
    said = _said_orientations(sheet, len(layers))
    for index, orientation in said.items():
        layers[index].orientation = layers[index].orientation or orientation
    wanted = set(said.values())
    order = [SOURCE, TARGET] if wanted != {TARGET} else [TARGET, SOURCE]
    solutions = {each: _solve(layers, fixed, each) for each in order}
    if not any(solutions.values()) and not _mixed(layers, fixed, OpenQuestions({})):
        # Then the lists of biases are wrong, if the matrices fit without them.
        fixed = known.fixed(len(layers) + 1, with_biases=False)
        solutions = {each: _solve(layers, fixed, each) for each in order}
    found = {each: _allowed(ways, known) for each, ways in solutions.items() if ways}
    if not found:
        found = _mixed(layers, fixed, open_)
    if not found:
        raise _misfit(layers, fixed, source, order[0])
    orientation = next(iter(found))
    differ = len({_values(solution[0]) for solution in found.values()}) > 1
    if len(found) > 1 and differ and len(wanted) != 1:
        question = N_("The matrices fit both ways. What are their rows?")
        orientation = open_.choose(
            "orientation",
            question,
            source_rows=N_("A row for each unit that the weights lead from"),
            target_rows=N_("A row for each unit that the weights lead to"),
        )
    solution = found[orientation]
    _ask_about_commas(solution, layers, sheet)
    matrices = tuple(matrix for _index, matrix in solution[0])
    sizes = (len(matrices[0]), *(len(matrix[0]) for matrix in matrices))
    names = {}
    for place, layer in enumerate(layers):
        own = layer.orientation or orientation
        for (row, column), name in layer.names.items():
            if len(layer.readings[0].rows) == 1 and layer.readings[0].depth == 1:
                i, j = (row, 0) if len(matrices[place]) > 1 else (0, row)
            else:
                i, j = (row, column) if own == SOURCE else (column, row)
            names[place, i, j] = name
    return Layout(sizes, matrices, labels_of(sizes, known.input_labels), names)


def _allowed(ways: list[_Solution], known: KnownSizes) -> list[_Solution]:
    """Return the ways that agree with what is open about inputs and outputs; all, if none does."""
    allowed = [way for way in ways if known.allows(len(way[0][1]), len(way[-1][1][0]))]
    return allowed or ways


def _values(solution: _Solution) -> tuple[tuple[tuple[float, ...], ...], ...]:
    return tuple(
        tuple(tuple(number.value for number in row) for row in matrix)
        for _index, matrix in solution
    )


def _solve(
    layers: Sequence[LayerWeights], fixed: Mapping[int, int], orientation: str
) -> list[_Solution]:
    """Return the ways in which the matrices follow each other."""
    ways: list[_Solution] = [()]
    for place, layer in enumerate(layers):
        longer: list[_Solution] = []
        for index, matrix in layer.matrices(orientation):
            sizes = len(matrix), len(matrix[0])
            if fixed.get(place, sizes[0]) != sizes[0] or fixed.get(place + 1, sizes[1]) != sizes[1]:
                continue
            longer += [
                (*way, (index, matrix)) for way in ways if not way or len(way[-1][1][0]) == sizes[0]
            ]
        ways = longer[:64]
    return ways


def _mixed(
    layers: Sequence[LayerWeights], fixed: Mapping[int, int], open_: OpenQuestions
) -> dict[str, list[_Solution]]:
    """Return how matrices of different orientations follow each other, if they do in one way."""
    found: list[tuple[tuple[str, ...], _Solution]] = []
    for orientations in product((SOURCE, TARGET), repeat=min(len(layers), 4)):
        turned = [
            LayerWeights(layer.name, layer.start, layer.readings, layer.orientation or orientation)
            for layer, orientation in zip(layers, orientations, strict=False)
        ]
        found += [(orientations, way) for way in _solve(turned, fixed, SOURCE)]
    if len({_values(way) for _orientations, way in found}) != 1 or len(layers) > 4:
        return {}
    open_.assume(N_("Some matrices have a row for each unit that weights lead from, others not."))
    for layer, orientation in zip(layers, found[0][0], strict=True):
        layer.orientation = layer.orientation or orientation
    return {SOURCE: [found[0][1]]}


def _ask_about_commas(
    solutions: list[_Solution], layers: Sequence[LayerWeights], sheet: Sheet
) -> None:
    """Raise Unreadable if it stays open what the commas of a list of weights mean."""
    for place, layer in enumerate(layers):
        if len(layer.readings) < 2:
            continue
        used = {solution[place][0] for solution in solutions}
        commas = sheet.has_decimal_commas
        preferred = None if commas is None else int(commas)
        if used == {preferred} or (len(used) == 1 and commas is not False):
            continue
        for given in sheet.weights:
            if given.array.start == layer.readings[0].start and given.array.question:
                raise given.array.question


def _said_orientations(sheet: Sheet, count: int) -> dict[int, str]:
    """Return the orientations that the text names, by the index of the matrix."""
    said: dict[int, str] = {}
    for each in sheet.rows:
        matrix = min(max(each.matrix, 0), count - 1)
        if each.role in ("source", "target"):
            orientation = SOURCE if each.role == "source" else TARGET
        elif each.role == "input":
            orientation = SOURCE
        elif each.role == "output":
            orientation = TARGET
        else:
            orientation = SOURCE if matrix == count - 1 and count > 1 else TARGET
        if each.of == "columns":
            orientation = TARGET if orientation == SOURCE else SOURCE
        said.setdefault(matrix, orientation)
    return said


def _check_rows(layer: LayerWeights, source: Source) -> None:
    """Raise Unreadable if the rows of a matrix have different lengths."""
    for array in layer.readings[:1]:
        if not array.rows or not array.rows[0]:
            raise source.problem(layer.start, N_("%(name)s: A number is missing."), name=layer.name)
        width = len(array.rows[0])
        for row in array.rows:
            if len(row) != width and len(layer.readings) == 1:
                place = row[-1].start if row else array.start
                message = N_("%(name)s: %(expected)s numbers expected, %(given)s given.")
                values = {"name": layer.name, "expected": width, "given": len(row)}
                raise source.problem(place, message, **values)


def _misfit(
    layers: Sequence[LayerWeights], fixed: Mapping[int, int], source: Source, orientation: str
) -> Unreadable:
    """Return the error that matrices do not follow each other: at the first that does not fit."""
    size = fixed.get(0)
    for place, layer in enumerate(layers):
        array = layer.readings[0]
        rows, columns = array.size
        if array.depth < 2:
            ends = {(columns, 1), (1, columns)}
        else:
            own = layer.orientation or orientation
            ends = {(rows, columns) if own == SOURCE else (columns, rows)}
        after = fixed.get(place + 1)
        fitting = [each for each in ends if size in (None, each[0])]
        if not fitting:
            return _wrong_size(layer, source, orientation, size, True)
        if after is not None and not [each for each in fitting if each[1] == after]:
            return _wrong_size(layer, source, orientation, after, False)
        size = after if after is not None else fitting[0][1] if len(fitting) == 1 else None
    return source.problem(layers[0].start, N_("These weights fit no network."))


def _wrong_size(
    layer: LayerWeights, source: Source, orientation: str, expected: int | None, is_source: bool
) -> Unreadable:
    array = layer.readings[0]
    rows, columns = array.size
    values: dict[str, object] = {"name": layer.name, "expected": expected}
    if array.depth < 2:
        text = N_("%(name)s: %(expected)s numbers expected, %(given)s given.")
        return source.problem(array.start, text, **values, given=columns)
    if is_source == ((layer.orientation or orientation) == SOURCE):
        text = N_("%(name)s: %(expected)s rows expected, %(given)s given.")
        return source.problem(array.start, text, **values, given=rows)
    text = N_("%(name)s: %(expected)s columns expected, %(given)s given.")
    return source.problem(array.start, text, **values, given=columns)
