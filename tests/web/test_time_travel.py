"""Seeking, branches, undo and redo over the API and on the page."""

from typing import Any

import pytest

from app.web.api.time_travel import Travel
from tests.support.lab import Lab
from tests.support.page_client import PageClient


def moment(state: dict[str, Any]) -> tuple[int, int]:
    return state["iteration"], state["cursor"]


def without_version(state: dict[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in state.items() if name != "version"}


async def test_a_jump_anywhere_and_back(lab: Lab) -> None:
    """Any earlier position can be sought, with the state it had."""
    await lab.create()
    await lab.train(5)
    passed = await lab.step(by="unit", count=40)
    last = await lab.train(500)
    assert moment(await lab.seek(0)) == (0, 0)
    assert without_version(await lab.seek(5, 40)) == without_version(passed)
    assert without_version(await lab.seek(504, 77)) == without_version(last)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"iteration": 3}, "iteration"),
        ({"iteration": 2, "cursor": 78}, "cursor"),
        ({"iteration": -1}, "iteration"),
        ({"iteration": "1"}, "iteration"),
        ({"iteration": 1, "step": 3}, "step"),
    ],
)
async def test_a_jump_to_nowhere_is_refused(lab: Lab, body: dict[str, Any], field: str) -> None:
    """An invalid position is refused by field."""
    await lab.create()
    state = await lab.train(3)
    response = await lab.request("POST", "/seek", json=body)
    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert await lab.state() == state


async def test_how_far_one_may_travel(lab: Lab) -> None:
    """The API tells the ends of both branches and what can be undone."""
    await lab.create()
    begun = {"iteration": 0, "cursor": 0}
    nothing = {"other": None, "can_undo": False, "can_redo": False}
    assert await lab.travel() == {"first": begun, "furthest": begun, **nothing}
    await lab.train(10)
    await lab.seek(4, 15)
    await lab.edit(learning_rate=0.25)
    travel = Travel.model_validate(await lab.travel(), strict=True)
    assert moment(travel.furthest.model_dump()) == (4, 0)
    assert travel.other is not None
    assert moment(travel.other.model_dump()) == (9, 77)
    assert (travel.can_undo, travel.can_redo) == (True, False)


async def test_branch_and_return(lab: Lab) -> None:
    """One can switch between two branches."""
    await lab.create()
    first = await lab.train(50)
    await lab.seek(10)
    await lab.edit(learning_rate=2)
    second = await lab.train(5)
    assert without_version(await lab.return_()) == without_version(first)
    assert without_version(await lab.return_()) == without_version(second)


async def test_starting_over_keeps_what_was_given(lab: Lab) -> None:
    """The first iteration has the own numbers and settings, and `reset` those of the example."""
    first = await lab.create()
    await lab.edit(learning_rate=2, weights=[[[0.15] * 4] * 3, [[0.5] * 2] * 4])
    given = await lab.state()
    await lab.train(30)
    trained = await lab.edit(biases=[[0], [0]])
    over = await lab.start_over()
    assert (over["iteration"], over["cursor"]) == (0, 0)
    assert over["network"] == given["network"] | {"biases": [[0], [0]]}
    assert over["learning_rate"] == 2
    assert without_version(await lab.undo()) == without_version(trained)
    assert (await lab.reset())["network"] == first["network"]


async def test_undo_and_redo_of_everything(lab: Lab) -> None:
    """Every command can be undone and redone exactly."""
    states = [await lab.create()]
    states.append(await lab.step(by="unit", count=60))
    states.append(await lab.edit(learning_rate=0.1))
    states.append(await lab.forward())
    states.append(await lab.train(300))
    states.append(await lab.back(count=200))
    states.append(await lab.reset())
    states.append(await lab.edit(biases=[[1], [2]]))
    for expected in reversed(states[:-1]):
        assert without_version(await lab.undo()) == without_version(expected)
    unchanged = await lab.undo()
    assert unchanged == await lab.state()
    for expected in states[1:]:
        assert without_version(await lab.redo()) == without_version(expected)
    assert (await lab.travel())["can_redo"] is False


