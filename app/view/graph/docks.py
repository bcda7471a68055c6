"""Docks: the stack of a unit's weights, where their lines end, and what belongs to each weight.

Left of a unit stands what comes in: the column of the weight matrix that leads to it, its bias a
little apart. Right of a hidden unit stands what comes back, as its mirror image. The unit in focus
has names, products and a brace that gathers them.
"""

from collections.abc import Iterator

from app.backprop.addresses import address
from app.view.graph import gaps
from app.view.graph.geometry import BASE, rows
from app.view.graph.parameters import Parameter, Parameters, parameter
from app.view.graph.scene import (
    BASE_LINE,
    Box,
    Group,
    Label,
    Path,
    Shape,
    box_at,
    curve,
    inside,
    number,
    number_on,
    on_mark,
)
from app.view.graph.symbols import bias_symbol, weight_symbol

ROW, BIAS_APART = 28.0, 5.0  # px
# Places in a dock, from the left edge of its unit.
PORT, NAME, WEIGHT, DOCK_END = -230, -222, -110, -105
GRADIENT, GRADIENT_WIDTH, GRADIENT_VALUE = -103, 88, -20  # up to the box of δ at the unit's foot
ARROW, NEW, NEW_WIDTH = -98, -91, 76
PRODUCT, BRACE, BRACE_END = -24, -19, -8
# Places of what comes back, from the right edge of its unit.
BACK_BRACE, BACK_BRACE_END, BACK_PRODUCT, BACK_NAME, BACK_WEIGHT = 8, 19, 94, 104, 217
BACK_TIP, BACK_PORT = 225, 239
QUIET_TIP, QUIET_PORT = 101, 190  # of units that are not in focus


