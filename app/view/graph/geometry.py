"""The places of units and labels in the drawing.

Widths are in percent, heights and sizes in em, so the drawing stretches without distortion and
grows with its font. The labels between two layers lie at the same fraction of every edge, chosen so
that no two are on one line at any width.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from app.backprop.network import Shape

BIAS_RADIUS = 1.15  # em
TALLEST = 40.0  # em: a taller drawing in the roomy style would be too small on a laptop
COMPACT_SPAN = 37.8  # em: the largest distance from the first unit to the last in the compact style
HEIGHTS = (28, 34, 37, 40, 43, 47)  # em: graph.css has a font size for each
LABEL_ROOM = 1.5  # em between two labels: more is no better
LABEL_GAP = 1.2  # em between two labels: less would make them touch

_SPREADS = [1 + step / 20 for step in range(21)]  # of layers with fewer units
_FROM_INPUTS = [step / 100 for step in range(36, 61)]  # inputs are smaller and leave more room
_FROM_UNITS = [step / 100 for step in range(42, 58)]


@dataclass(frozen=True, slots=True)
class Style:
    """The room that things take, in em; `left` and `right` in percent."""

    radius: float
    input_radius: float
    pitch: float  # the least distance between units
    output_pitch: float  # of outputs, which have more below them
    stretch: float  # how much taller than the tallest layer another may become to separate labels
    top: float  # from the upper edge to the centre of the first unit
    below: float  # the room below a circle
    output_below: float
    left: float  # the place of the first layer
    right: float  # of the last layer


# The name is above the circle, δ below it, and at an output the target and its share of E under that.
ROOMY = Style(2.5, 1.9, 8.3, 11.3, 1.2, 4.0, 1.8, 4.6, 8.5, 86.5)


def compact(rows: int) -> Style:
    """The style for many rows: names beside the circles, targets and E to the right of theirs."""
    pitch = min(ROOMY.pitch, COMPACT_SPAN / max(1, rows - 1))
    return Style(2.0, 1.6, pitch, pitch, 1.0, 2.4, 1.4, 1.4, 10.5, 76.0)


@dataclass(frozen=True, slots=True)
class Geometry:
    """The places for a shape."""

    compact: bool  # whether the style is the one for many rows
    radius: float  # of the circles, in em
    input_radius: float
    height: float  # of the drawing, in em
    x: tuple[float, ...]  # of each layer, in percent
    y: tuple[tuple[float, ...], ...]  # of each unit, in em
    fractions: tuple[float, ...]  # of each gap: where on its edges the labels lie
    roomy: tuple[bool, ...]  # of each gap: whether all its labels have room
    bias_y: float  # of the bias units, in em

    @property
    def tall(self) -> int:
        """The height, rounded up to one of `HEIGHTS`."""
        return next(height for height in HEIGHTS if height >= self.height)

    def label(self, layer: int, source: int, target: int) -> tuple[float, float]:
        """The place of a weight's label as (percent, em)."""
        t = self.fractions[layer]
        x = (1 - t) * self.x[layer] + t * self.x[layer + 1]
        y = (1 - t) * self.y[layer][source] + t * self.y[layer + 1][target]
        return round(x, 3), round(y, 3)


@lru_cache(maxsize=256)
def geometry_of(shape: Shape) -> Geometry:
    """The geometry of a shape: in the roomy style if that is not too tall."""
    places = _places(shape, ROOMY)
    return places if places.height <= TALLEST else _places(shape, compact(max(shape.layers)))


def _places(shape: Shape, style: Style) -> Geometry:
    """Places the tallest layer first, then the others outwards from it."""
    last = shape.depth - 1
    pitches = [style.output_pitch if layer == last else style.pitch for layer in range(shape.depth)]
    spans = [pitch * (units - 1) for pitch, units in zip(pitches, shape.layers, strict=True)]
    tallest = spans.index(max(spans))
    rows = {tallest: _rows(shape.layers[tallest], pitches[tallest])}
    fractions, gaps = {}, {}
    outwards = [(layer, layer - 1) for layer in range(tallest, 0, -1)]
    outwards += [(layer, layer + 1) for layer in range(tallest, last)]
    for placed, layer in outwards:
        gap_index = min(placed, layer)
        longest = max(spans[tallest], pitches[layer]) * style.stretch + 1e-9
        options = [
            (_gap(*((rows[placed], row) if placed < layer else (row, rows[placed])), t), t, row)
            for row in _row_options(shape.layers[layer], pitches[layer], longest)
            for t in (_FROM_UNITS if gap_index else _FROM_INPUTS)
        ]
        gap, t, row = max(options, key=_worth)
        rows[layer], fractions[gap_index], gaps[gap_index] = row, t, gap
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


def _row_options(units: int, pitch: float, longest: float) -> list[tuple[float, ...]]:
    pitches = [pitch * spread for spread in _SPREADS]
    return [_rows(units, p) for p in pitches if p * (units - 1) <= longest] or [_rows(units, pitch)]


def _worth(option: tuple[float, float, tuple[float, ...]]) -> tuple[float, ...]:
    """The sort key of an option: labels well apart, then little height, then labels mid-edge."""
    gap, t, row = option
    return min(round(gap, 6), LABEL_ROOM) if gap >= LABEL_GAP else 0.0, -row[-1], -abs(t - 0.5)


def _gap(left: tuple[float, ...], right: tuple[float, ...], t: float) -> float:
    """The least vertical distance between two labels of a gap."""
    lines = sorted((1 - t) * a + t * b for a in left for b in right)
    return min((b - a for a, b in pairwise(lines)), default=ROOMY.pitch)
