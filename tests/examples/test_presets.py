"""The presets against their sources and against the slides' formulas in 40-digit decimals."""

from collections.abc import Sequence
from decimal import Decimal, localcontext
from typing import Any

import pytest

from app.backprop.errors import Invalid
from app.backprop.network import Example
from app.examples.presets import PRESETS, preset
from app.examples.random_network import random_simulation
from app.simulation.simulation import Simulation
from app.web.api.schemas.serialize import values_of
from tests.support.strategies import bits


def test_the_deck_comes_first() -> None:
    """The presets are the deck, Mazur's example and the class notes, and then tasks to be learnt."""
    assert list(PRESETS)[:3] == ["deck", "mazur", "class-notes"]


@pytest.mark.parametrize("name", PRESETS)
def test_presets_say_what_they_are(name: str) -> None:
    """A preset has its name, a title, a sentence, its source, and stands at the very beginning."""
    found = preset(name)
    assert found.name == name
    assert found.title
    assert found.summary.endswith(".")
    assert found.source.endswith(".")
    assert found.simulation.at_beginning
    assert (found.simulation.iteration, found.simulation.cursor) == (0, 0)


def test_an_unknown_preset_is_named() -> None:
    """Asking for a preset that is not there says which there are."""
    with pytest.raises(Invalid, match="deck, mazur, class-notes") as caught:
        preset("nonsense")
    assert caught.value.field == "preset"


def test_the_decks_numbers() -> None:
    """The deck's network is the one that the design gives."""
    deck = PRESETS["deck"].simulation
    assert deck.network.weights == (
        ((0.2, -0.3, 0.4, 0.1), (-0.5, 0.2, 0.1, -0.4), (0.3, 0.6, -0.2, 0.5)),
        ((0.7, -0.1), (-0.4, 0.5), (0.2, 0.3), (0.6, -0.8)),
    )
    assert deck.network.biases == ((0.1,), (-0.2,))
    assert deck.examples == (Example((1.0, 0.5, -1.0), (1.0, 0.0)),)
    assert deck.learning_rate == 0.5
    assert deck.network.shape.activations == ("sigmoid", "sigmoid")
    assert deck.network.shape.bias == "shared"


def test_the_decks_iteration_by_the_slides() -> None:
    """Slides 1 to 3, formula by formula in decimals, give every number of the deck's iteration."""
    end = PRESETS["deck"].simulation.update()
    with localcontext() as context:
        context.prec = 40
        d = Decimal
        x, y, lr, b1, b2 = (d(1), d("0.5"), d(-1)), (d(1), d(0)), d("0.5"), d("0.1"), d("-0.2")
        w = [
            [d(n) for n in row.split()]
            for row in ("0.2 -0.3 0.4 0.1", "-0.5 0.2 0.1 -0.4", "0.3 0.6 -0.2 0.5")
        ]
        v = [[d(n) for n in row.split()] for row in ("0.7 -0.1", "-0.4 0.5", "0.2 0.3", "0.6 -0.8")]
        one = d(1)
        # slide 1
        net_h = [d("-0.25"), d("-0.7"), d("0.75"), d("-0.5")]  # in the head, b1 + Σ x_i w_ij
        out_h = [one / (one + (-n).exp()) for n in net_h]
        net_o = [
            b2 + out_h[0] * v[0][k] + out_h[1] * v[1][k] + out_h[2] * v[2][k] + out_h[3] * v[3][k]
            for k in (0, 1)
        ]
        out_o = [one / (one + (-n).exp()) for n in net_o]
        e = [(y[k] - out_o[k]) ** 2 / 2 for k in (0, 1)]
        # slide 2
        delta_o = [(out_o[k] - y[k]) * out_o[k] * (one - out_o[k]) for k in (0, 1)]
        new_v = [[v[j][k] - lr * delta_o[k] * out_h[j] for k in (0, 1)] for j in range(4)]
        new_b2 = b2 - lr * (delta_o[0] + delta_o[1])
        # slide 3, at the old W_HO
        delta_h = [
            (delta_o[0] * v[j][0] + delta_o[1] * v[j][1]) * out_h[j] * (one - out_h[j])
            for j in range(4)
        ]
        new_w = [[w[i][j] - lr * delta_h[j] * x[i] for j in range(4)] for i in range(3)]
        new_b1 = b1 - lr * (delta_h[0] + delta_h[1] + delta_h[2] + delta_h[3])

    values, shown = values_of(end), end.current_network
    assert values.net == (_near(net_h), _near(net_o))
    assert values.out == (_near(out_h), _near(out_o))
    assert values.output_errors == _near(e)
    assert values.error == pytest.approx(float(e[0] + e[1]), rel=1e-14)
    assert values.delta == (_near(delta_h), _near(delta_o))
    assert values.bias_gradients == (_near([sum(delta_h)]), _near([sum(delta_o)]))
    assert values.weight_gradients[0][2] == _near([delta_h[j] * x[2] for j in range(4)])
    assert values.weight_gradients[1][3] == _near([delta_o[k] * out_h[3] for k in (0, 1)])
    assert shown.weights == (tuple(map(_near, new_w)), tuple(map(_near, new_v)))
    assert shown.biases == (_near([new_b1]), _near([new_b2]))


