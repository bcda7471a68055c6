"""The drawing as a file, in a program that knows no style sheet of ours and is no browser."""

from dataclasses import astuple
from xml.etree import ElementTree

import pytest
import resvg_py

from app.examples.published import DECK
from app.examples.random_network import random_simulation
from app.simulation.simulation import Simulation
from app.view.export.graph_svg import INK, LIGHT, graph_svg
from app.view.graph.drawing import draw
from app.view.graph.geometry import geometry_of
from app.view.graph.scene import Path
from app.view.rendering.step_view import StepView

NAMESPACE = "{http://www.w3.org/2000/svg}"
LARGE = random_simulation((8, 5, 3), 1)
MOMENTS = {
    "before": DECK.simulation,
    "net": DECK.simulation.step("layer", 1),
    "ribbons": DECK.simulation.step("layer", 11),
    "factors": DECK.simulation.step("layer", 13),
    "update": DECK.simulation.step("layer", 16),
    "heat maps": LARGE.step("layer", 3),
}
MOMENT = pytest.mark.parametrize("simulation", MOMENTS.values(), ids=MOMENTS.keys())


def picture(svg: str, x: float, y: float, size: float) -> bytes:
    """A square of the drawing around a point, as another program draws it."""
    view = f'viewBox="{x - size / 2} {y - size / 2} {size} {size}" width="24" height="24"'
    before = 'viewBox="0 0 820 478" width="820" height="478"'
    assert before in svg
    return bytes(resvg_py.svg_to_bytes(svg_string=svg.replace(before, view)))


def elements(svg: str, tag: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(svg).iter(NAMESPACE + tag))


def without(svg: str, tag: str) -> str:
    """The drawing without its elements of a kind."""
    root = ElementTree.fromstring(svg)
    for parent in list(root.iter()):
        for child in [each for each in parent if each.tag == NAMESPACE + tag]:
            parent.remove(child)
    return ElementTree.tostring(root, encoding="unicode")


@MOMENT
def test_units_and_labels_show_ink(simulation: Simulation) -> None:
    """Where a unit or a text is, the picture is another than without it."""
    svg = graph_svg(simulation, "a title")
    bare = without(svg, "text")
    for text in elements(svg, "text"):
        x, y, size = (float(text.get(name, "")) for name in ("x", "y", "font-size"))
        shift = {"start": size / 2, "end": -size / 2}.get(text.get("text-anchor", ""), 0)
        here = (x + shift, y - size / 3, size)
        if "".join(text.itertext()).strip():
            assert picture(svg, *here) != picture(bare, *here), "".join(text.itertext())
    blank = without(without(without(svg, "circle"), "rect"), "g")
    for column in geometry_of(simulation.shape).places:
        for place in column:
            here = (place.left + 2, place.y, 8.0)
            assert picture(svg, *here) != picture(blank, *here)


def test_ribbons_show_ink() -> None:
    """Each path back has ink at its arrival, and colours are those of the page."""
    simulation = MOMENTS["ribbons"]
    svg = graph_svg(simulation, "")
    bare = without(svg, "path")
    drawing = draw(StepView(simulation.shape, simulation.cursor, "layer"))
    ribbons = [
        shape
        for cell in drawing.groups
        for edge in cell.parts
        for shape in edge.shapes
        if isinstance(shape, Path) and "tip" in shape.classes.split()
    ]
    assert len(ribbons) == 8
    for tip in ribbons:
        x, y = (float(each) for each in tip.d[1 : tip.d.index("l")].split())
        here = (x + 10, y, 8.0)
        assert picture(svg, *here) != picture(bare, *here)
    assert LIGHT.delta in svg


@MOMENT
def test_no_class_is_left(simulation: Simulation) -> None:
    """All that the page's style sheet says is said by attributes."""
    for style in (LIGHT, INK):
        svg = graph_svg(simulation, 'a title <&>"', style)
        assert "class=" not in svg
        assert " style=" not in svg
        assert "{" not in svg
        colours = {
            value
            for element in ElementTree.fromstring(svg).iter()
            for name in ("fill", "stroke")
            if (value := element.get(name, "none")).startswith("#")
        }
        assert colours <= set(astuple(style))
        [title] = [e.text for e in ElementTree.fromstring(svg) if e.tag == NAMESPACE + "title"]
        assert title == 'a title <&>"'
