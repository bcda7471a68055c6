"""Names in the drawing: letters in italics, words upright, indices as subscripts."""

from markupsafe import Markup

from app.backprop.addresses import layer_letter

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


def weight_symbol(layer: int, source: int, target: int) -> Markup:
    """A weight's name: w₁₁, w′₁₁."""
    return symbol("w", f"{source + 1}{target + 1}", layer)


def unit_symbol(layer: int, unit: int, depth: int, *, back: bool = False) -> Markup:
    """A unit's name: x₁, H1, O1."""
    if layer == 0:
        return symbol("x", str(unit + 1), back=back)
    return Markup(f"{layer_letter(layer, depth)}{unit + 1}")


def bias_symbol(layer: int) -> Markup:
    """The name of a bias that a layer shares, as the deck writes it: b1."""
    return Markup('<tspan class="letter">b</tspan><tspan class="word">{}</tspan>').format(layer + 1)
