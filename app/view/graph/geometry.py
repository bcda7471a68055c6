"""Where things stand in the drawing.

Widths are in percent, heights and sizes in em, so that one drawing serves a phone and a projector:
it stretches sideways without distorting, and grows with its font. Labels of weights stand at one
fraction of every edge between two layers; it is chosen so that they fall on separate lines at any
width.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from app.backprop.network import Shape

BIAS_RADIUS = 1.15  # em
TALLEST = 40.0  # em: what is taller in the roomy style would be too small on a laptop's stage
COMPACT_SPAN = 37.8  # em from the first unit to the last, where that is needed
HEIGHTS = (28, 34, 37, 40, 43, 47)  # em: graph.css has a size of letters for each
LABEL_ROOM = 1.5  # em between two labels beyond which more is no better
LABEL_GAP = 1.2  # em between two labels that do not touch

_SPREADS = [1 + step / 20 for step in range(21)]  # of the less full layers
_FROM_INPUTS = [step / 100 for step in range(36, 61)]  # inputs are smaller: more room beside them
_FROM_UNITS = [step / 100 for step in range(42, 58)]


@dataclass(frozen=True, slots=True)
class Style:
    """How much room things take, in em; the sides in percent.

    Attributes:
        radius, input_radius: of the circles.
        pitch: from unit to unit at the least; `output_pitch` of outputs, which have a target and a
            share of E, too.
        stretch: how much taller than the tallest layer another may grow, to keep labels apart.
        top: from the upper edge to the middle of the first unit.
        below, output_below: what stands under a circle.
        left, right: where the layers begin and end.
    """

    radius: float
    input_radius: float
    pitch: float
    output_pitch: float
    stretch: float
    top: float
    below: float
    output_below: float
    left: float
    right: float


# A circle, its name above, its δ below; at the outputs a target and a share of E under that.
ROOMY = Style(2.5, 1.9, 8.3, 11.3, 1.2, 4.0, 1.8, 4.6, 8.5, 86.5)


def compact(rows: int) -> Style:
    """For many rows: names stand beside their circles, and targets and E to the right of theirs."""
    pitch = min(ROOMY.pitch, COMPACT_SPAN / max(1, rows - 1))
    return Style(2.0, 1.6, pitch, pitch, 1.0, 2.4, 1.4, 1.4, 10.5, 76.0)


@dataclass(frozen=True, slots=True)
class Geometry:
    """Places for a shape.

    Attributes:
        compact: whether it is drawn in the style for many rows.
        radius, input_radius: of the circles, in em.
        height: of the drawing, in em.
        x: of each layer, in percent.
        y: of each unit, in em.
        fractions: for each gap between layers, where along its edges the labels stand.
        roomy: for each gap, whether all its labels have room.
        bias_y: of the bias units, in em.
    """

    compact: bool
    radius: float
    input_radius: float
    height: float
    x: tuple[float, ...]
    y: tuple[tuple[float, ...], ...]
    fractions: tuple[float, ...]
    roomy: tuple[bool, ...]
    bias_y: float

    @property
    def tall(self) -> int:
        """The height, rounded up to one that the style sheet knows."""
        return next(height for height in HEIGHTS if height >= self.height)

    def label(self, layer: int, source: int, target: int) -> tuple[float, float]:
        """(percent, em) of the label of a weight."""
        t = self.fractions[layer]
        x = (1 - t) * self.x[layer] + t * self.x[layer + 1]
        y = (1 - t) * self.y[layer][source] + t * self.y[layer + 1][target]
        return round(x, 3), round(y, 3)


@lru_cache(maxsize=256)
def geometry_of(shape: Shape) -> Geometry:
    """The places of a shape: roomy where that fits the stage."""
    places = _places(shape, ROOMY)
    return places if places.height <= TALLEST else _places(shape, compact(max(shape.layers)))


def _places(shape: Shape, style: Style) -> Geometry:
    """The tallest layer first, then its neighbours outwards."""
    last = shape.depth - 1
    pitches = [style.output_pitch if layer == last else style.pitch for layer in range(shape.depth)]
    spans = [pitch * (units - 1) for pitch, units in zip(pitches, shape.layers, strict=True)]
    tallest = spans.index(max(spans))
    rows = {tallest: _rows(shape.layers[tallest], pitches[tallest])}
    fractions, gaps = {}, {}
    outwards = [(layer, layer - 1) for layer in range(tallest, 0, -1)]
    outwards += [(layer, layer + 1) for layer in range(tallest, last)]
    for known, layer in outwards:
        between = min(known, layer)
        most = max(spans[tallest], pitches[layer]) * style.stretch + 1e-9
        options = [
            (_gap(*((rows[known], row) if known < layer else (row, rows[known])), t), t, row)
            for row in _row_options(shape.layers[layer], pitches[layer], most)
            for t in (_FROM_UNITS if between else _FROM_INPUTS)
        ]
        gap, t, row = max(options, key=_worth)
        rows[layer], fractions[between], gaps[between] = row, t, gap
    middle = style.top + max(max(row) for row in rows.values())
    under = {layer: style.output_below if layer == last else style.below for layer in rows}
    below = middle + max(max(row) + style.radius + under[layer] for layer, row in rows.items())
    bias_y = below + BIAS_RADIUS + 0.2
    return Geometry(
        compact=style is not ROOMY,
        radius=style.radius,
        input_radius=style.input_radius,
        height=round(bias_y + BIAS_RADIUS + 0.5 if shape.bias != "none" else below + 0.4, 3),
        x=tuple(
            round(style.left + (style.right - style.left) * layer / last, 3)
            for layer in range(shape.depth)
        ),
        y=tuple(tuple(round(middle + y, 3) for y in rows[layer]) for layer in range(shape.depth)),
        fractions=tuple(fractions[layer] for layer in range(last)),
        roomy=tuple(gaps[layer] >= LABEL_GAP for layer in range(last)),
        bias_y=round(bias_y, 3),
    )


def _rows(units: int, pitch: float) -> tuple[float, ...]:
    return tuple(pitch * (unit - (units - 1) / 2) for unit in range(units))


def _row_options(units: int, pitch: float, most: float) -> list[tuple[float, ...]]:
    pitches = [pitch * spread for spread in _SPREADS]
    return [_rows(units, p) for p in pitches if p * (units - 1) <= most] or [_rows(units, pitch)]


def _worth(option: tuple[float, float, tuple[float, ...]]) -> tuple[float, ...]:
    """What makes a place good: labels well apart, then little height, then labels amid edges."""
    gap, t, row = option
    return min(round(gap, 6), LABEL_ROOM) if gap >= LABEL_GAP else 0.0, -row[-1], -abs(t - 0.5)


def _gap(left: tuple[float, ...], right: tuple[float, ...], t: float) -> float:
    """The least distance between two labels of a gap."""
    lines = sorted((1 - t) * a + t * b for a in left for b in right)
    return min((b - a for a, b in pairwise(lines)), default=ROOMY.pitch)
