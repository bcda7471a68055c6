"""Blame: a hidden unit's slope ∂E/∂out, split by the paths along which it comes back (slide 3).

Each path is a ribbon as wide as the product δ·w that it brings. Those that push E up stack above a
line, those that push it down below; what they have in common cancels, what is left is the sum.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite

from app.backprop.addresses import address, parse, unit_name
from app.simulation.simulation import Simulation
from app.view.rendering.numbers import exact, short

PRIME = "′"
ROOM = 78.0  # of the taller stack
LEFT, RIGHT, BAR = 232.0, 500.0, 44.0
ROW = 46.0


@dataclass(frozen=True, slots=True)
class Path:
    """One way from E back to the unit: the unit after it, the weight between, and their product."""

    unit: str
    symbol: str
    delta_at: str
    weight_at: str
    delta: str
    weight: str
    product: str
    exact: str
    sign: str
    y: float
    ribbon: str


@dataclass(frozen=True, slots=True)
class PathContributions:
    """The drawing. `cancelled` is the part of each stack that the other takes away."""

    unit: str
    paths: tuple[Path, ...]
    total: str
    total_exact: str
    total_sign: str
    height: float
    zero: float
    left_over: tuple[float, float]
    cancelled: tuple[tuple[float, float], ...]


def path_contributions(simulation: Simulation, way: tuple[str, ...]) -> PathContributions | None:
    """The split of the unit whose δ or slope the last level of a derivation is about.

    None for anything but a hidden unit, and before its slope is known.
    """
    if not way:
        return None
    kind, indices = parse(way[-1])
    if kind not in ("delta", "error_slope") or indices[0] == simulation.shape.depth - 1:
        return None
    layer, unit = indices
    slope = address("error_slope", layer, unit)
    position = simulation.compiled.position[slope]
    if position >= simulation.cursor:
        return None
    return _split(simulation, layer, unit, simulation.trace()[position])


def _split(simulation: Simulation, layer: int, unit: int, total: float) -> PathContributions | None:
    trace, position, old = simulation.trace(), simulation.compiled.position, simulation.reading()
    shape = simulation.shape
    pairs = [
        (address("delta", layer + 1, after), address("weight", layer, unit, after))
        for after in range(shape.layers[layer + 1])
    ]
    deltas = [trace[position[delta]] for delta, _ in pairs]
    weights = [old[weight] for _, weight in pairs]
    products = [delta * weight for delta, weight in zip(deltas, weights, strict=True)]
    up = sum(product for product in products if product > 0)
    down = -sum(product for product in products if product < 0)
    if not all(map(isfinite, (*products, up, down))):
        return None
    scale = ROOM / max(up, down, 1e-300)
    upper, lower = up * scale, down * scale
    height = max(2 * ROOM + 30, ROW * len(pairs) + 12)
    share = upper / (upper + lower) if upper + lower else 0.5
    zero = round(height * share * 0.6 + height * 0.2, 2)
    ribbons = list(_ribbons(products, scale, zero, height))
    both, rest = min(upper, lower), upper - lower
    return PathContributions(
        unit=unit_name(layer, unit, shape.depth),
        paths=tuple(
            Path(
                unit=unit_name(layer + 1, after, shape.depth),
                symbol=f"w{PRIME * layer}{unit + 1}{after + 1}",
                delta_at=pairs[after][0],
                weight_at=pairs[after][1],
                delta=short(deltas[after]),
                weight=short(weights[after]),
                product=short(products[after]),
                exact=exact(products[after]),
                sign="negative" if products[after] < 0 else "positive",
                y=_row(after, len(pairs), height),
                ribbon=ribbons[after],
            )
            for after in range(len(pairs))
        ),
        total=short(total),
        total_exact=exact(total),
        total_sign="negative" if total < 0 else "positive",
        height=height,
        zero=zero,
        left_over=(round(zero - max(rest, 0.0), 2), round(abs(rest), 2)),
        cancelled=((round(zero - both, 2), round(both, 2)), (zero, round(both, 2))) if both else (),
    )


def _row(index: int, count: int, height: float) -> float:
    return round(height * (index + 0.5) / count, 2)


def _ribbons(products: list[float], scale: float, zero: float, height: float) -> Iterator[str]:
    """The outline of each ribbon: as wide where it begins as where it joins its stack."""
    above = below = zero
    for index, product in enumerate(products):
        width = abs(product) * scale
        top = _row(index, len(products), height) - width / 2
        if product > 0:
            above -= width
            end = above
        else:
            end = below
            below += width
        middle = (LEFT + RIGHT) / 2
        yield (
            f"M{LEFT} {top:.2f}C{middle} {top:.2f} {middle} {end:.2f} {RIGHT} {end:.2f}"
            f"v{width:.2f}C{middle} {end + width:.2f} {middle} {top + width:.2f} "
            f"{LEFT} {top + width:.2f}z"
        )
