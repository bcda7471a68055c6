"""The drawing's edges, and which of their numbers there is room for.

Between two layers of which all labels have room, all are written. Elsewhere only some are: those of
the quantity that is explained, and what a step of a single number reads and makes, as long as no two
would touch. What is pointed at shows its own in their place (graph.css). Where there are many rows,
biases of single units stand in the gap after them, and share it with the weights by turns.
"""

from dataclasses import dataclass

from app.backprop.addresses import address, parse
from app.view.graph.geometry import LABEL_GAP, Geometry
from app.view.rendering.links import related
from app.view.rendering.step_view import Quantity, StepView

Known = Quantity | None
Indices = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Edge:
    """One weight. `labelled` where its number has room beside the others, `thinned` where not all
    the numbers of its gap have.

    The label gives the weight, but its gradient in the step that computes that. `was` is the weight
    before its update, once that is taken.
    """

    id: str
    indices: Indices
    x1: float
    y1: float
    x2: float
    y2: float
    label_x: float
    label_y: float
    symbol: str
    shows: tuple[str, str]
    labelled: bool
    thinned: bool
    label: Quantity
    label_marks: str
    flows: bool
    marks: str
    weight: Quantity
    was: Known
    gradient: Known


def edges_of(step_view: StepView, places: Geometry, at: tuple[str, ...]) -> tuple[Edge, ...]:
    """All edges; what is explained is at the head of `at`."""
    labelled = _labelled(step_view, places, at)
    return tuple(
        _edge(step_view, places, i, i in labelled) for i in step_view.shape.weight_indices()
    )


def _edge(step_view: StepView, places: Geometry, indices: Indices, labelled: bool) -> Edge:
    layer, source, target = indices
    weight, gradient = _addresses(indices)
    label_x, label_y = places.label(layer, source, target)
    marks = step_view.marks(weight, gradient, *velocities_of("weight", *indices))
    quantity = step_view.quantity(weight)
    assert quantity is not None  # a weight is always known
    return Edge(
        id=f"edge-{layer}-{source}-{target}",
        indices=indices,
        x1=places.x[layer],
        y1=places.y[layer][source],
        x2=places.x[layer + 1],
        y2=places.y[layer + 1][target],
        label_x=label_x,
        label_y=label_y,
        symbol=f"w{'′' * layer}{source + 1}{target + 1}",
        shows=(weight, gradient),
        labelled=labelled,
        thinned=not places.roomy[layer],
        label=label_of(step_view, quantity, gradient),
        label_marks=label_marks(step_view, weight, gradient),
        flows=bool(marks) and step_view.by != "phase",
        marks=marks,
        weight=quantity,
        was=step_view.before(weight),
        gradient=step_view.quantity(gradient),
    )


def _addresses(indices: Indices) -> tuple[str, str]:
    return address("weight", *indices), address("weight_gradient", *indices)


def velocities_of(what: str, *indices: int) -> tuple[str, ...]:
    """The addresses of the velocity and the gathered gradient of a weight or bias, old and new."""
    kinds = ("velocity_before", "velocity", "sum_before", "sum")
    return tuple(address(f"{what}_{kind}", *indices) for kind in kinds)


def _labelled(step_view: StepView, places: Geometry, at: tuple[str, ...]) -> set[Indices]:
    """The edges that have their numbers: in a full gap as many of the wanted as do not touch."""
    all_ = list(step_view.shape.weight_indices())
    wanted = [indices for indices in all_ if at and _explained(at[0], indices)]
    if step_view.by == "unit":
        wanted += [i for i in all_ if step_view.marks(*_addresses(i), *velocities_of("weight", *i))]
    taken = {indices for indices in all_ if places.roomy[indices[0]]}
    lines: dict[int, list[float]] = {}
    for indices in wanted:
        line, others = places.label(*indices)[1], lines.setdefault(indices[0], [])
        if indices in taken or any(abs(line - other) < LABEL_GAP for other in others):
            continue
        taken.add(indices)
        others.append(line)
    full = _gaps_of_biases(step_view, places)
    return {indices for indices in taken if indices[0] not in full}


def _gaps_of_biases(step_view: StepView, places: Geometry) -> set[int]:
    """The gaps that begin at units whose own biases the step read or made: there these have the
    room. After a whole pass, which read or made all of both, the weights have it (`draw`)."""
    if not places.compact or step_view.shape.bias != "per_unit" or step_view.by == "phase":
        return set()
    return {
        layer + 1
        for layer, *unit in step_view.shape.bias_indices()
        if label_marks(
            step_view, address("bias", layer, *unit), address("bias_gradient", layer, *unit)
        )
    }


def _explained(text: str, indices: Indices) -> bool:
    """Whether an edge is explained, or leads to or from the unit that is."""
    layer, source, target = indices
    kind, place = parse(text)
    if kind in _OF_UNITS:
        return place in ((layer, source), (layer + 1, target))
    return any(related(text, own) for own in _addresses(indices))


_OF_UNITS = ("net", "out", "delta", "error_slope", "activation_slope")


def label_of(step_view: StepView, value: Quantity, gradient: str) -> Quantity:
    """What is written at a weight or bias: its gradient while that is being computed."""
    if gradient in step_view.results and step_view.by != "phase":
        return step_view.quantity(gradient) or value
    return value


def label_marks(step_view: StepView, weight: str, gradient: str) -> str:
    """The class of that label."""
    if weight in step_view.results or (gradient in step_view.results and step_view.by != "phase"):
        return "makes"
    return "reads" if weight in step_view.operands or gradient in step_view.operands else ""
