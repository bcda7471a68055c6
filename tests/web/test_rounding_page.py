"""Rounding on the way: the page computes as on a blackboard, says so, and hands it on."""

from typing import Any

import pytest
from httpx import AsyncClient

from app.backprop.rounding_rule import MOST_ROUNDED
from app.examples.published import DECK
from app.simulation.description import describe
from app.simulation.permalink import encode_permalink
from app.view.export.session_file import session_json
from tests.support.markup import Element, tree
from tests.support.naive_rounding import NaiveBoard
from tests.support.page_client import PageClient, drawn

ROUNDING = "decimals.3.up"
NOTE = "Each result is rounded to 3 decimals, half up."


def blackboard(decimals: int) -> NaiveBoard:
    fields: dict[str, Any] = describe(DECK.simulation.start)
    network = {**fields["network"], "update": "each"}
    return NaiveBoard({**fields, "network": network}, "decimals", decimals, "up")


async def choose(visitor: PageClient, rounding: str, panel: str = "") -> None:
    """Choose a rounding, and a panel."""
    for name, value in (("rounding", rounding), ("panel", panel)):
        await visitor.post("/view", {name: value})


def note(page: Element) -> str:
    return "".join(each.text for each in page.all("p") if each.classes == {"rounded"})


async def test_the_page_has_the_numbers_of_the_blackboard(visitor: PageClient) -> None:
    """Through three iterations: what the drawing shows agrees with plain loops in decimals."""
    board = blackboard(3)
    await visitor.look()
    await choose(visitor, ROUNDING)
    for _ in range(3):
        page = await visitor.press("Update")
        results, shown = board.iterate(), drawn(page)
        assert note(page) == NOTE
        for layer, count in ((1, 4), (2, 2)):
            for unit in range(count):
                for kind in ("net", "out", "delta"):
                    number = shown[f"unit-{layer}-{unit}", f"data-{kind}"]
                    assert number == float(results[f"{kind}/{layer}/{unit}"]), kind
        for i in range(3):
            for j in range(4):
                new = shown[f"edge-0-{i}-{j}", "data-weight"]
                assert new == float(results[f"weight_update/0/{i}/{j}"])


async def test_it_is_off_until_it_is_chosen(visitor: PageClient) -> None:
    """And the numbers are the old ones, bit for bit, once it is off again."""
    await visitor.look()
    before = drawn(await visitor.press("Update"))
    assert note(visitor.page) == ""
    await choose(visitor, ROUNDING)
    assert drawn(await visitor.look(visitor.address)) != before
    await choose(visitor, "")
    assert drawn(await visitor.look(visitor.address)) == before


@pytest.mark.parametrize("panel", ["check", "error", "slope"])
async def test_other_numbers_say_that_they_are_not_rounded(visitor: PageClient, panel: str) -> None:
    await visitor.look()
    await visitor.press("Update")
    await choose(visitor, ROUNDING, panel)
    page = await visitor.look(visitor.address)
    assert "These numbers are not rounded on the way." in page.id("panel").text


async def test_how_far_rounding_has_carried_a_number(visitor: PageClient) -> None:
    """Beside it, in its derivation; a number that is not known yet is not given away."""
    await visitor.look()
    await visitor.press("Step")
    await visitor.press("Step")
    await choose(visitor, ROUNDING)
    page = await visitor.look(f"{visitor.address}?at=out/1/0~net/1/0")
    [carried, net] = [each.text for each in page.all("p") if each.classes == {"carried"}]
    exact = DECK.simulation.update().value("out/1/0")
    assert exact is not None
    assert f"{round(exact, 3) - exact:.3g}".lstrip("-") in carried
    assert repr(exact) in carried
    assert "by −5.55e−17." in net  # a tenth is not the double next to it
    hidden = await visitor.look(f"/n/{visitor.session}?at=delta/2/0")
    assert not [each for each in hidden.all("p") if each.classes == {"carried"}]


async def test_the_number_on_the_blackboard_is_right(visitor: PageClient) -> None:
    """Although the unrounded one has another last digit."""
    results, simulation = blackboard(2).iterate(), DECK.simulation.update()
    name, written = next(
        (name, f"{number:.2f}")
        for name, number in results.items()
        if name in simulation.compiled.position
        and f"{number:.2f}" != f"{simulation.value(name):.2f}"
    )
    await visitor.look()
    address = f"/?preset=deck&at={name}&level=1&number={written}"
    assert "Right" not in (await visitor.look(address)).id("derivation").text
    await choose(visitor, "decimals.2.up")
    assert "Right, to the last digit" in (await visitor.look(address)).id("derivation").text


