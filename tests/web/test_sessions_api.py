"""Sessions over the API."""

import asyncio
from typing import Any

import pytest
from httpx import AsyncClient

from app.examples.presets import PRESETS
from app.web.api.schemas import responses
from tests.support.lab import Lab

STATE = """id version network examples example learning_rate iteration cursor steps phase values step
previous_error name""".split()
NETWORK = "layers activations error bias weights biases".split()
VALUES = "net out output_errors error delta weight_gradients bias_gradients".split()
STEP = "phase kind layer unit symbol value operands at".split()

OWN: dict[str, Any] = {
    "network": {"layers": [2, 1], "weights": [[[0.5], [-0.25]]], "biases": [[0.1]]},
    "examples": [{"inputs": [1, 0.5], "targets": [1]}, {"inputs": [0, 1], "targets": [0]}],
    "learning_rate": 0.5,
}
DIVERGING: dict[str, Any] = {
    "network": {
        "layers": [2, 1],
        "activations": ["identity"],
        "weights": [[[1e6], [-1e6]]],
        "biases": [[1.0]],
    },
    "examples": [{"inputs": [1e6, 2], "targets": [0]}],
    "learning_rate": 1e6,
}


async def test_create_from_preset(client: AsyncClient) -> None:
    """Creating a session answers 201 with its key and location."""
    response = await client.post("/api/sessions", json={"preset": "deck"})
    created = response.json()
    assert response.status_code == 201
    assert response.headers["Location"] == f"/api/sessions/{created['id']}"
    assert response.headers["ETag"] == '"1"'
    assert list(created) == ["id", "key", "state"]
    assert created["state"]["id"] == created["id"]
    assert created["state"]["network"]["layers"] == [3, 4, 2]
    responses.Created.model_validate_json(response.content, strict=True)


async def test_state_has_the_designed_shape(lab: Lab) -> None:
    """A state has its keys in order."""
    await lab.create()
    state = await lab.backward()
    assert list(state) == STATE
    assert list(state["network"]) == NETWORK
    assert list(state["values"]) == VALUES
    assert list(state["step"]) == STEP
    assert list(state["step"]["operands"][0]) == ["symbol", "value", "at"]
    assert (state["cursor"], state["steps"], state["phase"]) == (55, 77, "update")
    assert state["step"]["symbol"] == "∂E/∂b1"


async def test_state_is_what_the_document_says(lab: Lab) -> None:
    """Every state conforms to its schema."""
    await lab.create(**OWN)
    for _ in range(2 * 12):
        await lab.step()
        response = await lab.request("GET")
        responses.State.model_validate_json(response.content, strict=True)
        steps = await lab.request("GET", "/steps")
        responses.Steps.model_validate_json(steps.content, strict=True)
    curve = await lab.request("GET", "/errors")
    responses.Errors.model_validate_json(curve.content, strict=True)
    presets = await lab.client.get("/api/presets")
    responses.Presets.model_validate_json(presets.content, strict=True)


async def test_step_and_back_without_a_body(lab: Lab) -> None:
    """An empty body is one layer step."""
    await lab.create()
    stepped = await lab.request("POST", "/step")
    assert stepped.json()["cursor"] == 4
    assert (await lab.request("POST", "/back")).json()["cursor"] == 0


async def test_whole_numbers_are_integers(lab: Lab) -> None:
    """2.0 is as valid as 2."""
    await lab.create(layers=[2.0, 1], seed=7.0)
    assert (await lab.step(by="unit", count=2.0))["cursor"] == 2
    assert (await lab.edit(learning_rate=1))["learning_rate"] == 1.0


