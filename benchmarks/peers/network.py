"""What each of the peers draws: the deck's network, with all that has been computed so far."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.examples.published import DECK
from app.simulation.simulation import Simulation
from app.view.rendering.digits import FOUR
from app.web.api.schemas.serialize import Known, Row, values_of

BEGINNING = DECK.simulation
WIDTH, HEIGHT, RADIUS = 900, 560, 40
COLUMNS = (90, 450, 790)
ALONG = 0.45  # where on its edge a weight is written
NAMES = ("x", "H", "O")

Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit, and what is written in it, line by line."""

    at: Place
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge, and the weight that is written on it, with its gradient once that is known."""

    start: Place
    end: Place
    text: str

    @property
    def label(self) -> Place:
        (x1, y1), (x2, y2) = self.start, self.end
        return x1 + ALONG * (x2 - x1), y1 + ALONG * (y2 - y1) - 3


def caption(simulation: Simulation) -> str:
    """Which step was taken last, and what came out."""
    step = simulation.last_step
    if step is None:
        return "before the first step"
    value = simulation.trace()[simulation.cursor - 1]
    return (
        f"step {simulation.cursor} of {len(simulation.steps)}: {step.symbol} = {FOUR.short(value)}"
    )


def units(simulation: Simulation) -> list[Unit]:
    """Every unit, with net, out and δ as far as they are known; outputs with their E, too."""
    values, inputs = values_of(simulation), simulation.examples[simulation.example].inputs
    found = [Unit(_place(0, i), (f"x{i + 1}", FOUR.short(x))) for i, x in enumerate(inputs)]
    for layer, rows in enumerate(zip(values.net, values.out, values.delta, strict=True), start=1):
        for i, (net, out, delta) in enumerate(zip(*rows, strict=True)):
            errors: Row = values.output_errors if layer == 2 else ()
            lines = [f"{NAMES[layer]}{i + 1}", *_told("net", net), *_told("out", out)]
            lines += [*_told("δ", delta), *(_told("E", errors[i]) if errors else [])]
            found.append(Unit(_place(layer, i), tuple(lines)))
    return found


def edges(simulation: Simulation) -> Iterator[Edge]:
    """Every edge, with its weight as it is now."""
    gradients = values_of(simulation).weight_gradients
    for layer, matrix in enumerate(simulation.current_network.weights):
        for i, row in enumerate(matrix):
            for j, weight in enumerate(row):
                gradient = gradients[layer][i][j]
                text = FOUR.short(weight) + (
                    "" if gradient is None else f" ({FOUR.short(gradient)})"
                )
                yield Edge(_place(layer, i), _place(layer + 1, j), text)


def notes(simulation: Simulation) -> str:
    """What belongs to no unit and no edge: the biases, and E."""
    biases = [
        f"b{i} = {FOUR.short(b)}"
        for i, (b,) in enumerate(simulation.current_network.biases, start=1)
    ]
    return ", ".join([*biases, *_told("E", values_of(simulation).error)])


def svg(simulation: Simulation) -> str:
    """All of it as one drawing."""
    parts = [
        f'<svg id="network" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        'font-size="11" text-anchor="middle">',
        _text((WIDTH / 2, 16), caption(simulation)),
        _text((WIDTH / 2, HEIGHT - 8), notes(simulation)),
    ]
    for edge in edges(simulation):
        (x1, y1), (x2, y2) = edge.start, edge.end
        parts.append(f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="#9ab"/>')
        parts.append(_text(edge.label, edge.text))
    for unit in units(simulation):
        x, y = unit.at
        parts.append(f'<circle cx="{x}" cy="{y}" r="{RADIUS}" fill="#eef" stroke="#345"/>')
        top = y - 6 * (len(unit.lines) - 2)
        parts += [_text((x, top + 12 * n), line) for n, line in enumerate(unit.lines)]
    return "".join([*parts, "</svg>"])


def _place(layer: int, unit: int) -> Place:
    count = BEGINNING.network.shape.layers[layer]
    return COLUMNS[layer], HEIGHT * (unit + 0.5) / count


def _told(name: str, value: Known) -> list[str]:
    return [] if value is None else [f"{name} = {FOUR.short(value)}"]


def _text(at: Place, text: str) -> str:
    return f'<text x="{at[0]:.1f}" y="{at[1]:.1f}">{text}</text>'
