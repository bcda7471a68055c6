"""What has been computed, laid out as the network is."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.examples.presets import PRESETS
from app.examples.random_network import random_simulation
from app.web.api.schemas.serialize import values_of
from tests.support.strategies import Setting, settings_of

DECK = PRESETS["deck"].simulation


def test_nothing_is_known_at_the_start() -> None:
    """Before the first step every value is None, in its place."""
    values = values_of(DECK)
    assert values.net == values.out == values.delta == ((None,) * 4, (None,) * 2)
    assert values.output_errors == (None, None)
    assert values.error is None
    assert values.weight_gradients == (((None,) * 4,) * 3, ((None,) * 2,) * 4)
    assert values.bias_gradients == ((None,), (None,))


def test_values_appear_one_by_one() -> None:
    """After two unit steps net_H1 and net_H2 are known, and nothing else."""
    values = values_of(DECK.step("unit", 2))
    assert values.net[0][:2] == pytest.approx((-0.25, -0.7))
    assert values.net[0][2:] == (None, None)
    assert values.net[1] == (None, None)
    assert values.out == ((None,) * 4, (None,) * 2)


def test_forward_knows_e_and_no_delta() -> None:
    """At the end of the forward pass E is known, and no δ or gradient is."""
    values = values_of(DECK.forward())
    assert values.error is not None
    assert None not in values.output_errors
    assert values.delta == ((None,) * 4, (None,) * 2)


def test_e_comes_after_its_terms() -> None:
    """E_1 and E_2 are known one step before E is."""
    values = values_of(DECK.step("unit", 14))
    assert None not in values.output_errors
    assert values.error is None


@pytest.mark.parametrize(
    ("bias", "expected"), [("shared", [1, 1]), ("per_unit", [4, 2]), ("none", [])]
)
def test_bias_gradients_follow_the_biases(bias: str, expected: list[int]) -> None:
    """Bias gradients are one a layer, one a unit, or none at all."""
    values = values_of(random_simulation((3, 4, 2), 1, bias=bias).update())
    assert [len(row) for row in values.bias_gradients] == expected


@given(setting=settings_of(), data=st.data())
@settings(deadline=None, derandomize=True, max_examples=60)
def test_values_are_what_nested_loops_have_computed(setting: Setting, data: st.DataObject) -> None:
    """At any cursor, of any shape, just the values computed so far are there, in their places."""
    naive = setting.naive().now.iteration
    cursor = data.draw(st.integers(0, len(naive.calculations)))
    done = {c.address: c.value for c in naive.calculations[:cursor]}
    values = values_of(setting.simulation().step("unit", cursor))
    expected: dict[str, Any] = {
        kind: _rows(kind, setting.layers, done) for kind in ("net", "out", "delta")
    }
    for kind, rows in expected.items():
        assert getattr(values, kind) == rows
    assert values.error == done.get("error")
    assert values.output_errors == tuple(
        done.get(f"output_error/{k}") for k in range(setting.layers[-1])
    )
    for layer, matrix in enumerate(values.weight_gradients):
        for i, row in enumerate(matrix):
            for j, gradient in enumerate(row):
                assert gradient == done.get(f"weight_gradient/{layer}/{i}/{j}")
    assert [len(m) for m in values.weight_gradients] == list(setting.layers[:-1])
    assert [len(m[0]) for m in values.weight_gradients] == list(setting.layers[1:])
    for layer, row in enumerate(values.bias_gradients):
        for unit, gradient in enumerate(row):
            place = f"{layer}" if setting.bias == "shared" else f"{layer}/{unit}"
            assert gradient == done.get(f"bias_gradient/{place}")


def _rows(
    kind: str, layers: tuple[int, ...], done: dict[str, float]
) -> tuple[tuple[float | None, ...], ...]:
    return tuple(
        tuple(done.get(f"{kind}/{layer}/{unit}") for unit in range(units))
        for layer, units in enumerate(layers)
        if layer
    )