async def test_edit(lab: Lab) -> None:
    """An edit restarts the iteration, and Back undoes it."""
    await lab.create()
    before = await lab.backward()
    edited = await lab.edit(
        learning_rate=0.1,
        biases=[[0.3], [0]],
        examples=[{"inputs": [1, 2, 3], "targets": [0, 1]}],
        activations=["tanh", "sigmoid"],
    )
    assert edited["cursor"] == 0
    assert edited["learning_rate"] == 0.1
    assert edited["network"]["biases"] == [[0.3], [0.0]]
    assert edited["network"]["activations"] == ["tanh", "sigmoid"]
    assert edited["examples"] == [{"inputs": [1.0, 2.0, 3.0], "targets": [0.0, 1.0]}]
    back = await lab.back()
    assert back == before | {"version": back["version"]}


async def test_steps(lab: Lab) -> None:
    """The steps have values where they were taken, and their operands."""
    await lab.create()
    assert all(step["value"] is None for step in await lab.steps())
    state = await lab.step(by="unit", count=56)
    steps = await lab.steps()
    assert [step["index"] for step in steps] == list(range(77))
    assert [step["value"] is None for step in steps] == [False] * 56 + [True] * 21
    last = {name: part for name, part in steps[55].items() if name != "index"}
    assert last == state["step"]
    assert last["phase"] == "update"
    read = {operand["symbol"]: operand["value"] for operand in last["operands"]}
    assert read["w'11"] == 0.7, "a step reads the old weight, not what it makes"
    assert last["value"] == state["network"]["weights"][1][0][0] != 0.7


async def test_errors(lab: Lab) -> None:
    """The curve has the first and the last iteration."""
    await lab.create()
    assert await lab.errors() == []
    state = await lab.train(100)
    curve = await lab.errors(points=10)
    assert len(curve) == 10
    assert (curve[0][0], curve[-1]) == (0, [99, state["previous_error"]])


async def test_presets(client: AsyncClient, lab: Lab) -> None:
    """Every preset can begin a session."""
    presets = (await client.get("/api/presets")).json()["presets"]
    assert [preset["name"] for preset in presets] == list(PRESETS)
    for preset in presets:
        state = await lab.create(preset=preset["name"])
        assert state["network"] == preset["network"]
        assert all(preset[text] for text in ("title", "summary", "source"))


async def test_etag_is_the_version(lab: Lab) -> None:
    """A version that the client has is not sent again."""
    await lab.create()
    await lab.step()
    response = await lab.request("GET")
    assert response.headers["ETag"] == '"2"'
    again = await lab.request("GET", headers={"If-None-Match": '"2"'})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", '"2"')
    assert (await lab.request("GET", headers={"If-None-Match": '"1"'})).status_code == 200


@pytest.mark.parametrize("version", ["1", '"1"', 'W/"1"', "*"])
async def test_if_match_of_this_version(lab: Lab, version: str) -> None:
    """If-Match of the current version allows a change."""
    await lab.create()
    response = await lab.request("POST", "/step", headers={"If-Match": version})
    assert response.status_code == 200


async def test_if_match_of_another_version(lab: Lab) -> None:
    """If-Match of another version refuses the change."""
    state = await lab.create()
    for method, path, body in (("POST", "/step", {}), ("PATCH", "", {"learning_rate": 1})):
        response = await lab.request(method, path, headers={"If-Match": '"7"'}, json=body)
        assert response.status_code == 412
    assert await lab.state() == state


@pytest.mark.parametrize("version", ["one", '"1', "-1", "", "9" * 400])
async def test_if_match_that_is_no_version(lab: Lab, version: str) -> None:
    """An invalid If-Match is refused."""
    await lab.create()
    response = await lab.request("POST", "/step", headers={"If-Match": version})
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "If-Match"


CHANGES: list[tuple[str, str, dict[str, Any] | None]] = [
    ("POST", "/step", {"by": "unit"}),
    ("POST", "/train", {"iterations": 3}),
    ("PATCH", "", {"learning_rate": 0.25}),
    ("POST", "/reset", None),
    ("POST", "/undo", None),
    ("POST", "/seek", {"iteration": 0, "cursor": 5}),
]


