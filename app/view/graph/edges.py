"""The edges of the drawing, and the choice of the labels that have room.

A gap between two layers shows all its labels if they fit. A crowded gap shows only the labels of
the explained quantity and those that a step of a single number uses or computes, as long as no two
overlap; pointing at an element shows its own labels instead (graph.css). In the compact style the
labels of units' own biases share the following gap with the weights, one kind at a time.
"""

from dataclasses import dataclass

from app.backprop.addresses import STATES, address, parse
from app.view.graph.geometry import LABEL_GAP, Geometry
from app.view.rendering.links import related
from app.view.rendering.step_view import Quantity, StepView

Indices = tuple[int, int, int]


_UNIT_KINDS = ("net", "out", "delta", "error_slope", "activation_slope")


@dataclass(frozen=True, slots=True)
class Edge:
    """One weight."""

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
    labelled: bool  # whether its label is shown
    thinned: bool  # whether its gap is too crowded for all labels
    label: Quantity  # the weight, or its gradient in the step that computes that
    label_marks: str
    flows: bool
    marks: str
    weight: Quantity
    was: Quantity | None  # the weight before its update, once that has been taken
    gradient: Quantity | None


def edges_of(step_view: StepView, geometry: Geometry, focus: str) -> tuple[Edge, ...]:
    """All edges; `focus` is the address of the explained quantity, or empty."""
    labelled = _labelled_edges(step_view, geometry, focus)
    return tuple(
        _edge(step_view, geometry, i, i in labelled) for i in step_view.shape.weight_indices()
    )


def _edge(step_view: StepView, geometry: Geometry, indices: Indices, labelled: bool) -> Edge:
    layer, source, target = indices
    weight, gradient = _addresses(indices)
    label_x, label_y = geometry.label(layer, source, target)
    marks = step_view.marks(weight, gradient, *states_of("weight", *indices))
    quantity = step_view.quantity(weight)
    assert quantity is not None  # a weight is always known
    return Edge(
        id=f"edge-{layer}-{source}-{target}",
        indices=indices,
        x1=geometry.x[layer],
        y1=geometry.y[layer][source],
        x2=geometry.x[layer + 1],
        y2=geometry.y[layer + 1][target],
        label_x=label_x,
        label_y=label_y,
        symbol=f"w{'′' * layer}{source + 1}{target + 1}",
        shows=(weight, gradient),
        labelled=labelled,
        thinned=not geometry.roomy[layer],
        label=label_of(step_view, quantity, gradient),
        label_marks=label_highlight(step_view, weight, gradient),
        flows=bool(marks) and step_view.by != "phase",
        marks=marks,
        weight=quantity,
        was=step_view.before(weight),
        gradient=step_view.quantity(gradient),
    )


def _addresses(indices: Indices) -> tuple[str, str]:
    return address("weight", *indices), address("weight_gradient", *indices)


def states_of(parameter: str, *indices: int) -> tuple[str, ...]:
    """The addresses of what an update keeps or computes for a parameter, such as its velocity and
    accumulated gradient, before and after the step.

    Args:
        parameter: `weight` or `bias`.
    """
    return tuple(address(kind, *indices) for kind in STATES[parameter])


def _labelled_edges(step_view: StepView, geometry: Geometry, focus: str) -> set[Indices]:
    """The edges with labels: in a crowded gap as many of the wanted ones as do not overlap."""
    edges = list(step_view.shape.weight_indices())
    wanted = [indices for indices in edges if focus and _is_explained(focus, indices)]
    if step_view.by == "unit":
        wanted += [i for i in edges if step_view.marks(*_addresses(i), *states_of("weight", *i))]
    labelled = {indices for indices in edges if geometry.roomy[indices[0]]}
    label_heights: dict[int, list[float]] = {}
    for indices in wanted:
        height, neighbours = geometry.label(*indices)[1], label_heights.setdefault(indices[0], [])
        if indices in labelled or any(abs(height - other) < LABEL_GAP for other in neighbours):
            continue
        labelled.add(indices)
        neighbours.append(height)
    bias_gaps = _gaps_of_biases(step_view, geometry)
    return {indices for indices in labelled if indices[0] not in bias_gaps}


def _gaps_of_biases(step_view: StepView, geometry: Geometry) -> set[int]:
    """The gaps whose room goes to the labels of units' own biases, since the last step used these.

    After a whole phase, which uses all weights and biases, the weights have the room (`draw`).
    """
    if not geometry.compact or step_view.shape.bias != "per_unit" or step_view.by == "phase":
        return set()
    return {
        layer + 1
        for layer, *unit in step_view.shape.bias_indices()
        if label_highlight(
            step_view, address("bias", layer, *unit), address("bias_gradient", layer, *unit)
        )
    }


def _is_explained(focus: str, indices: Indices) -> bool:
    """Whether an edge is explained, or is connected to the unit that is explained."""
    layer, source, target = indices
    kind, place = parse(focus)
    if kind in _UNIT_KINDS:
        return place in ((layer, source), (layer + 1, target))
    return any(related(focus, edge_address) for edge_address in _addresses(indices))


def label_of(step_view: StepView, value: Quantity, gradient: str) -> Quantity:
    """The quantity at a weight or bias: its gradient in the step that computes that."""
    if gradient in step_view.results and step_view.by != "phase":
        return step_view.quantity(gradient) or value
    return value


def label_highlight(step_view: StepView, weight: str, gradient: str) -> str:
    """The class of that label."""
    if weight in step_view.results or (gradient in step_view.results and step_view.by != "phase"):
        return "makes"
    return "reads" if weight in step_view.operands or gradient in step_view.operands else ""
