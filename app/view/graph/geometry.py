"""The places of units and of what stands beside them, in px of a drawing of 820 by 478.

They depend on the network's shape alone, so nothing moves from step to step. A small network has
circles and room for all its weights; a larger one has smaller units, and heat maps between them.
"""

from dataclasses import dataclass
from functools import lru_cache

from app.backprop.network import Shape

WIDTH, HEIGHT = 820, 478
MOST_LAYERS, MOST_UNITS, MOST_OUTPUTS = 3, 4, 3  # with circles, and room for all weights
MIDDLE = 212.0  # the height of a layer's middle
BASE = 452.0  # the height of the biases

_COLUMNS = {2: (224.0, 590.0), 3: (40.0, 392.0, 770.0)}
_INPUT_PITCH = {1: 0.0, 2: 150.0, 3: 104.0, 4: 104.0}  # by the number of units
_PITCH = {1: 0.0, 2: 196.0, 3: 134.0, 4: 104.0}
COMPACT_BASE = 436.0  # the same in a large network
_COMPACT_TOP, _COMPACT_BOTTOM = 6.0, 412.0
_COMPACT_LEFT, _COMPACT_RIGHT, _COMPACT_GAP = 36.0, 697.0, 340.0  # targets are on the right


@dataclass(frozen=True, slots=True)
class Place:
    """A unit: its middle, half its width and half its height."""

    x: float
    y: float
    rx: float
    ry: float

    @property
    def left(self) -> float:
        return self.x - self.rx

    @property
    def right(self) -> float:
        return self.x + self.rx


@dataclass(frozen=True, slots=True)
class Geometry:
    """The places for a shape."""

    compact: bool  # whether units are small, and weights in heat maps
    places: tuple[tuple[Place, ...], ...]  # of each unit, by layer
    pitches: tuple[float, ...]  # of each layer: from one unit to the next

    def gap(self, layer: int) -> tuple[float, float]:
        """Where the room after a layer begins and ends."""
        return self.places[layer][0].right, self.places[layer + 1][0].left


@lru_cache(maxsize=256)
def geometry_of(shape: Shape) -> Geometry:
    """The geometry of a shape."""
    if shape.depth > MOST_LAYERS or max(shape.layers) > MOST_UNITS:
        return _compact(shape)
    if shape.layers[-1] > MOST_OUTPUTS:  # their targets are above them
        return _compact(shape)
    layers = []
    for layer, units in enumerate(shape.layers):
        radius, middle, pitch = 38.0, MIDDLE, _PITCH[units]
        if layer == 0:  # the names of inputs are above them
            radius, middle, pitch = 26.0, MIDDLE + 8, _INPUT_PITCH[units]
        layers.append(_column(_COLUMNS[shape.depth][layer], middle, units, pitch, radius, radius))
    pitches = tuple(_PITCH[units] or 2 * MIDDLE for units in shape.layers)
    return Geometry(False, tuple(layers), pitches)


def _compact(shape: Shape) -> Geometry:
    most = max(shape.layers)
    rx = 33.0 if shape.depth == 5 else 36.0
    pitch = min(78.0, (_COMPACT_BOTTOM - _COMPACT_TOP) / most)
    ry = min(22.0, pitch / 2 - 3)
    gaps = shape.depth - 1
    span = min(_COMPACT_RIGHT - _COMPACT_LEFT, gaps * _COMPACT_GAP)
    left = (_COMPACT_LEFT + _COMPACT_RIGHT - span) / 2
    middle = (_COMPACT_TOP + _COMPACT_BOTTOM) / 2
    places = tuple(
        _column(round(left + span * layer / gaps, 1), middle, units, pitch, rx, ry)
        for layer, units in enumerate(shape.layers)
    )
    return Geometry(True, places, (pitch,) * shape.depth)


def _column(
    x: float, middle: float, units: int, pitch: float, rx: float, ry: float
) -> tuple[Place, ...]:
    first = middle - pitch * (units - 1) / 2
    return tuple(Place(x, round(first + pitch * unit, 1), rx, ry) for unit in range(units))


def rows(middle: float, count: int, pitch: float, apart: float = 0.0) -> tuple[float, ...]:
    """The heights of `count` rows around a middle, the last of them a little apart."""
    top = middle - (pitch * (count - 1) + apart) / 2
    return tuple(
        round(top + pitch * row + (apart if row == count - 1 else 0), 1) for row in range(count)
    )
