"""Refusals of the API."""

from typing import Any

import pytest
from httpx import AsyncClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from app.sessions.stores.base import AnswerLost, StoreUnavailable
from app.web.http.problems import Problem
from tests.support.lab import Lab
from tests.web.test_sessions_api import OWN


def own(**changes: Any) -> dict[str, Any]:
    """A network of one's own with something else in it."""
    network = OWN["network"] | changes.pop("network", {})
    return OWN | {"network": network} | changes


ONE = {"inputs": [1, 1], "targets": [1]}
CREATE: list[tuple[Any, str]] = [
    ({}, "body"),
    ([], "body"),
    (None, "body"),
    ({"preset": "deck", "seed": 1}, "body"),
    ({"preset": "nothing"}, "preset"),
    ({"preset": 1}, "preset"),
    ({"layers": [3, 4, 2]}, "seed"),
    ({"layers": [3], "seed": 1}, "layers"),
    ({"layers": [3, 9], "seed": 1}, "layers.1"),
    ({"layers": [True, 1], "seed": 1}, "layers.0"),
    ({"layers": [2, 1], "seed": -1}, "seed"),
    ({"layers": [2, 1], "seed": 10**400}, "seed"),
    ({"layers": [2, 1], "seed": 1, "bias": "some"}, "bias"),
    ({"layers": [2, 1], "seed": 1, "activations": ["step"]}, "activations.0"),
    (own(network={"weights": [[[0.5], [True]]]}), "network.weights.0.1.0"),
    (own(network={"weights": [[[0.5], ["1"]]]}), "network.weights.0.1.0"),
    (own(network={"weights": [[[0.5], [1e7]]]}), "network.weights.0.1.0"),
    (own(network={"weights": [[[0.5], [10**400]]]}), "network.weights.0.1.0"),
    (own(network={"weights": []}), "network.weights"),
    (own(network={"biases": [[-1e7]]}), "network.biases.0.0"),
    (own(network={"activations": [1]}), "network.activations.0"),
    (own(network={"activations": [["relu", 1]]}), "network.activations.0"),
    (own(network={"activations": [["relu", "relu"]]}), "network.activations.0"),
    (own(network={"activations": []}), "network.activations"),
    (own(momentum=0.5), "momentum"),
    ({"layers": [2, 1], "seed": 1, "momentum": 0.5}, "momentum"),
    ({"layers": [2, 1], "seed": 1, "optimiser": "momentum", "momentum": 1}, "momentum"),
    (own(network={"error": "cubed"}), "network.error"),
    (own(network={"shape": 1}), "network.shape"),
    (own(examples=[]), "examples"),
    (own(examples=[ONE] * 65), "examples"),
    (own(examples=[ONE, {"inputs": [1], "targets": [1]}]), "examples.1.inputs"),
    (own(examples=[{"inputs": [1, 2e6], "targets": [1]}]), "examples.0.inputs.1"),
    (own(learning_rate=-0.5), "learning_rate"),
    (own(learning_rate=1e7), "learning_rate"),
]


async def test_create_names_the_field(client: AsyncClient) -> None:
    """A body that is not valid is refused with the field that is wrong."""
    for body, field in CREATE:
        assert refused_field(await client.post("/api/sessions", json=body)) == field


SENTENCES: list[tuple[dict[str, Any], str]] = [
    ({"weights": [[[0.5]]]}, "weights from layer 1 to 2: 2 rows expected, 1 given"),
    (
        {"weights": [[[0.5], [1, 2]]]},
        "weights from layer 1 to 2, row 2: 1 number expected, 2 given",
    ),
    ({"biases": [[1, 2]]}, "biases of layer 2: 1 number expected, 2 given"),
    (
        {"layers": [2, 2, 1], "activations": [["relu"], "tanh"]},
        "activation of layer 2: 2 names expected, 1 given",
    ),
    (
        {"layers": [2, 2, 1], "activations": [["relu", "softmax"], "tanh"]},
        "activation of unit 2 of layer 2: softmax applies to a whole layer, not to single units.",
    ),
    (
        {"layers": [2, 9]},
        "layer 2: must be an integer from 1 to 8",
    ),
]


