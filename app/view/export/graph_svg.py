"""The drawing of the network as an SVG file, in colours or in the black and white of paper.

It is the drawing of the page. What the style sheet says there about a class is said here by
presentation attributes, which programs without style sheets understand as well.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

from app.simulation.simulation import Simulation
from app.view.graph.drawing import draw
from app.view.rendering.digits import FOUR, board_digits
from app.view.rendering.placeholder_numbers import Board, numbers_of
from app.view.rendering.precompiled import precompile
from app.view.rendering.step_view import StepView
from app.view.rendering.templates import environment

HEIGHT, NOTE_HEIGHT = 478, 30  # px
SANS = "Pretendard, 'Noto Sans', 'Noto Sans KR', 'DejaVu Sans', system-ui, sans-serif"
SERIF = "'STIX Two Text', 'STIX Two Math', 'Times New Roman', 'DejaVu Serif', serif"


@dataclass(frozen=True, slots=True)
class SvgStyle:
    """Colours, by the names that the table below uses."""

    paper: str
    ink: str
    soft: str
    line: str
    positive: str
    negative: str
    act: str
    delta: str
    error: str
    read: str
    read_pale: str
    read_edge: str
    made_pale: str


LIGHT = SvgStyle(
    *("#ffffff", "#1b1f24", "#555e68", "#8b9199", "#0062ac", "#b84600", "#2f9e6e"),
    *("#9a2a88", "#b3261e", "#ffe08a", "#ffefc0", "#7d5d00", "#474d56"),
)
INK = SvgStyle(
    *("#ffffff", "#000000", "#000000", "#000000", "#000000", "#000000", "#ffffff"),
    *("#000000", "#000000", "#ffffff", "#ffffff", "#000000", "#000000"),
)

# The attributes of an element with all of these classes, a later row over an earlier one. A class
# after a space is that of an element around it. `{…}` is a colour of the style.
_LOOKS: tuple[tuple[str, dict[str, str]], ...] = (
    ("paper", {"fill": "{paper}"}),
    ("wire", {"fill": "none", "stroke": "{line}", "stroke-opacity": "0.4"}),
    ("wire <positive", {"stroke": "{positive}"}),
    ("wire <negative", {"stroke": "{negative}", "stroke-dasharray": "7 5"}),
    ("wire <operand", {"stroke-opacity": "0.6"}),
    ("wire <result", {"stroke-opacity": "0.6"}),
    ("wire <operand <focus", {"stroke-opacity": "1"}),
    ("wire <result <focus", {"stroke-opacity": "1"}),
    (
        "wire <bias",
        {"stroke-width": "2.2", "stroke-dasharray": "0.1 5.5", "stroke-linecap": "round"},
    ),
    ("ribbon", {"fill": "none", "stroke": "{delta}", "stroke-opacity": "0.4"}),
    ("ribbon negative", {"stroke-dasharray": "10 6"}),
    ("ribbon loud", {"stroke-opacity": "0.9"}),
    ("tip", {"fill": "{delta}", "fill-opacity": "0.6"}),
    ("tip loud", {"fill-opacity": "1"}),
    ("brace", {"fill": "none", "stroke": "{delta}", "stroke-width": "2"}),
    ("value", {"fill": "{soft}", "font-weight": "500"}),
    ("number", {"font-weight": "500"}),
    ("quiet", {"fill": "{soft}"}),
    ("term", {"font-weight": "600"}),
    ("value loud", {"fill": "{ink}", "font-weight": "700"}),
    ("term quiet", {"fill": "{soft}", "font-weight": "500"}),
    ("out", {"font-weight": "600"}),
    ("unit-name", {"font-weight": "600"}),
    ("figure", {"font-weight": "600"}),
    ("soft", {"fill": "{soft}"}),
    (
        "free",
        {
            "stroke": "{paper}",
            "stroke-width": "10",
            "stroke-linejoin": "round",
            "paint-order": "stroke",
        },
    ),
    ("letter", {"font-family": SERIF, "font-style": "italic"}),
    ("word", {"font-family": SERIF}),
    ("index", {"font-family": SERIF}),
    ("del", {"font-family": SERIF}),
    ("mark", {"fill": "{paper}", "stroke": "{line}", "stroke-width": "1.5"}),
    ("mark owed", {"stroke": "{delta}"}),
    ("mark owed error", {"stroke": "{error}"}),
    ("mark read", {"fill": "{read_pale}", "stroke": "{read_edge}"}),
    ("mark read strong", {"fill": "{read}"}),
    ("mark made", {"fill": "{made_pale}", "stroke": "none"}),
    ("mark made strong", {"fill": "{ink}"}),
    ("on-read", {"fill": "{ink}"}),
    ("on-made", {"fill": "{paper}"}),
    ("body", {"fill": "{paper}", "stroke": "{line}", "stroke-width": "1.5"}),
    ("body made", {"fill": "{made_pale}", "stroke": "none"}),
    ("body made strong", {"fill": "{ink}"}),
    ("act", {"fill": "{act}"}),
    ("act negative", {"fill": "url(#hatch)"}),
    ("hatching", {"fill": "{act}"}),
    ("ring", {"fill": "none", "stroke": "{delta}"}),
    ("ring negative", {"stroke-dasharray": "8 5"}),
    ("focus-ring", {"fill": "none", "stroke": "{ink}", "stroke-width": "2.6"}),
    ("pill", {"fill": "{paper}", "stroke": "{line}", "stroke-width": "1.6"}),
    ("pill read", {"fill": "{read_pale}", "stroke": "{read_edge}"}),
    ("pill read strong", {"fill": "{read}"}),
    ("joint", {"fill": "none", "stroke": "{delta}", "stroke-width": "2.5"}),
    ("times", {"fill": "{paper}", "stroke": "{delta}", "stroke-width": "2"}),
    ("cross", {"stroke": "{delta}", "stroke-width": "2.5"}),
    ("move", {"fill": "{line}"}),
    ("move positive", {"fill": "{positive}"}),
    ("move negative", {"fill": "{negative}"}),
    ("passes", {"fill": "{error}", "font-weight": "600"}),
    ("heat", {"fill": "{line}"}),
    ("heat positive", {"fill": "{positive}"}),
    ("heat negative", {"fill": "url(#negative)"}),
    ("hatching-negative", {"fill": "{negative}"}),
    ("ring thin", {"stroke-width": "3"}),
    ("column", {"fill": "none", "stroke": "{ink}", "stroke-width": "2"}),
)
_RULES = [
    (
        frozenset(word for word in words.split() if word[0] != "<"),
        frozenset(word[1:] for word in words.split() if word[0] == "<"),
        attributes,
    )
    for words, attributes in _LOOKS
]


def graph_svg(
    simulation: Simulation,
    title: str,
    style: SvgStyle = LIGHT,
    board: Board | None = None,
    note: str = "",
) -> str:
    """The drawing at the simulation's cursor; `title` is the text for screen readers.

    With a board it has the numbers there; `note` stands below the drawing.
    """
    drawing = draw(
        StepView(simulation.shape, simulation.cursor, "layer"), is_board=board is not None
    )
    rendered = (
        environment("en")
        .get_template("export/graph.svg")
        .render(
            drawing=drawing,
            title=title,
            explain=None,
            note=note,
            height=HEIGHT + NOTE_HEIGHT if note else HEIGHT,
        )
    )
    digits = board_digits(FOUR, board.rounding) if board else FOUR
    template = precompile(rendered, drawing.derived, digits)
    svg = template.render(numbers_of(simulation, board), {}).decode()
    ElementTree.register_namespace("", "http://www.w3.org/2000/svg")
    root = ElementTree.fromstring(svg)
    root.set("font-family", SANS)
    _paint(root, frozenset(), vars_of(style))
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def vars_of(style: SvgStyle) -> dict[str, str]:
    """The colours of a style by name."""
    return {name: getattr(style, name) for name in style.__dataclass_fields__}


def _paint(element: ElementTree.Element, around: frozenset[str], colours: dict[str, str]) -> None:
    """Replace the classes of an element, and of all in it, by attributes."""
    classes = frozenset(element.attrib.pop("class", "").split())
    tag = element.tag.rpartition("}")[2]
    own = {"fill": colours["ink"]} if tag == "text" else {}
    for name, value in (*own.items(), *_attributes(classes, around, colours)):
        if name not in element.attrib or name in ("fill", "stroke"):
            element.set(name, value)
    inner = around | classes
    for child in list(element):
        if "passes" in child.get("class", "") and "zero" not in child.get("class", ""):
            element.remove(child)
        else:
            _paint(child, inner, colours)


def _attributes(
    classes: frozenset[str], around: frozenset[str], colours: dict[str, str]
) -> Iterator[tuple[str, str]]:
    found: dict[str, str] = {}
    for own, outer, attributes in _RULES:
        if own <= classes and outer <= around:
            found |= attributes
    for name, value in found.items():
        yield name, value.format_map(colours) if value.startswith("{") else value
