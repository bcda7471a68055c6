"""Heat maps: the weights of a large network as cells between its layers, with one dock pulled out.

Row i of a map stands at the height of unit i, and column j leads to unit j of the next layer. The
column of the unit in focus is pulled out as a dock, whose numbers stand at the heights of the units
that they come from; only its lines are drawn. On the way back it is the row of the unit in focus,
at the heights of the units after it.
"""

from collections.abc import Iterator

from app.backprop.addresses import address
from app.view.graph import gaps
from app.view.graph.geometry import COMPACT_BASE, Place
from app.view.graph.parameters import Parameter, Parameters, parameter
from app.view.graph.scene import (
    Box,
    Group,
    Label,
    Path,
    Shape,
    box_at,
    curve,
    number,
    number_on,
    on_mark,
)
from app.view.graph.symbols import bias_symbol
from app.view.rendering.step_view import Quantity

MARGIN, CELL = 5.0, 15.0  # px
LINES = 28.0  # the room that lines need: a narrower gap has a bracket instead
BIAS_HEIGHT = 28.0


class HeatMaps(Parameters):
    """The weights and biases of a drawing with heat maps."""

    usual_term_size = 16.0

    @property
    def dock(self) -> float:
        """The width of the dock."""
        return 82.0 if self.shape.depth == 5 else 86.0

    @property
    def pill(self) -> float:
        """The width of a bias."""
        return 83.0 if self.shape.depth == 5 else 98.0

    def of_unit(self, layer: int, unit: int) -> Iterator[Group]:
        """The edges into a unit, and its bias."""
        if layer:
            for source in range(self.shape.layers[layer - 1]):
                yield self._edge(layer - 1, source, unit)
            if self.shape.bias == "per_unit":
                yield self._bias(layer - 1, unit)
        if gathered := tuple(self._gathered(layer, unit)):
            yield Group(id="", classes="brace", shapes=gathered)

    def shared_biases(self) -> Iterator[Group]:
        """The biases that a whole layer shares."""
        for indices in self.shape.bias_indices() if self.shape.bias == "shared" else ():
            yield self._bias(*indices)

    def _edge(self, layer: int, source: int, target: int) -> Group:
        weight = parameter(self.step_view, "weight", layer, source, target)
        shapes: list[Shape] = []
        pulled = self._is_pulled(layer, source, target)
        if self._has_map(layer):
            shapes.append(self._cell(weight, layer, source, target, pulled))
        if pulled:
            shapes += self._dock(weight, layer, source, target)
        return self.edge_group((layer, source, target), weight, tuple(shapes))

    def _is_pulled(self, layer: int, source: int, target: int) -> bool:
        """Whether a weight stands in the dock that is pulled out."""
        content = self.contents[layer]
        if content == gaps.RETURN:
            return self.marks.unit(layer, source)
        return content not in (gaps.LINES, gaps.FACTORS) and self.marks.unit(layer + 1, target)

    def _has_dock(self, layer: int) -> bool:
        focus, content = self.marks.focus, self.contents[layer]
        if focus is None or focus.unit < 0 or content in (gaps.LINES, gaps.FACTORS):
            return False
        return focus.layer == (layer if content == gaps.RETURN else layer + 1)

    def _cell_width(self, layer: int) -> float:
        """The width of a cell, which is the same in every step."""
        begin, end = self.geometry.gap(layer)
        columns, room = self.shape.layers[layer + 1], end - begin - 2 * MARGIN
        with_dock = room - self.dock - MARGIN - LINES
        width = with_dock if with_dock > 6 * columns else room
        return round(min(CELL, width / columns), 1)

    def _beside_dock(self, layer: int) -> bool:
        """Whether a gap has room for its map beside the dock."""
        begin, end = self.geometry.gap(layer)
        return end - begin - 3 * MARGIN - self.dock - LINES > 6 * self.shape.layers[layer + 1]

    def _has_lines(self, layer: int) -> bool:
        """Whether a gap has room for lines between the dock and the unit in focus."""
        begin, end = self.geometry.gap(layer)
        return end - begin - 2 * MARGIN - self.dock >= LINES

    def _has_map(self, layer: int) -> bool:
        if self.contents[layer] == gaps.FACTORS:
            return self._beside_dock(layer)
        return self._beside_dock(layer) or not self._has_dock(layer)

    def _map_left(self, layer: int) -> float:
        begin, end = self.geometry.gap(layer)
        columns = self._cell_width(layer) * self.shape.layers[layer + 1]
        if not self._beside_dock(layer):
            return (begin + end - columns) / 2
        # On the way back the dock is at the other end, and so are the factors.
        return begin + MARGIN

    def _map_width(self, layer: int) -> float:
        return self._cell_width(layer) * self.shape.layers[layer + 1]

    def _cell(self, weight: Parameter, layer: int, source: int, target: int, pulled: bool) -> Box:
        place, width = self.geometry.places[layer][source], self._cell_width(layer)
        x = self._map_left(layer) + width * target
        share = self.derived.share(weight.value, self._largest_weight(layer))
        tone = " pulled" if pulled else ""
        return Box(
            x + 0.5,
            place.y - place.ry + 3,
            width - 1,
            2 * place.ry - 6,
            f"heat {weight.value.sign}{tone}",
            1.5,
            share.cell_opacity,
        )

    def _largest_weight(self, layer: int) -> Quantity:
        key = -2 - layer
        if key not in self._largest:
            self._largest[key] = self.derived.largest(
                *(
                    parameter(self.step_view, "weight", *indices).value
                    for indices in self.shape.weight_indices()
                    if indices[0] == layer
                )
            )
        return self._largest[key]

    def _dock(self, weight: Parameter, layer: int, source: int, target: int) -> Iterator[Shape]:
        """A weight of the dock, what belongs to it below it, and its line or ribbon."""
        content = self.contents[layer]
        back = content == gaps.RETURN
        begin, end = self.geometry.places[layer][source], self.geometry.places[layer + 1][target]
        place = end if back else begin
        x = end.left - MARGIN - self.dock if back else self._dock_left(layer)
        yield from self._line(weight, layer, source, target, x)
        mark = self.marks.read(weight.shows[0])
        shown = weight.old if content == gaps.MOVES or back else weight.value
        if content == gaps.MOVES and not weight.was:
            mark = ""
        single = self.marks.focus is not None and self.marks.focus.source not in (None, source)
        yield box_at(x, place.y, self.dock, 2 * place.ry, "mark framed")
        if mark:
            yield box_at(x, place.y - place.ry / 2, self.dock, place.ry, mark)
        tone = "value" if single else "value loud"
        up, down = place.y - place.ry / 2 + 6, place.y + place.ry / 2 + 6
        yield Label(
            x + self.dock - 6, up, "end", shown.drawn_given, on_mark(mark, tone), 18, shown.exact
        )
        if content == gaps.PRODUCTS or back:
            product = (
                self.returned(layer, source, target)
                if back
                else self._carried(layer, source, target)
            )
            text, exact = product.drawn_term, product.exact_term
            yield Label(x + self.dock - 6, down, "end", text, "term", self.term_size, exact)
        elif content == gaps.MOVES and weight.was:
            mark = self.marks.made(weight.shows[0]) or "mark plain"
            move = self.derived.difference(weight.value, weight.was)
            share = self.derived.share(move, self.largest_move())
            yield box_at(x, place.y + place.ry / 2, self.dock, place.ry, mark)
            yield Path(
                f"M{number(x + 7)} {number(place.y - place.ry / 2)}{share.arrow}",
                f"move {move.sign}",
            )
            yield number_on(mark, x + self.dock - 6, down, weight.value, 16, new=True)
        elif content in (gaps.GRADIENTS, gaps.MOVES) and weight.gradient:
            mark = self.marks.of(weight.shows[1]) or "mark plain"
            yield box_at(x, place.y + place.ry / 2, self.dock, place.ry, mark)
            yield Label(x + 4, down, "start", "∂", on_mark(mark, "del"), 16)
            yield number_on(mark, x + self.dock - 4, down, weight.gradient, 16)

    def _carried(self, layer: int, source: int, target: int) -> Quantity:
        out = self.step_view.quantity(address("out", layer, source))
        assert out is not None
        weight = self.step_view.operand(address("weight", layer, source, target))
        return self.derived.product(out, weight)

    def _dock_left(self, layer: int) -> float:
        begin, _ = self.geometry.gap(layer)
        if not self._beside_dock(layer):
            return begin + MARGIN
        columns = self._cell_width(layer) * self.shape.layers[layer + 1]
        return round(begin + 2 * MARGIN + columns, 1)

    def _line(
        self, weight: Parameter, layer: int, source: int, target: int, x: float
    ) -> Iterator[Shape]:
        """The line of a weight from the dock to its unit, or the ribbon back, if there is room."""
        if not self._has_lines(layer):
            return
        begin, end = self.geometry.places[layer][source], self.geometry.places[layer + 1][target]
        if self.contents[layer] == gaps.RETURN:
            product = self.returned(layer, source, target)
            share = self.derived.share(product, self._largest_of_unit(layer, source))
            left = begin.right
            if self._beside_dock(layer):
                left = self._map_left(layer) + self._map_width(layer)
            arrive = begin.y + self._fan(target, self.shape.layers[layer + 1], begin)
            d = curve(x - 1, end.y, left + 16, arrive)
            yield Path(d, f"ribbon loud {product.sign}", share.ribbon_width)
            tip = f"M{number(left + 3)} {number(arrive)}l14-6v12z"
            yield Path(tip, f"tip loud {product.sign}")
            return
        if self.contents[layer] in (gaps.GRADIENTS, gaps.MOVES):
            return
        arrive = end.y + self._fan(source, self.shape.layers[layer], end)
        d = curve(x + self.dock + 1, begin.y, end.left - 8, arrive)
        yield Path(d, "wire", weight.value.wire_width)

    def _largest_of_unit(self, layer: int, unit: int) -> Quantity:
        if layer not in self._largest:
            targets = range(self.shape.layers[layer + 1])
            self._largest[layer] = self.derived.largest(
                *(self.returned(layer, unit, target) for target in targets)
            )
        return self._largest[layer]

    @staticmethod
    def _fan(index: int, count: int, place: Place) -> float:
        return round((index - (count - 1) / 2) * min(6.0, 1.6 * place.ry / count), 1)

    def _gathered(self, layer: int, unit: int) -> Iterator[Shape]:
        """The frame of what is pulled out of the map, and a bracket where lines have no room."""
        if not self.marks.unit(layer, unit):
            return
        place = self.geometry.places[layer][unit]
        if layer and self._has_dock(layer - 1) and self.contents[layer - 1] != gaps.RETURN:
            before = layer - 1
            column = self.geometry.places[before]
            if self._has_map(before):
                width = self._cell_width(before)
                yield Box(
                    self._map_left(before) + width * unit - 1,
                    column[0].y - column[0].ry,
                    width + 2,
                    column[-1].y - column[0].y + 2 * column[0].ry,
                    "column",
                    3,
                )
            elif self.contents[before] in (gaps.PRODUCTS, gaps.WEIGHTS) and not self._has_lines(
                before
            ):
                x = self._dock_left(before) + self.dock
                yield Path(_bracket(x, place.left - 5, column, place.y), "brace")
        if layer < self.shape.depth - 1 and self.contents[layer] == gaps.RETURN:
            after = self.geometry.places[layer + 1]
            if self._has_map(layer):
                width = self._map_width(layer)
                yield Box(
                    self._map_left(layer) - 1,
                    place.y - place.ry,
                    width + 2,
                    2 * place.ry,
                    "column",
                    3,
                )
            elif not self._has_lines(layer):
                x = after[0].left - MARGIN - self.dock
                yield Path(_bracket(x, place.right + 5, after, place.y), "brace")

    def _bias(self, *indices: int) -> Group:
        layer, *own_unit = indices
        own, content = parameter(self.step_view, "bias", *indices), self.contents[layer]
        if own_unit and not (self.marks.unit(layer + 1, own_unit[0]) and self._has_dock(layer)):
            return self.bias_group(indices, ())
        begin, _ = self.geometry.gap(layer)
        x, y = begin + MARGIN - 3, COMPACT_BASE
        mark = self.marks.read(own.shows[0])
        shown = own.old if content == gaps.MOVES else own.value
        if content == gaps.MOVES and not own.was:
            mark = ""
        name = bias_symbol(self.shape, *indices)
        shapes: list[Shape] = [
            Box(x, y - BIAS_HEIGHT / 2, self.pill, BIAS_HEIGHT, f"pill {mark}".rstrip(), 14),
            Label(x + 4, y + 5.5, "start", name, on_mark(mark, "name"), 16),
            Label(
                x + self.pill - 3,
                y + 6,
                "end",
                shown.drawn_given,
                on_mark(mark, "value"),
                16,
                shown.exact,
            ),
        ]
        beside = x + self.pill
        if content == gaps.MOVES and own.was:
            made = self.marks.made(own.shows[0]) or "mark plain"
            move = self.derived.difference(own.value, own.was)
            share = self.derived.share(move, self.largest_move())
            shapes += (
                box_at(beside, y, self.dock, BIAS_HEIGHT - 4, made),
                Path(f"M{number(x + 32)} {number(y)}{share.arrow}", f"move {move.sign}"),
                number_on(made, beside + self.dock - 5, y + 6, own.value, 16, new=True),
            )
        elif content in (gaps.GRADIENTS, gaps.MOVES) and own.gradient:
            made = self.marks.of(own.shows[1]) or "mark plain"
            shapes += (
                box_at(beside, y, self.dock, BIAS_HEIGHT - 4, made),
                Label(beside + 4, y + 6, "start", "∂", on_mark(made, "del"), 16),
                number_on(made, beside + self.dock - 4, y + 6, own.gradient, 16),
            )
        return self.bias_group(indices, tuple(shapes))


def _bracket(x: float, tip: float, those: tuple[Place, ...], middle: float) -> str:
    """A bracket along a dock, with a line to the unit that adds up what stands in it."""
    bend = number(round((x + tip) / 2, 1))
    top, bottom = those[0].y - those[0].ry + 4, those[-1].y + those[-1].ry - 4
    return (
        f"M{number(x)} {number(top)}H{bend}V{number(bottom)}H{number(x)}"
        f"M{bend} {number(middle)}H{number(tip)}"
    )