def _near(numbers: Sequence[Decimal | int]) -> Any:
    return pytest.approx(tuple(map(float, numbers)), rel=1e-13, abs=0)


def test_every_delta_of_the_deck_shows_in_four_decimals() -> None:
    """No δ rounds to zero on the screen."""
    for row in values_of(PRESETS["deck"].simulation.backward()).delta:
        assert all(delta is not None and abs(delta) >= 0.001 for delta in row)


def test_mazur() -> None:
    """Mazur's article recomputed with 50 digits; w1 is 0.1497807161, not the 0.1498176386 that
    already updated output weights would give."""
    end = PRESETS["mazur"].simulation.update()
    values, shown = values_of(end), end.current_network
    assert values.net[1] == _floats(1.10590596705977, 1.2249214040964653)
    assert values.out == (
        _floats(0.5932699921071872, 0.596884378259767),
        _floats(0.7513650695523157, 0.7729284653214625),
    )
    assert values.output_errors == _floats(0.274811083176155, 0.023560025583847746)
    assert values.error == pytest.approx(0.2983711087600027, rel=1e-14)
    assert values.delta == (
        _floats(0.00877135468948693, 0.0099542547052172),
        _floats(0.13849856162855698, -0.03809823651655622),
    )
    assert f"{shown.weights[0][0][0]:.10f}" == "0.1497807161"
    assert shown.weights == (
        (
            _floats(0.1497807161327628, 0.2497511436323696),
            _floats(0.1995614322655256, 0.2995022872647391),
        ),
        (
            _floats(0.3589164797178846, 0.5113012702387375),
            _floats(0.4086661860762334, 0.5613701211079891),
        ),
    )
    assert shown.biases == (_floats(0.3406371953026479), _floats(0.5497998374439996))
    again = end.forward()
    assert again.value("error") == pytest.approx(0.2857508866992965, rel=1e-13)


def _floats(*numbers: float) -> Any:
    return pytest.approx(numbers, rel=1e-13, abs=0)


def test_class_notes() -> None:
    """The class notes' three decimals, and their w46 and θ6 to the last bits."""
    end = PRESETS["class-notes"].simulation.update()
    values, shown = values_of(end), end.current_network
    assert values.out[0] == pytest.approx((0.332, 0.525), abs=5e-4)
    assert values.out[1] == _floats(0.47388889882398544)
    assert values.delta[1] == pytest.approx((-0.1311,), abs=1e-4)  # printed cut, not rounded
    assert shown.weights[1][0] == _floats(-0.26082884634154524)
    assert shown.weights[1][1] == pytest.approx((-0.138,), abs=5e-4)
    assert shown.biases[1] == _floats(0.21805217039291)
    assert values.delta[0] == pytest.approx((0.0087, 0.0065), abs=5e-5)


def test_random_networks_are_the_same_for_a_seed() -> None:
    """A seed gives one network, another seed another."""
    one, again, other = (random_simulation((3, 4, 2), seed) for seed in (7, 7, 8))
    assert bits(one) == bits(again)
    assert one != other


def test_random_numbers_are_fixed_for_good() -> None:
    """Seed 7's first weights are these on every machine and with every later version."""
    assert random_simulation((3, 4, 2), 7).network.weights[0][0] == (0.89, 0.25, 0.37, 0.8)


@pytest.mark.parametrize("bias", ["shared", "per_unit", "none"])
def test_random_numbers_have_two_decimals_in_their_range(bias: str) -> None:
    """Weights, biases and inputs lie in −1 … 1, targets in 0 … 1, all with two decimals."""
    for seed in range(20):
        made: Simulation = random_simulation(
            (8, 8, 8), seed, bias=bias, activations=("tanh", "relu")
        )
        (example,) = made.examples
        numbers = (*made.network.parameters, *example.inputs)
        assert len(made.network.parameters) == 128 + {"shared": 2, "per_unit": 16, "none": 0}[bias]
        assert all(-1 <= n <= 1 and n == round(n, 2) for n in numbers)
        assert all(0 <= t <= 1 and t == round(t, 2) for t in example.targets)
        assert min(numbers) < -0.8
        assert max(numbers) > 0.8
        assert made.network.shape.activations == ("tanh", "relu")
        assert made.learning_rate == 0.5


def test_random_networks_that_cannot_be_are_refused() -> None:
    """A random network too large is as invalid as any other."""
    with pytest.raises(Invalid) as caught:
        random_simulation((3, 9, 2), 1)
    assert caught.value.field == "network.layers.1"
