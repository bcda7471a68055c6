"""The drawing of the network as an SVG file: text and shapes, no script, style sheet or font.

Attributes replace the classes of the page, so that any program can show the file. In the style for
paper the stroke gives the sign of a weight: solid is positive, dashed is negative.
"""

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from app.simulation.simulation import Simulation
from app.view.export.svg_style import COMPACT, LIGHT, ROOMY, SvgStyle
from app.view.graph.drawing import Bias, Drawing, Unit, draw
from app.view.graph.edges import Edge
from app.view.rendering.numbers import FORMATS, data, fill_opacity, halo_width, plain, short, sign
from app.view.rendering.placeholder_numbers import numbers_of
from app.view.rendering.step_view import Quantity, StepView

EM = 16.0
WIDTHS = {2: 52, 3: 52, 4: 66, 5: 80}  # em, by depth: room for the labels of each gap
FONT = "Pretendard, 'Noto Sans', 'Noto Sans KR', 'DejaVu Sans', system-ui, sans-serif"


def graph_svg(simulation: Simulation, title: str, style: SvgStyle = LIGHT) -> str:
    """The drawing at the simulation's cursor; `title` is the text for screen readers."""
    step_view = StepView(simulation.shape, simulation.cursor, "layer")
    return _SvgWriter(draw(step_view), numbers_of(simulation), style).svg(title)


