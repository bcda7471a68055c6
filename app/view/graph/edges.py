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
class DrawnParameter:
    """A weight or bias as the drawing shows it."""

    shows: tuple[str, str]  # its address, and that of its gradient
    value: Quantity
    was: Quantity | None  # the value before its update, once that has been taken
    gradient: Quantity | None
    label: Quantity  # the value, or the gradient in the step that computes that
    highlight: str  # the class of the label
    marks: str


def drawn_parameter(step_view: StepView, kind: str, *indices: int) -> DrawnParameter:
    """A parameter by its kind, `weight` or `bias`, and its indices."""
    text, gradient = shows = address(kind, *indices), address(f"{kind}_gradient", *indices)
    value, slope = step_view.quantity(text), step_view.quantity(gradient)
    assert value is not None  # a parameter is always known
    computes_gradient = gradient in step_view.results and step_view.by != "phase"
    if text in step_view.results or computes_gradient:
        highlight = "makes"
    else:
        highlight = "" if step_view.operands.isdisjoint(shows) else "reads"
    # What an update keeps or computes for it, such as its velocity, counts as well.
    states = (address(state, *indices) for state in STATES[kind])
    return DrawnParameter(
        shows=shows,
        value=value,
        was=step_view.before(text),
        gradient=slope,
        label=(computes_gradient and slope) or value,
        highlight=highlight,
        marks=step_view.marks(*shows, *states),
    )


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
    weight: DrawnParameter
    labelled: bool  # whether its label is shown
    thinned: bool  # whether its gap is too crowded for all labels


def edges_of(step_view: StepView, geometry: Geometry, focus: str) -> tuple[Edge, ...]:
    """All edges; `focus` is the address of the explained quantity, or empty."""
    edges = step_view.shape.weight_indices()
    weights = {indices: drawn_parameter(step_view, "weight", *indices) for indices in edges}
    labelled = _labelled_edges(step_view, geometry, focus, weights)
    return tuple(_edge(geometry, i, weight, i in labelled) for i, weight in weights.items())


def _edge(geometry: Geometry, indices: Indices, weight: DrawnParameter, labelled: bool) -> Edge:
    layer, source, target = indices
    label_x, label_y = geometry.label(layer, source, target)
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
        weight=weight,
        labelled=labelled,
        thinned=not geometry.roomy[layer],
    )


def _labelled_edges(
    step_view: StepView, geometry: Geometry, focus: str, weights: dict[Indices, DrawnParameter]
) -> set[Indices]:
    """The edges with labels: in a crowded gap as many of the wanted ones as do not overlap."""
    wanted = [i for i, w in weights.items() if focus and _is_explained(focus, i, w.shows)]
    if step_view.by == "unit":
        wanted += [indices for indices, weight in weights.items() if weight.marks]
    labelled = {indices for indices in weights if geometry.roomy[indices[0]]}
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
        indices[0] + 1
        for indices in step_view.shape.bias_indices()
        if drawn_parameter(step_view, "bias", *indices).highlight
    }


def _is_explained(focus: str, indices: Indices, shows: tuple[str, str]) -> bool:
    """Whether an edge is explained, or is connected to the unit that is explained."""
    layer, source, target = indices
    kind, place = parse(focus)
    if kind in _UNIT_KINDS:
        return place in ((layer, source), (layer + 1, target))
    return any(related(focus, edge_address) for edge_address in shows)
