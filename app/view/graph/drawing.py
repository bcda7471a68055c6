"""The network's drawing: units, edges, biases and errors, each with its place and its numbers."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.backprop.addresses import address, layer_letter
from app.view.graph.edges import Edge, Known, edges_of, label_marks, label_of, velocities_of
from app.view.graph.geometry import BIAS_RADIUS, Geometry, geometry_of
from app.view.rendering.step_view import Quantity, StepView


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit. `reads` and `makes` say which of its numbers the step just taken read and made.

    `below` is what stands under it: δ once it is known, before that the slope just computed.
    `shows` are the addresses of all that belongs to it; `asks`, of what a click explains. `labels`
    are its edges in gaps too full for all their numbers: they show while it is pointed at.
    """

    id: str
    x: float
    y: float
    r: float
    kind: str
    letter: str
    number: int
    marks: str
    net: Known
    out: Known
    delta: Known
    labels: tuple[Edge, ...]
    below: Known
    below_name: str
    below_kind: str
    target: Known
    target_address: str
    output_error: Known
    error_id: str
    error_marks: str
    error_highlight: str
    shows: tuple[str, ...]
    asks: str
    reads: frozenset[str]
    makes: frozenset[str]

    def highlight(self, name: str) -> str:
        """The class of the mark behind one of its numbers, empty where the step left it alone."""
        return "reads" if name in self.reads else "makes" if name in self.makes else ""

    @property
    def below_highlight(self) -> str:
        return self.highlight(self.below_kind)


