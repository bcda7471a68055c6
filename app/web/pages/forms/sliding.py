"""A weight or bias put to a point of its curve, by the number of the point."""

from app.analysis.error_profile import slope
from app.backprop.network import N_, Invalid
from app.simulation.simulation import Simulation
from app.view.panels.error_profile_slider import drawable, nearest

PREFIX = "along/"


def slid(simulation: Simulation, field: str, text: str) -> Simulation:
    """The simulation with the weight of `along/weight/0/1/2` at that point of the whole curve.

    Raises:
        Invalid: where there is no such point, or no such weight.
    """
    address = field.removeprefix(PREFIX)
    try:
        step = slope(simulation, address)
    except KeyError:
        raise Invalid("field", f"there is no field {field!r}") from None
    points = drawable(simulation, step, step.wide)
    if text not in map(str, range(len(points))):
        raise Invalid(field, N_("a whole number"))
    index = int(text)
    if index == nearest(step, points):
        return simulation
    return simulation.edit_parameter(address, points[index][0])
