"""The drawing of the network as an SVG file, in colours or in the black and white of paper."""

from dataclasses import dataclass

from app.simulation.simulation import Simulation
from app.view.graph.drawing import draw
from app.view.rendering.numbers import FORMATS, halo_width
from app.view.rendering.placeholder_numbers import numbers_of
from app.view.rendering.precompiled import precompile
from app.view.rendering.step_view import StepView
from app.view.rendering.templates import environment

EM = 16.0  # user units
WIDTHS = {2: 52, 3: 52, 4: 66, 5: 80}  # em, by depth: room for the labels of each gap


@dataclass(frozen=True, slots=True)
class SvgStyle:
    """Colours, and on paper the dashes of negative weights: solid lines are positive."""

    paper: str
    ink: str
    soft: str
    line: str
    positive: str
    negative: str
    act: str
    delta: str
    reads: str
    dashes: str = ""


LIGHT = SvgStyle(
    *("#ffffff", "#1b1f24", "#555e68", "#8b9199", "#0062ac", "#b84600"),
    *("#2f9e6e", "#9a2a88", "#ffe08a"),
)
INK = SvgStyle(
    *("#ffffff", "#000000", "#000000", "#000000", "#000000", "#000000"),
    *("#ffffff", "#000000", "#ffffff"),
    dashes="7 4",
)


@dataclass(frozen=True, slots=True)
class Layout:
    """The places of a unit's texts, in em from its centre."""

    # How far left, in radii; how far above the centre or, if that is 0, the circle; the anchor.
    name: tuple[float, float, str]
    net: float  # above the centre
    below: float  # below the circle
    own_bias: tuple[float, float]  # how far right and above
    target: tuple[float, float]  # the name and the number, below the centre
    share: tuple[float, float]  # likewise
    beside: float = 0.0  # from a name to its number, if they are in one line
    below_size: float = 1.0  # font size


ROOMY = Layout((0.0, 0.6, "middle"), 0.47, 1.5, (3.4, 3.45), (-0.9, 0.35), (1.75, 3.0))
COMPACT = Layout((1.0, 1.0, "end"), 0.3, 1.2, (4.4, 1.5), (-0.15, -0.15), (1.15, 1.15), 3.2, 0.9)


def graph_svg(simulation: Simulation, title: str, style: SvgStyle = LIGHT) -> str:
    """The drawing at the simulation's cursor; `title` is the text for screen readers.

    Percent and em become user units.
    """
    drawing = draw(StepView(simulation.shape, simulation.cursor, "layer"))
    numbers, width = numbers_of(simulation), WIDTHS[drawing.depth] * EM
    rendered = (
        environment("en")
        .get_template("export/graph.svg")
        .render(
            drawing=drawing,
            title=title,
            style=style,
            layout=COMPACT if drawing.geometry.compact else ROOMY,
            em=EM,
            width=width,
            height=(drawing.geometry.height + 1) * EM,  # half an em above and below
            number=lambda quantity: numbers[quantity.slot],
            to_x=lambda percent: round(percent / 100 * width, 2),
            to_y=lambda em: round(em * EM, 2),
            edge_width=_edge_width,
            halo_width=lambda delta: f"{halo_width(delta) * EM:.2f}",
        )
    )
    return precompile(rendered).render(numbers, {}).decode()


def _edge_width(weight: float) -> str:
    [width] = FORMATS["edge_width"]([weight])
    return f"{float(width.removesuffix(b'em')) * EM:.2f}"
