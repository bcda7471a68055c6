"""A question to the class in words, its choices, and what is said of an answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from app.backprop.compiler import compile_iteration
from app.backprop.network import Shape
from app.backprop.quantity_names import symbol as plain_symbol
from app.view.notation.formulas import mathml
from app.view.notation.labels import Translate, fill
from app.view.notation.latex import new_symbol, symbol

PARAMETERS = ("weight/", "bias/")


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the answers to choose from."""

    value: str
    text: Markup
    plain: str


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question as the class sees it."""

    number: int
    kind: str
    text: Markup  # with its symbols in MathML
    plain: str
    choices: tuple[Choice, ...]  # none if a number is asked for


def question_view(
    _: Translate, shape: Shape, number: int, kind: str, addresses: Sequence[str]
) -> QuestionView:
    """A question by its kind and the addresses of its quantities."""
    texts = {
        "number": _("What is %(one)s?"),
        "sign": _("Is %(one)s positive or negative?"),
        "larger": _("Which is larger, %(one)s or %(other)s?"),
    }
    symbols = [quantity_symbol(shape, address) for address in addresses]
    plain = [plain_quantity(_, shape, address) for address in addresses]
    text = texts[kind]
    names = ("one", "other")
    return QuestionView(
        number,
        kind,
        fill(text, **dict(zip(names, symbols, strict=False))),
        text % dict(zip(names, plain, strict=False)),
        tuple(_choices(_, kind, addresses, symbols, plain)),
    )


def choice_text(_: Translate, shape: Shape, value: str) -> str:
    """An answer to a question with choices, in words."""
    known = {"+": _("positive"), "-": _("negative"), "0": _("zero"), "equal": _("equally large")}
    return known[value] if value in known else plain_quantity(_, shape, value)


def quantity_symbol(shape: Shape, address: str) -> Markup:
    """The symbol of a quantity; that of a weight or a bias means its new value. What the network
    lacks, as it may after an alteration, is named by its address."""
    if address not in compile_iteration(shape).position:
        return Markup(escape(address))
    latex = new_symbol if address.startswith(PARAMETERS) else symbol
    return mathml(latex(address, shape))


def plain_quantity(_: Translate, shape: Shape, address: str) -> str:
    """The same as plain text."""
    if address not in compile_iteration(shape).position:
        return address
    text = plain_symbol(address, shape).replace("_", " ")
    return _("the new %(name)s") % {"name": text} if address.startswith(PARAMETERS) else text


def _choices(
    _: Translate,
    kind: str,
    addresses: Sequence[str],
    symbols: Sequence[Markup],
    plain: Sequence[str],
) -> list[Choice]:
    if kind == "sign":
        return [
            Choice(value, Markup(text), text)
            for value, text in (("+", _("positive")), ("-", _("negative")), ("0", _("zero")))
        ]
    if kind == "larger":
        equal = _("equally large")
        found = [Choice(*each) for each in zip(addresses, symbols, plain, strict=True)]
        return [*found, Choice("equal", Markup(equal), equal)]
    return []
