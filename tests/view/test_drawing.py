"""The drawing: its elements, their places and their highlights."""

from collections import Counter
from itertools import pairwise, product

import pytest

from app.backprop.compiler import GRANULARITIES
from app.backprop.network import Shape
from app.settings import ROOT
from app.simulation.simulation import Simulation
from app.view.graph.drawing import Drawing, draw
from app.view.graph.geometry import LABEL_GAP, geometry_of
from app.view.rendering.placeholder_numbers import numbers_of
from app.view.rendering.step_view import Quantity, StepView
from tests.support.markup import region_of
from tests.support.networks import FEW, SHAPES, simulation_of
from tests.support.page_client import drawn

NAMES = pytest.mark.parametrize("name", FEW)


def cursors(simulation: Simulation, most: int = 24) -> range:
    """Moments of an iteration, all or evenly spread, the first and some of every phase."""
    steps = len(simulation.steps)
    return range(0, steps + 1, -(-steps // most))


# Two and three layers of every size, thinned for the larger; and the deepest and fullest there are.
LAYERS = [
    *product(range(1, 9), repeat=2),
    *product((1, 2, 3, 6, 8), (1, 4, 5, 8), (1, 2, 3, 7)),
    *((3, 4, 4, 2), (8, 8, 8, 8, 8), (1, 8, 1, 8, 1), (2, 1, 1, 1, 2)),
]


def shape_of(layers: tuple[int, ...], bias: str = "shared") -> Shape:
    return Shape(layers, ("sigmoid",) * (len(layers) - 1), bias=bias)


def test_units_are_inside() -> None:
    """Every unit is inside the drawing, layers from left to right."""
    for layers in LAYERS:
        places = geometry_of(shape_of(layers))
        assert all(0 <= x <= 100 for x in places.x)
        assert list(places.x) == sorted(set(places.x))
        assert [len(row) for row in places.y] == list(layers)
        for row in places.y:
            assert all(places.radius <= y <= places.height - places.radius for y in row)
            assert list(row) == sorted(row)
        assert 0 < places.bias_y <= places.height


def test_units_of_a_layer_keep_apart() -> None:
    """Units of a layer do not overlap."""
    for layers in LAYERS:
        places = geometry_of(shape_of(layers))
        least = 2 * places.radius + 1.4 if places.compact else 8
        for row in places.y:
            assert all(b - a > least - 1e-9 for a, b in pairwise(row))


def test_every_network_fits_the_stage() -> None:
    """No drawing is taller than the style sheet provides for."""
    sheet = (ROOT / "static" / "screen" / "graph.css").read_text()
    for layers in LAYERS:
        for bias in ("shared", "none"):
            places = geometry_of(shape_of(layers, bias))
            assert places.height <= places.tall <= 47
            assert places.tall == 37 or f".tall-{places.tall} {{" in sheet


def test_labels_keep_apart() -> None:
    """Where a gap has room, its labels do not overlap."""
    roomy = 0
    for layers in LAYERS:
        shape = shape_of(layers)
        places = geometry_of(shape)
        for gap, (sources, targets) in enumerate(pairwise(layers)):
            labels = [places.label(gap, *pair) for pair in product(range(sources), range(targets))]
            assert len({x for x, _ in labels}) == 1
            lines = sorted(y for _, y in labels)
            assert all(0 <= y <= places.height for y in lines)
            if places.roomy[gap]:
                roomy += 1
                assert all(b - a >= LABEL_GAP - 0.002 for a, b in pairwise(lines)), layers
    assert roomy > len(LAYERS) / 2


@pytest.mark.parametrize("layers", [(3, 4, 2), (2, 2, 2), (3, 2, 1), (1, 1), (2, 3), (1, 8, 1)])
def test_usual_networks_have_all_their_labels(layers: tuple[int, ...]) -> None:
    """The presets have all their labels."""
    assert all(geometry_of(shape_of(layers)).roomy)


def test_labels_lie_on_their_edges() -> None:
    """A label is on its edge."""
    drawing = draw(StepView(shape_of((3, 4, 2)), 0, "layer"))
    for edge in drawing.edges:
        part = (edge.label_x - edge.x1) / (edge.x2 - edge.x1)
        assert 0.3 < part < 0.7
        assert edge.label_y == pytest.approx(edge.y1 + part * (edge.y2 - edge.y1), abs=0.02)


def ids_of(shape: Shape) -> set[str]:
    """What the design says is drawn."""
    layers = shape.layers
    ids = {f"unit-{layer}-{unit}" for layer, units in enumerate(layers) for unit in range(units)}
    for layer, (sources, targets) in enumerate(pairwise(layers)):
        ids |= {f"edge-{layer}-{i}-{j}" for i in range(sources) for j in range(targets)}
        if shape.bias == "per_unit":
            ids |= {f"bias-{layer}-{j}" for j in range(targets)}
        elif shape.bias == "shared":
            ids.add(f"bias-{layer}")
    return ids


MORE = {"5 layers of 8": shape_of((8,) * 5), "5 layers, per unit": shape_of((1, 2, 1, 2, 1), "per_unit")}  # fmt: skip


@pytest.mark.parametrize("shape", (SHAPES | MORE).values(), ids=(SHAPES | MORE).keys())
def test_everything_is_drawn_once(shape: Shape) -> None:
    """Each unit, edge and bias is drawn once."""
    begun = simulation_of(shape)
    for simulation in (begun, begun.backward(), begun.update()):
        for by in ("unit", "layer"):
            found = Counter(region_of(simulation, by=by).ids())
            assert not [id for id, count in found.items() if count > 1]
            assert {id for id in found if id.startswith(("unit-", "edge-", "bias-"))} == ids_of(
                shape
            )


def attributes_of(simulation: Simulation) -> dict[tuple[str, str], float]:
    """The data attributes that the design promises: those of what is known, and no others."""
    shape = simulation.shape
    wanted: dict[tuple[str, str], str] = {}
    for layer, units in enumerate(shape.layers):
        for unit in range(units):
            for kind in ("net", "out", "delta") if layer else ("out",):
                wanted[f"unit-{layer}-{unit}", f"data-{kind}"] = f"{kind}/{layer}/{unit}"
            if layer == shape.depth - 1:
                wanted[f"unit-{layer}-{unit}", "data-target"] = f"target/{unit}"
    for indices in shape.weight_indices():
        id, at = "-".join(map(str, indices)), "/".join(map(str, indices))
        wanted[f"edge-{id}", "data-weight"] = f"weight/{at}"
        wanted[f"edge-{id}", "data-gradient"] = f"weight_gradient/{at}"
    for place in shape.bias_indices():
        id, at = "-".join(map(str, place)), "/".join(map(str, place))
        wanted[f"bias-{id}", "data-value"] = f"bias/{at}"
        wanted[f"bias-{id}", "data-gradient"] = f"bias_gradient/{at}"
    values = {key: simulation.value(address) for key, address in wanted.items()}
    return {key: value for key, value in values.items() if value is not None}


@NAMES
def test_the_drawing_can_be_read_by_a_program(name: str) -> None:
    """The data attributes are the simulation's values, to the bit."""
    begun = simulation_of(SHAPES[name])
    for cursor in cursors(begun):
        simulation = begun.step("unit", cursor)
        assert drawn(region_of(simulation, by="unit")) == attributes_of(simulation)


def elements_of(address: str) -> str:
    """The id of the element that shows a quantity."""
    kind, *place = address.split("/")
    if kind in ("error", "output_error"):
        return "-".join(["error", *place])
    if not place:
        return kind.removesuffix("_before").replace("_", "-")
    name = {"weight": "edge", "bias": "bias"}  # all that a weight has is shown at its edge
    return "-".join([name.get(kind.partition("_")[0], "unit"), *place])


@NAMES
def test_what_a_step_reads_and_makes_is_marked(name: str) -> None:
    """Exactly the operands and the result of a step are marked."""
    shape = SHAPES[name]
    begun = simulation_of(shape)
    last = shape.depth - 1
    for cursor in [cursor for cursor in cursors(begun) if cursor]:
        step = begun.steps[cursor - 1]
        found = region_of(begun.step("unit", cursor), by="unit")
        for mark, addresses in (("operand", step.operands), ("result", (step.result,))):
            marked = {element["id"] for element in found if mark in element.classes}
            addresses = tuple(
                f"out/{last}/{a.split('/')[1]}" if a.startswith("target/") else a for a in addresses
            )
            assert marked == {elements_of(address) for address in addresses}, step


@NAMES
@pytest.mark.parametrize("by", GRANULARITIES)
def test_numbers_beside_the_units(name: str, by: str) -> None:
    """The numbers in the drawing are those of their elements."""
    begun = simulation_of(SHAPES[name])
    for cursor in range(len(begun.steps) + 1):
        simulation = begun.step("unit", cursor)
        numbers = numbers_of(simulation)

        def shown(quantity: Quantity | None, numbers: tuple[float, ...] = numbers) -> float | None:
            return None if quantity is None else numbers[quantity.slot]

        drawing: Drawing = draw(StepView(SHAPES[name], cursor, by))
        assert shown(drawing.error) == simulation.value("error")
        for unit in drawing.units:
            _, layer, index = unit.id.split("-")
            delta = simulation.value(f"delta/{layer}/{index}") if layer != "0" else None
            assert shown(unit.delta) == delta
            if delta is not None:
                assert (unit.below_name, shown(unit.below)) == ("δ", delta)
        for edge in drawing.edges:
            at = edge.id.removeprefix("edge-").replace("-", "/")
            weight, gradient = (simulation.value(f"{kind}/{at}") for kind in ("weight", "weight_gradient"))  # fmt: skip
            assert (shown(edge.weight.value), shown(edge.weight.gradient)) == (weight, gradient)
            assert shown(edge.weight.label) in (weight, gradient)
