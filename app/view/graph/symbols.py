"""Names in the drawing: letters in italics, words upright, indices as subscripts."""

from markupsafe import Markup

from app.backprop.network import Shape
from app.backprop.quantity_names import ERR, parameter_name, unit_name

SUBSCRIPT = 16  # px: on a phone, the drawing is three quarters as large


def symbol(letter: str, index: str = "", primes: int = 0, *, back: bool = False) -> Markup:
    """A letter with a subscript: x₁, w′₁₁, E₂; `back` to the line if more text follows."""
    prime = "′" * primes
    below = (
        Markup('<tspan class="index" font-size="{}" dy="4">{}</tspan>').format(SUBSCRIPT, index)
        if index
        else ""
    )
    if back:
        below += Markup('<tspan dy="-4">\u200b</tspan>')
    return Markup('<tspan class="letter">{}</tspan>{}{}').format(letter, prime, below)


def derivative(above: str, below: str) -> Markup:
    """∂E/∂out: only single letters are in italics."""
    parts = [
        Markup('∂<tspan class="letter">{}</tspan>').format(each)
        if len(each) == 1
        else Markup('∂<tspan class="word">{}</tspan>').format(each)
        for each in (above, below)
    ]
    return Markup("{}/{}").format(*parts)


def weight_symbol(shape: Shape, *indices: int) -> Markup:
    """A weight's name: w₁₁, w′₁₁; or w₅ on a sheet that numbers them."""
    name = parameter_name("weight", indices, shape)
    return symbol(name.letter, name.index, name.primes)


def unit_symbol(layer: int, unit: int, shape: Shape, *, back: bool = False) -> Markup:
    """A unit's name: x₁, H1, O1; or 4 on a sheet that numbers them."""
    name = unit_name(layer, unit, shape)
    if layer == 0:
        return symbol(name[0], name[1:], back=back)
    return Markup.escape(name)


def delta_symbol(shape: Shape) -> Markup:
    """δ; or Err on a sheet that has that in its place."""
    if shape.named.minus_delta:
        return Markup('<tspan class="word">{}</tspan>').format(ERR)
    return symbol("δ")


def bias_symbol(shape: Shape, *indices: int) -> Markup:
    """The name of a bias: b for one of a unit, and b1 for one that a layer shares, as in the deck;
    or θ₄ on a sheet that numbers them."""
    name = parameter_name("bias", indices, shape)
    if name.is_of_unit:  # it stands at its unit
        return symbol(name.letter)
    if len(indices) > 1:
        return symbol(name.letter, name.index)
    return Markup('<tspan class="letter">{}</tspan><tspan class="word">{}</tspan>').format(
        name.letter, name.index
    )
