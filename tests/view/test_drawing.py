"""The drawing: its elements, their places and their highlights."""

import re
from collections import Counter
from dataclasses import replace
from itertools import chain, combinations, pairwise, product

import pytest

from app.backprop.compiler import GRANULARITIES
from app.backprop.conventions import Conventions
from app.backprop.network import Example, Shape
from app.backprop.steps import steps_of
from app.examples.published import DECK
from app.examples.random_network import random_simulation
from app.simulation.simulation import Simulation
from app.view.graph.drawing import Drawing, draw
from app.view.graph.geometry import HEIGHT, WIDTH, geometry_of
from app.view.graph.scene import Box, Circle, Group
from app.view.rendering.numbers import fitted, ribbon_width
from app.view.rendering.step_view import StepView
from tests.support.markup import Element, region_of
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
    *product((1, 2, 3, 4, 6, 8), (1, 4, 5, 8), (1, 2, 3, 7)),
    *((3, 4, 4, 2), (8, 8, 8, 8, 8), (1, 8, 1, 8, 1), (2, 1, 1, 1, 2)),
]


def shape_of(layers: tuple[int, ...], bias: str = "shared") -> Shape:
    return Shape(layers, ("sigmoid",) * (len(layers) - 1), bias=bias)


def test_units_are_inside() -> None:
    """Every unit is inside the drawing, layers from left to right, units from top to bottom."""
    for layers in LAYERS:
        places = geometry_of(shape_of(layers)).places
        assert [len(column) for column in places] == list(layers)
        for before, after in pairwise(places):
            assert before[0].right < after[0].left
        for column in places:
            assert all(each.left >= 0 and each.right <= WIDTH for each in column)
            assert all(each.ry <= each.y <= HEIGHT - each.ry for each in column)
            assert all(a.y + a.ry < b.y - b.ry for a, b in pairwise(column))


def groups_of(drawing: Drawing) -> list[Group]:
    """Every group of a drawing, however deep."""
    found, ahead = [], list(drawing.groups)
    while ahead:
        group = ahead.pop()
        found.append(group)
        ahead += group.parts
    return found


def boxes_of(group: Group) -> list[Box]:
    """The marks and pills of a group, without those of its parts; each has a number on it."""
    return [
        s for s in group.shapes if isinstance(s, Box) and {"mark", "pill"} & set(s.classes.split())
    ]


def overlap(a: Box, b: Box) -> bool:
    """Whether two boxes overlap by more than rows that touch."""
    across = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    down = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    return across > 0.5 and down > 0.9


@pytest.mark.parametrize(
    "layers", [(3, 4, 2), (2, 2, 1), (4, 4, 3), (2, 1), (5, 5), (8, 8, 8, 8, 8)]
)
@pytest.mark.parametrize("bias", ["shared", "per_unit"])
@pytest.mark.parametrize("err", [False, True], ids=["δ", "Err"])
def test_everything_stays_inside(layers: tuple[int, ...], bias: str, err: bool) -> None:
    """In every step the marks are inside the drawing, and none covers that of another quantity."""
    shape = replace(shape_of(layers, bias), conventions=Conventions(minus_delta=err))
    for cursor in range(0, len(steps_of(shape)) + 1, 1 if len(layers) < 4 else 17):
        drawing = draw(StepView(shape, cursor, "layer"))
        groups = groups_of(drawing)
        boxes = [boxes_of(group) for group in groups]
        for box in chain(*boxes):
            assert 0 <= box.x <= box.x + box.width <= WIDTH - 5, (
                cursor,
                box,
            )  # a phone has no margin
            assert 0 <= box.y <= box.y + box.height <= HEIGHT, (cursor, box)
        for those, others in combinations(boxes, 2):
            for pair in product(those, others):
                assert not overlap(*pair), (cursor, pair)
        for error in chain(*(boxes_of(group) for group in groups if group.id == "error")):
            framed = replace(error, y=error.y - 2, height=error.height + 4)
            assert sum(overlap(framed, box) for box in chain(*boxes)) == 1, cursor  # only itself


