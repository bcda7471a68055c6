"""The deck's matrices with their numbers: W_IH and W_HO, their gradients and their new values."""

from dataclasses import dataclass

from markupsafe import Markup

from app.backprop.addresses import address, symbol, unit_name
from app.backprop.errors import N_
from app.view.notation.formulas import mathml
from app.view.notation.labels import matrix_name
from app.view.rendering.panel import Panel
from app.view.rendering.step_view import Quantity, StepView


@dataclass(frozen=True, slots=True)
class WeightCell:
    """A weight or bias of a table: what it is, its gradient, and what it becomes."""

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
    """One layer's weights, a row per source and a column per target, and its biases below.

    `layer` is the one that they lead from; `field` is that by which all are pasted.
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


def weight_tables(step_view: StepView) -> tuple[WeightTable, ...]:
    """A table for each pair of layers."""
    shape = step_view.shape
    return tuple(_table(step_view, layer) for layer in range(shape.depth - 1))


def _table(step_view: StepView, layer: int) -> WeightTable:
    shape = step_view.shape
    sources, targets = shape.layers[layer], shape.layers[layer + 1]
    name = rf"W_{{\mathrm{{{matrix_name(shape, layer)}}}}}"
    own = [(layer, unit) for unit in range(targets)] if shape.bias == "per_unit" else [(layer,)]
    return WeightTable(
        layer=layer,
        field=f"matrix/{layer}",
        name=mathml(name),
        gradient_name=mathml(rf"\partial E / \partial {name}"),
        new_name=mathml(rf"{name}^{{\mathrm{{new}}}}"),
        shape=f"{sources} × {targets}",
        columns=tuple(unit_name(layer + 1, unit, shape.depth) for unit in range(targets)),
        rows=tuple(
            (
                unit_name(layer, source, shape.depth),
                tuple(
                    _cell(step_view, "weight", layer, source, target) for target in range(targets)
                ),
            )
            for source in range(sources)
        ),
        biases=(
            ()
            if shape.bias == "none"
            else tuple(_cell(step_view, "bias", *indices) for indices in own)
        ),
        bias_name=f"b{layer + 1}",
    )


def _cell(step_view: StepView, kind: str, *indices: int) -> WeightCell:
    text = address(kind, *indices)
    gradient = address(f"{kind}_gradient", *indices)
    update = step_view.program.position.get(text)  # None where the update comes later
    return WeightCell(
        address=text,
        symbol=symbol(text, step_view.shape.depth),
        old=step_view.operand(text),
        gradient=step_view.quantity(gradient),
        new=None if update is None or update >= step_view.cursor else Quantity(update),
        reads=text in step_view.operands,
        gradient_address=gradient,
        new_address=text,
        gradient_marks=step_view.highlight(gradient),
        new_marks="makes" if text in step_view.results else "",
    )


PANEL = Panel(
    "matrices",
    "weights",
    N_("Matrices"),
    lambda context: {"tables": weight_tables(context.step_view)},
    fields=("weight", "bias", "matrix", "block"),
)
