"""Path contributions: ∂E/∂out of a hidden unit, split by the paths back from E (slide 3).

Each path is a ribbon as wide as its product δ·w. Positive products stack above a line, negative
ones below; the common part of both stacks cancels, and the remainder is the sum.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite

from app.backprop.addresses import address, parse, unit_name
from app.simulation.simulation import Simulation
from app.view.rendering.numbers import exact, short

ROOM = 78.0  # the height of the taller stack
LEFT, RIGHT, BAR = 232.0, 500.0, 44.0
ROW_HEIGHT = 46.0


@dataclass(frozen=True, slots=True)
class Path:
    """One path from E back to the unit: the next unit, the weight to it, and their product."""

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
    """The drawing; `cancelled` gives the part (y, height) of each stack that the other cancels."""

    unit: str
    paths: tuple[Path, ...]
    total: str
    total_exact: str
    total_sign: str
    height: float
    zero: float
    left_over: tuple[float, float]
    cancelled: tuple[tuple[float, float], ...]


def path_contributions(
    simulation: Simulation, derivation_path: tuple[str, ...]
) -> PathContributions | None:
    """The contributions to the unit whose δ or ∂E/∂out a derivation path ends at.

    None for anything but a hidden unit, and until its ∂E/∂out is known.
    """
    if not derivation_path:
        return None
    kind, indices = parse(derivation_path[-1])
    if kind not in ("delta", "error_slope") or indices[0] == simulation.shape.depth - 1:
        return None
    layer, unit = indices
    error_slope = address("error_slope", layer, unit)
    position = simulation.compiled.position[error_slope]
    if position >= simulation.cursor:
        return None
    return _split(simulation, layer, unit, simulation.trace()[position])


def _split(simulation: Simulation, layer: int, unit: int, total: float) -> PathContributions | None:
    trace, position = simulation.trace(), simulation.compiled.position
    operands, shape = simulation.reading(), simulation.shape
    pairs = [
        (address("delta", layer + 1, after), address("weight", layer, unit, after))
        for after in range(shape.layers[layer + 1])
    ]
    deltas = [trace[position[delta]] for delta, _ in pairs]
    weights = [operands[weight] for _, weight in pairs]
    products = [delta * weight for delta, weight in zip(deltas, weights, strict=True)]
    up = sum(product for product in products if product > 0)
    down = -sum(product for product in products if product < 0)
    if not all(map(isfinite, (*products, up, down))):
        return None
    scale = ROOM / max(up, down, 1e-300)
    upper, lower = up * scale, down * scale
    height = max(2 * ROOM + 30, ROW_HEIGHT * len(pairs) + 12)
    share = upper / (upper + lower) if upper + lower else 0.5
    zero = round(height * share * 0.6 + height * 0.2, 2)
    ribbons = list(_ribbons(products, scale, zero, height))
    common, net_effect = min(upper, lower), upper - lower
    return PathContributions(
        unit=unit_name(layer, unit, shape.depth),
        paths=tuple(
            Path(
                unit=unit_name(layer + 1, after, shape.depth),
                symbol=f"w{'′' * layer}{unit + 1}{after + 1}",
                delta_at=pairs[after][0],
                weight_at=pairs[after][1],
                delta=short(deltas[after]),
                weight=short(weights[after]),
                product=short(products[after]),
                exact=exact(products[after]),
                sign="negative" if products[after] < 0 else "positive",
                y=_row_y(after, len(pairs), height),
                ribbon=ribbons[after],
            )
            for after in range(len(pairs))
        ),
        total=short(total),
        total_exact=exact(total),
        total_sign="negative" if total < 0 else "positive",
        height=height,
        zero=zero,
        left_over=(round(zero - max(net_effect, 0.0), 2), round(abs(net_effect), 2)),
        cancelled=((round(zero - common, 2), round(common, 2)), (zero, round(common, 2)))
        if common
        else (),
    )


def _row_y(index: int, count: int, height: float) -> float:
    return round(height * (index + 0.5) / count, 2)


def _ribbons(products: list[float], scale: float, zero: float, height: float) -> Iterator[str]:
    """The outline of each ribbon, which has the same width at both ends."""
    above = below = zero
    for index, product in enumerate(products):
        width = abs(product) * scale
        top = _row_y(index, len(products), height) - width / 2
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
