"""Derivations as JSON: every number is that of the state, and every formula comes to it."""

from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.backprop.addresses import symbol
from app.examples.presets import DECK
from app.simulation.simulation import Simulation
from app.view.screen.derivation import quantities
from app.web.api.derivations import derived
from app.web.api.schemas import responses as answers
from app.web.api.schemas import serialize as state
from tests.support.formula_evaluator import evaluate_latex
from tests.support.lab import Lab, State
from tests.support.networks import SHAPES, simulation_of
from tests.support.strategies import Setting, settings_of
from tests.web.test_sessions_api import DIVERGING

often = settings(deadline=None, derandomize=True, max_examples=50)
Answer = dict[str, Any]
KEYS = "address symbol value slide formula substitution numpy operands known_after".split()
CURSORS = (0, 4, 15, 29, 55, 60, 77)


def numbers_of(state: State) -> dict[str, float | None]:
    """Every number of a state by its address, None where it is not known yet."""
    network, values, example = (
        state["network"],
        state["values"],
        state["examples"][state["example"]],
    )
    found: dict[str, float | None] = {}
    found |= {f"out/0/{i}": number for i, number in enumerate(example["inputs"])}
    found |= {f"target/{i}": number for i, number in enumerate(example["targets"])}
    found |= {f"output_error/{i}": number for i, number in enumerate(values["output_errors"])}
    found |= {"learning_rate": state["learning_rate"], "error": values["error"]}
    for kind in ("net", "out", "delta"):
        for layer, row in enumerate(values[kind], 1):
            found |= {f"{kind}/{layer}/{unit}": number for unit, number in enumerate(row)}
    for kind, matrices in (
        ("weight", network["weights"]),
        ("weight_gradient", values["weight_gradients"]),
    ):
        for layer, (sources, targets) in enumerate(pairwise(network["layers"])):
            for i in range(sources):
                for j in range(targets):
                    found[f"{kind}/{layer}/{i}/{j}"] = matrices[layer][i][j]
    for kind, rows in (("bias", network["biases"]), ("bias_gradient", values["bias_gradients"])):
        for layer, row in enumerate(rows):
            for unit, number in enumerate(row):
                own = f"/{unit}" if network["bias"] == "per_unit" else ""
                found[f"{kind}/{layer}{own}"] = number
    return found


async def derivation(lab: Lab, address: str) -> Answer:
    response = await lab.request("GET", f"/derivation/{address}")
    assert response.status_code == 200, response.text
    answers.Derivation.model_validate_json(response.content, strict=True)
    answer: Answer = response.json()
    assert list(answer) == KEYS
    return answer


NETWORKS: list[Answer] = [
    {"preset": "deck"},
    {"layers": [2, 3, 2], "seed": 3, "activations": ["relu", "tanh"], "bias": "per_unit"},
    {
        "layers": [1, 2, 2, 1],
        "seed": 4,
        "activations": ["identity", "relu", "tanh"],
        "bias": "none",
    },
]


@pytest.mark.parametrize("body", NETWORKS, ids=lambda body: str(body.get("layers", "deck")))
async def test_every_number_of_a_session(lab: Lab, body: Answer) -> None:
    """At several cursors, of a second iteration: each value is the one of the state, each step the
    one of the steps, and each operand is the number that the step read."""
    begun = await lab.create(**body)
    await lab.train(1)
    old = numbers_of(await lab.state())
    for move in (lab.forward, lab.backward, lab.update):
        now = numbers_of(await move())
        steps = {step["at"]: step for step in await lab.steps()}
        answered = {address: await derivation(lab, address) for address in now}
        for address, answer in answered.items():
            assert answer["value"] == now[address]
            assert answer["address"] == address
            assert answer["symbol"] == symbol(address, len(begun["network"]["layers"]))
            step = steps.get(address)
            assert (answer["formula"] is None) == (step is None)
            if step:
                for operand, read in zip(answer["operands"], step["operands"], strict=True):
                    assert operand["address"] == read["at"]
                    assert (operand["symbol"], operand["value"]) == (read["symbol"], read["value"])
                    if operand["address"].startswith(("weight/", "bias/")):
                        assert operand["value"] == old[operand["address"]]


async def test_what_is_waited_for(lab: Lab) -> None:
    """Before its step a number is null and names that step as `/steps` does; then it is known."""
    await lab.create()
    steps = await lab.steps()
    for cursor in CURSORS:
        for step in steps:
            answer = derived(DECK.simulation.seek(cursor), step["at"])
            known = step["index"] < cursor
            names = "index phase kind layer unit symbol at".split()
            waiting = None if known else {name: step[name] for name in names}
            assert answer["known_after"] == waiting
            if step["phase"] != "update":
                assert (answer["value"] is None) == (not known)
    answer = await derivation(lab, "error")
    assert (answer["value"], answer["known_after"]["at"]) == (None, "error")