class _SvgWriter:
    """Writes one drawing: percent and em become user units, placeholders become numbers."""

    def __init__(self, drawing: Drawing, numbers: tuple[float, ...], style: SvgStyle) -> None:
        self.drawing, self.numbers, self.style = drawing, numbers, style
        self.layout = COMPACT if drawing.compact else ROOMY
        self.width = WIDTHS[drawing.depth] * EM
        self.height = (drawing.height + 1) * EM  # half an em above and below

    def svg(self, title: str) -> str:
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 {-EM / 2:g} {self.width:g} {self.height:g}"'
            f' width="{self.width:g}" height="{self.height:g}" role="img"'
            f' font-family="{FONT}" font-size="{EM:g}" text-anchor="middle">',
            f"<title>{escape(title)}</title>",
            f'<defs><pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse"'
            f' patternTransform="rotate(45)"><rect width="3.5" height="7" fill="{self.style.act}"/>'
            "</pattern></defs>",
            f'<rect y="{-EM / 2:g}" width="100%" height="100%" fill="{self.style.paper}"/>',
            *self._lines(),
            *self._labels(),
            *(part for unit in self.drawing.units for part in self._unit(unit)),
            *self._error(),
            "</svg>\n",
        ]
        return "\n".join(parts)

    # The elements, from back to front.

    def _lines(self) -> Iterator[str]:
        for bias in self.drawing.biases:
            value = self.number(bias.value)
            for x, y, highlight in bias.ends:
                ends = (self.x(bias.foot_x), self.y(self.drawing.bias_y), self.x(x), self.y(y))
                stroke = f' stroke-width="{2.2 if highlight else 1.4}" stroke-dasharray="2 5"'
                yield self._line(ends, value, stroke, 1.0 if highlight else 0.6)
        for edge in self.drawing.edges:
            value = self.number(edge.weight)
            ends = (self.x(edge.x1), self.y(edge.y1), self.x(edge.x2), self.y(edge.y2))
            [width] = FORMATS["edge_width"]([value])
            dashes = self.style.dashes.get(sign(value))
            stroke = f' stroke-width="{float(width[:-2]) * EM:.2f}"'
            stroke += f' stroke-dasharray="{dashes}"' if dashes else ""
            yield self._edge(edge, self._line(ends, value, stroke, 1.0 if edge.marks else 0.55))

    def _edge(self, edge: Edge, line: str) -> str:
        weight = self._exact(edge.weight)
        gradient = _attribute("data-gradient", self._exact(edge.gradient))
        return (
            f'<g id="{edge.id}" data-weight="{weight}"{gradient}>'
            f"<title>{edge.symbol} = {weight}</title>{line}</g>"
        )

    def _line(
        self, ends: tuple[float, float, float, float], value: float, stroke: str, opacity: float
    ) -> str:
        colours = {"positive": self.style.positive, "negative": self.style.negative}
        colour = colours.get(sign(value), self.style.line)
        x1, y1, x2, y2 = ends
        opacity = opacity if not self.style.dashes else 1.0
        return (
            f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" stroke="{colour}"'
            f' stroke-opacity="{opacity:g}"{stroke}/>'
        )

    def _labels(self) -> Iterator[str]:
        for edge in self.drawing.edges:
            if edge.labelled:
                x, y = self.x(edge.label_x), self.y(edge.label_y)
                yield from self._tag(x, y, 3.6, edge.label, edge.label_marks)
        for bias in self.drawing.biases:
            yield from self._bias(bias)
        for x, y in self.drawing.constants:
            yield from self._constant(self.x(x), self.y(y))

    def _bias(self, bias: Bias) -> Iterator[str]:
        x, y = self.x(bias.x), self.y(bias.y)
        exact = self._exact(bias.value)
        gradient = _attribute("data-gradient", self._exact(bias.gradient))
        yield f'<g id="{bias.id}" data-value="{exact}"{gradient}><title>{bias.name} = {exact}</title>'
        if bias.own:
            right, up = self.layout.own_bias
            yield from self._tag(
                x + right * EM, y - up * EM, 4.6, bias.label, bias.highlight, bias.name
            )
        else:
            yield from self._constant(x, y)
            label_x = x + (bias.r + 2.5) * EM
            yield from self._tag(label_x, y, 5.2, bias.label, bias.highlight, bias.name)
        yield "</g>"

    def _constant(self, x: float, y: float) -> Iterator[str]:
        yield self._circle(x, y, 1.15, "2 2", 1.4)
        yield self._text(x, y + 0.33 * EM, "1", 0.9)

    def _unit(self, unit: Unit) -> Iterator[str]:
        x, y = self.x(unit.x), self.y(unit.y)
        known = {"net": unit.net, "out": unit.out, "delta": unit.delta, "target": unit.target}
        attributes = "".join(_attribute(f"data-{k}", self._exact(q)) for k, q in known.items())
        yield f'<g id="{unit.id}"{attributes}>'
        if unit.delta:
            yield self._halo(x, y, unit.r, self.number(unit.delta))
        width = 3.2 if "operand" in unit.marks or "result" in unit.marks else 1.6
        yield self._circle(x, y, unit.r, "", width)
        if unit.out:
            out = self.number(unit.out)
            fill, shade = "url(#hatch)" if out < 0 else self.style.act, fill_opacity(out)
            yield (
                f'<circle cx="{x:g}" cy="{y:g}" r="{unit.r * EM:g}" fill="{fill}"'
                f' fill-opacity="{shade:.3f}"/>'
            )
        name = f"{unit.letter}{_subscript(str(unit.number))}"
        left, up, anchor = self.layout.name
        name_x, name_y = x - left * unit.r * EM, y - (up + (not left) * unit.r) * EM
        yield self._text(name_x, name_y, name, 1, "bold", anchor=anchor)
        if unit.kind == "input":
            yield self._text(x, y + 0.36 * EM, self._plain(unit.out), 1, "bold")
        else:
            if unit.net:
                net_y = y - self.layout.net * EM
                yield self._text(x, net_y, self._short(unit.net), 0.84, fill="soft")
            if unit.out:
                yield self._text(x, y + 0.97 * EM, self._short(unit.out), 1.02, "bold")
        if unit.below:
            below = f"{unit.below_name} {self._short(unit.below)}"
            below_y = y + (unit.r + self.layout.below) * EM
            yield self._text(x, below_y, below, self.layout.below_size, "bold", fill="delta")
        yield from self._output_texts(unit, x + (unit.r + 0.7) * EM, y)
        yield "</g>"

    def _output_texts(self, unit: Unit, x: float, y: float) -> Iterator[str]:
        """The target and the share of E beside an output: name above number, or in one line."""
        for quantity, name, text, y_name, y_value in (
            (unit.target, "target", self._plain(unit.target), *self.layout.target),
            (
                unit.output_error,
                f"E{_subscript(str(unit.number))}",
                self._short(unit.output_error),
                *self.layout.share,
            ),
        ):
            if quantity:
                right = self.layout.beside * EM if y_name == y_value else 0.0
                yield self._text(x, y + y_name * EM, name, 0.84, fill="soft", anchor="start")
                yield self._text(x + right, y + y_value * EM, text, 0.95, "bold", anchor="start")

    def _halo(self, x: float, y: float, r: float, delta: float) -> str:
        broken = ' stroke-dasharray="7 5"' if delta < 0 else ""
        return (
            f'<circle cx="{x:g}" cy="{y:g}" r="{(r + 0.2) * EM:g}" fill="none"'
            f' stroke="{self.style.delta}" stroke-width="{halo_width(delta) * EM:.2f}"{broken}/>'
        )

    def _error(self) -> Iterator[str]:
        error = self.drawing.error
        if error:
            x, y = self.x(self.drawing.error_x), self.y(self.drawing.error_y)
            yield f'<g id="error" data-value="{self._exact(error)}">'
            yield self._text(x, y + 0.38 * EM, f"E {self._short(error)}", 1, "bold")
            yield "</g>"

    # Shapes and texts.

    def _tag(
        self, x: float, y: float, width: float, label: Quantity, marks: str, name: str = ""
    ) -> Iterator[str]:
        """A number on a patch of paper, coloured if the last step used or computed it."""
        style = self.style
        fill = {"reads": style.reads, "makes": style.ink}.get(marks, style.paper)
        yield (
            f'<rect x="{x - width / 2 * EM:g}" y="{y - 0.62 * EM:g}" width="{width * EM:g}"'
            f' height="{1.24 * EM:g}" rx="5" fill="{fill}"/>'
        )
        text = f"{name} {self._plain(label)}" if name else self._short(label)
        ink = {"reads": "ink", "makes": "paper"}.get(marks, "soft" if not name else "ink")
        yield self._text(x, y + 0.3 * EM, text, 0.82, fill=ink)

    def _circle(self, x: float, y: float, r: float, dashes: str, width: float) -> str:
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        return (
            f'<circle cx="{x:g}" cy="{y:g}" r="{r * EM:g}" fill="{self.style.paper}"'
            f' stroke="{self.style.line if width < 3 else self.style.ink}"'
            f' stroke-width="{width:g}"{dashed}/>'
        )

    def _text(
        self,
        x: float,
        y: float,
        markup: str,
        size: float,
        weight: str = "normal",
        *,
        fill: str = "ink",
        anchor: str = "middle",
    ) -> str:
        return (
            f'<text x="{x:g}" y="{y:g}" font-size="{size * EM:g}" font-weight="{weight}"'
            f' fill="{getattr(self.style, fill)}" text-anchor="{anchor}">{markup}</text>'
        )

    def x(self, percent: float) -> float:
        return round(percent / 100 * self.width, 2)

    def y(self, em: float) -> float:
        return round(em * EM, 2)

    def number(self, quantity: Quantity) -> float:
        return self.numbers[quantity.slot]

    def _short(self, quantity: Quantity | None) -> str:
        return short(self.number(quantity)) if quantity else ""

    def _plain(self, quantity: Quantity | None) -> str:
        return plain(self.number(quantity)) if quantity else ""

    def _exact(self, quantity: Quantity | None) -> str:
        return data(self.number(quantity)) if quantity else ""


def _attribute(name: str, text: str) -> str:
    return f" {name}={quoteattr(text)}" if text else ""


def _subscript(text: str) -> str:
    return f'<tspan font-size="70%" dy="3">{text}</tspan>'
