"""Quantities in the deck's notation, as LaTeX: net_H1, w'_11, ∂E/∂b_1."""

from app.backprop.addresses import layer_letter, parse
from app.backprop.functions import HYPERPARAMETERS, UPDATE_RULES
from app.backprop.network import Shape
from app.backprop.quantity_names import (
    ParameterName,
    layer_bias_name,
    parameter_name,
    unit_name,
)
from app.backprop.steps import Step

STACKED = r"\dfrac{%s}{%s}"
INLINE = "%s / %s"
_PRIME = r"\prime "


def symbol(text: str, shape: Shape, fraction: str = STACKED) -> str:
    """An address as LaTeX.

    Derivatives are written as a `fraction`, stacked or in one line.
    """
    kind, indices = parse(text)
    name = _name(kind, shape, indices) if indices else ""
    if kind in _DERIVATIVES:
        of, by = (_filled(each, name) for each in _DERIVATIVES[kind])
        return fraction % (rf"\partial {of}", rf"\partial {by}")
    if text.startswith("out/0/"):
        own = unit_name(indices[0], indices[1], shape)
        return f"{own[0]}_{{{own[1:]}}}" if own[1:] else own
    return _filled(_ERR if _is_err(kind, shape) else _SYMBOLS[kind], name)


def new_symbol(text: str, shape: Shape, fraction: str = STACKED) -> str:
    """A weight or bias after its update: w_11^(new)."""
    return new(symbol(text, shape, fraction))


def result_symbol(step: Step, shape: Shape, fraction: str = STACKED) -> str:
    """The quantity that a step computes."""
    write = new_symbol if step.kind.endswith("_update") else symbol
    return write(step.result, shape, fraction)


def layer_symbol(text: str, shape: Shape) -> str:
    """A quantity of a whole layer as LaTeX: `delta/2` is δ_O, `weight/0` is W_IH (slide 4)."""
    kind, indices = parse(text)
    if text == "out/0":
        return "x"
    name = _layer_name(kind, shape, *indices) if indices else ""
    return _filled(_ERR if _is_err(kind, shape) else _LAYER_SYMBOLS[kind], name)


def _is_err(kind: str, shape: Shape) -> bool:
    """Whether a quantity is Err, which a sheet has in place of δ."""
    return kind == "delta" and shape.named.minus_delta


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


def _name(kind: str, shape: Shape, indices: tuple[int, ...]) -> str:
    """What an address is about: a parameter, a unit, or the number of an output."""
    subject = kind.split("_")[0]
    if subject in ("weight", "bias"):
        return _parameter(parameter_name(subject, indices, shape))
    return (
        _upright(unit_name(indices[0], indices[1], shape))
        if len(indices) > 1
        else str(indices[0] + 1)
    )


def _parameter(name: ParameterName) -> str:
    """The name of a weight or bias: {w'}_{11}, b_1, b_{H1}."""
    letter, index = name.letter, name.index
    if name.primes:  # in the base: as an exponent they would rise above the index
        letter = f"{{{letter}{_PRIME * name.primes}}}"
    if name.is_of_unit or not index.replace(",", "").isdecimal():
        index = _upright(index)
    return f"{letter}_{{{index}}}" if index else letter


def _layer_name(kind: str, shape: Shape, layer: int) -> str:
    depth = shape.depth
    if kind.startswith("weight"):
        return f"W_{{{_upright(layer_letter(layer, depth) + layer_letter(layer + 1, depth))}}}"
    if kind.startswith("bias"):
        return _parameter(layer_bias_name(layer, shape))
    return _upright(layer_letter(layer, depth))


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
_ERR = r"\mathrm{Err}_{%s}"
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
