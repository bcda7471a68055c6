"""Derivations over the API."""

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.backprop.quantity_names import symbol
from app.examples.published import DECK
from app.simulation.simulation import Simulation
from app.view.screen.derivation import quantities
from app.web.api.derivations import derivation_of
from app.web.api.schemas import responses, serialize
from tests.support.formula_evaluator import evaluate_latex
from tests.support.lab import Lab
from tests.support.networks import FEW, SHAPES, simulation_of
from tests.support.strategies import Setting, settings_of
from tests.web.test_sessions_api import DIVERGING

often = settings(deadline=None, derandomize=True, max_examples=50)
Answer = dict[str, Any]
KEYS = "address symbol value slide formula substitution numpy operands known_after".split()
CURSORS = (0, 4, 15, 29, 55, 60, 77)


async def derivation(lab: Lab, address: str) -> Answer:
    response = await lab.request("GET", f"/derivation/{address}")
    assert response.status_code == 200, response.text
    responses.Derivation.model_validate_json(response.content, strict=True)
    answer: Answer = response.json()
    assert list(answer) == KEYS
    return answer


async def test_every_quantity_of_a_session(lab: Lab) -> None:
    """In a second iteration every value and operand is that of the simulation and of `/steps`."""
    await lab.create()
    await lab.train(1)
    simulation = DECK.simulation.train(1)
    for move in ("forward", "backward", "update"):
        await getattr(lab, move)()
        simulation = getattr(simulation, move)()
        steps = {step["at"]: step for step in await lab.steps()}
        for address in quantities(simulation.shape):
            answer = await derivation(lab, address)
            assert answer["value"] == simulation.value(address)
            assert (answer["address"], answer["symbol"]) == (
                address,
                symbol(address, DECK.simulation.shape),
            )
            assert (answer["formula"] is None) == (address not in steps)
            if address in steps:
                read = [(o["at"], o["symbol"], o["value"]) for o in steps[address]["operands"]]
                operands = [(o["address"], o["symbol"], o["value"]) for o in answer["operands"]]
                assert operands == read


async def test_what_is_waited_for(lab: Lab) -> None:
    """An unknown value is null and names its step."""
    await lab.create()
    steps = await lab.steps()
    for cursor in CURSORS:
        for step in steps:
            answer = derivation_of(DECK.simulation.seek(cursor), step["at"])
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
    for address, value in {"out/0/1": 0.5, "target/0": 1, "learning_rate": 0.5}.items():
        known = {
            "address": address,
            "symbol": symbol(address, DECK.simulation.shape),
            "value": value,
            "operands": [],
        }
        assert await derivation(lab, address) == dict.fromkeys(KEYS) | known


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("delta/2/0", {"symbol": "δ_O1", "slide": 2, "numpy": "d_o = slope_o * act_o"}),
        ("weight/0/2/3", {"symbol": "w34", "slide": 3, "numpy": "W_ih = W_ih - lr * dW_ih"}),
        ("out/1/0", {"symbol": "out_H1", "slide": 1, "numpy": "out_h = 1 / (1 + np.exp(-net_h))"}),
    ],
)
async def test_notation(lab: Lab, address: str, expected: Answer) -> None:
    """A derivation has the symbol, the slide and the NumPy line of its step."""
    await lab.create()
    answer = await derivation(lab, address)
    assert answer | expected == answer


def agrees(simulation: Simulation) -> None:
    """Every substitution comes to the value, and there is one where all operands are known."""
    trace = simulation.trace()
    for index, step in enumerate(simulation.steps):
        answer = derivation_of(simulation, step.result)
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
    """Every substitution evaluates to the value."""
    simulation = setting.simulation().train(iterations)
    agrees(simulation.step("unit", place % (len(simulation.steps) + 1)))


@pytest.mark.parametrize("size", [1e-9, 1e9])
@pytest.mark.parametrize("name", FEW)
def test_numbers_with_exponents(name: str, size: float) -> None:
    """Numbers with powers of ten are written unambiguously."""
    begun = simulation_of(SHAPES[name])
    weights = [[[w * size for w in row] for row in matrix] for matrix in begun.network.weights]
    simulation = begun.edit(weights=weights)
    agrees(simulation.step("unit", len(simulation.steps)))


async def test_numbers_that_json_has_not(lab: Lab) -> None:
    """After divergence values are strings, and the LaTeX has ∞ and NaN."""
    await lab.create(**DIVERGING)
    await lab.train(300)
    answered = [await derivation(lab, step["at"]) for step in await lab.steps()]
    assert {"NaN", "Infinity", "-Infinity"} & {str(answer["value"]) for answer in answered}
    latex = " ".join(answer["substitution"] or "" for answer in answered)
    assert r"\mathrm{NaN}" in latex or r"\infty" in latex
    assert "nan" not in latex
    assert "Infinity" not in latex


UNKNOWN = ["", "x", "delta/1", "delta/9/9", "delta/1/00", "delta/1/0/", "bias/0/0", "delta/1/-1"]
UNKNOWN += ["delta/1/0~net/1/0", "%00", "<script>", "../../state", "net/1/0%3Fx", "learning_rate/0"]


async def test_an_unknown_address(lab: Lab) -> None:
    """Whatever is not an address of the network is a 404 problem."""
    await lab.create()
    for address in UNKNOWN:
        response = await lab.request("GET", f"/derivation/{address}")
        assert response.status_code == 404, address
        assert response.headers["Content-Type"] == "application/problem+json"
        assert response.json()["status"] == 404


async def test_asking_changes_nothing(lab: Lab) -> None:
    """Reading a derivation changes nothing."""
    await lab.create()
    before = await lab.forward()
    await derivation(lab, "weight/0/0/0")
    assert await lab.state() == before


def test_every_quantity_has_one() -> None:
    """Every quantity of every shape has a derivation."""
    random = Random(2)
    for name, shape in SHAPES.items():
        begun = simulation_of(shape)
        simulation = begun.step("unit", random.randrange(len(begun.steps)))
        for address in quantities(shape):
            answer = derivation_of(simulation, address)
            assert answer["value"] == simulation.value(address), (name, address)
            responses.Derivation.model_validate_json(serialize.encode(answer), strict=True)
