"""The values of the API."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.web.api.schemas.serialize import values_of
from tests.support.strategies import Setting, settings_of


@given(setting=settings_of(), data=st.data())
@settings(deadline=None, derandomize=True, max_examples=60)
def test_values_are_what_nested_loops_have_computed(setting: Setting, data: st.DataObject) -> None:
    """The values are those that the naive model has computed so far."""
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