@pytest.mark.parametrize(("network", "sentence"), SENTENCES)
async def test_a_refusal_is_in_plain_words(
    client: AsyncClient, network: dict[str, Any], sentence: str
) -> None:
    """The detail says what is wrong as a person says it, and counts from 1."""
    response = await client.post("/api/sessions", json=own(network=network))
    assert response.json()["detail"] == sentence


MOVES: list[tuple[str, Any, str]] = [
    ("/step", {"by": "layers"}, "by"),
    ("/step", {"count": 0}, "count"),
    ("/step", {"count": 10_001}, "count"),
    ("/step", {"count": True}, "count"),
    ("/back", {"count": 1.5}, "count"),
    ("/back", {"steps": 1}, "steps"),
    ("/train", {}, "iterations"),
    ("/train", {"iterations": 100_001}, "iterations"),
    ("/train", None, "body"),
]


async def test_moves_name_the_field(lab: Lab) -> None:
    """A command with an invalid argument is refused, and changes nothing."""
    state = await lab.create()
    for path, body, field in MOVES:
        assert refused_field(await lab.request("POST", path, json=body)) == field
    assert await lab.state() == state


EDITS: list[tuple[Any, str]] = [
    ({"weights": [[[1]]]}, "weights"),
    ({"biases": [[1], [1, 2]]}, "biases.1"),
    ({"learning_rate": -1}, "learning_rate"),
    ({"activations": ["tanh"]}, "activations"),
    ({"layers": [3, 9, 2]}, "layers.1"),
    ({"layers": [3]}, "layers"),
    ({"layers": [2, 4, 2]}, "examples.0.inputs"),
    ({"layers": [3, 4, 3]}, "examples.0.targets"),
    ({"layers": [3, 5, 2], "activations": ["tanh"]}, "activations"),
    ({"error": "cross_entropy"}, "activations.1"),
    ({"error": "squared"}, "error"),
    ({"bias": "both"}, "bias"),
    ({"bias": "per_unit", "biases": [[1], [1]]}, "biases.0"),
    ({"optimiser": "sgd"}, "optimiser"),
    ({"optimiser": "adam", "momentum": 0.5}, "momentum"),
    ({"momentum": 0.5}, "momentum"),
    ({"seed": -1}, "seed"),
    ({"init": "he"}, "init"),
    ({"kept_layers": [0, 1, 2]}, "kept_layers"),
]


async def test_edits_name_the_field(lab: Lab) -> None:
    """An edit that does not fit the network is refused under the name it was sent under."""
    state = await lab.create()
    for body, field in EDITS:
        assert refused_field(await lab.request("PATCH", json=body)) == field
    assert await lab.state() == state


async def test_points_out_of_range(lab: Lab) -> None:
    """A curve of one point, or of too many, is refused."""
    await lab.create()
    for points in ("1", "10001", "many", "1e3"):
        assert refused_field(await lab.request("GET", f"/errors?points={points}")) == "points"


def refused_field(response: Any) -> str:
    """The first field that a refusal names; its message says more than that it is wrong."""
    problem = response.json()
    assert response.status_code == 422, response.text
    assert response.headers["Content-Type"] == "application/problem+json"
    assert problem["status"] == 422
    first = problem["errors"][0]
    assert problem["detail"].endswith(first["message"])
    field: str = first["field"]
    return field


async def test_message_gives_the_range(client: AsyncClient) -> None:
    """A number out of range is refused with the range."""
    body = own(network={"weights": [[[0.5], [-1e7]]]})
    problem = (await client.post("/api/sessions", json=body)).json()
    assert problem["errors"] == [
        {
            "field": "network.weights.0.1.0",
            "message": "must be a number from -1,000,000 to 1,000,000",
        }
    ]


