"""Units: what stands in them, at their foot and beside them, the targets, and E.

In a unit are its name and its net, from the step that makes it its out. At its foot is what it owes:
∂E/∂out of a hidden unit, then δ. Factors (1) and (2) are cards to its left.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from app.backprop.addresses import address
from app.backprop.quantity_names import unit_name
from app.view.graph import gaps
from app.view.graph.geometry import BASE, WIDTH, Geometry, Place
from app.view.graph.marks import Marks
from app.view.graph.scene import (
    BASE_LINE,
    Circle,
    Group,
    Label,
    Path,
    Shape,
    box_at,
    inside,
    number,
    number_on,
    on_mark,
)
from app.view.graph.symbols import delta_symbol, derivative, symbol, unit_symbol
from app.view.notation.labels import Translate
from app.view.rendering.step_view import Quantity, StepView

CARD_LEFT, CARD_WIDTH, CARD_HEIGHT = -164, 128, 43
RIGHT = WIDTH - 6  # where the last things end, frames included: a phone has no margin


@dataclass(frozen=True, slots=True)
class Subject:
    """A unit: its place, the addresses of its quantities by their kinds, and which are known."""

    place: Place
    layer: int
    unit: int
    at: dict[str, str]
    known: dict[str, Quantity | None]


class Units:
    """The units of a drawing that has room for all."""

    def __init__(
        self,
        step_view: StepView,
        geometry: Geometry,
        marks: Marks,
        contents: tuple[str, ...],
        _: Translate,
    ) -> None:
        self._ = _
        self.step_view, self.geometry, self.marks = step_view, geometry, marks
        self.shape, self.contents = step_view.shape, contents
        self.last = self.shape.depth - 1

    def of(self, layer: int, unit: int) -> Iterator[Group]:
        """A unit, with its target and its share of E if it is an output."""
        fused = self.shape.has_fused_delta(layer)
        kinds: tuple[str, ...] = ("net", "out", "delta")
        kinds = kinds if fused else (*kinds, "error_slope", "activation_slope")
        at = {kind: address(kind, layer, unit) for kind in kinds} if layer else {}
        at["out"] = address("out", layer, unit)
        shown = tuple(at[kind] for kind in kinds if kind in at) if layer else (at["out"],)
        is_output = layer == self.last
        target = address("target", unit) if is_output else ""
        known = {kind: self.step_view.quantity(text) for kind, text in at.items()}
        data = [(kind, known[kind]) for kind in ("net", "out", "delta") if known.get(kind)]
        if is_output:
            data.append(("target", self.step_view.quantity(target)))
        kind = "input" if layer == 0 else "output" if is_output else "hidden"
        marks = self.step_view.marks(*shown, *((target,) if target else ()))
        it = Subject(self.geometry.places[layer][unit], layer, unit, at, known)
        asks = "delta" if layer and known.get("delta") else "out"
        focus = ("focus",) if self.marks.unit(layer, unit) else ()
        yield Group(
            id=f"unit-{layer}-{unit}",
            classes=" ".join(["unit", kind, *focus, *marks.split()]),
            shapes=tuple(self._body(it)),
            data=tuple((name, value) for name, value in data if value),
            shows=(*shown, *((target,) if target else ())),
            asks=at[asks],
            name=unit_name(layer, unit, self.shape),
            parts=tuple(self._beside(it)),
        )

    def _body(self, it: Subject) -> Iterator[Shape]:
        place, layer, unit, at, known = it.place, it.layer, it.unit, it.at, it.known
        x, y, r = place.x, place.y, place.ry
        net, out, delta = known.get("net"), known["out"], known.get("delta")
        made = self.marks.made(*(at[kind] for kind in ("net", "out") if kind in at))
        reads_net = bool(layer and out and self.marks.read(at["net"]))
        if self.marks.unit(layer, unit):
            yield Circle(x, y, r + 8, "focus-ring")
        yield Circle(x, y, r, f"body {made}".rstrip())
        if out and not made:
            yield Circle(x, y, r, f"act {out.sign}", opacity=out.fill_opacity)
        if delta:
            yield Circle(x, y, r + 1, f"ring {delta.sign}", width=delta.ring_width)
        name = unit_symbol(layer, unit, self.shape)
        if layer == 0:
            yield Label(x, y - r - 11, "middle", name, "name", size=20)
            yield from self._number(x, y, out, self.marks.read(at["out"]), plain=True)
            return
        lift = 17 if reads_net else 12
        yield Label(
            x,
            y - lift + 3,
            "middle",
            name,
            on_mark(made, "unit-name"),
            size=16 if reads_net else 17,
        )
        if reads_net:
            yield from self._number(x, y + 2, net, self.marks.read(at["net"]))
            yield from self._number(x, y + 22, out, self.marks.of(at["out"]))
        elif value := out or net:
            kind = "out" if out else "net"
            yield from self._number(x, y + 9, value, self.marks.of(at[kind]))

    def _number(
        self, x: float, y: float, value: Quantity | None, mark: str, *, plain: bool = False
    ) -> Iterator[Shape]:
        if value is None:
            return
        if "read" in mark:
            yield box_at(
                x - (26 if plain else 36), y, 52 if plain else 72, 24 if plain else 21, mark
            )
        text = value.drawn_given if plain else value.drawn
        yield Label(
            *inside(x, y, "middle"),
            text,
            on_mark(mark, "out"),
            size=18 if plain else 16,
            title=value.exact,
        )

    def _beside(self, it: Subject) -> Iterator[Group]:
        place, layer, unit = it.place, it.layer, it.unit
        if layer and self.contents[layer - 1] == gaps.FACTORS:
            yield from self._factors(it)
        foot = self._foot(it)
        if foot:
            yield foot
        if layer == self.last:
            yield self._target(place, unit)
            if share := self._share(place, unit, bool(foot)):
                yield share

    def _factors(self, it: Subject) -> Iterator[Group]:
        """Factors (1) and (2), from the step that makes them until δ is made, where × joins them."""
        place, layer, unit, at, known = it.place, it.layer, it.unit, it.at, it.known
        left, focused = place.left + CARD_LEFT, self.marks.unit(layer, unit)
        cards = (
            ("error_slope", "(1)", derivative("E", "out"), -24),
            ("activation_slope", "(2)", derivative("out", "net"), 21),
        )
        for kind, figure, name, dy in cards:
            value = known.get(kind)
            if value is None:
                continue
            mark, y = self.marks.of(at[kind]) or "mark plain", place.y + dy
            shapes: list[Shape] = [
                box_at(left, y, CARD_WIDTH, CARD_HEIGHT, mark),
                Label(left + 9, y - 4, "start", figure, on_mark(mark, "figure"), 16),
                Label(left + CARD_WIDTH - 9, y - 4, "end", name, on_mark(mark, "name"), 17),
                number_on(mark, left + CARD_WIDTH - 9, y + 15, value, 18),
            ]
            if kind == "activation_slope":
                shapes.append(
                    Label(
                        left + CARD_WIDTH / 2,
                        y + 34,
                        "middle",
                        self._("passes 0"),
                        f"passes {value.sign}",
                        size=16,
                    )
                )
            yield Group("", "factor", tuple(shapes), shows=(at[kind],), asks=at[kind])
        if at["delta"] in self.step_view.results:
            x, right = place.left - 28, left + CARD_WIDTH
            tone = " loud" if focused else ""
            d = f"M{number(right)} {number(place.y - 24)}H{number(x)}V{number(place.y + 36)}"
            d += f"M{number(right)} {number(place.y + 21)}H{number(x)}"
            cross = f"M{number(x - 4)} {number(place.y + 42)}l8 8m0-8l-8 8"
            yield Group(
                "",
                "times",
                (
                    Path(d, f"joint{tone}"),
                    Circle(x, place.y + 46, 10, f"times{tone}"),
                    Path(cross, f"cross{tone}"),
                ),
            )

    def _foot(self, it: Subject) -> Group | None:
        """What the unit owes, at its foot: ∂E/∂out of a hidden unit, then δ."""
        place, layer, at, known = it.place, it.layer, it.at, it.known
        if not layer:
            return None
        delta, slope = known.get("delta"), known.get("error_slope")
        if delta:
            kind, value, name, width = "delta", delta, delta_symbol(self.shape), 104
        elif slope and layer < self.last and at["error_slope"] in self.step_view.results:
            kind, value, name, width = "error_slope", slope, derivative("E", "out"), 156
        else:
            return None
        # Beside an output stand the gradients of its weights, which the box must not cover. Err is
        # wider than δ.
        is_err = kind == "delta" and self.shape.named.minus_delta
        is_tight = layer == self.last
        pad, size = (5, 16) if is_err else (5, 17) if is_tight else (9, 17)
        width = 96 if is_tight else width
        mark = self.marks.of(at[kind]) or "mark owed"
        right = min(place.x + width / 2 + 2, RIGHT)
        x, y = right - width / 2, place.y + place.ry + 8
        return Group(
            "",
            f"foot {kind}",
            (
                box_at(x - width / 2, y, width, 26, mark),
                Label(
                    x - width / 2 + pad, y + BASE_LINE, "start", name, on_mark(mark, "name"), size
                ),
                number_on(mark, x + width / 2 - pad + 1, y + BASE_LINE, value, size),
            ),
            shows=(at[kind],),
            asks=at[kind],
        )

    def _target(self, place: Place, unit: int) -> Group:
        text = address("target", unit)
        value = self.step_view.quantity(text)
        assert value is not None
        mark = self.marks.read(text)
        right, y = min(place.x + 66, RIGHT), place.y - place.ry - 21
        # The room to its left may be taken by weights, gradients or ribbons.
        content = self.contents[self.last - 1]
        has_room = content in (gaps.LINES, gaps.FACTORS)
        name = symbol("y", str(unit + 1), back=True)
        word = Markup('<tspan class="{}">{}</tspan> {}').format(
            on_mark(mark, "soft"), self._("target"), name
        )
        shapes: tuple[Shape, ...]
        if mark and has_room:
            shapes = (
                box_at(right - 150, y, 150, 25, mark),
                Label(right - 141, y + 6, "start", word, on_mark(mark, "name"), 16),
                number_on(mark, right - 8, y + 6, value, 16, given=True),
            )
        else:
            named = word if has_room or (content == gaps.WEIGHTS and not mark) else name
            number = value.drawn_given if has_room else value.brief
            words = Markup("{} = {}").format(named, number)
            label = Label(right - 8, y + 6, "end", words, on_mark(mark, "number"), 16, value.exact)
            shapes = (box_at(right - 92, y, 92, 25, mark), label) if mark else (label,)
        return Group(
            "",
            "target",
            shapes,
            shows=(text,),
            asks=text,
            name=f"{self._('target')} y{unit + 1}",
            value=value,
        )

    def _share(self, place: Place, unit: int, taken: bool) -> Group | None:
        """The output's share of E, shown in the step that makes it, unless its place is taken."""
        text = address("output_error", unit)
        value = self.step_view.quantity(text)
        if value is None:
            return None
        shapes: tuple[Shape, ...] = ()
        if not taken and self.step_view.block[-1].kind == "error":
            mark = self.marks.of(text) or "mark owed error"
            shapes = self._share_shapes(place, unit, value, mark)
        return Group(
            f"error-{unit}",
            f"share {self.step_view.marks(text)}".rstrip(),
            shapes,
            data=(("value", value),),
            shows=(text,),
            asks=text if shapes else "",
        )

    def _share_shapes(
        self, place: Place, unit: int, value: Quantity, mark: str
    ) -> tuple[Shape, ...]:
        """The share at the foot of its unit, with its name."""
        x, y = min(place.x, RIGHT - 56), place.y + place.ry + 8
        name = symbol("E", str(unit + 1))
        return (
            box_at(x - 56, y, 112, 26, mark),
            Label(x - 47, y + 5, "start", name, on_mark(mark, "name"), 18),
            number_on(mark, x + 49, y + BASE_LINE, value, 17),
        )

    def error(self) -> Iterator[Group]:
        """E, once it is known."""
        value = self.step_view.quantity("error")
        if value is None:
            return
        mark = self.marks.of("error") or "mark owed error"
        x = 578 if self.last > 1 else 470
        y, height = (465, 24) if self.geometry.compact else (BASE, 28)
        yield Group(
            "error",
            f"total {self.step_view.marks('error')}".rstrip(),
            (
                box_at(x, y, 112, height, mark),
                Label(x + 10, y + 6, "start", symbol("E"), on_mark(mark, "name"), 20),
                number_on(mark, x + 104, y + BASE_LINE, value, 17),
            ),
            data=(("value", value),),
            shows=("error",),
            asks="error",
        )
