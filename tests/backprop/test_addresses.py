"""Addresses and their symbols."""

import pytest

from app.backprop.addresses import address, parse
from app.backprop.network import Shape
from app.backprop.quantity_names import KINDS, symbol

DECK_SYMBOLS = {
    "out/0/2": "x3",
    "net/1/0": "net_H1",
    "net/2/1": "net_O2",
    "out/1/3": "out_H4",
    "out/2/0": "out_O1",
    "target/0": "target_1",
    "weight/0/2/3": "w34",
    "weight/0/0/0": "w11",
    "weight/1/0/0": "w'11",
    "weight/1/3/1": "w'42",
    "bias/0": "b1",
    "bias/1": "b2",
    "bias/0/0": "b_H1",
    "bias/1/1": "b_O2",
    "output_error/1": "E_2",
    "error": "E",
    "error_slope/2/0": "∂E/∂out_O1",
    "activation_slope/1/3": "∂out/∂net_H4",
    "delta/1/0": "δ_H1",
    "delta/2/1": "δ_O2",
    "weight_gradient/1/0/0": "∂E/∂w'11",
    "weight_gradient/0/2/3": "∂E/∂w34",
    "bias_gradient/0": "∂E/∂b1",
    "bias_gradient/0/3": "∂E/∂b_H4",
    "learning_rate": "lr",
    "c": "c",
    "weight_decay": "λ",
    "momentum": "μ",
    "rho": "ρ",
    "epsilon": "ε",
    "beta1": "β₁",
    "beta2": "β₂",
    "weight_first_moment/1/0/0": "m(w'11)",
    "bias_first_moment/0/3": "m(b_H4)",
    "weight_first_moment_before/0/2/3": "m_old(w34)",
    "bias_first_moment_before/1": "m_old(b2)",
    "weight_second_moment/1/0/0": "v(w'11)",
    "bias_second_moment/0/3": "v(b_H4)",
    "weight_second_moment_before/0/2/3": "v_old(w34)",
    "bias_second_moment_before/1": "v_old(b2)",
    "weight_corrected_first_moment/1/0/0": "m̂(w'11)",
    "bias_corrected_first_moment/0/3": "m̂(b_H4)",
    "weight_corrected_second_moment/1/0/0": "v̂(w'11)",
    "bias_corrected_second_moment/0/3": "v̂(b_H4)",
    "weight_mean_square/1/0/0": "s(w'11)",
    "bias_mean_square/0/3": "s(b_H4)",
    "weight_mean_square_before/0/2/3": "s_old(w34)",
    "bias_mean_square_before/1": "s_old(b2)",
    "weight_velocity/1/0/0": "v(w'11)",
    "bias_velocity/0/3": "v(b_H4)",
    "weight_velocity_before/0/2/3": "v_old(w34)",
    "bias_velocity_before/1": "v_old(b2)",
    "weight_sum/1/0/0": "Σ(w'11)",
    "bias_sum/0/3": "Σ(b_H4)",
    "weight_sum_before/0/2/3": "Σ_old(w34)",
    "bias_sum_before/1": "Σ_old(b2)",
    "example_count": "n",
    "update_count": "t",
    "update_count_before": "t_old",
    "weight_decayed/0/2/3": "g(w34)",
}
DEEP_SYMBOLS = {
    "net/1/0": "net_H1",
    "net/2/1": "net_K2",
    "delta/3/7": "δ_L8",
    "out/4/0": "out_O1",
    "weight/2/0/1": "w''12",
    "weight_gradient/3/7/0": "∂E/∂w'''81",
    "bias/2": "b3",
    "bias/2/4": "b_L5",
}


SHAPE = Shape((3, 4, 2), ("sigmoid",) * 2)
DEEP = Shape((8,) * 5, ("sigmoid",) * 4)


def test_symbols() -> None:
    """Every kind of quantity has the symbol that the slides use; deeper layers are K and L."""
    assert {text: symbol(text, SHAPE) for text in DECK_SYMBOLS} == DECK_SYMBOLS
    assert {text: symbol(text, DEEP) for text in DEEP_SYMBOLS} == DEEP_SYMBOLS


def test_every_kind_has_a_symbol_tested() -> None:
    """The table of symbols has every kind of address."""
    assert {text.split("/")[0] for text in DECK_SYMBOLS} == KINDS


def test_addresses_are_read_as_they_are_written() -> None:
    """Parsing an address gives its kind and its indices."""
    assert address("weight", 0, 2, 3) == "weight/0/2/3"
    assert parse("weight/0/2/3") == ("weight", (0, 2, 3))
    assert address("error") == "error"
    assert parse("error") == ("error", ())


@pytest.mark.parametrize(
    "text", ["net/one/0", "net/-1/0", "net//0", "net/1.5/0", "net/²/0", "net/ 1/0"]
)
def test_what_is_not_an_address_is_refused(text: str) -> None:
    """Indices are whole numbers in plain digits."""
    with pytest.raises(ValueError, match="not an address"):
        parse(text)
