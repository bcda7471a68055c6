"""The drawing of the network: units, edges, biases and errors with their places and numbers."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from app.backprop.addresses import address, layer_letter
from app.view.graph.edges import DrawnParameter, Edge, drawn_parameter, edges_of
from app.view.graph.geometry import BIAS_RADIUS, Geometry, geometry_of
from app.view.rendering.step_view import Quantity, StepView

# The quantities of a unit, with their names below it.
_UNIT_LABELS = {"net": "", "out": "", "delta": "δ", "error_slope": "(1)", "activation_slope": "(2)"}


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit, with its target and its share of E if it is an output."""

    id: str
    x: float
    y: float
    r: float
    kind: str
    letter: str
    number: int
    marks: str
    net: Quantity | None
    out: Quantity | None
    delta: Quantity | None
    labels: tuple[Edge, ...]  # of crowded gaps: they show while the unit is pointed at
    below: Quantity | None  # δ once it is known, until then the slope just computed
    below_name: str
    below_kind: str
    target: Quantity | None
    target_address: str
    output_error: Quantity | None
    error_marks: str
    shows: tuple[str, ...]  # the addresses of everything that belongs to it
    asks: str  # the address that a click explains
    highlights: dict[str, str]  # by the kinds of its quantities


@dataclass(frozen=True, slots=True)
class Bias:
    """One bias, drawn as a unit whose value is always 1, with an edge to every unit that it feeds.

    A unit's own bias (`own`) is written beside the unit instead.
    """

    id: str
    x: float
    y: float
    r: float
    name: str
    own: bool
    foot_x: float
    parameter: DrawnParameter
    ends: tuple[tuple[float, float, bool], ...]  # x, y, and whether the edge is highlighted


@dataclass(frozen=True, slots=True)
class Drawing:
    """The whole drawing."""

    geometry: Geometry
    depth: int
    units: tuple[Unit, ...]
    edges: tuple[Edge, ...]
    biases: tuple[Bias, ...]
    constants: tuple[tuple[float, float], ...]  # places of the bias units, if units have own biases
    error: Quantity | None
    error_marks: str
    error_x: float
    error_y: float
    flow: str  # the phase of the last step


def draw(step_view: StepView, derivation_path: tuple[str, ...] = ()) -> Drawing:
    """The drawing of a step view; the labels of the first address of `derivation_path` are
    shown."""
    geometry = geometry_of(step_view.shape)
    last = step_view.shape.depth - 1
    edges = edges_of(step_view, geometry, derivation_path[0] if derivation_path else "")
    return Drawing(
        geometry=geometry,
        depth=step_view.shape.depth,
        units=tuple(_units(step_view, geometry, edges)),
        edges=edges,
        biases=tuple(_biases(step_view, geometry, edges)),
        constants=tuple((geometry.x[layer], geometry.bias_y) for layer in range(last))
        if step_view.shape.bias == "per_unit"
        else (),
        error=step_view.quantity("error"),
        error_marks=step_view.marks("error"),
        error_x=geometry.x[last],
        error_y=geometry.bias_y if step_view.shape.bias != "none" else geometry.height - 1.5,
        flow=step_view.block[-1].phase if step_view.block else "",
    )


def _units(step_view: StepView, geometry: Geometry, edges: tuple[Edge, ...]) -> Iterator[Unit]:
    shape = step_view.shape
    last = shape.depth - 1
    labels = _hover_labels(edges)
    for layer, count in enumerate(shape.layers):
        for index in range(count):
            fused = layer == last and shape.fused_delta  # δ is computed without the slopes
            kinds = ("net", "out", "delta") if fused else _UNIT_LABELS
            addresses = {kind: address(kind, layer, index) for kind in kinds}
            output_error = address("output_error", index) if layer == last else ""
            if layer == last:
                addresses["target"] = address("target", index)
            known = {kind: step_view.quantity(text) for kind, text in addresses.items()}
            below = _below(step_view, addresses)
            yield Unit(
                id=f"unit-{layer}-{index}",
                x=geometry.x[layer],
                y=geometry.y[layer][index],
                r=geometry.radius if layer else geometry.input_radius,
                kind="input" if layer == 0 else "output" if layer == last else "hidden",
                letter=layer_letter(layer, shape.depth) if layer else "x",
                number=index + 1,
                marks=step_view.marks(*addresses.values()),
                net=known["net"],
                out=known["out"],
                delta=known["delta"],
                labels=tuple(labels.get((layer, index), ())),
                below=known[below] if below else None,
                below_name=_UNIT_LABELS.get(below, ""),
                below_kind=below,
                target=known.get("target"),
                target_address=addresses.get("target", ""),
                output_error=step_view.quantity(output_error),
                error_marks=step_view.marks(output_error),
                shows=tuple(addresses.values()) if layer else (addresses["out"],),
                asks=addresses["delta" if layer and known["delta"] else "out"],
                highlights={
                    kind: step_view.highlight(text)
                    for kind, text in (addresses | {"output_error": output_error}).items()
                },
            )


def _hover_labels(edges: tuple[Edge, ...]) -> dict[tuple[int, int], list[Edge]]:
    """By unit, the edges whose labels show only while it is pointed at."""
    labels: dict[tuple[int, int], list[Edge]] = {}
    for edge in edges:
        layer, source, target = edge.indices
        if edge.thinned:
            labels.setdefault((layer, source), []).append(edge)
            labels.setdefault((layer + 1, target), []).append(edge)
    return labels


def _below(step_view: StepView, addresses: dict[str, str]) -> str:
    """The kind of the quantity below a unit: δ, or the slope that the last step computed."""
    if step_view.known(addresses["delta"]):
        return "delta"
    for kind in ("activation_slope", "error_slope"):
        if addresses.get(kind) in step_view.results:
            return kind
    return ""


def _biases(step_view: StepView, geometry: Geometry, edges: tuple[Edge, ...]) -> Iterator[Bias]:
    shape = step_view.shape
    # After a whole phase everything is highlighted, but a gap has room for one kind of label only.
    weight_layers = {
        e.indices[0] for e in edges if e.labelled and step_view.by == "phase" and geometry.compact
    }
    for indices in shape.bias_indices():
        layer = indices[0]
        own = len(indices) == 2
        targets = [indices[1]] if own else range(shape.layers[layer + 1])
        parameter = drawn_parameter(step_view, "bias", *indices)
        using = {step.unit for step in step_view.block if parameter.shows[0] in step.operands}
        computed = not step_view.results.isdisjoint(parameter.shows)
        ends = tuple(
            (geometry.x[layer + 1], geometry.y[layer + 1][unit], computed or unit in using)
            for unit in targets
        )
        if own and layer + 1 in weight_layers:
            parameter = replace(parameter, highlight="")
        yield Bias(
            id="-".join(["bias", *map(str, indices)]),
            x=geometry.x[layer] if not own else ends[0][0],
            y=geometry.bias_y if not own else ends[0][1],
            r=BIAS_RADIUS,
            name=f"b{layer + 1}" if not own else "b",
            own=own,
            foot_x=geometry.x[layer],
            parameter=parameter,
            ends=ends,
        )
