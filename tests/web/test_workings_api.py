"""Workings marked over the API."""

from typing import Any

import httpx
import pytest
from httpx import AsyncClient

from app.exercises.answers import MOST_LINES
from app.web.api.exercises.workings import MarkedWorkingResponse
from tests.support.lab import Lab

RIGHT = {"address": "net/1/0", "answer": "0.3775"}


async def asked(client: AsyncClient, *, language: str = "en", **body: Any) -> httpx.Response:
    headers = {"Accept-Language": language}
    return await client.post("/api/mark", json={"preset": "mazur", **body}, headers=headers)


async def marked(client: AsyncClient, **body: Any) -> dict[str, Any]:
    response = await asked(client, **body)
    assert response.status_code == 200, response.text
    content: dict[str, Any] = response.json()
    MarkedWorkingResponse.model_validate(content)
    return content


async def test_lines_are_marked_in_order(client: AsyncClient) -> None:
    """The published slip is wrong and named, and what follows from it is not wrong again."""
    lines = [
        RIGHT,
        {"name": "h3", "answer": "1"},
        {"name": "δ_o1", "answer": "-0.1385"},
        {"name": "dE/dw5", "answer": -0.0822},
        {"address": "weight/1/0/0", "answer": "0,4411"},
        {"name": "w6", "answer": "?"},
    ]
    content = await marked(client, lines=lines)
    found = content["lines"]
    verdicts = ["right", "unread", "wrong", "follow_on", "follow_on", "unread"]
    assert [line["verdict"] for line in found] == verdicts
    assert content["first_wrong"] == 2
    assert [line["address"] for line in found] == [
        *("net/1/0", None, "delta/2/0", "weight_gradient/1/0/0", "weight/1/0/0", "weight/1/1/0"),
    ]
    assert found[2]["right"] == pytest.approx(0.138499, abs=1e-6)
    [mistake] = found[2]["mistakes"]
    assert mistake["kind"] == "wrong_sign"
    assert "out − target" in mistake["sentence"]
    assert found[1]["right"] is found[1]["own"] is None
    assert [bool(line["reason"]) for line in found] == [each == "unread" for each in verdicts]


async def test_a_text_is_marked(client: AsyncClient) -> None:
    content = await marked(client, text="net_h1 = 0.15·0.05 + 0.02 + 0.35 = 0.3775\n out_h1 = 0.6")
    places = [(line["name"], line["line"], line["column"]) for line in content["lines"]]
    assert places == [("net_h1", 1, 1), ("out_h1", 2, 2)]
    assert content["first_wrong"] is None
    assert (await marked(client, text="I did not get anywhere"))["lines"] == []
    assert (await marked(client, text="w5 = 0.3589"))["numbering"] == "numbered"


@pytest.mark.parametrize(
    "network",
    [
        {"layers": [3, 4, 2], "seed": 7, "error": "mean_squared", "momentum": 0.5,
         "optimiser": "momentum"},
        {"network": {"layers": [2, 1], "weights": [[[0.5], [-0.25]]], "biases": [[0.1]]},
         "examples": [{"inputs": [1, 0.5], "targets": [1]}], "learning_rate": 0.5},
        {"preset": "deck"},
    ],
)  # fmt: skip
async def test_what_a_session_takes(lab: Lab, network: dict[str, Any]) -> None:
    """The values of a session of the same network are right; also of its file and its link, where
    the iteration that they are in counts."""
    await lab.create(**network)
    await lab.train(2)
    steps = await lab.steps()
    lines = [{"address": step["at"], "answer": step["value"]} for step in steps]
    file = (await lab.request("GET", "/export/session.json")).json()
    link = (await lab.request("GET", "/link")).json()["link"]
    for body in ({"import": file}, {"link": link}):
        response = await lab.client.post("/api/mark", json={**body, "lines": lines})
        assert {line["verdict"] for line in response.json()["lines"]} == {"right"}
    response = await lab.client.post("/api/mark", json={**network, "lines": lines})
    assert response.json()["first_wrong"] is not None


async def test_conventions_and_decimals(client: AsyncClient) -> None:
    lines = [{"name": "Err_o1", "answer": "-0.13850"}]
    assert (await marked(client, lines=lines))["first_wrong"] == 0
    turned = {"numbering": "numbered", "minus_delta": True}
    content = await marked(client, lines=lines, conventions=turned)
    assert content["lines"][0]["right"] == pytest.approx(-0.138499, abs=1e-6)
    assert (content["first_wrong"], content["numbering"]) == (None, "numbered")
    assert (await marked(client, lines=[RIGHT], decimals=6))["first_wrong"] is None
    rough = {"address": "net/1/0", "answer": "0.38"}
    assert (await marked(client, lines=[rough], decimals=6))["first_wrong"] == 0


async def test_numbers_that_are_not_finite(client: AsyncClient) -> None:
    """After an update has diverged, the true value is no number."""
    network = {"layers": [1, 1], "weights": [[[1e6]]], "biases": [], "bias": "none",
               "activations": ["identity"]}  # fmt: skip
    body = {
        "network": network,
        "examples": [{"inputs": [1e6], "targets": [0]}],
        "learning_rate": 1e6,
    }
    created = (await client.post("/api/sessions", json=body)).json()
    key = {"Authorization": f"Bearer {created['key']}"}
    path = f"/api/sessions/{created['id']}"
    await client.post(f"{path}/train", json={"iterations": 40}, headers=key)
    link = (await client.get(f"{path}/link", headers=key)).json()["link"]
    lines = [{"address": "error", "answer": 1}]
    response = await client.post("/api/mark", json={"link": link, "lines": lines})
    [line] = response.json()["lines"]
    assert (line["verdict"], line["mistakes"]) == ("wrong", [])
    assert line["right"] in ("NaN", "Infinity")


async def test_the_sentences_are_in_the_language_asked_for(client: AsyncClient) -> None:
    lines = [{"name": "δ_o1", "answer": "-0.1385"}, {"name": "x1", "answer": "0.05"}]
    response = await asked(client, language="ko", lines=lines)
    slip, given = response.json()["lines"]
    assert "쓰세요" in slip["mistakes"][0]["sentence"]
    assert "주어진" in given["reason"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body"),
        ({"lines": [RIGHT], "text": "a = 1"}, "body"),
        ({"lines": [{"address": "net/1/0"}]}, "lines.0.answer"),
        ({"lines": [{"answer": 1}]}, "lines.0"),
        ({"lines": [{"address": "net/1/0", "name": "net_h1", "answer": 1}]}, "lines.0"),
        ({"lines": [{"address": "net/1/0", "answer": True}]}, "lines.0.answer"),
        ({"lines": [{"address": "net/1/0", "answer": 1, "more": 1}]}, "lines.0.more"),
        ({"lines": [RIGHT] * (MOST_LINES + 1)}, "lines"),
        ({"lines": [RIGHT], "decimals": 99}, "decimals"),
        ({"lines": [RIGHT], "layers": [2, 2]}, "body"),
        ({"lines": [RIGHT], "preset": "nothing"}, "preset"),
        ({"lines": [RIGHT], "conventions": {"numbering": "odd"}}, "conventions.numbering"),
        ({"lines": [RIGHT], "conventions": {"minus_delta": 1}}, "conventions.minus_delta"),
    ],
)
async def test_what_is_refused(client: AsyncClient, body: dict[str, Any], field: str) -> None:
    response = await asked(client, **body)
    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == [field]


async def test_no_lines_are_no_mistake(client: AsyncClient) -> None:
    content = await marked(client, lines=[])
    assert (content["lines"], content["first_wrong"]) == ([], None)
