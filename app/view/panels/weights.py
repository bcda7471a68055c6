"""The weights panel: W_IH and W_HO with their gradients and their new values."""

from dataclasses import dataclass

from markupsafe import Markup

from app.analysis.gradient_check import gradient_of
from app.backprop.addresses import address
from app.backprop.errors import N_
from app.backprop.network import Shape
from app.backprop.quantity_names import symbol as plain_symbol
from app.backprop.quantity_names import unit_name
from app.simulation.simulation import Simulation
from app.view.notation.formulas import mathml
from app.view.notation.labels import bias_row_name
from app.view.notation.latex import INLINE, layer_symbol, new, symbol
from app.view.rendering.digits import Digits
from app.view.rendering.panel import CHANGE, Panel, PanelContext


@dataclass(frozen=True, slots=True)
class WeightTable:
    """The weights that lead from one layer, with the biases below.

    Cells are addresses. `field` is the form field for pasting them all.
    """

    layer: int
    field: str
    name: Markup
    gradient_name: Markup
    new_name: Markup
    shape: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, list[str]], ...]
    biases: list[str]
    bias_name: str


def parameter_rows(shape: Shape, layer: int) -> list[list[str]]:
    """The addresses of the weights that lead from a layer, a row for each source. The last row has
    the biases, if there are any."""
    sources, targets = shape.layers[layer : layer + 2]
    weights = [[address("weight", layer, i, j) for j in range(targets)] for i in range(sources)]
    biases = [address("bias", *each) for each in shape.bias_indices() if each[0] == layer]
    return [*weights, biases] if biases else weights


def row_names(shape: Shape, layer: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the units that the weights from a layer lead from, and those they lead to."""
    sources, targets = (
        tuple(unit_name(at, unit, shape) for unit in range(shape.layers[at]))
        for at in (layer, layer + 1)
    )
    return sources, targets


def _table(shape: Shape, layer: int) -> WeightTable:
    sources, targets = row_names(shape, layer)
    name = layer_symbol(address("weight", layer), shape)
    rows = parameter_rows(shape, layer)
    return WeightTable(
        layer=layer,
        field=f"matrix/{layer}",
        name=mathml(name),
        gradient_name=mathml(rf"\partial E / \partial {name}"),
        new_name=mathml(new(name)),
        shape=f"{len(sources)} × {len(targets)}",
        columns=targets,
        rows=tuple(zip(sources, rows, strict=False)),
        biases=rows[-1] if len(rows) > len(sources) else [],
        bias_name=bias_row_name(shape, layer),
    )


def parameter_names(shape: Shape) -> dict[str, object]:
    """For templates: the symbol of a quantity in MathML and as text, and the gradient of a parameter."""
    return {
        "symbol_of": lambda text: mathml(symbol(text, shape, INLINE)),
        "plain_of": lambda text: plain_symbol(text, shape),
        "gradient_of": gradient_of,
    }


def _cells(simulation: Simulation, digits: Digits) -> dict[str, str]:
    reading = simulation.reading()
    return {text: digits.entered(reading[text]) for text in simulation.compiled.parameters}


def _context(context: PanelContext) -> dict[str, object]:
    """A table for each pair of adjacent layers."""
    shape = context.step_view.shape
    tables = [_table(shape, layer) for layer in range(shape.depth - 1)]
    return {"tables": tables, **parameter_names(shape)}


PANEL = Panel(
    "matrices",
    "weights",
    N_("Weights"),
    CHANGE,
    _context,
    fields=("weight", "bias", "matrix", "block"),
    cells=_cells,
)