@NAMES
def test_coordinates_are_short(name: str) -> None:
    """Tenths of a pixel; the rest of a sum of floats would only make the page longer."""
    begun = simulation_of(SHAPES[name])
    for cursor in cursors(begun, 6):
        for each in filled(begun.step("unit", cursor), by="unit"):
            for attribute in ("x", "y", "cx", "cy", "r", "width", "height"):
                assert not re.search(r"\.\d\d", each.get(attribute)), (each, attribute)


def test_units_keep_their_place() -> None:
    """A unit stands in the same place in every step and granularity."""
    for layers in ((3, 4, 2), (8, 5, 3)):
        shape = shape_of(layers)
        found = set()
        for cursor in range(len(steps_of(shape)) + 1):
            for by in GRANULARITIES:
                drawing = draw(StepView(shape, cursor, by))
                for unit in [each for each in groups_of(drawing) if each.id.startswith("unit-")]:
                    body = next(s for s in unit.shapes if "body" in s.classes.split())
                    assert isinstance(body, Box | Circle)
                    found.add((unit.id, body.x, body.y))
        assert len(found) == sum(layers)


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
            marked = {each["id"] for each in found if mark in each.classes and each.get("id")}
            addresses = tuple(
                f"out/{last}/{a.split('/')[1]}" if a.startswith("target/") else a for a in addresses
            )
            assert marked == {elements_of(address) for address in addresses}, step


def filled(simulation: Simulation, by: str = "layer") -> Element:
    return region_of(simulation, by=by).id("graph")


def labels(element: Element) -> list[str]:
    """What the texts of an element say, without their tooltips."""
    return ["".join(_said(text)).replace("\u200b", "") for text in element.all("text")]


def _said(element: Element) -> list[str]:
    return [
        part
        for child in element.children
        for part in (
            [child] if isinstance(child, str) else _said(child) if child.tag != "title" else []
        )
    ]


def deck(steps: int) -> Element:
    """The drawing of the deck's network after some steps by layer."""
    return filled(DECK.simulation.step("layer", steps))


def known(address: str) -> float:
    """A value of the deck's network after its backward pass."""
    value = DECK.simulation.backward().value(address)
    assert value is not None
    return value


def test_given_numbers_have_the_digits_they_were_given_with() -> None:
    """Inputs, targets, weights and biases; what is computed has four decimals."""
    graph = deck(1)
    assert labels(graph.id("edge-0-1-0")) == ["w21", "−0.5", "−0.2500"]
    assert labels(graph.id("edge-0-1-1")) == ["0.2"]
    assert labels(graph.id("unit-0-2")) == ["x3", "−1"]
    assert labels(graph.id("unit-1-0")) == ["H1", "−0.2500"]
    assert labels(graph.id("unit-2-1")) == ["O2", "target y2 = 0"]


def test_what_flows_back_is_drawn_on_its_path() -> None:
    """Each path to a hidden unit has its product, and a ribbon as wide as that, dashed if negative."""
    graph = deck(11)
    products = {
        (unit, output): known(f"delta/2/{output}") * weight
        for unit, row in enumerate(DECK.simulation.network.weights[1])
        for output, weight in enumerate(row)
    }
    largest = max(map(abs, products.values()))
    for (unit, output), share in products.items():
        edge = graph.id(f"edge-1-{unit}-{output}")
        assert labels(edge)[-1] == fitted(share)
        [ribbon] = [path for path in edge.all("path") if "ribbon" in path.classes]
        assert ("negative" in ribbon.classes) == (share < 0)
        assert float(ribbon["stroke-width"]) == pytest.approx(
            ribbon_width(share / largest), abs=0.01
        )
    slope = known("error_slope/1/0")
    assert sum(products[0, output] for output in range(2)) == pytest.approx(slope)
    assert labels(graph.id("unit-1-0"))[-2:] == ["∂E/∂out", fitted(slope)]
    assert labels(graph.id("edge-1-0-1")) == ["w′12", "−0.1", "−0.0113"]  # the old weight


