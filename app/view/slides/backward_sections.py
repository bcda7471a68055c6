"""The walk through slides 2 and 3: from the error back to the gradient of every weight."""

from collections.abc import Callable

from app.backprop.addresses import address
from app.backprop.expressions import Expression, Operand, Product, Sum, substitute
from app.backprop.functions import ACTIVATIONS, OUT
from app.view.notation.function_words import quantities_of
from app.view.notation.latex import STACKED
from app.view.notation.mathml import (
    EQUALS,
    ERROR,
    MINUS,
    PLUS,
    TIMES,
    derivative,
    parenthesized,
)
from app.view.slides.sections import Section, SectionPage, SectionWriter
from app.view.slides.slide_lines import SlideLine, product

_FIRST, _SECOND, _THIRD = (parenthesized(f"<mn>{number}</mn>") for number in (1, 2, 3))


def chain_rule(w: SectionWriter) -> Section:
    """∂E/∂w'11 = (1)·(2)·(3) (slide 2). If (1) and (2) are fused, their product is out − target."""
    _ = w._
    layer, is_fused = w.last, w.is_fused(w.last)
    weight, gradient = (address(kind, layer - 1, 0, 0) for kind in ("weight", "weight_gradient"))
    symbol = w.math("weight", layer - 1, 0, 0)

    def page() -> SectionPage:
        if is_fused:
            text = _(
                "How does E change if the weight %(weight)s grows a little? The deck multiplies "
                "three derivatives: (1) of the error, (2) of the activation function, (3) of net. "
                "This error function suits this activation function: in (1) · (2) everything "
                "cancels except out − target."
            )
            slopes = [address("delta", layer, 0)]
            factors = [w.symbol(slopes[0]), _THIRD]
            lines = [_cancellation(w), w.step_line(slopes[0], "(1)·(2)")]
        else:
            text = _(
                "How does E change if the weight %(weight)s grows a little? Its effect passes "
                "through %(net)s and %(out)s to E. The chain rule multiplies three derivatives: "
                "(1) of the error, (2) of the activation function, (3) of net."
            )
            slopes = [address(kind, layer, 0) for kind in ("error_slope", "activation_slope")]
            factors = [_FIRST, _SECOND, _THIRD]
            lines = [w.step_line(slopes[0], "(1)"), w.step_line(slopes[1], "(2)")]
        product_line = w.chain(
            gradient,
            w.symbol(gradient, STACKED),
            EQUALS + TIMES.join(factors),
            EQUALS + w.multiplied(*slopes, address("out", layer - 1, 0)),
        )
        lines = [w.chain_rule(weight), *lines, w.factor(weight, "(3)"), product_line]
        symbols = {"net": w.math("net", layer, 0), "out": w.math("out", layer, 0)}
        return w.page(text, lines, "zero", weight=symbol, **symbols)

    title = w.title(_("The chain rule for %(weight)s"), {"weight": weight})
    cursor = w.cursor_after("delta" if is_fused else "activation_slope", layer)
    note = _("Three derivatives lead from the weight to E. Let the class say what each one means.")
    asks = () if is_fused else w.first_delta
    return Section(f"chain-{layer}", "2", cursor, *title, page, note, asks=asks)


def _cancellation(w: SectionWriter) -> SlideLine:
    """The product (1) · (2), reduced to out − target."""
    layer = w.last
    out, net, delta = (address(kind, layer, 0) for kind in ("out", "net", "delta"))
    difference = w.step(delta).expression
    slope = ACTIVATIONS[w.shape.activation(layer)].slope
    if slope is not None:  # (1) has it in its denominator
        share = substitute(slope, {OUT.address: Operand(out)})
        factors = w.chain_of("error", out, net)
        multiplied: Expression = product(difference / share, share)
    else:  # every out depends on every net
        outs = w.units("out", layer)[0]
        targets = [Operand(text) for text in w.targets()[0]]
        factors = PLUS.join(w.chain_of("error", each, net) for each in outs)
        multiplied = Product((Operand(out), Sum(tuple(targets)))) - targets[0]
    rows = (factors, *map(w.in_symbols, (multiplied, difference)))
    return w.chain(delta, w.derivative("error", net), *(EQUALS + row for row in rows))


