"""The units of a large network: two lines, and no room below them."""

from collections.abc import Iterator

from markupsafe import Markup

from app.backprop.addresses import address
from app.backprop.quantity_names import delta_letter
from app.view.graph import gaps
from app.view.graph.geometry import Place
from app.view.graph.scene import Box, Group, Label, Shape, box_at, number_on, on_mark
from app.view.graph.symbols import symbol, unit_symbol
from app.view.graph.units import Subject, Units
from app.view.rendering.step_view import Quantity

SMALL_CARD, NARROW_CARD = 100.0, 76.0  # px


class SmallUnits(Units):
    """The units of a large network: two lines, the second for the number that the step is about."""

    def _body(self, it: Subject) -> Iterator[Shape]:
        place, layer, unit, at, known = it.place, it.layer, it.unit, it.at, it.known
        kind, figure = self._subject(layer, known)
        value, out, delta = known.get(kind), known["out"], known.get("delta")
        made = self.marks.made(at[kind]) if kind in at else ""
        read = self.marks.read(at[kind]) if kind in at else ""
        x, y, width, height = place.left, place.y - place.ry, 2 * place.rx, 2 * place.ry
        if self.marks.unit(layer, unit):
            yield Box(x - 4, y - 4, width + 8, height + 8, "focus-ring", 16)
        yield Box(x, y, width, height, f"body {made}".rstrip(), 12)
        if out and not made:
            yield Box(x, y, width, height, f"act {out.sign}", 12, out.fill_opacity)
        if delta:
            ring = Box(x, y, width, height, f"ring thin {delta.sign}", 12)
            yield ring
        name = unit_symbol(layer, unit, self.shape, back=True)
        words = Markup("{} {}").format(name, figure) if figure else name
        yield Label(place.x, place.y - 6, "middle", words, on_mark(made, "unit-name"), 16)
        if value is None:
            return
        if read:
            yield box_at(x + 1, place.y + place.ry / 2 - 1, width - 2, place.ry, read)
        text = value.drawn_given if layer == 0 else value.drawn
        tone = "out owed" if kind in ("delta", "error_slope") else "out"
        yield Label(
            place.x, place.y + 15, "middle", text, on_mark(made or read, tone), 16, value.exact
        )

    def _subject(self, layer: int, known: dict[str, Quantity | None]) -> tuple[str, str]:
        """The kind of the number in a unit, and its sign beside the unit's name."""
        block = self.step_view.block
        if layer and block and block[-1].phase == "backward" and self.step_view.by != "phase":
            step = block[-1]
            if (layer == step.layer and known.get("delta")) or (
                step.kind == "error_slope" and layer == step.layer + 1
            ):
                return "delta", delta_letter(self.shape)
            if step.kind == "error_slope" and layer == step.layer < self.last:
                return ("error_slope", "(1)") if known.get("error_slope") else ("out", "")
        return ("out" if known["out"] or not known.get("net") else "net"), ""

    def _beside(self, it: Subject) -> Iterator[Group]:
        place, layer, unit = it.place, it.layer, it.unit
        if layer and self.contents[layer - 1] == gaps.FACTORS:
            yield from self._factors(it)
        if layer == self.last:
            yield self._target(place, unit)
            if share := self._share(place, unit, taken=False):
                yield share

    def _factors(self, it: Subject) -> Iterator[Group]:
        place, layer, at, known = it.place, it.layer, it.at, it.known
        before = self.geometry.places[layer - 1][0]
        narrow = place.left - before.right < SMALL_CARD + 12  # no room for their figures
        width = NARROW_CARD if narrow else SMALL_CARD
        x = place.left - width - 7
        for kind, figure, dy in (
            ("error_slope", "(1)", -place.ry / 2),
            ("activation_slope", "(2)", place.ry / 2),
        ):
            if value := known.get(kind):
                mark, y = self.marks.of(at[kind]) or "mark plain", place.y + dy
                shapes = (
                    box_at(x, y, width, place.ry - 0.5, mark),
                    Label(
                        x + 4,
                        y + 5.5,
                        "start",
                        "" if narrow else figure,
                        on_mark(mark, "figure"),
                        16,
                    ),
                    number_on(mark, x + width - 4, y + 5.5, value, 16),
                )
                yield Group("", "factor", shapes, shows=(at[kind],), asks=at[kind])

    def _target(self, place: Place, unit: int) -> Group:
        text = address("target", unit)
        value = self.step_view.quantity(text)
        assert value is not None
        mark, x = self.marks.read(text), place.right + 6
        name = symbol("y", str(unit + 1), back=True)
        words = Markup("{} = {}").format(name, value.brief)
        label = Label(x, place.y - 4, "start", words, on_mark(mark, "number"), 16, value.exact)
        shapes = (box_at(x - 3, place.y - 10, 78, 21, mark), label) if mark else (label,)
        called = f"{self._('target')} y{unit + 1}"
        return Group("", "target", shapes, shows=(text,), asks=text, name=called, value=value)

    def _share_shapes(
        self, place: Place, unit: int, value: Quantity, mark: str
    ) -> tuple[Shape, ...]:
        x = place.right + 3
        tone = on_mark(mark, "number")
        return (
            box_at(x, place.y + 12, 62, 21, mark),
            Label(x + 31, place.y + 18, "middle", value.drawn, tone, 16, value.exact),
        )
