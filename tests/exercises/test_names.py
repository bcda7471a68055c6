"""The names of quantities, as students, sheets and the page write them."""

from random import Random

import pytest

from app.backprop.conventions import CONSECUTIVE, NUMBERED, NUMBERINGS
from app.backprop.network import Shape
from app.backprop.steps import steps_of
from app.examples.published import DECK, MAZUR
from app.exercises.name_book import (
    CHANGE,
    GIVEN,
    Meaning,
    WorkingConventions,
    guessed,
)
from app.view.notation.labels import title
from app.view.notation.latex import INLINE, STACKED, result_symbol
from tests.support.random_networks import random_network

SHAPE = MAZUR.simulation.shape  # 2-2-2 with shared biases
UNITS = Shape((3, 2, 1), ("sigmoid", "sigmoid"), bias="per_unit")

# Names by hand, for Mazur's network: i1, i2, h1, h2, o1, o2, and w1 to w8, unit by unit.
BY_HAND = {
    "net/1/0": "net_h1, net_H1, neth1, Net h1, net(h1), net_{h1}, z1, z_h1, z^(1)_1, z_1^[1], in_h1, 가중합 h1",
    "net/2/1": "net_o2, z_o2, z_2^{(2)}, z4",
    "out/1/0": "out_h1, outh1, a1, a_h1, o_h1, h1, H1, a^{(1)}_1, σ(net_h1), f(z1), out H1, 은닉1",
    "out/2/0": "out_o1, o1, y1, ŷ1, ŷ_1, \\hat{y}_1, yhat1, a3, o_o1, output_o1, 출력1",
    "output_error/0": "E_o1, E1, Eo1, E_1, error_o1",
    "error": "E, E_total, Etotal, E total, loss, L, error, MSE, J, 오차, 총오차",
    "error_slope/2/0": "dE/dout_o1, ∂E/∂out_o1, ∂E_total/∂out_{o1}, ∂E/∂o1, dE/dy1, ∂E_o1/∂out_o1",
    "error_slope/1/1": "dE/dout_h2, ∂E/∂h2, dL/da2",
    "activation_slope/2/0": "dout_o1/dnet_o1, ∂out/∂net_o1, ∂o1/∂net_o1, f'(net_o1), σ′(z3), dy1/dz3",
    "delta/2/0": "δ_o1, delta_o1, δo1, d_o1, Δ_o1, δ(o1), ∂E/∂net_o1, dE/dz3, Err_o1, 델타 o1",
    "delta/1/0": "δ_h1, δ1, delta h1, δ^{(1)}_1, d_h1",
    "weight_gradient/1/0/0": "dE/dw5, ∂E/∂w5, ∂E/∂w_5, ∂E_total/∂w5, δE/δw5, dL/dw5, ∇w5, grad w5, "
    "gradient w5, dw5, ∂E/∂w'11, \\frac{\\partial E}{\\partial w_5}, dE/dw5 (h1→o1)",
    "bias_gradient/1": "dE/db2, ∂E/∂b_2, db2",
    "weight/1/0/0": "w5, w5', w5_new, w5+, w5^+, w_5^{new}, new w5, w5(neu), w5(t+1), 새 w5, 새로운 w5, "
    "w5 새, 갱신된 w5, w'11, w′11, w^(2)_{11}, w_{11}^{(2)}, w_h1o1, w_{h1->o1}, v11, w5 (h1->o1)",
    "weight/0/1/0": "w2, w21, w_x2h1, w_i2h1, w_21, new w2",
    "bias/0": "b1, b1_new, b_h, new b1, b1', 새 b1, θ1",
}


@pytest.mark.parametrize(("address", "names"), BY_HAND.items(), ids=list(BY_HAND))
def test_names_that_students_use(address: str, names: str) -> None:
    for name in names.split(", "):
        assert WorkingConventions().meaning(name, SHAPE) == Meaning(address), name


def test_changes_and_what_is_given() -> None:
    for name in ("Δw5", "Δw_5", "∆w5", "\\Delta w_5", "delta w5"):
        assert WorkingConventions().meaning(name, SHAPE) == Meaning("weight/1/0/0", CHANGE), name
    for name in ("x1", "i2", "t1", "target_o1", "lr", "η", "α", "w5_old", "old w5"):
        found = WorkingConventions().meaning(name, SHAPE)
        assert found is None or found.of == GIVEN, name
    assert WorkingConventions().meaning("x2", SHAPE) == Meaning("out/0/1", GIVEN)


