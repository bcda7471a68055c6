"""A matrix, or a block of one, pasted into the weights panel."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from itertools import zip_longest

from app.backprop.errors import N_, Invalid
from app.backprop.network import LARGEST, Network, Shape
from app.backprop.quantity_names import symbol
from app.simulation.simulation import Simulation
from app.text.pasted_cells import PastedCell, is_blank, trimmed
from app.text.pasted_table import CellReader, PastedTable, Rows, read_table
from app.view.notation.labels import Translate
from app.view.panels.weights import parameter_rows, row_names
from app.view.rendering.numbers import MINUS, exact, given
from app.view.rendering.page_state import READING, MatrixPreview, PreviewCell

AS_PASTED, TRANSPOSED = "pasted", "transposed"

Grid = list[list[str]]  # addresses; the last row has the biases, if there are any
Pairs = list[tuple[PastedCell, str]]  # a cell, and the address that it is for
Values = dict[str, float]


class DirectionUnclear(Exception):
    """A pasted matrix fits transposed, too, or only so. The visitor has to choose.

    Attributes:
        field: the field that it was pasted into.
        question: what to choose, translated.
        previews: the matrix as it would stand, for each direction that fits.
    """

    def __init__(self, field: str, question: str, previews: Sequence[MatrixPreview]) -> None:
        super().__init__(field, question)
        self.field, self.question, self.previews = field, question, tuple(previews)


def paste_matrix(simulation: Simulation, form: Mapping[str, str], _: Translate) -> Simulation:
    """Replace the numbers of a matrix, as one edit.

    The field `matrix/0` contains all weights of a layer, one row per source unit, and optionally
    the biases as the last row. `block/weight/0/1/2` contains a block that starts at that cell. An
    empty cell leaves its number as it is.

    Raises:
        Invalid: with a translated message that names the line, the column and the parameter.
        DirectionUnclear: if it fits transposed, and `reading` does not say how it is meant.
    """
    texts = {name: text for name, text in form.items() if name != READING}
    if len(texts) != 1:
        raise Invalid("field", "Change one field at a time.")
    [(field, text)] = texts.items()
    target = _Target(simulation, field, _)
    try:
        table = read_table(text, target.fits)
        found = target.directions(table)
        chosen = form.get(READING, "")
        if chosen in found:
            found = {chosen: found[chosen]}
        values = target.values_of_each(table, found)
    except Invalid as error:
        raise Invalid(field, error.translated(_)) from None
    different = {tuple(each.values()) for each in values.values()}
    if len(different) > 1 or (chosen or AS_PASTED) not in values:
        raise DirectionUnclear(field, target.question(table, values), target.previews(values))
    network = Network(simulation.network.shape, different.pop())
    return simulation.edit(weights=network.weights, biases=network.biases)


class _Target:
    """The matrix of a field, and the cell where what is pasted starts."""

    def __init__(self, simulation: Simulation, field: str, _: Translate) -> None:
        self._shape, self._ = simulation.network.shape, _
        parameters = simulation.compiled.parameters
        self._old: Values = {text: simulation.reading()[text] for text in parameters}
        self._layer, self._grid, self._start = _place(self._shape, field)
        self._is_whole = field.startswith("matrix/")
        self._weights = [row for row in self._grid if row[0].startswith("weight")]
        self._biases = self._grid[len(self._weights) :]

    def fits(self, rows: int, columns: int) -> bool:
        """Whether a table of this size may be meant."""
        row, column = self._start
        sources, targets = len(self._weights), len(self._weights[0])
        if self._is_whole and rows in (sources, len(self._grid)) and columns == targets:
            return True
        if not self._is_whole and row + rows <= len(self._grid) and column + columns <= targets:
            return True
        return self._may_be_transposed and rows == targets and columns in (sources, len(self._grid))

    @property
    def _may_be_transposed(self) -> bool:
        """Only a whole matrix may be."""
        return self._is_whole or self._start == (0, 0)

    def directions(self, table: PastedTable) -> dict[str, Pairs]:
        """Return each direction that fits, and which cell is for which address.

        Raises:
            Invalid: if none fits, about the direction of the page.
        """
        found: dict[str, Pairs] = {}
        refused: Invalid | None = None
        try:
            found[AS_PASTED] = self._as_pasted(table)
        except Invalid as error:
            refused = error
        transposed = self._transposed(table.rows) if self._may_be_transposed else None
        if transposed is not None:
            found[TRANSPOSED] = transposed
        if len(found) == 2 and (named := self._named_direction(table)):
            found = {named: found[named]}
        if refused is not None and not found:
            raise refused
        return found

    def _as_pasted(self, table: PastedTable) -> Pairs:
        rows = table.rows
        places = self._whole_places(table) if self._is_whole else self._block_places(rows)
        pairs: Pairs = []
        for cells, addresses in zip(rows, places, strict=False):
            pairs += zip(trimmed(cells, len(addresses)), addresses, strict=True)
        return pairs

    def _whole_places(self, table: PastedTable) -> Grid:
        """Return the addresses of the cells of a whole matrix, with or without biases."""
        grid, rows = self._grid, table.rows
        count = len(rows)
        while count > len(grid) and is_blank(rows[count - 1]):
            count -= 1
        if count not in (len(self._weights), len(grid)):
            message = N_("%(expected)s rows expected, %(given)s given.")
            if len(grid) == 1:
                message = N_("1 row expected, %(given)s given.")
            if count > len(grid):
                place = rows[len(grid)][0]
                raise place.problem(message, expected=len(grid), given=count)
            raise Invalid("matrix", message, expected=len(grid), given=count)
        for cells, addresses in zip(rows, grid, strict=False):
            kept = trimmed(cells, len(addresses))
            if len(kept) != len(addresses):
                message = N_("%(expected)s numbers expected, %(given)s given.")
                if len(addresses) == 1:
                    message = N_("1 number expected, %(given)s given.")
                raise CellReader(table).wrong_count(kept, len(addresses), message)
        return grid[:count]

    def _block_places(self, rows: Rows) -> Grid:
        """Return the addresses of the cells of a block."""
        if not rows:
            raise Invalid("block", N_("No numbers found."))
        row, column = self._start
        places = []
        for cells, addresses in zip_longest(rows, self._grid[row : row + len(rows)], fillvalue=()):
            taken = list(addresses[column : column + len(cells)])
            outside = [cell for cell in cells[len(taken) :] if cell.text]
            if outside:
                raise outside[0].problem(N_("This is outside the matrix."))
            places.append(taken)
        return places

    def _transposed(self, rows: Rows) -> Pairs | None:
        """Return the cells and addresses of the transposed matrix, None if it does not fit.

        The biases may be a row below, as they are on the page, or the last column.
        """
        sources, targets = len(self._weights), len(self._weights[0])
        body = [trimmed(cells, sources) for cells in rows[:targets]]
        if len(body) < targets or any(len(cells) < sources for cells in body):
            return None
        own = self._biases[0] if self._biases else []
        beside = [cell for cells in body for cell in cells[sources:]]
        beside = trimmed(beside, len(own))
        below = [cell for cells in rows[targets:] for cell in trimmed(cells, len(own))]
        biases = beside or below
        is_table = (
            len(rows) <= targets + 1
            and all(len(cells) <= sources + 1 for cells in body)
            and len({len(cells) for cells in rows[:targets]}) == 1
        )
        if not is_table or (beside and below) or len(biases) not in (0, len(own)):
            return None
        pairs = [
            (cell, self._weights[i][j])
            for j, cells in enumerate(body)
            for i, cell in enumerate(cells[:sources])
        ]
        return pairs + list(zip(biases, own[: len(biases)], strict=True))

    def _named_direction(self, table: PastedTable) -> str:
        """Return the direction that the names of rows or columns say; empty if they say none."""
        sources, targets = (list(names) for names in row_names(self._shape, self._layer))
        rows, columns = table.row_names, table.column_names

        def named(of_rows: list[str], of_columns: list[str]) -> bool:
            are_rows = list(rows[: len(of_rows)]) == of_rows
            return are_rows or list(columns[-len(of_columns) :]) == of_columns

        as_pasted, transposed = named(sources, targets), named(targets, sources)
        if as_pasted == transposed:
            return ""
        return AS_PASTED if as_pasted else TRANSPOSED

    def values_of_each(self, table: PastedTable, found: Mapping[str, Pairs]) -> dict[str, Values]:
        """Return the values for each direction; without the second, if only that is refused.

        Raises Invalid.
        """
        (first, pairs), *others = found.items()
        values = {first: self._values(table, pairs)}
        for name, pairs in others:
            with suppress(Invalid):
                values[name] = self._values(table, pairs)
        return values

    def _values(self, table: PastedTable, pairs: Pairs) -> Values:
        """Return the value of every parameter of the network. Raises Invalid."""
        reader = CellReader(table)
        new = dict(self._old)
        for cell, address in pairs:
            if table.shows_blanks and not cell.text:
                continue
            name = f"{symbol(address, self._shape)}, {address}"
            value = reader.number(cell, name)
            # A number beyond the limits is valid only if it is the current one.
            if abs(value) > LARGEST and value != self._old[address]:
                limit = f"{LARGEST:,.0f}"
                message = N_("Enter a number from %(low)s to %(high)s.")
                raise cell.problem(message, name, low=f"{MINUS}{limit}", high=limit)
            new[address] = value
        return new

    def question(self, table: PastedTable, directions: Collection[str]) -> str:
        """Return what to ask about the directions that fit, translated."""
        _ = self._
        if len(directions) > 1:
            return _("This fits both ways. Which is meant?")
        if AS_PASTED in directions:
            return _("This fits only as it was pasted. Is that meant?")
        sources, targets = len(self._weights), len(self._weights[0])
        count, width = len(table.rows), max(map(len, table.rows))
        if self.fits(count, width) and (count, width) == (sources, targets):
            return _("By its names, this is the transpose. Is that meant?")
        given, expected = f"{count} × {width}", f"{sources} × {targets}"
        text = _("This is %(given)s, and the matrix is %(expected)s. Is the transpose meant?")
        return text % {"given": given, "expected": expected}

    def previews(self, values: Mapping[str, Values]) -> list[MatrixPreview]:
        """Return the matrix as it would stand, for each direction."""
        _ = self._
        texts = {
            AS_PASTED: (_("As pasted"), _("Apply as pasted")),
            TRANSPOSED: (_("Transposed"), _("Apply transposed")),
        }
        sources, targets = row_names(self._shape, self._layer)
        bias = f"b{self._layer + 1}"
        return [
            MatrixPreview(
                reading=name,
                title=texts[name][0],
                button=texts[name][1],
                columns=targets,
                rows=tuple(
                    (head, tuple(self._preview(new, text) for text in addresses))
                    for head, addresses in zip_longest(sources, self._grid, fillvalue=bias)
                ),
                has_biases=bool(self._biases),
            )
            for name, new in values.items()
        ]

    def _preview(self, new: Values, address: str) -> PreviewCell:
        return PreviewCell(given(new[address]), exact(new[address]))


def _place(shape: Shape, field: str) -> tuple[int, Grid, tuple[int, int]]:
    """Return the layer of a field, its matrix and the cell where it starts."""
    for layer in range(shape.depth - 1):
        grid = parameter_rows(shape, layer)
        if field == f"matrix/{layer}":
            return layer, grid, (0, 0)
        for row, addresses in enumerate(grid):
            for column, text in enumerate(addresses):
                if field == f"block/{text}":
                    return layer, grid, (row, column)
    raise Invalid("field", f"There is no field {field!r}.")
