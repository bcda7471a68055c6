"""What a drawing is made of: groups of paths, circles, boxes and labels, in units of the viewBox.

The template prints them one by one. Colours follow from the classes: on the page by the style
sheet, in a file by the table of `export/graph_svg.py`.
"""

from dataclasses import dataclass, fields

from markupsafe import Markup

from app.view.rendering.precompiled import Placeholder
from app.view.rendering.step_view import Quantity

Text = str | Markup | Placeholder

BASE_LINE = 6.3  # px: how far below the middle of a line of usual size its base line is


@dataclass(frozen=True, slots=True)
class _Rounded:
    """Rounds its coordinates to tenths: the rest of a sum of floats only makes the page longer."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, float):
                object.__setattr__(self, field.name, round(value, 1))


@dataclass(frozen=True, slots=True)
class Path:
    """A line. `width` is None where the class decides it."""

    d: str
    classes: str
    width: Placeholder | None = None
    tag: str = "path"


@dataclass(frozen=True, slots=True)
class Circle(_Rounded):
    """A circle. `opacity` is that of its fill, `width` that of its line."""

    x: float
    y: float
    r: float
    classes: str
    width: Placeholder | None = None
    opacity: Placeholder | None = None
    tag: str = "circle"


@dataclass(frozen=True, slots=True)
class Box(_Rounded):
    """A rectangle with round corners."""

    x: float
    y: float
    width: float
    height: float
    classes: str
    rx: float = 7
    opacity: Placeholder | None = None
    tag: str = "rect"


@dataclass(frozen=True, slots=True)
class Label(_Rounded):
    """A name or a number; `title` is the number with all its digits."""

    x: float
    y: float  # of the base line
    anchor: str  # which end of the text is at `x`
    text: Text
    classes: str = ""
    size: float = 18
    title: Placeholder | None = None
    tag: str = "text"


Shape = Path | Circle | Box | Label


@dataclass(frozen=True, slots=True)
class Group:
    """Shapes that belong together: a unit, a weight, a bias, or a part of one."""

    id: str
    classes: str
    shapes: tuple[Shape, ...]
    data: tuple[tuple[str, Quantity], ...] = ()  # attributes in full precision, by their names
    shows: tuple[str, ...] = ()  # the addresses of what it shows
    asks: str = ""  # the address that a click explains
    name: str = ""  # what screen readers and tooltips call it
    value: Quantity | None = None  # the number that they add
    was: Quantity | None = None  # a parameter from before its update, which is what an edit changes
    parts: tuple["Group", ...] = ()


def number(value: float) -> str:
    """A coordinate, as short as can be."""
    return f"{value:.1f}".rstrip("0").rstrip(".") if value else "0"


def curve(x1: float, y1: float, x2: float, y2: float, straight: str = "") -> str:
    """A line that leaves and arrives horizontally; `straight` is what follows."""
    middle = number((x1 + x2) / 2)
    a, b, c, d = (number(each) for each in (x1, y1, x2, y2))
    return f"M{a} {b}C{middle} {b} {middle} {d} {c} {d}{straight}"


def inside(x: float, y: float, anchor: str = "end") -> tuple[float, float, str]:
    """Where a text of usual size stands whose line has its middle at `y`."""
    return x, y + BASE_LINE, anchor


def box_at(x: float, y: float, width: float, height: float, classes: str) -> Box:
    return Box(x, y - height / 2, width, height, classes)


def number_on(
    mark: str,
    x: float,
    y: float,
    value: Quantity,
    size: float,
    *,
    given: bool = False,
    new: bool = False,
) -> Label:
    """A number on its mark, with its last digit at `x`; `given` with the digits it was given with,
    `new` if it is a parameter after its update."""
    text = value.drawn_given if given else value.drawn_new if new else value.drawn
    return Label(x, y, "end", text, on_mark(mark, "number"), size, value.exact)


def on_mark(mark: str, classes: str) -> str:
    """The classes of a text on a mark, from those of the mark."""
    return f"{classes} marked on-{mark.removeprefix('mark ')}" if mark else classes
