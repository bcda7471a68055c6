"""Which elements show which quantity, and which are highlighted."""

import pytest

from app.backprop.compiler import GRANULARITIES
from app.examples.published import DECK
from app.simulation.simulation import Simulation
from app.view.panels.registry import PANELS
from app.view.screen.derivation import quantities
from tests.support.markup import Element, region_of
from tests.support.networks import SHAPES, simulation_of

CURSORS = (0, 4, 15, 19, 29, 55, 70, 77)


def page_of(
    simulation: Simulation, *at: str, by: str = "layer", panel: str = "matrices"
) -> Element:
    return region_of(simulation, *at, by=by, panel=panel)


def tokens(element: Element) -> list[str]:
    return element.get("data-of").split()


def wholes(simulation: Simulation) -> set[str]:
    """Every address of a network, and all that has some of them as its parts."""
    found: set[str] = set()
    for text in quantities(simulation.shape):
        parts = text.split("/")
        found |= {"/".join(parts[: end + 1]) for end in range(len(parts))}
    return found


def related(one: str, other: str) -> bool:
    """Whether one is the other or a part of it, part by part."""
    pairs = zip(one.split("/"), other.split("/"), strict=False)
    return all(a == b for a, b in pairs)


@pytest.mark.parametrize(
    ("name", "by"),
    [
        *(("3-4-2", by) for by in GRANULARITIES),
        *(
            (name, "layer")
            for name in ["2-2-2", "2-2-2 mean of all momentum", "2-2 gathering none"]
        ),
    ],
)
def test_every_name_is_that_of_a_quantity(name: str, by: str) -> None:
    """Every element names quantities that the network has."""
    begun = simulation_of(SHAPES[name])
    known = wholes(begun)
    ends = begun.compiled.ends[by][:: 4 if by == "unit" else 1]
    every = 4 if len(ends) > len(PANELS) else 1
    for turn, panel in enumerate(PANELS):
        for end in ends[turn % every :: every]:
            page = page_of(begun.seek(end), by=by, panel=panel)
            shown = [tokens(each) for each in page if "data-of" in each.attributes]
            assert len(shown) > 3
            for named in shown:
                assert named, (panel, end)
                assert known.issuperset(named), (panel, end, named)


@pytest.mark.parametrize("cursor", CURSORS)
def test_whatever_has_a_number_names_it(cursor: int) -> None:
    """Every element with a number names its quantity."""
    simulation = DECK.simulation.seek(cursor)
    page = page_of(simulation)
    drawn = {
        element["id"]: tokens(element)
        for element in page.id("graph")
        if element.get("id").startswith(("edge-", "unit-", "bias-"))
    }
    assert len(drawn) == 20 + 9 + 2
    for id, shows in drawn.items():
        kind, *place = id.split("-")
        wanted = {"edge": ["weight", "weight_gradient"], "bias": ["bias", "bias_gradient"]}
        wanted["unit"] = ["net", "out", "delta", "error_slope", "activation_slope"]
        if id.startswith("unit-0"):
            wanted["unit"] = ["out"]
        assert {"/".join((each, *place)) for each in wanted[kind]} <= set(shows)
    cells = [cell for table in page.id("matrices").all("table") for cell in table.all("td")]
    numbered = [cell for cell in cells if cell.all("input") or cell.all("a")]
    assert len(numbered) >= 22
    assert all(tokens(cell) for cell in numbered)
    card = page.id("card")
    for part in [each for each in card.all("span") if "part" in each.classes]:
        assert part.parent
        shown = [each for each in part.all("span")[1:] if "badge" not in each.classes]
        assert "terms" in part.parent.classes or all(map(tokens, shown))
    assert all(tokens(chip) for chip in card if "chip" in chip.classes)
    strip = page.id("strip")
    assert all(tokens(cell) for cell in strip.all("td") if "elided" not in cell.classes)
    [code] = [each for each in strip if "code" in each.classes]
    assert [each for each in code if tokens(each)]


@pytest.mark.parametrize("name", ["3-4-2", "2-2-2 mean of all momentum", "2-3-3 softmax"])
def test_formula_terms_name_their_operands(name: str) -> None:
    """The terms of a formula name the operands of its step."""
    begun = simulation_of(SHAPES[name])
    for index, step in enumerate(begun.steps):
        page = page_of(begun.seek(index + 1), by="unit")
        card = page.id("card")
        [left] = [each for each in card if "left" in each.classes]
        [value] = card.all("output")
        assert tokens(left) == tokens(value) == [step.result]
        for line in ("symbols", "numbers"):
            [row] = [each for each in card if line in each.classes]
            assert {text for each in row for text in tokens(each)} == set(step.operands)


@pytest.mark.parametrize(
    "at",
    [
        ("weight/1/2/0", "weight_gradient/1/2/0"),
        ("delta/1/3",),
        ("out/0/1",),
        ("bias/0", "bias_gradient/0"),
        ("error",),
        ("target/1",),
        ("learning_rate",),
        (),
    ],
)
@pytest.mark.parametrize("cursor", CURSORS)
def test_what_is_explained_is_marked(at: tuple[str, ...], cursor: int) -> None:
    """Exactly the elements that show the explained quantity are marked."""
    panels = sorted(PANELS.keys() - {"slope"})
    for panel in panels[CURSORS.index(cursor) % 4 :: 4]:  # they take turns
        page = page_of(DECK.simulation.seek(cursor), *at, panel=panel)
        for element in page:
            chosen = "data-chosen" in element.attributes
            assert chosen == (bool(at) and any(related(at[0], text) for text in tokens(element)))


def test_a_derivations_line_names_what_it_reads() -> None:
    """The names in a NumPy line stand for their quantities."""
    page = page_of(DECK.simulation.backward(), "delta/1/0", "error_slope/1/0", panel="")
    lines = [each for each in page.id("derivation") if "code" in each.classes]
    assert [line.text for line in lines] == ["d_h = slope_h * act_h", "slope_h = d_o @ W_ho.T"]
    names = [
        [(each.text, tokens(each)) for each in line.all("span")[1:] if each.text] for line in lines
    ]
    assert names == [
        [("d_h", ["delta/1"]), ("slope_h", ["error_slope/1"]), ("act_h", ["activation_slope/1"])],
        [("slope_h", ["error_slope/1"]), ("d_o", ["delta/2"]), ("W_ho", ["weight/1"])],
    ]
    spans = [each for line in lines for each in line.all("span")]
    chosen = [each.text for each in spans if "data-chosen" in each.attributes]
    assert chosen == ["d_h = slope_h * act_h", "d_h"]
