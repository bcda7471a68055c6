"""How the drawing of its own looks: colours and dashes, and where a unit's texts stand."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SvgStyle:
    """Colours, and the dashes of what is negative."""

    paper: str
    ink: str
    soft: str
    line: str
    positive: str
    negative: str
    act: str
    delta: str
    reads: str
    dashes: Mapping[str, str] = field(default_factory=dict)


LIGHT = SvgStyle(
    *("#ffffff", "#1b1f24", "#555e68", "#8b9199", "#0062ac", "#b84600"),
    *("#2f9e6e", "#9a2a88", "#ffe08a"),
)
INK = SvgStyle(
    *("#ffffff", "#000000", "#000000", "#000000", "#000000", "#000000"),
    *("#ffffff", "#000000", "#ffffff"),
    dashes={"negative": "7 4"},
)


@dataclass(frozen=True, slots=True)
class Places:
    """Where the texts of a unit stand, in em from its middle, down and to the right.

    Attributes:
        name: how far left, in radii; how far above the middle, or above the circle; its anchor.
        net: above the middle.
        below: under the circle, and how large.
        own_bias: right and above, of a unit's own bias.
        target, share: name and number, beside an output; `beside` is between them in one line.
    """

    name: tuple[float, float, str]
    net: float
    below: float
    own_bias: tuple[float, float]
    target: tuple[float, float]
    share: tuple[float, float]
    beside: float = 0.0
    below_size: float = 1.0


ROOMY = Places((0.0, 0.6, "middle"), 0.47, 1.5, (3.4, 3.45), (-0.9, 0.35), (1.75, 3.0))
COMPACT = Places((1.0, 1.0, "end"), 0.3, 1.2, (4.4, 1.5), (-0.15, -0.15), (1.15, 1.15), 3.2, 0.9)