@dataclass(frozen=True, slots=True)
class Bias:
    """One bias, drawn as a unit that always gives 1, with an edge to every unit that it feeds.

    Where each unit has its own, the number stands beside its unit instead. An end is the place of a
    unit that it feeds, and whether the step just taken went there.
    """

    id: str
    x: float
    y: float
    r: float
    name: str
    shows: tuple[str, str]
    own: bool
    foot_x: float
    marks: str
    value: Quantity
    was: Known
    gradient: Known
    label: Quantity
    highlight: str
    ends: tuple[tuple[float, float, bool], ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """All of it. `flow` is the phase of the step just taken: numbers ran that way; `compact` is the
    style for many rows, and `tall` the height that the letters are made to fit."""

    compact: bool
    height: float
    tall: int
    depth: int
    units: tuple[Unit, ...]
    edges: tuple[Edge, ...]
    biases: tuple[Bias, ...]
    constants: tuple[tuple[float, float], ...]
    error: Known
    error_marks: str
    error_x: float
    error_y: float
    bias_y: float
    flow: str


def draw(step_view: StepView, at: tuple[str, ...] = ()) -> Drawing:
    """The drawing of a scene, in which the quantity at the head of `at` is explained."""
    places = geometry_of(step_view.shape)
    last = step_view.shape.depth - 1
    edges = edges_of(step_view, places, at)
    return Drawing(
        compact=places.compact,
        height=places.height,
        tall=places.tall,
        depth=step_view.shape.depth,
        units=tuple(_units(step_view, places, edges)),
        edges=edges,
        biases=tuple(_biases(step_view, places, edges)),
        constants=tuple((places.x[layer], places.bias_y) for layer in range(last))
        if step_view.shape.bias == "per_unit"
        else (),
        error=step_view.quantity("error"),
        error_marks=step_view.marks("error"),
        error_x=places.x[last],
        error_y=places.bias_y if step_view.shape.bias != "none" else places.height - 1.5,
        bias_y=places.bias_y,
        flow=step_view.block[-1].phase if step_view.block else "",
    )


def _units(step_view: StepView, places: Geometry, edges: tuple[Edge, ...]) -> Iterator[Unit]:
    shape = step_view.shape
    last = shape.depth - 1
    labels = _hidden_labels(places, edges)
    for layer, count in enumerate(shape.layers):
        for index in range(count):
            joint = layer == last and shape.fused_delta  # then it has no slopes
            kinds = ("net", "out", "delta") if joint else _OF_A_UNIT
            addresses = {kind: address(kind, layer, index) for kind in kinds}
            share = address("output_error", index)
            if layer == last:
                addresses["target"] = address("target", index)
            known = {kind: step_view.quantity(text) for kind, text in addresses.items()}
            below = _below(step_view, addresses)
            yield Unit(
                id=f"unit-{layer}-{index}",
                x=places.x[layer],
                y=places.y[layer][index],
                r=places.radius if layer else places.input_radius,
                kind="input" if layer == 0 else "output" if layer == last else "hidden",
                letter=layer_letter(layer, shape.depth) if layer else "x",
                number=index + 1,
                marks=step_view.marks(*addresses.values()),
                net=known["net"],
                out=known["out"],
                delta=known["delta"],
                labels=tuple(labels.get((layer, index), ())),
                below=known[below] if below else None,
                below_name=_OF_A_UNIT.get(below, ""),
                below_kind=below,
                target=known.get("target"),
                target_address=addresses.get("target", ""),
                output_error=step_view.quantity(share) if layer == last else None,
                error_id=f"error-{index}",
                error_marks=step_view.marks(share) if layer == last else "",
                error_highlight=step_view.highlight(share) if layer == last else "",
                shows=tuple(addresses.values()) if layer else (addresses["out"],),
                asks=addresses["delta" if layer and known["delta"] else "out"],
                reads=frozenset(kind for kind, a in addresses.items() if a in step_view.operands),
                makes=frozenset(kind for kind, a in addresses.items() if a in step_view.results),
            )


def _hidden_labels(places: Geometry, edges: tuple[Edge, ...]) -> dict[tuple[int, int], list[Edge]]:
    """The edges of each unit whose labels do not show for good."""
    labels: dict[tuple[int, int], list[Edge]] = {}
    for edge in edges:
        layer, source, target = edge.indices
        if not places.roomy[layer]:
            labels.setdefault((layer, source), []).append(edge)
            labels.setdefault((layer + 1, target), []).append(edge)
    return labels


# What belongs to a unit, and how it is called under it.
_OF_A_UNIT = {
    "net": "",
    "out": "",
    "delta": "δ",
    "error_slope": "(1)",
    "activation_slope": "(2)",
}


def _below(step_view: StepView, addresses: dict[str, str]) -> str:
    """Which quantity stands under a unit: δ for good, a slope only while it is looked at."""
    if step_view.known(addresses["delta"]):
        return "delta"
    for kind in ("activation_slope", "error_slope"):
        if addresses.get(kind) in step_view.results:
            return kind
    return ""


def _biases(step_view: StepView, places: Geometry, edges: tuple[Edge, ...]) -> Iterator[Bias]:
    shape = step_view.shape
    # Of a whole pass everything is marked: what there is room for is the weights or the biases.
    full = {
        e.indices[0] for e in edges if e.labelled and step_view.by == "phase" and places.compact
    }
    for indices in shape.bias_indices():
        layer = indices[0]
        own = len(indices) == 2
        fed = [indices[1]] if own else range(shape.layers[layer + 1])
        text, gradient = address("bias", *indices), address("bias_gradient", *indices)
        value = step_view.quantity(text)
        assert value is not None  # a bias is always known
        highlight = {step.unit for step in step_view.block if text in step.operands}
        made = gradient in step_view.results or text in step_view.results
        ends = tuple(
            (places.x[layer + 1], places.y[layer + 1][unit], made or unit in highlight)
            for unit in fed
        )
        yield Bias(
            id="-".join(["bias", *map(str, indices)]),
            x=places.x[layer] if not own else ends[0][0],
            y=places.bias_y if not own else ends[0][1],
            r=BIAS_RADIUS,
            name=f"b{layer + 1}" if not own else "b",
            shows=(text, gradient),
            own=own,
            foot_x=places.x[layer],
            marks=step_view.marks(text, gradient, *velocities_of("bias", *indices)),
            value=value,
            was=step_view.before(text),
            gradient=step_view.quantity(gradient),
            label=label_of(step_view, value, gradient),
            highlight="" if own and layer + 1 in full else label_marks(step_view, text, gradient),
            ends=ends,
        )