@pytest.mark.parametrize(
    "name",
    ["", "w9", "w0", "h3", "o0", "net", "δ", "w", "foo", "net_x1", "∂E/∂x1", "∂out_o1/∂net_o2",
     "∂E_o1/∂w5", "1", "=", "w5w6", "net_h1net_h2", "x" * 101, "٣", "w₉", "b3", "w33", "v(w5)"],
)  # fmt: skip
def test_other_names_mean_nothing(name: str) -> None:
    assert WorkingConventions().meaning(name, SHAPE) is None


def test_units_that_are_numbered_through() -> None:
    """3-2-1: 1 to 3 are inputs, 4 and 5 hidden, 6 is the output."""
    names = "I4 O4 Err6 w14 w46 θ4 w05 Δw46 ∂E/∂w35".split()
    conventions = guessed(names, UNITS, WorkingConventions(minus_delta=True))
    assert conventions.numbering == CONSECUTIVE
    assert [conventions.meaning(name, UNITS) for name in names] == [
        Meaning("net/1/0"),
        Meaning("out/1/0"),
        Meaning("delta/2/0", scale=-1.0),
        Meaning("weight/0/0/0"),
        Meaning("weight/1/0/0"),
        Meaning("bias/0/0"),
        Meaning("bias/0/1"),
        Meaning("weight/1/0/0", CHANGE),
        Meaning("weight_gradient/0/2/1"),
    ]
    three = Shape((2, 3, 3), ("sigmoid", "sigmoid"))
    assert WorkingConventions().meaning("o3", three) == Meaning("out/2/2")
    assert WorkingConventions(CONSECUTIVE).meaning("o3", three) == Meaning("out/1/0")


def test_what_names_suggest() -> None:
    """w11 is the eleventh weight where there is a w5, and else the one from x1 to H1."""
    shape = Shape((2, 3, 2), ("sigmoid", "sigmoid"))
    assert guessed(["w11", "net_h1"], shape, WorkingConventions()) == WorkingConventions()
    numbered = guessed(["w5", "w11"], shape, WorkingConventions())
    assert numbered == WorkingConventions(NUMBERED)
    assert numbered.meaning("w11", shape) == Meaning("weight/1/1/1")
    assert WorkingConventions().meaning("w11", shape) == Meaning("weight/0/0/0")
    assert guessed(["∂E/∂w7"], shape, WorkingConventions()) == WorkingConventions(NUMBERED)


def test_own_names() -> None:
    conventions = WorkingConventions(names=(("w_ca", "weight/0/0/0"), ("c", "out/1/0")))
    shape = Shape((2, 1, 1), ("sigmoid", "sigmoid"), bias="per_unit")
    assert conventions.meaning("∂E/∂w_ca", shape) == Meaning("weight_gradient/0/0/0")
    assert conventions.meaning("net_c", shape) == Meaning("net/1/0")
    assert conventions.meaning("δ_c", shape) == Meaning("delta/1/0")
    assert conventions.name_of("delta/1/0", shape) == "δ_c"
    assert conventions.name_of("weight_gradient/0/0/0", shape) == "∂E/∂w_ca"


def shapes() -> list[Shape]:
    random = Random(5)
    simulations = [random_network(random) for _ in range(60)]
    return [DECK.simulation.shape, SHAPE, UNITS, *(each.shape for each in simulations)]


def test_every_label_of_the_page_reads_back() -> None:
    """As it stands in the timeline, in titles and in files, and as LaTeX."""
    for shape in shapes():
        for step in steps_of(shape):
            labels = [step.symbol, step.symbol.replace("_", " "), step.symbol.replace("'", "′")]
            labels += [result_symbol(step, shape, each) for each in (STACKED, INLINE)]
            if step.kind == "weight_update":
                labels.append(title(str, shape, step, whole_layer=False))
            for label in labels:
                found = WorkingConventions().meaning(label, shape)
                assert found == Meaning(step.result), (label, shape)


@pytest.mark.parametrize("numbering", NUMBERINGS)
@pytest.mark.parametrize("turned", [False, True])
def test_every_name_of_a_sheet_reads_back(numbering: str, turned: bool) -> None:
    """With its sign: δ called Err, and thresholds."""
    conventions = WorkingConventions(numbering, minus_delta=turned, thresholds=turned)
    for shape in shapes():
        for step in steps_of(shape):
            name = conventions.name_of(step.result, shape)
            found = conventions.meaning(name, shape)
            assert found is not None, (name, shape)
            assert found.address == step.result, (name, shape)
            is_square = step.kind.endswith(("mean_square", "second_moment"))
            is_bias = step.kind.startswith("bias") and not is_square
            is_turned = turned and (step.kind == "delta" or is_bias)
            assert found.scale == (-1.0 if is_turned else 1.0), name