async def test_what_is_given(lab: Lab) -> None:
    """Inputs, targets and the learning rate have a value and nothing else."""
    await lab.create()
    numbers = numbers_of(await lab.state())
    for address in ("out/0/1", "target/0", "learning_rate"):
        assert await derivation(lab, address) == {
            **dict.fromkeys(KEYS),
            "address": address,
            "symbol": symbol(address, 3),
            "value": numbers[address],
            "operands": [],
        }


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (
            "delta/2/0",
            {
                "symbol": "δ_O1",
                "slide": 2,
                "numpy": "d_o = slope_o * act_o",
                "operands": ["error_slope/2/0", "activation_slope/2/0"],
            },
        ),
        (
            "weight/0/2/3",
            {
                "symbol": "w34",
                "slide": 3,
                "numpy": "W_ih = W_ih - lr * dW_ih",
                "operands": ["weight/0/2/3", "learning_rate", "weight_gradient/0/2/3"],
            },
        ),
        ("out/1/0", {"symbol": "out_H1", "slide": 1, "operands": ["net/1/0"]}),
    ],
)
async def test_as_designed(lab: Lab, address: str, expected: Answer) -> None:
    """The deck's notation, slide and NumPy line."""
    await lab.create()
    await lab.update()
    answer = await derivation(lab, address)
    answer["operands"] = [operand["address"] for operand in answer["operands"]]
    assert answer | expected == answer


def agrees(simulation: Simulation) -> None:
    """Every substitution comes to the value, and there is one where all operands are known."""
    trace = simulation.trace()
    for index, step in enumerate(simulation.steps):
        answer = derived(simulation, step.result)
        unknown = [operand for operand in answer["operands"] if operand["value"] is None]
        assert (answer["substitution"] is None) == bool(unknown), step
        if not unknown:
            value = evaluate_latex(answer["substitution"])
            assert value == pytest.approx(trace[index], rel=1e-12, abs=1e-12, nan_ok=True), answer
        left, equals, right = answer["formula"].partition(" = ")
        assert left
        assert equals
        assert right


@often
@given(settings_of(wild=True), st.integers(0, 2), st.integers(0, 10**4))
def test_every_substitution_of_any_network(setting: Setting, iterations: int, place: int) -> None:
    """At any cursor, however large or small the numbers are."""
    simulation = setting.simulation().train(iterations)
    agrees(simulation.step("unit", place % (len(simulation.steps) + 1)))


@pytest.mark.parametrize("size", [1e-9, 1e9])
@pytest.mark.parametrize("name", SHAPES)
def test_numbers_with_exponents(name: str, size: float) -> None:
    """A number that has a power of ten stands in any formula as a number, squared or subtracted."""
    begun = simulation_of(SHAPES[name])
    weights = [[[w * size for w in row] for row in matrix] for matrix in begun.network.weights]
    simulation = begun.edit(weights=weights)
    agrees(simulation.step("unit", len(simulation.steps)))


async def test_numbers_that_json_has_not(lab: Lab) -> None:
    """After divergence the numbers are strings, as everywhere, and the LaTeX says ∞ and NaN."""
    await lab.create(**DIVERGING)
    await lab.train(300)
    now = numbers_of(await lab.state())
    answered = {address: await derivation(lab, address) for address in now}
    assert {address: answer["value"] for address, answer in answered.items()} == now
    assert {"NaN", "Infinity", "-Infinity"} & {str(value) for value in now.values()}
    latex = " ".join(answer["substitution"] or "" for answer in answered.values())
    assert r"\mathrm{NaN}" in latex or r"\infty" in latex
    assert "nan" not in latex
    assert "Infinity" not in latex


UNKNOWN = [
    *(
        "",
        "x",
        "delta",
        "delta/1",
        "delta/0/0",
        "delta/9/9",
        "delta/1/00",
        "delta/1/0/",
        "weight/0/3/0",
    ),
    *("bias/0/0", "delta/1/-1", "delta/1/0~net/1/0", "%00", "<script>", "한국어", "../../state"),
    *("net/1/0?x", "delta%2F1%2F0%2F1", "learning_rate/0", "error/0"),
]


@pytest.mark.parametrize("address", UNKNOWN)
async def test_an_unknown_address(lab: Lab, address: str) -> None:
    """It is a 404 as a problem, whatever stands there, and never a 500."""
    await lab.create()
    response = await lab.request("GET", f"/derivation/{address}".replace("?", "%3F"))
    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == 404


async def test_asking_changes_nothing(lab: Lab) -> None:
    """The state and its version stay as they are."""
    await lab.create()
    before = await lab.forward()
    await derivation(lab, "weight/0/0/0")
    assert await lab.state() == before


def test_every_quantity_has_one() -> None:
    """In random networks, at random cursors, every address there is can be asked for and encoded."""
    random = Random(2)
    for name, shape in SHAPES.items():
        begun = simulation_of(shape)
        simulation = begun.step("unit", random.randrange(len(begun.steps)))
        for address in quantities(shape):
            answer = derived(simulation, address)
            assert answer["value"] == simulation.value(address), (name, address)
            answers.Derivation.model_validate_json(state.encoded(answer), strict=True)
