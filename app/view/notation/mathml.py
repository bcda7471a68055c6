"""MathML, built of parts that are MathML themselves: symbols, and placeholders for numbers."""

from collections.abc import Sequence

from app.view.notation.notations import MATHML

EQUALS = '<mo lspace="0">=</mo>'  # at the beginning of a piece
TIMES = MATHML.times
SPACE = '<mspace width="0.16666667em"/>'  # between two factors
ERROR = "<mi>E</mi>"  # in a derivative
CHAINED = '<mo lspace="0.2222em" rspace="0.2222em">×</mo>'  # between the factors of a chain rule
MATRIX_PRODUCT = '<mo lspace="0.2222em" rspace="0.2222em">∘</mo>'
ELEMENTWISE = '<mo lspace="0.2222em" rspace="0.2222em">⊙</mo>'
# Between two operands, even if the first is in the piece before.
PLUS, MINUS = '<mo form="infix">+</mo>', '<mo form="infix">−</mo>'


def row(*parts: str) -> str:
    return f"<mrow>{''.join(parts)}</mrow>"


def fraction(numerator: str, denominator: str) -> str:
    return f'<mfrac displaystyle="true">{row(numerator)}{row(denominator)}</mfrac>'


def derivative(of: str, by: str) -> str:
    """∂of/∂by"""
    return fraction(f"<mi>∂</mi>{of}", f"<mi>∂</mi>{by}")


def parenthesized(*parts: str) -> str:
    return "".join((MATHML.parentheses[0], *parts, MATHML.parentheses[1]))


def underbrace(over: str, under: str) -> str:
    """A row with a brace under it, and what the brace says."""
    braced = f'<munder accentunder="true">{row(over)}<mo>⏟</mo></munder>'
    return f"<munder>{braced}{row(under)}</munder>"


def matrix(rows: Sequence[Sequence[str]]) -> str:
    """A matrix in parentheses, as the deck writes it."""
    body = "".join(
        f"<mtr>{''.join(f'<mtd>{cell}</mtd>' for cell in cells)}</mtr>" for cells in rows
    )
    table = f'<mtable displaystyle="false" scriptlevel="0">{body}</mtable>'
    return row("<mo>(</mo>", table, "<mo>)</mo>")


def transpose(of: str) -> str:
    return f"<msup>{of}<mi>𝖳</mi></msup>"
