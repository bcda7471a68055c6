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

RADIUS = 2.5  # em
INPUT_RADIUS = 1.9
BIAS_RADIUS = 1.15
PITCH = 8.3  # from unit to unit at the least: a circle, its name above, its δ below
OUTPUT_PITCH = 11.3  # the same for outputs, which have a target and a share of E, too
STRETCH = 1.2  # how much taller than the tallest layer another may grow, to keep labels apart
TOP = 4.0
LEFT, RIGHT = 8.5, 86.5  # percent
LABEL_ROOM = 1.5  # em between two labels beyond which more is no better
LABEL_GAP = 1.2  # em between two labels that do not touch

_SPREADS = [1 + step / 20 for step in range(21)]  # of the less full layers
_FROM_INPUTS = [step / 100 for step in range(36, 61)]  # inputs are smaller: more room beside them
_FROM_UNITS = [step / 100 for step in range(42, 58)]


@dataclass(frozen=True, slots=True)
class Geometry:
    """Places for a shape.

    Attributes:
        height: of the drawing, in em.
        x: of each layer, in percent.
        y: of each unit, in em.
        fractions: for each gap between layers, where along its edges the labels stand.
        roomy: for each gap, whether all its labels have room.
        bias_y: of the bias units, in em.
    """

    height: float
    x: tuple[float, ...]
    y: tuple[tuple[float, ...], ...]
    fractions: tuple[float, ...]
    roomy: tuple[bool, ...]
    bias_y: float

    def label(self, layer: int, source: int, target: int) -> tuple[float, float]:
        """(percent, em) of the label of a weight."""
        t = self.fractions[layer]
        x = (1 - t) * self.x[layer] + t * self.x[layer + 1]
        y = (1 - t) * self.y[layer][source] + t * self.y[layer + 1][target]
        return round(x, 3), round(y, 3)


@lru_cache(maxsize=256)
def geometry_of(shape: Shape) -> Geometry:
    """The places of a shape: the tallest layer first, then its neighbours outwards."""
    last = shape.depth - 1
    pitches = [OUTPUT_PITCH if layer == last else PITCH for layer in range(shape.depth)]
    spans = [pitch * (units - 1) for pitch, units in zip(pitches, shape.layers, strict=True)]
    tallest = spans.index(max(spans))
    rows = {tallest: _rows(shape.layers[tallest], pitches[tallest])}
    fractions, gaps = {}, {}
    outwards = [(layer, layer - 1) for layer in range(tallest, 0, -1)]
    outwards += [(layer, layer + 1) for layer in range(tallest, last)]
    for known, layer in outwards:
        between = min(known, layer)
        options = [
            (_gap(*((rows[known], row) if known < layer else (row, rows[known])), t), t, row)
            for row in _row_options(shape.layers[layer], pitches[layer], spans[tallest])
            for t in (_FROM_UNITS if between else _FROM_INPUTS)
        ]
        gap, t, row = max(options, key=_worth)
        rows[layer], fractions[between], gaps[between] = row, t, gap
    middle = TOP + max(max(row) for row in rows.values())
    under = {layer: 4.6 if layer == last else 1.8 for layer in rows}  # a target and E, or δ alone
    below = middle + max(max(row) + RADIUS + under[layer] for layer, row in rows.items())
    bias_y = below + BIAS_RADIUS + 0.2
    return Geometry(
        height=round(bias_y + BIAS_RADIUS + 0.5 if shape.bias != "none" else below + 0.4, 3),
        x=tuple(
            round(LEFT + (RIGHT - LEFT) * layer / (shape.depth - 1), 3)
            for layer in range(shape.depth)
        ),
        y=tuple(tuple(round(middle + y, 3) for y in rows[layer]) for layer in range(shape.depth)),
        fractions=tuple(fractions[layer] for layer in range(shape.depth - 1)),
        roomy=tuple(gaps[layer] >= LABEL_GAP for layer in range(shape.depth - 1)),
        bias_y=round(bias_y, 3),
    )


def _rows(units: int, pitch: float) -> tuple[float, ...]:
    return tuple(pitch * (unit - (units - 1) / 2) for unit in range(units))


def _row_options(units: int, pitch: float, span: float) -> list[tuple[float, ...]]:
    pitches = [pitch * spread for spread in _SPREADS]
    most = max(span, pitch) * STRETCH + 1e-9
    return [_rows(units, p) for p in pitches if p * (units - 1) <= most] or [_rows(units, pitch)]


def _worth(option: tuple[float, float, tuple[float, ...]]) -> tuple[float, ...]:
    """What makes a place good: labels well apart, then little height, then labels amid edges."""
    gap, t, row = option
    return min(round(gap, 6), LABEL_ROOM) if gap >= LABEL_GAP else 0.0, -row[-1], -abs(t - 0.5)


def _gap(left: tuple[float, ...], right: tuple[float, ...], t: float) -> float:
    """The least distance between two labels of a gap."""
    lines = sorted((1 - t) * a + t * b for a in left for b in right)
    return min((b - a for a, b in pairwise(lines)), default=PITCH)
