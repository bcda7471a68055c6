"""The ribbons of path contributions."""

import re
from itertools import pairwise
from math import fsum, isfinite

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.backprop.network import Example, Network, Shape
from app.examples.published import DECK
from app.simulation.simulation import Simulation
from app.view.graph.path_contributions import (
    LEFT,
    RIGHT,
    ROOM,
    PathContributions,
    path_contributions,
)
from app.view.rendering.numbers import exact, short
from tests.support.markup import region_of
from tests.support.networks import FEW, SHAPES, simulation_of
from tests.support.strategies import Setting, settings_of

often = settings(deadline=None, derandomize=True, max_examples=80)
NUMBER = r"(-?[\d.]+)"
RIBBON = re.compile(
    rf"M{NUMBER} {NUMBER}C{NUMBER} {NUMBER} {NUMBER} {NUMBER} {NUMBER} {NUMBER}"
    rf"v{NUMBER}C{NUMBER} {NUMBER} {NUMBER} {NUMBER} {NUMBER} {NUMBER}z"
)
ROUNDED = 0.02  # numbers of a path have two decimals


def hidden(simulation: Simulation) -> list[tuple[int, int]]:
    """Every hidden unit as (layer, unit)."""
    layers = simulation.shape.layers
    return [(layer, unit) for layer in range(1, len(layers) - 1) for unit in range(layers[layer])]


def split_of(simulation: Simulation, layer: int, unit: int) -> PathContributions | None:
    return path_contributions(
        simulation, (f"weight_gradient/{layer - 1}/0/{unit}", f"delta/{layer}/{unit}")
    )


def products_of(simulation: Simulation, layer: int, unit: int) -> list[float]:
    """δ·w of every path, by the numbers of the simulation."""
    products = []
    for after in range(simulation.shape.layers[layer + 1]):
        delta = simulation.value(f"delta/{layer + 1}/{after}")
        assert delta is not None
        products.append(delta * simulation.network.weights[layer][unit][after])
    return products


def edges(ribbon: str) -> tuple[float, float, float, float]:
    """Upper and lower edge of a ribbon on the left, then on the right; it goes straight across."""
    match = RIBBON.fullmatch(ribbon)
    assert match is not None, ribbon
    x0, top, *_, x1, end, width, _x2, low_end, _x3, low_top, x4, low_start = map(
        float, match.groups()
    )
    assert (x0, x1, x4) == (LEFT, RIGHT, LEFT)
    assert low_end == pytest.approx(end + width, abs=ROUNDED)
    assert low_top == low_start == pytest.approx(top + width, abs=ROUNDED)
    return top, low_start, end, low_end


def measure(split: PathContributions, products: list[float], total: float) -> None:
    """Widths, places and numbers of one drawing."""
    up = fsum(product for product in products if product > 0)
    down = -fsum(product for product in products if product < 0)
    scale = ROOM / max(up, down) if up or down else 0.0
    spans = []
    for path, product in zip(split.paths, products, strict=True):
        top, bottom, end, low_end = edges(path.ribbon)
        assert bottom - top == pytest.approx(abs(product) * scale, abs=ROUNDED)
        assert (top + bottom) / 2 == pytest.approx(path.y, abs=ROUNDED)
        assert path.sign == ("negative" if product < 0 else "positive")
        assert (path.product, path.exact) == (short(product), exact(product))
        spans.append((end, low_end))
    above = [span for span, product in zip(spans, products, strict=True) if product * scale > 0]
    below = [span for span, product in zip(spans, products, strict=True) if product * scale < 0]
    signed = sum(low - high for high, low in above) - sum(low - high for high, low in below)
    tolerance = ROUNDED * (len(products) + 1)
    assert signed == pytest.approx((up - down) * scale, abs=tolerance)
    stacked(split, sorted(above), sorted(below), tolerance)
    y, height = split.left_over
    assert height == pytest.approx(abs(signed), abs=tolerance)
    assert (y if up < down else y + height) == pytest.approx(split.zero, abs=ROUNDED)
    assert (split.total, split.total_exact) == (short(total), exact(total))
    assert_cancelled(split, min(up, down) * scale)


Spans = list[tuple[float, float]]


def stacked(split: PathContributions, above: Spans, below: Spans, tolerance: float) -> None:
    """What pushes E up lies above the line, the rest below it, without gaps and overlaps."""
    for spans in (above, below):
        for (_, low), (high, _) in pairwise(spans):
            assert high == pytest.approx(low, abs=tolerance)
        for high, low in spans:
            assert 0 <= high <= low <= split.height
    if above:
        assert above[-1][1] == pytest.approx(split.zero, abs=tolerance)
    if below:
        assert below[0][0] == pytest.approx(split.zero, abs=tolerance)