class Docks(Parameters):
    """The weights and biases of a drawing with room for all of them."""

    usual_term_size = 17.0

    def of_unit(self, layer: int, unit: int) -> Iterator[Group]:
        """The edges that end at a unit: those into it, and those that lead back to it."""
        if layer and self.contents[layer - 1] != gaps.RETURN:
            for source in range(self.shape.layers[layer - 1]):
                yield self._edge(layer - 1, source, unit)
            if self.shape.bias == "per_unit":
                yield self._own_bias(layer - 1, unit)
        elif layer and self.shape.bias == "per_unit":
            yield self.bias_group((layer - 1, unit), ())
        if layer < self.shape.depth - 1 and self.contents[layer] == gaps.RETURN:
            for target in range(self.shape.layers[layer + 1]):
                yield self._way_back(layer, unit, target)
        if brace := tuple(self._brace(layer, unit)):
            yield Group(id="", classes="brace", shapes=brace)

    def shared_biases(self) -> Iterator[Group]:
        """The biases that a whole layer shares."""
        for indices in self.shape.bias_indices() if self.shape.bias == "shared" else ():
            yield self._shared_bias(indices[0])

    # Forward, gradients and updates: left of the unit that receives.

    def _edge(self, layer: int, source: int, target: int) -> Group:
        content = self.contents[layer]
        weight = parameter(self.step_view, "weight", layer, source, target)
        begin, end = self.geometry.places[layer][source], self.geometry.places[layer + 1][target]
        count = self.shape.layers[layer]
        leave = begin.y + _spread(target, self.shape.layers[layer + 1], 2 * begin.ry * 0.45)
        width = weight.value.wire_width
        shapes: tuple[Shape, ...]
        if content == gaps.LINES:
            arrive = end.y + _spread(source, count, 44)
            shapes = (Path(curve(begin.right + 4, leave, end.left - 3, arrive), "wire", width),)
        elif content == gaps.FACTORS:
            arrive = end.y - 24 + _spread(source, count, 36)  # at the first factor
            shapes = (Path(curve(begin.right + 4, leave, end.left - 168, arrive), "wire", width),)
        else:
            y = self._rows(layer, target)[source]
            ends = self._after_dock(content, layer + 1, target, y)
            d = curve(begin.right + 4, leave, end.left + PORT, y, ends)
            name = weight_symbol(self.shape, layer, source, target)
            row = self._row(weight, name, layer + 1, target, source, y)
            shapes = (Path(d, "wire", width), *row)
        return self.edge_group((layer, source, target), weight, shapes)

    def _after_dock(self, content: str, layer: int, unit: int, y: float) -> str:
        """How a line goes on from its weight: to the unit, unless something else stands there."""
        place = self.geometry.places[layer][unit]
        begin = place.left + DOCK_END
        if content not in (gaps.WEIGHTS, gaps.PRODUCTS) or self._has_products(layer, unit):
            return f"H{number(place.left + WEIGHT - 26)}"  # below the number, which ends there
        arrive = place.y + (y - place.y) * 0.3
        return (
            f"H{number(begin + 4)}C{number(begin + 50)} {number(y)} {number(place.left - 30)} "
            f"{number(arrive)} {number(place.left - 3)} {number(arrive)}"
        )

    def _has_products(self, layer: int, unit: int) -> bool:
        return self.contents[layer - 1] == gaps.PRODUCTS and self.marks.unit(layer, unit)

    def _rows(self, layer: int, target: int) -> tuple[float, ...]:
        """The heights of a dock's rows: the weights, then the bias."""
        count = self.shape.layers[layer] + (self.shape.bias != "none")
        apart = BIAS_APART if count < 5 and self.shape.bias != "none" else 0
        pitch = min(ROW, (self.geometry.pitches[layer + 1] - 4 - apart) / count)
        return rows(self.geometry.places[layer + 1][target].y, count, round(pitch, 1), apart)

    def _row_height(self, layer: int) -> float:
        count = self.shape.layers[layer] + (self.shape.bias != "none")
        return min(26.0, (self.geometry.pitches[layer + 1] - 4) / count - 0.5)

    def _row(
        self, own: Parameter, name: str, layer: int, unit: int, source: int | None, y: float
    ) -> Iterator[Shape]:
        """A row of a dock: the weight or bias, and what belongs to it."""
        content, left = self.contents[layer - 1], self.geometry.places[layer][unit].left
        height, focused = self._row_height(layer - 1), self.marks.unit(layer, unit)
        if self.marks.focus is not None and self.marks.focus.source is not None:
            focused = focused and source == self.marks.focus.source
        mark = self.marks.read(own.shows[0])
        shown = own.old if content == gaps.MOVES else own.value
        if content == gaps.MOVES and not own.was:
            mark = ""
        if source is None and not self._uses(own.shows[0], unit):
            mark = ""  # a shared bias stands in every dock
        elif not self.marks.unit(layer, unit):
            mark = mark.removesuffix(" strong")
        if focused:
            yield box_at(left + PORT + 2, y, DOCK_END - PORT - 2, height, mark or "mark framed")
            yield Label(
                *inside(left + NAME, y - 1.5, "start"), name, on_mark(mark, "name"), size=19
            )
        elif mark:
            yield box_at(left - 190, y, 190 + DOCK_END, height, mark)
        tone = "value" + (" loud" if focused else "") + ("" if mark or focused else " free")
        yield Label(
            *inside(left + WEIGHT, y), shown.drawn_given, on_mark(mark, tone), title=shown.exact
        )
        if content == gaps.PRODUCTS and focused:
            yield self._product(own, layer, source, left + PRODUCT, y)
        elif content == gaps.MOVES and own.was:
            yield from self._move(own, left, y, height)
        elif content in (gaps.GRADIENTS, gaps.MOVES) and own.gradient:
            yield from self._gradient(own, left, y, height)

    def _uses(self, text: str, unit: int) -> bool:
        """Whether the step reads a quantity for this unit."""
        return any(text in step.operands for step in self.step_view.block if step.unit == unit)

    def _product(self, own: Parameter, layer: int, source: int | None, x: float, y: float) -> Label:
        if source is None:
            is_threshold = self.shape.named.thresholds
            term = self.derived.negative(own.value) if is_threshold else own.value
        else:
            out = self.step_view.quantity(address("out", layer - 1, source))
            assert out is not None
            term = self.derived.product(out, own.value)
        return Label(
            *inside(x, y), term.drawn_term, "term", size=self.term_size, title=term.exact_term
        )

    def _gradient(self, own: Parameter, left: float, y: float, height: float) -> Iterator[Shape]:
        assert own.gradient is not None
        mark = self.marks.of(own.shows[1]) or "mark plain"
        yield box_at(left + GRADIENT, y, GRADIENT_WIDTH, height, mark)
        yield Label(*inside(left + GRADIENT + 3, y, "start"), "∂", on_mark(mark, "del"), size=18)
        yield number_on(mark, left + GRADIENT_VALUE, y + BASE_LINE, own.gradient, 17)

    def _move(self, own: Parameter, left: float, y: float, height: float) -> Iterator[Shape]:
        assert own.was is not None
        move = self.derived.difference(own.value, own.was)
        share = self.derived.share(move, self.largest_move())
        mark = self.marks.made(own.shows[0]) or "mark plain"
        yield Path(f"M{number(left + ARROW)} {number(y)}{share.arrow}", f"move {move.sign}")
        yield box_at(left + NEW, y, NEW_WIDTH, height, mark)
        yield number_on(mark, left + GRADIENT_VALUE, y + BASE_LINE, own.value, 17, new=True)

    # Biases.

    def _own_bias(self, layer: int, unit: int) -> Group:
        content = self.contents[layer]
        if content in (gaps.LINES, gaps.FACTORS):
            return self.bias_group((layer, unit), ())
        y = self._rows(layer, unit)[-1]
        own = parameter(self.step_view, "bias", layer, unit)
        left = self.geometry.places[layer + 1][unit].left
        stub = f"M{number(left + PORT)} {number(y)}"
        stub += self._after_dock(content, layer + 1, unit, y)
        row = self._row(own, bias_symbol(self.shape, layer, unit), layer + 1, unit, None, y)
        return self.bias_group((layer, unit), (Path(stub, "wire"), *row))

    def _shared_bias(self, layer: int) -> Group:
        own, content = parameter(self.step_view, "bias", layer), self.contents[layer]
        x = max(68.0, self.geometry.places[layer][0].x)
        mark = self.marks.read(own.shows[0])
        shapes: list[Shape] = []
        if content in (gaps.WEIGHTS, gaps.PRODUCTS):
            for unit, place in enumerate(self.geometry.places[layer + 1]):
                y = self._rows(layer, unit)[-1]
                end = self._after_dock(content, layer + 1, unit, y)
                stub = f"M{number(place.left + PORT + 22)} {number(y)}{end}"
                shapes.append(Path(stub, "wire"))
                shapes += self._row(own, bias_symbol(self.shape, layer), layer + 1, unit, None, y)
        shapes += self._pill(own, layer, x, mark)
        return self.bias_group((layer,), tuple(shapes))

    def _pill(self, own: Parameter, layer: int, x: float, mark: str) -> Iterator[Shape]:
        content = self.contents[layer]
        shown = own.old if content == gaps.MOVES else own.value
        if content == gaps.MOVES and not own.was:
            mark = ""
        yield Box(x - 60, BASE - 15, 120, 30, f"pill {mark}".rstrip(), rx=15)
        yield Label(
            *inside(x - 50, BASE - 1, "start"),
            bias_symbol(self.shape, layer),
            on_mark(mark, "name"),
            size=20,
        )
        yield Label(
            *inside(x + 51, BASE), shown.drawn_given, on_mark(mark, "value"), title=shown.exact
        )
        if content == gaps.MOVES and own.was:
            yield from self._move(own, x + 62 + 110, BASE, 28)
        elif content in (gaps.GRADIENTS, gaps.MOVES) and own.gradient:
            yield from self._gradient(own, x + 62 + 104, BASE, 28)

    # The way back: right of the hidden unit that receives.

    def _way_back(self, layer: int, unit: int, target: int) -> Group:
        weight = parameter(self.step_view, "weight", layer, unit, target)
        place, begin = self.geometry.places[layer][unit], self.geometry.places[layer + 1][target]
        y, focused = self._back_rows(layer, unit)[target], self.marks.unit(layer, unit)
        product = self.returned(layer, unit, target)
        share = self.derived.share(product, self.largest_return(layer))
        tip = place.right + (BACK_TIP if focused else QUIET_TIP)
        leave = begin.y + _spread(unit, self.shape.layers[layer], 56)
        port = place.right + (BACK_PORT if focused else QUIET_PORT)
        d = curve(begin.left - 4, leave, port, y, f"H{number(tip + 13)}")
        tone = f"{product.sign}{' loud' if focused else ''}"
        mark = self.marks.read(weight.shows[0])
        shapes: list[Shape] = [
            Path(d, f"ribbon {tone}", share.ribbon_width),
            Path(f"M{number(tip)} {number(y)}l14-9v18z", f"tip {tone}"),
        ]
        if focused:
            height = min(28.0, self._back_pitch(layer) - 1)
            name = weight_symbol(self.shape, layer, unit, target)
            right = place.right
            shapes += (
                box_at(
                    right + BACK_NAME - 7,
                    y,
                    BACK_WEIGHT - BACK_NAME + 12,
                    height,
                    mark or "mark framed",
                ),
                Label(
                    *inside(right + BACK_NAME, y - 1.5, "start"),
                    name,
                    on_mark(mark, "name"),
                    size=20,
                ),
                Label(
                    *inside(right + BACK_WEIGHT, y),
                    weight.value.drawn_given,
                    on_mark(mark, "value loud"),
                    title=weight.value.exact,
                ),
            )
        shapes.append(
            Label(
                *inside(place.right + BACK_PRODUCT, y),
                product.drawn_term,
                "term" if focused else "term quiet",
                size=self.term_size,
                title=product.exact_term,
            )
        )
        return self.edge_group((layer, unit, target), weight, tuple(shapes))

    def _back_pitch(self, layer: int) -> float:
        return min(
            32.0 if self.shape.layers[layer + 1] < 3 else 27.0,
            (self.geometry.pitches[layer] - 8) / self.shape.layers[layer + 1],
        )

    def _back_rows(self, layer: int, unit: int) -> tuple[float, ...]:
        place = self.geometry.places[layer][unit]
        return rows(place.y, self.shape.layers[layer + 1], round(self._back_pitch(layer), 1))

    def _brace(self, layer: int, unit: int) -> Iterator[Shape]:
        """The brace that gathers the products of the unit in focus."""
        if not self.marks.unit(layer, unit):
            return
        place = self.geometry.places[layer][unit]
        if layer and self._has_products(layer, unit):
            those = self._rows(layer - 1, unit)
            yield Path(brace(place.left + BRACE, place.left + BRACE_END, those, place.y), "brace")
        if layer < self.shape.depth - 1 and self.contents[layer] == gaps.RETURN:
            those = self._back_rows(layer, unit)
            x = place.right
            yield Path(brace(x + BACK_BRACE_END, x + BACK_BRACE, those, place.y), "brace")


def brace(x: float, tip: float, those: tuple[float, ...], middle: float) -> str:
    """A curly brace over some rows, whose tip points at their unit."""
    top, bottom, bend = those[0] - 9, those[-1] + 9, (x + tip) / 2
    a, b, c = number(x), number(bend), number(tip)
    return (
        f"M{a} {number(top)}Q{b} {number(top)} {b} {number(top + 6)}V{number(middle - 6)}"
        f"Q{b} {number(middle)} {c} {number(middle)}Q{b} {number(middle)} {b} {number(middle + 6)}"
        f"V{number(bottom - 6)}Q{b} {number(bottom)} {a} {number(bottom)}"
    )


def _spread(index: int, count: int, room: float) -> float:
    """Where one of several lines leaves or reaches a unit, from its middle."""
    return round((index - (count - 1) / 2) * min(15.0, room / count), 1)