def output_delta(w: SectionWriter) -> Section:
    _ = w._
    layer = w.last

    def page() -> SectionPage:
        texts = [
            _(
                "(1) and (2) are the same for every weight into the same output. Their product is "
                "called δ. It says how E changes with the net of the unit."
            )
        ]
        if w.is_fused(layer):
            texts.append(_("Here δ is computed in one step: it is out − target."))
        return w.page(texts, w.deltas(layer))

    note = _(
        "δ is computed once for each output, and serves every weight that leads into it. Its sign "
        "says whether the net has to fall or to rise."
    )
    asks = "sign", address("weight_gradient", layer - 1, 0, 0)
    return _delta_section(w, layer, "2", page, note, asks)


def _delta_section(
    w: SectionWriter,
    layer: int,
    slide: str,
    page: Callable[[], SectionPage],
    note: str,
    asks: tuple[str, ...] = (),
) -> Section:
    title = w.title(w._("δ of %(layer)s"), layer=w.layer_name(layer))
    cursor = w.cursor_after("delta", layer)
    return Section(f"delta-{layer}", slide, cursor, *title, page, note, asks=asks)


def output_gradients(w: SectionWriter, unit: int) -> Section:
    """The gradients of all weights into the first output or the second, where slide 2 exchanges the
    indices of a weight."""
    _ = w._
    layer, name = w.last, w.unit_name(w.last, unit)
    weight = address("weight", layer - 1, 0, unit)

    def page() -> SectionPage:
        lines = [
            w.step_line(address("weight_gradient", layer - 1, source, unit))
            for source in range(w.shape.layers[layer - 1])
        ]
        if unit == 0:
            text = _(
                "Once %(delta)s is known, each weight into %(unit)s takes one more multiplication: "
                "δ times the value that the weight carries."
            )
            return w.page(text, lines, delta=w.math("delta", layer, 0), unit=name)
        text = _(
            "The weights into %(unit)s work the same way, with the δ of %(unit)s and the same "
            "values from the layer before. Only the second index of each weight changes: it is 2, "
            "because the weight leads into the second output."
        )
        lines = [w.chain_rule(weight), w.factor(weight, "(3)"), *lines]
        return w.page(text, lines, "second-output", unit=name)

    title = w.title(_("All weights into %(unit)s"), unit=name)
    cursor = w.cursor_after("weight_gradient", layer, unit)
    about = address("weight_gradient", layer - 1, 0, unit)
    note = _("Each weight takes one multiplication: δ times the value that the weight carries.")
    if unit:
        note = _("Nothing here is new. Let the class say which numbers stay the same, and why.")
    return Section(f"into-{layer}-{unit}", "2", cursor, *title, page, note, about)


def gradients(w: SectionWriter, layer: int) -> Section:
    """The matrix of δ · out, its effect on W, and the gradient of the bias."""
    _ = w._
    is_output, matrix = layer == w.last, w.layer_math("weight", layer - 1)

    def page() -> SectionPage:
        texts = [
            _(
                "With a row for each unit that a weight leaves and a column for each unit that it "
                "enters, the gradients form a matrix of the same shape as %(matrix)s. Multiply it "
                "by lr and subtract it to get the new weights."
            )
        ]
        texts += [_(words.deck) for words in quantities_of(w.shape) if words.deck]
        if layer > 1:
            texts.append(
                _(
                    "But not yet: the δ of the layer before needs the old %(matrix)s, so the "
                    "update waits until every gradient is known."
                )
            )
        if w.shape.bias == "shared":
            texts.append(_("The bias serves the whole layer, so its gradient is the sum of all δ."))
        elif w.shape.bias == "per_unit":
            texts.append(_("The gradient of a bias is simply the δ of its unit."))
        slip = "first-bias" if layer == 1 and not is_output else ""
        return w.page(texts, _gradient_lines(w, layer), slip, matrix=matrix)

    title = w.title(
        _("The gradients of %(matrix)s as a matrix"), {"matrix": address("weight", layer - 1)}
    )
    last = "weight_gradient" if w.shape.bias == "none" else "bias_gradient"
    slide = "2" if is_output else "3"
    note = _("Every gradient is known now. Only the update is left.")
    if layer > 1:
        note = _(
            "The gradients have the shape of the weights. No weight moves yet: the layer before "
            "needs the old ones."
        )
    return Section(f"matrix-{layer}", slide, w.cursor_after(last, layer), *title, page, note)