def assert_cancelled(split: PathContributions, both: float) -> None:
    """The hatched part is as high above the line as below it: what both sides have."""
    if not both:
        assert split.cancelled == ()
        return
    (above, height), (below, other) = split.cancelled
    assert height == other == pytest.approx(both, abs=ROUNDED)
    assert above + height == pytest.approx(split.zero, abs=ROUNDED)
    assert below == split.zero


@often
@given(settings_of(deepest=5), st.integers(0, 3))
def test_any_network(setting: Setting, iterations: int) -> None:
    """The ribbons add up to the slope, and their numbers are the simulation's."""
    simulation = setting.simulation().train(iterations).backward()
    for layer, unit in hidden(simulation):
        split = split_of(simulation, layer, unit)
        total = simulation.value(f"error_slope/{layer}/{unit}")
        assert split is not None
        assert total is not None
        measure(split, products_of(simulation, layer, unit), total)


def test_the_deck() -> None:
    """The contributions of H1 name their paths."""
    simulation = DECK.simulation.backward()
    split = path_contributions(simulation, ("error_slope/1/0",))
    assert split is not None
    assert (split.unit, [path.unit for path in split.paths]) == ("H1", ["O1", "O2"])
    assert [path.symbol for path in split.paths] == ["w′11", "w′12"]
    assert [path.delta_at for path in split.paths] == ["delta/2/0", "delta/2/1"]
    assert [path.weight_at for path in split.paths] == ["weight/1/0/0", "weight/1/0/1"]
    assert [path.weight for path in split.paths] == [
        short(weight) for weight in simulation.network.weights[1][0]
    ]


@pytest.mark.parametrize("name", FEW)
def test_where_there_is_none(name: str) -> None:
    """Only known slopes and deltas of hidden units have contributions."""
    begun = simulation_of(SHAPES[name])
    last = begun.shape.depth - 1
    for simulation in (begun, begun.forward(), begun.backward(), begun.update()):
        assert path_contributions(simulation, ()) is None
        for text in (*simulation.compiled.inputs, *simulation.compiled.position):
            kind, *place = text.split("/")
            ours = kind in ("delta", "error_slope") and int(place[0]) != last
            known = ours and simulation.value(f"error_slope/{place[0]}/{place[1]}") is not None
            assert (path_contributions(simulation, (text,)) is not None) == known, text
    for layer, unit in hidden(begun):
        position = begun.compiled.position[f"error_slope/{layer}/{unit}"]
        assert split_of(begun.seek(position), layer, unit) is None
        assert split_of(begun.seek(position + 1), layer, unit) is not None


def of_products(*products: float, inputs: float = 0.0) -> Simulation:
    """1-1-n of identities at the end of a backward pass, with these products at its hidden unit:
    each δ is 1."""
    shape = Shape((1, 1, len(products)), ("identity", "identity"), bias="none")
    network = Network(shape, (0.0, *products))
    return Simulation.of(network, [Example((inputs,), (-1.0,) * len(products))], 0.5).backward()


@pytest.mark.parametrize(
    "products",
    [
        (0.0, 0.0),
        (-0.0, 0.0),
        (1.0, -1.0),
        (-2.0,),
        (5e-324, -5e-324),
        (1e-310, 2.0),
        (1e308, -1e308),
        (1e-300, -1.0, 1e300),
    ],
)
def test_extremes(products: tuple[float, ...]) -> None:
    """Zero, cancelling and extreme products are drawn."""
    simulation = of_products(*products)
    split = split_of(simulation, 1, 0)
    assert split is not None
    total = simulation.value("error_slope/1/0")
    assert total is not None
    if max(map(abs, products)) > 1e-300:
        measure(split, list(products), total)
    for path in split.paths:
        assert all(isfinite(edge) for edge in edges(path.ribbon))
    assert all(map(isfinite, (split.zero, split.height, *split.left_over)))


@pytest.mark.parametrize(
    "products", [(1e308, 1e308), (-1e308, -1e308, 1.0), (1.7e308, 1.7e308, -1.7e308, -1.7e308)]
)
def test_a_sum_beyond_all_numbers(products: tuple[float, ...]) -> None:
    """A page whose sum overflows has no invalid coordinates."""
    whole(of_products(*products))


def whole(simulation: Simulation) -> None:
    """The page of a hidden unit has no coordinates that are none."""
    for element in region_of(simulation, "delta/1/0").id("derivation"):
        for name in ("d", "x", "y", "width", "height", "viewBox"):
            assert not re.search("nan|inf", element.get(name)), element
