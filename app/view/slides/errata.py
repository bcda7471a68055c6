"""The errata of the deck: what a slide prints, beside the correct formula on the page.

They quote the deck's symbols, so they are shown for networks with one hidden layer, which have the
same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from markupsafe import Markup

from app.backprop.errors import N_
from app.view.notation.formulas import mathml
from app.view.notation.labels import Translate, fill
from app.view.notation.latex import derivative

_OUT = r"\mathrm{out}_{\mathrm{%s}}"
_NET = r"\mathrm{net}_{\mathrm{%s}}"
_DELTA = r"\delta_{\mathrm{%s}}"
_W21, _W12, _W22 = (rf"{{w\prime}}_{{{figures}}}" for figures in ("21", "12", "22"))
_H1, _H2 = _OUT % "H1", _OUT % "H2"
_E = r"E_{\mathrm{Total}}"
_E_BY_H1 = derivative(_E, _H1)
_EARLY_SUM = rf"({_DELTA % 'O1'} \, {_W21} + {_DELTA % 'O2'} \, {_W22})"


@dataclass(frozen=True, slots=True)
class Erratum:
    """A footnote: what is wrong, and the formulas as printed."""

    name: str
    text: Markup
    printed: tuple[Markup, ...]


@dataclass(frozen=True, slots=True)
class _Mistake:
    """A text, the formulas printed on the slide, and the symbols in the text, both in LaTeX."""

    text: str
    printed: tuple[str, ...] = ()
    symbols: Mapping[str, str] = field(default_factory=dict)


def _bias_term(error: str, unit: str) -> str:
    out, net = _OUT % unit, _NET % unit
    return r" \times ".join((derivative(error, out), derivative(out, net), derivative(net, "b_1")))


_MISTAKES = {
    "target": _Mistake(
        N_(
            "Slide 1 calls the target %(target)s, and from slide 2 on it is %(y)s: the same number."
        ),
        symbols={"target": r"target_i", "y": "y_i"},
    ),
    "small-o": _Mistake(
        N_("Slide 1 prints a small letter o in the subscript. It stands for the output."),
        (_OUT % "o", _NET % "o"),
    ),
    "zero": _Mistake(
        N_(
            "Slides 2 and 3 print the digit 0 in these subscripts. They mean the letter O, for the "
            "output layer."
        ),
        (r"\mathrm{out}_{01}", r"\mathrm{net}_{01}"),
    ),
    "second-output": _Mistake(
        N_(
            "Slide 2 exchanges the two indices of the weight and prints %(wrong)s. The weight from "
            "H1 to O2 is in row 1, column 2: %(right)s."
        ),
        (
            rf"{derivative(_NET % 'O2', _W21)} = {_H1}",
            rf"{derivative(_E, _W21)} = {_DELTA % 'O2'} \, {_H1}",
        ),
        {"wrong": _W21, "right": _W12},
    ),
    "paths": _Mistake(
        N_(
            "Slide 3 has other factors in the second line, three of them the very derivative that "
            "is to be found. Each path needs the derivative of the error at its output, and how "
            "the net there changes with H1."
        ),
        (rf"{derivative('E_1', _NET % 'O1')} \times {_E_BY_H1} + {_E_BY_H1} \times {_E_BY_H1}",),
    ),
    "brace": _Mistake(
        N_(
            "Slide 3 ends the brace too early, before the derivative of the activation function. "
            "That factor is part of %(delta)s, as the slide’s own next line says."
        ),
        (rf"\underbrace{{{_EARLY_SUM}}}_{{{_DELTA % 'H2'}}} \, {_H2} \, (1 - {_H2}) \, x_1",),
        {"delta": _DELTA % "H2"},
    ),
    "first-bias": _Mistake(
        N_(
            "Slide 3 writes the first term with %(first)s and the last with %(second)s alone. "
            "Every hidden unit affects both outputs, so every term needs the whole %(total)s."
        ),
        (_bias_term("E_1", "H1"), rf"{{}} + \cdots + {_bias_term('E_2', 'H4')}"),
        {"first": "E_1", "second": "E_2", "total": _E},
    ),
}


def erratum(name: str, _: Translate) -> Erratum:
    """The footnote of a mistake."""
    mistake = _MISTAKES[name]
    symbols = {key: mathml(latex) for key, latex in mistake.symbols.items()}
    return Erratum(name, fill(_(mistake.text), **symbols), tuple(map(mathml, mistake.printed)))
