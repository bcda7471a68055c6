"""The menu of networks in the header: a line and a small picture for each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from app.examples.presets import NAMED, PRESETS
from app.view.notation.labels import Translate

WIDTH, HEIGHT = 56, 30
MARGIN = 4


@dataclass(frozen=True, slots=True)
class MenuItem:
    """A network to open. Texts are marked for translation."""

    name: str
    title: str
    summary: str
    source: str
    layers: str  # such as 3-4-2
    lines: str  # a path of the connections in the picture
    units: str  # a path of its units, as dots of round line ends


def network_title(name: str, preset: str, _: Translate) -> str:
    """The name of a network; without one, what it began with."""
    if name:
        return name
    return _(NAMED[preset].title) if preset in NAMED else _("Your network")


def network_menu() -> Iterable[MenuItem]:
    """The named networks, in order."""
    for preset in PRESETS.values():
        shape = preset.simulation.shape
        lines, units = picture(shape.layers)
        yield MenuItem(
            preset.name, preset.title, preset.summary, preset.source, shape.text, lines, units
        )


def picture(layers: tuple[int, ...]) -> tuple[str, str]:
    """The connections and the units of a network, as two paths in a box of WIDTH by HEIGHT."""
    columns = [list(_column(index, layers)) for index in range(len(layers))]
    pairs = pairwise(columns)
    lines = (f"M{x} {y}L{u} {v}" for left, right in pairs for x, y in left for u, v in right)
    units = (f"M{x} {y}h0" for column in columns for x, y in column)
    return "".join(lines), "".join(units)


def _column(index: int, layers: tuple[int, ...]) -> Iterator[tuple[float, float]]:
    x = MARGIN + index * (WIDTH - 2 * MARGIN) / (len(layers) - 1)
    gap = (HEIGHT - 2 * MARGIN) / max(2, *(count - 1 for count in layers))
    for unit in range(layers[index]):
        yield round(x, 1), round(HEIGHT / 2 + (unit - (layers[index] - 1) / 2) * gap, 1)
