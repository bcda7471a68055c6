"""The numbers of a blackboard over the API."""

import json
from decimal import Decimal
from typing import Any

import pytest

from app.analysis.rounding import rounded_iteration
from app.backprop.rounding_rule import MOST_ROUNDED, Rounding
from app.examples.published import DECK
from app.simulation.description import describe
from app.view.export.session_file import session_json
from app.web.api.schemas import responses
from tests.support.lab import Lab
from tests.support.naive_rounding import NaiveBoard

QUERY = "?rounding=decimals.3.up"
PATHS = ("", "/steps", "/derivation/net/1/0", "/link", "/export/session.json")


def board(iterations: int) -> dict[str, Decimal]:
    fields: dict[str, Any] = describe(DECK.simulation.start)
    network = {**fields["network"], "update": "each"}
    naive = NaiveBoard({**fields, "network": network}, "decimals", 3, "up")
    return [naive.iterate() for _ in range(iterations)][-1]


async def test_the_state_of_the_board(lab: Lab) -> None:
    """In a second iteration; the session itself stays as it is."""
    await lab.create()
    await lab.train(1)
    exact = await lab.update()
    response = await lab.request("GET", QUERY)
    responses.State.model_validate_json(response.content, strict=True)
    state, results = response.json(), board(2)
    assert state["rounding"] == "decimals.3.up"
    assert state["values"]["net"][0] == [float(results[f"net/1/{i}"]) for i in range(4)]
    assert state["values"]["error"] == state["previous_error"] == float(results["error"])
    assert state["network"]["weights"][0][0][0] == float(results["weight_update/0/0/0"])
    assert state["step"]["value"] == float(results["bias_update/0"])
    assert state["step"]["unrounded"] == exact["step"]["value"]
    assert (await lab.request("GET")).json() == exact


async def test_the_steps_of_the_board(lab: Lab) -> None:
    """Each result beside the one that is not rounded; what is to come is not given away."""
    await lab.create()
    await lab.backward()
    exact = (await lab.request("GET", "/steps")).json()["steps"]
    response = await lab.request("GET", f"/steps{QUERY}")
    responses.Steps.model_validate_json(response.content, strict=True)
    results = board(1)
    for step, other, compiled in zip(
        response.json()["steps"], exact, DECK.simulation.steps, strict=True
    ):
        known = other["value"] is not None
        assert step["value"] == (float(results[compiled.result]) if known else None)
        assert step["unrounded"] == other["value"]
        assert {o["at"] for o in step["operands"]} == {o["at"] for o in other["operands"]}


async def test_a_derivation_of_the_board(lab: Lab) -> None:
    await lab.create()
    exact = await lab.forward()
    response = await lab.request("GET", f"/derivation/net/2/0{QUERY}")
    responses.Derivation.model_validate_json(response.content, strict=True)
    answer, results = response.json(), board(1)
    assert answer["value"] == float(results["net/2/0"])
    assert answer["unrounded"] == exact["values"]["net"][1][0]
    assert f"{float(results['out/1/0'])}" in answer["substitution"]


@pytest.mark.parametrize("path", PATHS)
async def test_an_unknown_rounding_is_refused(lab: Lab, path: str) -> None:
    await lab.create()
    response = await lab.request("GET", f"{path}?rounding=decimals.99.up")
    assert response.status_code == 422
    [error] = response.json()["errors"]
    assert error["field"] == "rounding"
    assert "decimals.4.up" in error["message"]


async def test_after_so_many_iterations_it_is_refused(lab: Lab) -> None:
    await lab.create()
    await lab.train(MOST_ROUNDED)
    assert (await lab.request("GET", QUERY)).status_code == 200
    await lab.step()
    for path in PATHS:
        response = await lab.request("GET", f"{path}{QUERY}")
        assert response.status_code == 422, path
        [error] = response.json()["errors"]
        assert error["field"] == "rounding"
        assert "first 1,000 iterations" in error["message"]


async def test_links_and_files_begin_with_the_board(lab: Lab) -> None:
    """What they open shows the same numbers, and none of them changes what a session computes."""
    await lab.create()
    await lab.train(2)
    await lab.forward()
    shown = (await lab.request("GET", QUERY)).json()
    link = (await lab.request("GET", f"/link{QUERY}")).json()["link"]
    assert link.endswith("?rounding=decimals.3.up")
    file = json.loads((await lab.request("GET", f"/export/session.json{QUERY}")).text)
    for body in ({"link": link}, {"import": file}):
        state = await lab.create(**body)
        assert "rounding" not in state
        again = (await lab.request("GET", QUERY)).json()
        for name in ("values", "network", "iteration", "cursor", "previous_error"):
            assert again[name] == shown[name], name
    without = await lab.create(**{"import": {k: v for k, v in file.items() if k != "rounding"}})
    assert without["values"] == state["values"]


async def test_a_file_with_an_unknown_rounding_is_refused(lab: Lab) -> None:
    simulation = DECK.simulation
    text = session_json(simulation, rounded_iteration(simulation, Rounding()))
    file = json.loads(text) | {"rounding": "half-heartedly"}
    response = await lab.client.post("/api/sessions", json={"import": file})
    assert response.status_code == 422
    [error] = response.json()["errors"]
    assert error["field"] == "import.rounding"
    assert "decimals.4.up" in error["message"]