# The page.


async def test_the_iteration_is_a_field_and_a_slider_from_the_start(visitor: PageClient) -> None:
    """Both count from 1; the slider can be moved once there is a second iteration."""
    page = await visitor.look()
    for number in ("1", "1", "2"):
        fields = [each for each in page.all("input") if each.get("name") == "iteration"]
        assert {each.get("type"): each.get("value") for each in fields} == {
            "": number,
            "range": number,
        }
        [slider] = [each for each in fields if each.get("type") == "range"]
        assert ("disabled" in slider.attributes) == (number == "1")
        assert page.id("furthest").text == f"of {number}"
        page = await visitor.press("Update")


async def test_the_page_jumps_and_branches_and_returns(visitor: PageClient) -> None:
    """The page seeks, branches and returns to the other branch."""
    await visitor.look()
    for _ in range(6):
        await visitor.press("Update")
    await visitor.post("/seek", {"iteration": "3"})
    assert moment(await visitor.state()) == (2, 77)
    await visitor.post("/edit", {"learning_rate": "0.25"})
    page = await visitor.look()
    assert moment(await visitor.state()) == (2, 0)
    assert page.id("return").all("span")[0].text == "Return to iteration 6"
    await visitor.press(page.id("return").all("button")[0].text)
    state = await visitor.state()
    assert (moment(state), state["learning_rate"]) == ((5, 77), 0.5)


async def test_the_page_undoes_what_began_the_session(visitor: PageClient) -> None:
    """The command that began the session can be undone."""
    await visitor.look()
    await visitor.press("Forward")
    await visitor.press("Undo")
    assert moment(await visitor.state()) == (0, 0)
    await visitor.press("Redo")
    assert moment(await visitor.state()) == (0, 15)


@pytest.mark.parametrize("typed", ["", "0", "7", "-1", "one", "1.5", "9" * 16])
async def test_the_page_says_that_there_is_no_such_iteration(
    visitor: PageClient, typed: str
) -> None:
    """An invalid iteration is refused."""
    await visitor.look()
    for _ in range(6):
        await visitor.press("Update")
    response = await visitor.post("/seek", {"iteration": typed})
    assert response.status_code == 422
    assert "iteration: " in response.text
    assert moment(await visitor.state()) == (5, 77)


async def test_a_network_that_was_built_has_no_example(visitor: PageClient) -> None:
    """The button below its weights speaks of the first numbers, and brings them back."""
    await visitor.client.post("/view", data={"panel": "matrices"})
    await visitor.look("/?layers=2-2-1&seed=1")
    await visitor.type("weight/0/0/0", "0.15")
    begun = await visitor.state()
    assert "Restore the example" not in (await visitor.look()).text
    await visitor.press("Restore the first numbers")
    assert (await visitor.state())["network"] != begun["network"]


async def test_reset_and_restore(visitor: PageClient) -> None:
    """Reset keeps one's own numbers, settings and saved runs; the example's come back by a button."""
    await visitor.look()
    await visitor.client.post("/view", data={"panel": "matrices"})
    await visitor.look()
    await visitor.type("weight/0/0/0", "0.15")
    await visitor.post("/edit", {"learning_rate": "3"})
    await visitor.post("/train", {"iterations": "20"})
    await visitor.post("/runs/keep")
    trained = await visitor.state()
    await visitor.look()
    page = await visitor.press("Reset")
    state = await visitor.state()
    assert (state["iteration"], state["cursor"], state["learning_rate"]) == (0, 0, 3)
    assert state["network"]["weights"][0][0][0] == 0.15
    [reset] = [each for each in page.all("button") if each.get("class") == "reset"]
    assert "disabled" in reset.attributes
    await visitor.press("Restore the example's numbers")
    restored = await visitor.state()
    assert restored["network"]["weights"][0][0][0] == 0.2
    assert restored["learning_rate"] == 0.5
    await visitor.press("Undo")
    await visitor.press("Undo")
    assert without_version(await visitor.state()) == without_version(trained)
