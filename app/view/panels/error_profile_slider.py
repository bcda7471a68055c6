"""A point that is moved along the whole curve: what a slider under it needs, written out.

The slider goes by the number of the point, so that every number that is shown, and the one that is
sent, is one that was computed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.analysis.error_profile import ErrorProfile, Range, curve
from app.simulation.simulation import Simulation
from app.view.rendering.numbers import data, short

Points = Sequence[tuple[float, float]]

DRAWN = 121  # points of a curve
MOST = 1e300  # E beyond it is not drawn


@dataclass(frozen=True, slots=True)
class SliderPoints:
    """The points of the curve, each list with a space between them.

    Attributes:
        field: the name of the weight or bias.
        index, last: the point where it is now, and the last one.
        values: all digits, to be sent; `shown` and `errors`: what is said of a point.
        places: x,y in the drawing.
    """

    field: str
    index: int
    last: int
    values: str
    shown: str
    errors: str
    places: str


def drawable(simulation: Simulation, step: ErrorProfile, ends: Range) -> list[tuple[float, float]]:
    """The points of a curve that can be drawn."""
    points = curve(simulation, step.address, *ends, DRAWN)
    return [point for point in points if point[1] <= MOST]  # which nan is not, either


def slider_points(step: ErrorProfile, points: Points, places: Points) -> SliderPoints:
    """What a slider along the curve needs. The point that is nearest to the value is the value."""
    here = nearest(step, points)
    exact = [*points[:here], (step.at, step.error), *points[here + 1 :]]
    return SliderPoints(
        field=step.address,
        index=here,
        last=len(exact) - 1,
        values=" ".join(data(value) for value, _ in exact),
        shown=" ".join(short(value) for value, _ in exact),
        errors=" ".join(short(error) for _, error in exact),
        places=" ".join(f"{x:g},{y:g}" for x, y in places),
    )


def nearest(step: ErrorProfile, points: Points) -> int:
    """Which point is where the weight is."""
    return min(range(len(points)), key=lambda index: abs(points[index][0] - step.at))
