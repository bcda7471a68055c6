"""The style of the exported drawing: colours, dashes, and the places of a unit's texts."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SvgStyle:
    """Colours, and the dash patterns of weights by sign."""

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
