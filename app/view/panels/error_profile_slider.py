"""The slider under the whole curve, which moves a weight along it.

The slider's value is the index of a point, so that every number shown, and the one that is sent,
was computed by the server.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.analysis.error_profile import ErrorProfile, Range, curve
from app.simulation.simulation import Simulation
from app.view.rendering.axes import drawable
from app.view.rendering.numbers import data, short

Points = Sequence[tuple[float, float]]

CURVE_POINTS = 121  # points of a curve


@dataclass(frozen=True, slots=True)
class SliderPoints:
    """The points of the curve; each list is a text, separated by spaces."""

    field: str  # the address of the weight or bias
    index: int  # of the point at the current value
    last: int  # the last index
    values: str  # with all digits, to be sent
    shown: str  # with four decimals
    errors: str
    places: str  # x,y in the figure


def curve_points(
    simulation: Simulation, profile: ErrorProfile, ends: Range
) -> list[tuple[float, float]]:
    """The points of a curve that can be drawn."""
    return drawable(curve(simulation, profile.address, *ends, CURVE_POINTS))


def slider_points(profile: ErrorProfile, points: Points, places: Points) -> SliderPoints:
    """The slider's points: the one nearest to the current value is replaced by that value."""
    here = nearest(profile, points)
    exact = [*points[:here], (profile.at, profile.error), *points[here + 1 :]]
    return SliderPoints(
        field=profile.address,
        index=here,
        last=len(exact) - 1,
        values=" ".join(data(value) for value, _ in exact),
        shown=" ".join(short(value) for value, _ in exact),
        errors=" ".join(short(error) for _, error in exact),
        places=" ".join(f"{x:g},{y:g}" for x, y in places),
    )


def nearest(profile: ErrorProfile, points: Points) -> int:
    """The index of the point nearest to the current value."""
    return min(range(len(points)), key=lambda index: abs(points[index][0] - profile.at))
