"""The errata of the deck: what a slide prints, beside the correct formula on the page.

They quote the deck's symbols, so they are shown for networks with one hidden layer, which have the
same.
"""

from dataclasses import dataclass

from markupsafe import Markup

from app.view.notation.formulas import mathml
from app.view.notation.labels import Translate, fill
from app.view.notation.latex import derivative

_OUT = r"\mathrm{out}_{\mathrm{%s}}"
_NET = r"\mathrm{net}_{\mathrm{%s}}"
_DELTA = r"\delta_{\mathrm{%s}}"
_W21, _W12, _W22 = (rf"{{w\prime}}_{{{figures}}}" for figures in ("21", "12", "22"))
_H1, _H2 = _OUT % "H1", _OUT % "H2"
_E = r"E_{\mathrm{Total}}"


@dataclass(frozen=True, slots=True)
class Erratum:
    """A footnote: what is wrong, and the formulas as printed."""

    name: str
    text: Markup
    printed: tuple[Markup, ...]


Footnotes = tuple[Erratum, ...]


class Errata:
    """The footnotes in a language; all are empty if the network has other symbols than the deck."""

    def __init__(self, depth: int, _: Translate) -> None:
        self.applies, self._ = depth == 3, _

    def _erratum(self, name: str, text: str, *printed: str, **symbols: str) -> Footnotes:
        """A footnote; the formulas printed on the slide and the symbols in its text are LaTeX."""
        if not self.applies:
            return ()
        sentence = fill(text, **{key: mathml(latex) for key, latex in symbols.items()})
        return (Erratum(name, sentence, tuple(mathml(latex) for latex in printed)),)

    def target(self) -> Footnotes:
        text = self._(
            "Slide 1 calls the target %(target)s, and from slide 2 on it is %(y)s: the same number."
        )
        return self._erratum("target", text, target=r"target_i", y="y_i")

    def small_o(self) -> Footnotes:
        """The first of two mistakes in subscripts; `zeros` is the other."""
        text = self._("Slide 1 prints a small letter o in the subscript. It stands for the output.")
        return self._erratum("small-o", text, _OUT % "o", _NET % "o")

    def zeros(self) -> Footnotes:
        text = self._(
            "Slides 2 and 3 print the figure zero in these subscripts. "
            "What is meant is the letter O, for the output layer."
        )
        return self._erratum("zero", text, r"\mathrm{out}_{01}", r"\mathrm{net}_{01}")

    def second_output(self) -> Footnotes:
        text = self._(
            "Slide 2 exchanges the two figures of the weight and prints %(wrong)s. "
            "The weight from H1 to O2 is in row 1, column 2: %(right)s."
        )
        return self._erratum(
            "second-output",
            text,
            rf"{derivative(_NET % 'O2', _W21)} = {_H1}",
            rf"{derivative(_E, _W21)} = {_DELTA % 'O2'} \, {_H1}",
            wrong=_W21,
            right=_W12,
        )

    def paths(self) -> Footnotes:
        text = self._(
            "Slide 3 has other factors in the second line, three of them the very slope that is to "
            "be found. Each path needs the error at its output, and how net there answers to H1."
        )
        found = derivative(_E, _H1)
        printed = rf"{derivative('E_1', _NET % 'O1')} \times {found} + {found} \times {found}"
        return self._erratum("paths", text, printed)

    def brace(self) -> Footnotes:
        text = self._(
            "Slide 3 ends the brace too early, before the slope of the activation. "
            "That factor is part of %(delta)s, as the slide’s own next line says."
        )
        bracket = rf"({_DELTA % 'O1'} \, {_W21} + {_DELTA % 'O2'} \, {_W22})"
        printed = rf"\underbrace{{{bracket}}}_{{{_DELTA % 'H2'}}} \, {_H2} \, (1 - {_H2}) \, x_1"
        return self._erratum("brace", text, printed, delta=_DELTA % "H2")

    def first_bias(self) -> Footnotes:
        text = self._(
            "Slide 3 writes the first term with %(first)s and the last with %(second)s alone. "
            "Every hidden unit acts on both outputs, so every term takes the whole %(total)s."
        )
        symbols = {"first": "E_1", "second": "E_2", "total": _E}
        first, last = _bias_term("E_1", "H1"), _bias_term("E_2", "H4")
        return self._erratum("first-bias", text, first, rf"{{}} + \cdots + {last}", **symbols)


def _bias_term(error: str, unit: str) -> str:
    out, net = _OUT % unit, _NET % unit
    return r" \times ".join((derivative(error, out), derivative(out, net), derivative(net, "b_1")))