HOSTILE = [
    b"{",
    b"[" * 60_000,
    b'{"preset": NaN}',
    b'{"preset": "\xff\xfe"}',
    b'{"preset": "\\ud800"}',
    b'{"layers": [2, 1], "seed": ' + b"9" * 60_000 + b"}",
    b'{"layers": [2, 1e400], "seed": 1}',
    b" ",
]


async def test_hostile_bodies(client: AsyncClient) -> None:
    """Bytes that are not valid JSON, or are nested too deeply, are answered with 422."""
    headers = {"Content-Type": "application/json"}
    for body in HOSTILE:
        response = await client.post("/api/sessions", content=body, headers=headers)
        assert response.status_code == 422


async def test_other_media_types(client: AsyncClient) -> None:
    """A form is not JSON, but JSON without a content type is."""
    form = await client.post("/api/sessions", data={"preset": "deck"})
    assert form.status_code == 415
    assert form.headers["Content-Type"] == "application/problem+json"
    plain = await client.post("/api/sessions", content=b'{"preset": "deck"}')
    assert plain.status_code == 201


async def test_unknown_address(client: AsyncClient) -> None:
    """An unknown URL is a problem."""
    response = await client.get("/api/nothing")
    assert response.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "There is nothing at this address.",
    }


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/api/sessions/x", "DELETE, GET, PATCH"),
        ("GET", "/api/sessions/x/step", "POST"),
        ("DELETE", "/api/sessions", "POST"),
        ("POST", "/healthz", "GET, HEAD"),
        ("POST", "/docs", "GET, HEAD"),
        ("BREW", "/api/presets", "GET"),
    ],
)
async def test_wrong_method(client: AsyncClient, method: str, path: str, allowed: str) -> None:
    """405 lists the allowed methods."""
    response = await client.request(method, path)
    assert (response.status_code, response.headers["Allow"]) == (405, allowed)
    assert response.headers["Content-Type"] == "application/problem+json"


async def test_store_away(app: Starlette, lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its store the server is unavailable, and says when to retry."""

    async def away(*_: object) -> None:
        raise StoreUnavailable

    await lab.create()
    for name in ("get", "check"):
        monkeypatch.setattr(app.state.store, name, away)
    for path in (lab.path, "/readyz"):
        response = await lab.client.get(path, headers=lab.authorization)
        assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
        assert response.headers["Content-Type"] == "application/problem+json"
    assert (await lab.client.get("/healthz")).status_code == 200


@pytest.mark.parametrize("made", [True, False])
async def test_an_answer_of_the_store_is_lost(
    app: Starlette, lab: Lab, monkeypatch: pytest.MonkeyPatch, made: bool
) -> None:
    """A change whose outcome stays unknown says so; with the same key it is made once."""
    await lab.create()
    replace = app.state.store.replace

    async def away(*_: object) -> None:
        raise StoreUnavailable

    condition = {"If-Match": '"1"', "Idempotency-Key": "mine"}
    with monkeypatch.context() as patch:

        async def lost(*arguments: Any) -> None:
            assert not made or await replace(*arguments)
            patch.setattr(app.state.store, "get", away)
            raise AnswerLost

        patch.setattr(app.state.store, "replace", lost)
        response = await lab.request("POST", "/step", headers=condition)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert "not known whether the change was made" in response.json()["detail"]
    for _ in range(2):
        assert (await lab.request("POST", "/step", headers=condition)).status_code == 200
        assert (await lab.state())["version"] == 2


async def test_page_for_a_problem(app: Starlette, client: AsyncClient) -> None:
    """A browser gets an error page, and a program a problem."""

    async def page(request: Request, problem: Problem) -> Response:
        return HTMLResponse(f"<p>{problem.detail}", problem.status)

    app.state.error_page = page
    html = {"Accept": "text/html,*/*"}
    assert (await client.get("/nothing", headers=html)).text.startswith("<p>There is nothing")
    for path, headers in (("/nothing", {}), ("/api/nothing", html)):
        response = await client.get(path, headers=headers)
        assert response.headers["Content-Type"] == "application/problem+json"