def test_factors_stay_until_they_are_multiplied() -> None:
    """(1) from its step on, (2) from its own, and × where δ is made."""
    output = [labels(deck(steps).id("unit-2-0")) for steps in (6, 7, 8, 9)]
    assert [("(1)" in each, "(2)" in each, "δ" in each) for each in output] == [
        (True, False, False),
        (True, True, False),
        (True, True, True),
        (False, False, True),
    ]


def test_a_gradient_never_stands_in_a_weights_place() -> None:
    """The weight is unchanged, and its gradient has a ∂; biases likewise."""
    assert labels(deck(9).id("edge-1-0-0")) == ["w′11", "0.7", "∂", "−0.0444"]
    assert labels(deck(10).id("bias-1")) == ["b2", "−0.2", "∂", "0.0118"]


def test_an_update_shows_old_and_new() -> None:
    """The old weight, an arrow in the direction of the move, and the new weight."""
    graph = deck(16)
    assert labels(graph.id("edge-1-0-0")) == ["w′11", "0.7", "0.7222"]
    arrows = {
        edge["id"]: next(path for path in edge.all("path") if "move" in path.classes).classes
        for edge in graph
        if edge.get("id").startswith("edge-1")
    }
    before, after = (
        DECK.simulation.network.weights[1],
        DECK.simulation.update().current_network.weights[1],
    )
    for unit, output in product(range(4), range(2)):
        sign = "positive" if after[unit][output] > before[unit][output] else "negative"
        assert sign in arrows[f"edge-1-{unit}-{output}"]


def test_the_focus_follows_what_is_chosen() -> None:
    """The unit of the chosen quantity is in focus if the step computes it, else the first."""
    simulation = DECK.simulation.step("layer", 1)
    for at, unit in (((), 0), (("net/1/2",), 2), (("weight/0/1/3",), 3), (("delta/2/0",), 0)):
        graph = region_of(simulation, *at).id("graph")
        [focused] = [each["id"] for each in graph if {"unit", "focus"} <= each.classes]
        assert focused == f"unit-1-{unit}"


def test_a_dead_unit_passes_nothing() -> None:
    """Where ∂out/∂net is 0, the drawing says so."""
    shape = Shape((1, 1, 1), ("relu", "identity"), bias="none")
    simulation = random_simulation((1, 1, 1), 1, activations=shape.activations, bias="none")
    for weight, dead in ((-0.5, True), (0.5, False)):
        edited = simulation.edit(weights=[[[weight]], [[1.0]]], examples=[Example((1.0,), (1.0,))])
        graph = filled(edited.seek(edited.compiled.position["activation_slope/1/0"] + 1))
        passes = [text for text in graph.all("text") if "passes" in text.classes]
        assert ["zero" in text.classes for text in passes][-1] == dead


def test_a_large_network_has_heat_maps() -> None:
    """Every weight is a cell; those of the unit in focus have numbers as well."""
    graph = filled(random_simulation((8, 6, 2), 1).step("layer", 1))
    for source, target in product(range(8), range(6)):
        edge = graph.id(f"edge-0-{source}-{target}")
        assert [cell for cell in edge.all("rect") if "heat" in cell.classes]
        assert len(labels(edge)) == (2 if target == 0 else 0)


@NAMES
@pytest.mark.parametrize("by", GRANULARITIES)
def test_numbers_fit_their_places(name: str, by: str) -> None:
    """No number of the drawing is longer than its place, however large or small."""
    begun = simulation_of(SHAPES[name])
    for size in (1.0, 1e-7, 123456.789):
        weights = [[[w * size for w in row] for row in rows] for rows in begun.network.weights]
        simulation = begun.edit(weights=weights)
        for cursor in cursors(simulation, 6):
            graph = filled(simulation.seek(cursor), by=by)
            for text in graph.all("text"):
                if text.classes & {"value", "number", "out", "term"} and "=" not in text.text:
                    [said] = labels(text) or [""]
                    assert len(said) <= 7, said
