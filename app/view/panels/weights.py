"""The weights panel: W_IH and W_HO with their gradients and their new values."""

from dataclasses import dataclass

from markupsafe import Markup

from app.backprop.addresses import address, symbol, unit_name
from app.backprop.errors import N_
from app.view.notation.formulas import mathml
from app.view.notation.latex import layer_symbol, new
from app.view.rendering.panel import Panel
from app.view.rendering.step_view import Quantity, StepView


@dataclass(frozen=True, slots=True)
class WeightCell:
    """A weight or bias in a table: the old value, the gradient, and the new value."""

    address: str
    symbol: str
    old: Quantity
    gradient: Quantity | None
    new: Quantity | None
    reads: bool
    gradient_address: str
    new_address: str
    gradient_marks: str
    new_marks: str


@dataclass(frozen=True, slots=True)
class WeightTable:
    """The weights that lead from one layer, a row for each source, with the biases below.

    `field` is the form field for pasting them all.
    """

    layer: int
    field: str
    name: Markup
    gradient_name: Markup
    new_name: Markup
    shape: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[WeightCell, ...]], ...]
    biases: tuple[WeightCell, ...]
    bias_name: str


def _table(step_view: StepView, layer: int) -> WeightTable:
    shape = step_view.shape
    sources, targets = shape.layers[layer], shape.layers[layer + 1]
    name = layer_symbol(address("weight", layer), shape.depth)
    bias_indices = (indices for indices in shape.bias_indices() if indices[0] == layer)

    def row(source: int) -> tuple[str, tuple[WeightCell, ...]]:
        cells = (_cell(step_view, "weight", layer, source, target) for target in range(targets))
        return unit_name(layer, source, shape.depth), tuple(cells)

    return WeightTable(
        layer=layer,
        field=f"matrix/{layer}",
        name=mathml(name),
        gradient_name=mathml(rf"\partial E / \partial {name}"),
        new_name=mathml(new(name)),
        shape=f"{sources} × {targets}",
        columns=tuple(unit_name(layer + 1, unit, shape.depth) for unit in range(targets)),
        rows=tuple(row(source) for source in range(sources)),
        biases=tuple(_cell(step_view, "bias", *indices) for indices in bias_indices),
        bias_name=f"b{layer + 1}",
    )


def _cell(step_view: StepView, kind: str, *indices: int) -> WeightCell:
    text = address(kind, *indices)
    gradient = address(f"{kind}_gradient", *indices)
    return WeightCell(
        address=text,
        symbol=symbol(text, step_view.shape.depth),
        old=step_view.operand(text),
        gradient=step_view.quantity(gradient),
        new=step_view.computed(text),
        reads=text in step_view.operands,
        gradient_address=gradient,
        new_address=text,
        gradient_marks=step_view.highlight(gradient),
        new_marks="makes" if text in step_view.results else "",
    )


def weight_tables(step_view: StepView) -> list[WeightTable]:
    """A table for each pair of adjacent layers."""
    return [_table(step_view, layer) for layer in range(step_view.shape.depth - 1)]


PANEL = Panel(
    "matrices",
    "weights",
    N_("Matrices"),
    lambda context: {"tables": weight_tables(context.step_view)},
    fields=("weight", "bias", "matrix", "block"),
)