async def test_links_sheets_and_frames_carry_it(visitor: PageClient, client: AsyncClient) -> None:
    """A link sets it for whoever opens it."""
    await visitor.look()
    await visitor.press("Update")
    await choose(visitor, "significant.3.even", "home")
    page = await visitor.look(visitor.address)
    link = page.id("home-link")["value"].removeprefix("http://testserver")
    assert link.endswith("?rounding=significant.3.even")
    code = tree(page.id("home-embed").text).all("iframe")[0]["src"]
    before = drawn(page)
    framed = tree((await client.get(code)).text)
    assert drawn(framed) == before
    assert "3 significant digits, half to even" in note(framed)
    sheet = await client.get(f"/n/{visitor.session}/sheet?answers=1")
    assert "3 significant digits, half to even" in sheet.text
    client.cookies.clear()
    opened = await visitor.look(link)
    assert drawn(await visitor.look(visitor.address)) == before
    assert "3 significant digits, half to even" in note(opened)
    assert "rounding" not in visitor.address or visitor.address.startswith("/?moment=")


async def test_a_link_shows_the_same_board_later_on(visitor: PageClient) -> None:
    """In the third iteration it begins with the numbers on the board, and so do a frame and a file."""
    await visitor.look()
    await choose(visitor, ROUNDING, "home")
    for _ in range(3):
        page = await visitor.press("Update")
    before = drawn(page)
    link = page.id("home-link")["value"].removeprefix("http://testserver")
    code = tree(page.id("home-embed").text).all("iframe")[0]["src"]
    assert drawn(tree((await visitor.client.get(code)).text)) == before
    file = (await visitor.client.get(f"/n/{visitor.session}/export/session.json")).text
    client = visitor.client
    client.cookies.clear()
    assert drawn(await visitor.look(link)) == before
    client.cookies.clear()
    for text in (file, f"http://testserver{link}"):
        assert (await visitor.post("/import", {"text": text})).status_code == 303
        page = await visitor.look(f"/n/{visitor.session}")
        assert note(page) == NOTE
        assert drawn(page) == before
        client.cookies.clear()


async def test_an_opened_file_without_a_rounding_changes_none(visitor: PageClient) -> None:
    await visitor.look()
    await choose(visitor, ROUNDING)
    await visitor.post("/import", {"text": session_json(DECK.simulation.step())})
    assert note(await visitor.look(f"/n/{visitor.session}")) == NOTE
    text = session_json(DECK.simulation).replace("}\n", ', "rounding": "sideways"}\n')
    response = await visitor.post("/import", {"text": text})
    assert response.status_code == 422
    assert "rounding: must be like decimals.4.up" in response.text


async def test_files_of_the_page_are_rounded(visitor: PageClient) -> None:
    await visitor.look()
    await choose(visitor, ROUNDING)
    await visitor.press("Forward")
    written = {}
    for name in ("steps.csv", "graph.svg", "run.py", "steps.py"):
        written[name] = (await visitor.client.get(f"/n/{visitor.session}/export/{name}")).text
    assert ",decimals.3.up," in written["steps.csv"]
    assert NOTE in written["graph.svg"]
    assert NOTE in written["steps.py"]
    lines = (await visitor.client.get(f"/n/{visitor.session}/program.py")).text
    for text in (written["run.py"], lines):
        assert "this program does not round" in text


async def test_after_so_many_iterations_it_ends(visitor: PageClient) -> None:
    """The page says so, and shows the numbers that are not rounded."""
    await visitor.look()
    await choose(visitor, ROUNDING)
    await visitor.post(
        f"/train?moment={encode_permalink(DECK.simulation)}", {"iterations": f"{MOST_ROUNDED}"}
    )
    page = await visitor.look(f"/n/{visitor.session}")
    assert note(page) == NOTE
    page = await visitor.press("Step")
    assert "only the first 1,000 iterations" in note(page)
    exact = DECK.simulation.train(MOST_ROUNDED).step("layer").value("net/1/0")
    assert drawn(page)["unit-1-0", "data-net"] == exact


async def test_a_forged_choice_is_ignored(visitor: PageClient) -> None:
    await visitor.look()
    await choose(visitor, "decimals.99.sideways")
    assert note(await visitor.press("Step")) == ""
    response = await visitor.client.get(f"/embed/{encode_permalink(DECK.simulation)}?rounding=x")
    assert response.status_code == 422