def _gradient_lines(w: SectionWriter, layer: int) -> tuple[SlideLine, ...]:
    gradients = w.numbers(w.weights(layer - 1, "weight_gradient"))
    gradient = derivative(ERROR, w.layer_symbol("weight", layer - 1))
    lines = [
        w.chain(
            address("weight_gradient", layer - 1),
            gradient,
            EQUALS + w.products(layer - 1),
            EQUALS + gradients,
        ),
        _rule(w, "weight", layer - 1),
    ]
    if w.shape.bias == "shared" and layer < w.last:
        lines.append(_bias_paths(w, layer))
    lines += [w.step_line(text) for text in w.biases("bias_gradient", layer)]
    if w.shape.bias != "none":
        lines.append(_rule(w, "bias", layer - 1))
    return tuple(lines)


def _rule(w: SectionWriter, kind: str, layer: int) -> SlideLine:
    """The deck's update of a layer's weights or biases: W_new = W − lr · ∂E/∂W"""
    old, rate = w.layer_symbol(kind, layer), w.symbol("learning_rate")
    change = MINUS + rate + TIMES + derivative(ERROR, old)
    return w.chain(address(kind, layer), w.new_layer_symbol(kind, layer), EQUALS + old + change)


def _bias_paths(w: SectionWriter, layer: int) -> SlideLine:
    """∂E/∂b1 as a sum of chains, one for each unit that the bias reaches (slide 3)."""
    bias = address("bias", layer - 1)
    chains = [
        w.chain_of("error", address("out", layer, unit), address("net", layer, unit), bias)
        for unit in range(w.shape.layers[layer])
    ]
    return w.sum_line(address("bias_gradient", layer - 1), w.derivative("error", bias), chains)


def paths(w: SectionWriter, layer: int) -> Section:
    """∂E/∂out of a hidden unit: the sum over all units that it feeds (slide 3)."""
    _ = w._
    unit = w.unit_name(layer, 0)

    def page() -> SectionPage:
        text = _(
            "The gradient of a weight into a hidden unit has the same three factors. But %(unit)s "
            "has no target: it affects E through each unit that it feeds. Each path brings back "
            "the δ at its end times the old weight, and the sum over all paths is (1)."
        )
        first, *others = w.units("error_slope", layer)[0]
        lines = (
            w.chain_rule(address("weight", layer - 1, 0, 0)),
            _paths(w, layer),
            w.step_line(first, "(1)"),
            *map(w.step_line, others),
        )
        return w.page(text, lines, "paths", unit=unit)

    title = w.title(_("Back to %(unit)s along every path"), unit=unit)
    note = _(
        "A hidden unit has no target. Follow each line that leaves it: every path brings back a δ "
        "times the old weight."
    )
    asks: tuple[str, ...] = ()
    if w.shape.layers[layer] > 1:
        asks = "larger", address("delta", layer, 0), address("delta", layer, 1)
    cursor = w.cursor_after("error_slope", layer)
    return Section(f"paths-{layer}", "3", cursor, *title, page, note, asks=asks)


def _paths(w: SectionWriter, layer: int) -> SlideLine:
    """∂E/∂out_H1 = ∂E_1/∂net_O1 × ∂net_O1/∂out_H1 + …"""
    out = address("out", layer, 0)
    chains = [
        w.chain_of(
            address("output_error", unit) if layer + 1 == w.last else "error",
            address("net", layer + 1, unit),
            out,
        )
        for unit in range(w.shape.layers[layer + 1])
    ]
    return w.sum_line(address("error_slope", layer, 0), w.derivative("error", out), chains)


def hidden_delta(w: SectionWriter, layer: int) -> Section:
    _ = w._

    def page() -> SectionPage:
        text = _(
            "(2) is the derivative of the activation function, as at the outputs. (1) · (2) is the "
            "δ of the hidden unit. Multiplied by (3), the value that the weight carries, it is the "
            "gradient of the weight."
        )
        lines = [
            w.step_line(address("activation_slope", layer, 0), "(2)"),
            w.factor(address("weight", layer - 1, 0, 0), "(3)"),
            *w.deltas(layer),
        ]
        if w.shape.layers[layer] == 1:
            return w.page(text, lines)
        return w.page(text, [*lines, w.brace(layer, 1)], "brace")

    note = _(
        "These are the two factors of the outputs again. The sum over all paths has taken the place "
        "of the first."
    )
    return _delta_section(w, layer, "3", page, note)