@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
async def test_a_key_makes_a_change_once(
    lab: Lab, method: str, path: str, body: dict[str, Any] | None
) -> None:
    """A request with the same Idempotency-Key, even with another body, is answered with the present
    state; with another key it is another change."""
    await lab.create()
    await lab.train(2)
    headers = {"Idempotency-Key": '"8e03978e-40d5-43dd-bc93-6894a57f9324"'}
    first = await lab.request(method, path, json=body, headers=headers)
    assert first.json()["version"] == 3
    again = await lab.request(method, path, json=body, headers=headers)
    assert (again.status_code, again.headers["ETag"], again.json()) == (200, '"3"', first.json())
    now = await lab.step()
    other = await lab.request("PATCH", json={"learning_rate": 9}, headers=headers)
    assert (other.status_code, other.json()) == (200, now)
    another = await lab.request("POST", "/step", headers={"Idempotency-Key": "another"})
    assert another.json()["version"] == 5


async def test_a_key_comes_before_if_match(lab: Lab) -> None:
    """A change that was made is done, although the version has moved on since."""
    await lab.create()
    headers = {"Idempotency-Key": "a", "If-Match": '"1"'}
    for _ in range(2):
        response = await lab.request("POST", "/step", headers=headers)
        assert (response.status_code, response.headers["ETag"]) == (200, '"2"')
    response = await lab.request("POST", "/step", headers=headers | {"Idempotency-Key": "b"})
    assert response.status_code == 412


@pytest.mark.parametrize("key", ["", "two words", "x" * 65, "é", "a\tb"])
async def test_a_key_that_is_none(lab: Lab, key: str) -> None:
    """An invalid Idempotency-Key is refused, by its name."""
    state = await lab.create()
    headers = [(b"Idempotency-Key", key.encode())]
    headers += [(name.encode(), text.encode()) for name, text in lab.authorization.items()]
    response = await lab.client.post(f"{lab.path}/step", headers=headers)
    assert response.status_code == 422
    [error] = response.json()["errors"]
    expected = {"field": "Idempotency-Key", "message": "must be 1 to 64 visible ASCII characters"}
    assert error == expected
    assert await lab.state() == state


async def test_delete(lab: Lab) -> None:
    """A deleted session is gone."""
    await lab.create()
    await lab.delete()
    assert (await lab.request("GET")).status_code == 404
    assert (await lab.request("DELETE")).status_code == 404


async def test_divergence_is_said_and_survived(lab: Lab) -> None:
    """Numbers that are not finite are strings, and can be undone."""
    begun = await lab.create(**DIVERGING)
    stopped = await lab.train(50)
    iteration = stopped["iteration"]
    assert 0 < iteration < 49
    assert stopped["cursor"] == len((await lab.request("GET", "/steps")).json()["steps"])
    *finite, last = (error for _, error in await lab.errors())
    assert isinstance(last, str)
    assert all(isinstance(error, float) for error in finite)
    assert len(finite) == iteration
    await lab.step(by="phase", count=3 * (49 - iteration))
    response = await lab.request("GET")
    state = responses.State.model_validate_json(response.content, strict=True)
    assert state.network.weights[0][0][0] == "NaN"
    assert b"NaN" in (await lab.request("GET", "/steps")).content
    assert any(isinstance(error, str) for _, error in await lab.errors())
    back = await lab.back(by="phase", count=150)
    assert back == begun | {"version": back["version"]}
    await lab.train(50)
    reset = await lab.reset()
    assert reset == begun | {"version": reset["version"]}


async def test_training_stalls_nobody(lab: Lab, client: AsyncClient) -> None:
    """Other sessions go on during a training."""
    await lab.create()
    other = Lab(client)
    await other.create()
    training = asyncio.create_task(lab.train(2_000))
    steps = 0
    while not training.done():
        await other.step(by="unit")
        steps += 1
        await asyncio.sleep(0)  # nothing in here waits, so the turn is given away by hand
    assert (await training)["iteration"] == 1_999
    assert steps > 20
