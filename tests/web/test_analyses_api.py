"""The gradient check and the error profile over the API."""

import re

import pytest

from app.web.api.analyses import ErrorProfileResponse, GradientCheckResponse
from tests.support.lab import Lab

CHECK, SLOPE = "/gradient-check", "/slope/weight/0/2/3"


async def test_the_deck_agrees(lab: Lab) -> None:
    """All gradients of the deck agree at any step."""
    await lab.create()
    before = (await lab.request("GET", CHECK)).json()
    GradientCheckResponse.model_validate(before)
    assert before["verdict"] == "agrees"
    assert before["max_relative_error"] == max(row["relative_error"] for row in before["rows"])
    assert before["max_relative_error"] < 1e-7
    for row in before["rows"]:
        assert list(row) == ["address", "backprop", "difference", "h", "relative_error", "verdict"]
    state = await lab.update()
    assert (await lab.request("GET", CHECK)).json() == before
    flat = [x for matrix in state["values"]["weight_gradients"] for row in matrix for x in row]
    flat += [x for row in state["values"]["bias_gradients"] for x in row]
    assert [row["backprop"] for row in before["rows"]] == flat


async def test_what_cannot_be_judged_says_why(lab: Lab) -> None:
    """An inconclusive row has a reason."""
    await lab.create(
        network={
            "layers": [2, 1, 1],
            "activations": ["relu", "sigmoid"],
            "bias": "none",
            "weights": [[[0.5], [0.5]], [[0.7]]],
            "biases": [],
        },
        examples=[{"inputs": [1, -1], "targets": [0.2]}],
        learning_rate=0.5,
    )
    found = (await lab.request("GET", CHECK)).json()
    GradientCheckResponse.model_validate(found)
    assert found["verdict"] == "inconclusive"
    assert [row.get("reason") for row in found["rows"]] == ["kink", "kink", None]


async def test_the_slope(lab: Lab) -> None:
    """The error profile has the state's numbers and a curve."""
    start = await lab.create()
    found = (await lab.request("GET", SLOPE)).json()
    ErrorProfileResponse.model_validate(found)
    done = await lab.update()
    assert found["at"] == start["network"]["weights"][0][2][3]
    assert found["next"] == done["network"]["weights"][0][2][3]
    assert found["gradient"] == done["values"]["weight_gradients"][0][2][3]
    assert found["error"] == done["values"]["error"]
    assert found["predicted_change"] == found["gradient"] * (-0.5 * found["gradient"])
    assert found["actual_change"] == pytest.approx(found["predicted_change"], rel=0.01)
    values = [value for value, _ in found["points"]]
    assert len(values) == 201
    assert values == sorted(values)
    assert values[0] < min(found["at"], found["next"]) < found["at"] + 1 < values[-1]
    assert (await lab.request("GET", SLOPE)).json() == found


@pytest.mark.parametrize(
    ("query", "first", "last", "count"),
    [
        ("low=-1&high=2&points=4", -1.0, 2.0, 4),
        ("points=2", -2.5, 3.5, 2),
        ("low=100", 100.0, 106.0, 201),
        ("high=-100", -106.0, -100.0, 201),
        ("low=1e300&points=2001&high=1.5e308", 1e300, 1.5e308, 2001),
    ],
)
async def test_the_ends(lab: Lab, query: str, first: float, last: float, count: int) -> None:
    """The curve has the ends that are asked for."""
    await lab.create()
    points = (await lab.request("GET", f"{SLOPE}?{query}")).json()["points"]
    assert len(points) == count
    assert (points[0][0], points[-1][0]) == (first, last)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("low=2&high=1", "high"),
        ("low=nan", "low"),
        ("high=inf", "high"),
        ("low=1.7e308", "low"),
        ("points=1", "points"),
        ("points=2002", "points"),
    ],
)
async def test_what_is_refused(lab: Lab, query: str, field: str) -> None:
    """Each invalid parameter is refused by name."""
    await lab.create()
    response = await lab.request("GET", f"{SLOPE}?{query}")
    assert response.status_code == 422
    assert response.headers["Content-Type"] == "application/problem+json"
    assert [error["field"] for error in response.json()["errors"]] == [field]


async def test_only_of_what_there_is_and_to_its_owner(lab: Lab) -> None:
    """Unknown addresses and other people's sessions are 404."""
    await lab.create()
    for address in ("net/1/0", "weight/9/0/0", "weight_gradient/0/0/0", "nothing", "bias/0/0"):
        response = await lab.request("GET", f"/slope/{address}")
        assert response.status_code == 404, address
        assert response.headers["Content-Type"] == "application/problem+json"
    for path in (CHECK, SLOPE):
        others = await lab.request("GET", path, headers={"Authorization": "Bearer no"})
        assert others.status_code == 404


async def test_a_network_that_has_diverged(lab: Lab) -> None:
    """Numbers that are not finite are strings, and the check is inconclusive."""
    await lab.create(layers=[2, 2, 1], seed=1, activations=["identity", "identity"])
    await lab.edit(learning_rate=1e6)
    for _ in range(12):  # each stops at an iteration that is not finite
        await lab.train(20)
    found = (await lab.request("GET", CHECK)).json()
    GradientCheckResponse.model_validate(found)
    assert found["verdict"] == "inconclusive"
    assert {row["reason"] for row in found["rows"]} == {"diverged"}
    along = (await lab.request("GET", "/slope/bias/0?low=0&high=1&points=2")).json()
    ErrorProfileResponse.model_validate(along)
    assert along["actual_change"] == "NaN"
    whole = (await lab.request("GET", "/slope/bias/0")).json()["points"]
    assert (whole[0][0], whole[-1][0]) == (-3.0, 3.0)


async def test_no_zero_has_a_sign(lab: Lab) -> None:
    """Where nothing moves, the predicted change is 0 and not −0."""
    state = await lab.create(layers=[2, 2, 1], seed=1, update="mean")
    await lab.edit(examples=[*state["examples"], {"inputs": [1, 0], "targets": [1]}])
    response = await lab.request("GET", "/slope/weight/0/0/0")
    assert response.json()["predicted_change"] == 0
    assert not re.search(r"-0\.0[,}\]]", response.text)
