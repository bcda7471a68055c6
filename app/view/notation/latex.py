"""Quantities in the deck's notation, as LaTeX: net_H1, w'_11, ∂E/∂b_1."""

from app.backprop.addresses import layer_letter, parse, unit_name
from app.backprop.functions import HYPERPARAMETERS, UPDATE_RULES
from app.backprop.steps import Step

STACKED = r"\dfrac{%s}{%s}"
INLINE = "%s / %s"


def symbol(text: str, depth: int, fraction: str = STACKED) -> str:
    """An address as LaTeX, in a network of `depth` layers, the inputs included.

    Derivatives are written as a `fraction`, stacked or in one line.
    """
    kind, indices = parse(text)
    name = _name(kind, depth, *indices) if indices else ""
    if kind in _DERIVATIVES:
        of, by = (_filled(each, name) for each in _DERIVATIVES[kind])
        return fraction % (rf"\partial {of}", rf"\partial {by}")
    if text.startswith("out/0/"):
        return f"x_{indices[1] + 1}"
    return _filled(_SYMBOLS[kind], name)


def new_symbol(text: str, depth: int, fraction: str = STACKED) -> str:
    """A weight or bias after its update: w_11^(new)."""
    return new(symbol(text, depth, fraction))


def result_symbol(step: Step, depth: int, fraction: str = STACKED) -> str:
    """The quantity that a step computes."""
    write = new_symbol if step.kind.endswith("_update") else symbol
    return write(step.result, depth, fraction)


def layer_symbol(text: str, depth: int) -> str:
    """A quantity of a whole layer as LaTeX: `delta/2` is δ_O, `weight/0` is W_IH (slide 4)."""
    kind, indices = parse(text)
    if text == "out/0":
        return "x"
    return _filled(_LAYER_SYMBOLS[kind], _layer_name(kind, depth, *indices) if indices else "")


def derivative(of: str, by: str) -> str:
    """∂of/∂by"""
    return STACKED % (rf"\partial {of}", rf"\partial {by}")


def new(latex: str) -> str:
    """Marks a parameter as the deck marks it after its update."""
    return rf"{latex}^{{\mathrm{{new}}}}"


def transpose(latex: str) -> str:
    return rf"{latex}^{{\mathsf{{T}}}}"


def _filled(template: str, name: str) -> str:
    return template.replace("%s", name)


def _name(kind: str, depth: int, layer: int, *others: int) -> str:
    """What an address is about: a parameter, a unit, or the number of an output."""
    match kind.split("_")[0], others:
        case "weight", (source, target):
            primes = (
                r"\prime " * layer
            )  # in the base: as an exponent they would rise above the index
            return rf"{{w{primes}}}_{{{source + 1}{target + 1}}}"
        case "bias", ():
            return f"b_{layer + 1}"
        case "bias", (unit,):
            return f"b_{{{_upright(unit_name(layer + 1, unit, depth))}}}"
        case _, (unit,):
            return _upright(unit_name(layer, unit, depth))
    return str(layer + 1)


def _layer_name(kind: str, depth: int, layer: int) -> str:
    if kind.startswith("weight"):
        return f"W_{{{_upright(layer_letter(layer, depth) + layer_letter(layer + 1, depth))}}}"
    return f"b_{layer + 1}" if kind.startswith("bias") else _upright(layer_letter(layer, depth))


def _upright(name: str) -> str:
    """The letter O is upright: slide 2 prints it as a zero."""
    return rf"\mathrm{{{name}}}"


# The velocity and the accumulated gradient of a parameter. The old ones are those from before the
# step; the new ones have no mark, since the update uses them.
_LETTERS = {
    "sum": r"\Sigma",
    "decayed": "g",
    **{rule.name: rule.latex for rule in UPDATE_RULES.values()},
}
_SHARED = {  # of a unit or parameter and of a layer
    "error": r"E_{\mathrm{total}}",
    "learning_rate": r"\mathrm{lr}",
    "example_count": "n",
    "update_count": "t",
    "update_count_before": r"{t^{\mathrm{old}}}",
    **{name: rule.latex for name, rule in HYPERPARAMETERS.items()},
    "weight": "%s",
    "bias": "%s",
    **{
        f"{parameter}_{name}{when}": f"{written}_{{%s}}"
        for parameter in ("weight", "bias")
        for name, letter in _LETTERS.items()
        for when, written in (("", letter), ("_before", rf"{{{letter}^{{\mathrm{{old}}}}}}"))
    },
}
_SYMBOLS = {
    **_SHARED,
    "net": r"\mathrm{net}_{%s}",
    "out": r"\mathrm{out}_{%s}",
    "target": r"\mathrm{target}_%s",
    "output_error": "E_%s",
    "delta": r"\delta_{%s}",
}
_DERIVATIVES = {  # of what, by what
    "error_slope": ("E", _SYMBOLS["out"]),
    "activation_slope": (_SYMBOLS["out"], _SYMBOLS["net"]),
    "weight_gradient": ("E", "%s"),
    "bias_gradient": ("E", "%s"),
}
_LAYER_SYMBOLS = {
    **_SHARED,
    "net": r"\mathrm{net}_%s",
    "out": r"\mathrm{out}_%s",
    "target": r"\mathrm{target}",
    "output_error": "E_k",
    "error_slope": r"\partial E / \partial \, \mathrm{out}_%s",
    "activation_slope": r"\partial \, \mathrm{out}_%s / \partial \, \mathrm{net}_%s",
    "delta": r"\delta_%s",
    "weight_gradient": r"\partial E / \partial %s",
    "bias_gradient": r"\partial E / \partial %s",
}
