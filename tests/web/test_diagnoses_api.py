"""Diagnoses of numbers over the API."""

from typing import Any

import pytest

from tests.support.lab import Lab


async def diagnosed(lab: Lab, **body: Any) -> dict[str, Any]:
    response = await lab.request("POST", "/diagnose", json=body)
    assert response.status_code == 200, response.text
    content: dict[str, Any] = response.json()
    return content


async def test_mazur(lab: Lab) -> None:
    """The published slip is recognised before and after the update; the right number is right."""
    state = await lab.create(preset="mazur")
    for _ in range(2):
        found = await diagnosed(lab, address="weight/0/0/0", answer="0.1498176386")
        assert found["correct"] is False
        [mistake] = found["mistakes"]
        assert (mistake["kind"], mistake["address"]) == ("updated_weights", "error_slope/1/0")
        assert "updated weights" in mistake["sentence"]
        right = await diagnosed(lab, address="weight/0/0/0", answer=0.1497807161)
        assert right == {"correct": True, "mistakes": []}
        assert (await lab.state())["version"] == state["version"]
        state = await lab.update()


async def test_digits(lab: Lab) -> None:
    """A text may end with zeros; `decimals` says how many digits count."""
    await lab.create()
    for answer, more, correct in [
        (0.2, {}, True),
        ("0.20", {}, False),
        (0.2, {"decimals": 2}, False),
        (0.22, {"decimals": 1}, True),
    ]:
        # The new w11 of the deck's network is 0.2102….
        found = await diagnosed(lab, address="weight/0/0/0", answer=answer, **more)
        assert found["correct"] is correct, answer


async def test_the_sentence_is_in_the_language_asked_for(lab: Lab) -> None:
    await lab.create(preset="mazur")
    response = await lab.request(
        "POST",
        "/diagnose",
        json={"address": "weight/0/0/0", "answer": "0.1498176386"},
        headers={"Accept-Language": "ko"},
    )
    assert "갱신" in response.json()["mistakes"][0]["sentence"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"address": "delta/1/0"}, "answer"),
        ({"answer": 1}, "address"),
        ({"address": "delta/1/0", "answer": "much"}, "answer"),
        ({"address": "delta/1/0", "answer": True}, "answer"),
        ({"address": "delta/1/0", "answer": 1, "decimals": 99}, "decimals"),
        ({"address": "out/0/0", "answer": 1}, "address"),
        ({"address": "nothing", "answer": 1}, "address"),
    ],
)
async def test_what_cannot_be_diagnosed(lab: Lab, body: dict[str, Any], field: str) -> None:
    await lab.create()
    response = await lab.request("POST", "/diagnose", json=body)
    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == [field]


async def test_only_for_the_owner(lab: Lab) -> None:
    await lab.create()
    response = await lab.client.post(
        f"{lab.path}/diagnose", json={"address": "delta/1/0", "answer": 1}
    )
    assert response.status_code == 404
