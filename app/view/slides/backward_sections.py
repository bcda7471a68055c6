"""The walk through slides 2 and 3: from the error back to the gradient of every weight."""

from app.backprop.addresses import address
from app.view.notation.labels import fill
from app.view.notation.latex import STACKED, derivative, new
from app.view.slides.sections import Section, SectionPage, SectionWriter
from app.view.slides.slide_lines import CHAIN, SlideLine


def chain_rule(w: SectionWriter) -> Section:
    """∂E/∂w'11 = (1)·(2)·(3) (slide 2)."""
    _ = w._
    layer = w.last
    weight = w.math("weight", layer - 1, 0, 0)

    def page() -> SectionPage:
        if w.is_fused(layer):
            return _fused_chain_rule(w)
        text = fill(
            _(
                "How does E change if the weight %(weight)s grows a little? Its effect passes "
                "through %(net)s and %(out)s before it reaches E. The chain rule multiplies the "
                "slopes of these three stretches: (1) of the error, (2) of the activation "
                "function, (3) of net."
            ),
            weight=weight,
            net=w.math("net", layer, 0),
            out=w.math("out", layer, 0),
        )
        slopes = (address("error_slope", layer, 0), address("activation_slope", layer, 0))
        carried = address("out", layer - 1, 0)
        gradient = address("weight_gradient", layer - 1, 0, 0)
        numbers = [
            w.number(slopes[0]),
            *(w.number(t, leading=False) for t in (slopes[1], carried)),
        ]
        lines = (
            w.chain_rule(address("weight", layer - 1, 0, 0)),
            w.step_line(slopes[0], "(1)"),
            w.step_line(slopes[1], "(2)"),
            w.factor(address("weight", layer - 1, 0, 0), "(3)"),
            w.chain(
                gradient,
                w.symbol(gradient, STACKED),
                r"= (1) \cdot (2) \cdot (3)",
                "= " + r" \cdot ".join(numbers),
            ),
        )
        return SectionPage((text,), lines, w.errata.zeros())

    title = fill(_("The chain rule for %(weight)s"), weight=weight)
    cursor = w.cursor_after("delta" if w.is_fused(layer) else "activation_slope", layer)
    return Section(f"chain-{layer}", "2", cursor, title, page)


def _fused_chain_rule(w: SectionWriter) -> SectionPage:
    """The page of `chain_rule` if (1) and (2) are fused, since their product is out − target."""
    _ = w._
    layer = w.last
    weight = address("weight", layer - 1, 0, 0)
    delta, carried = address("delta", layer, 0), address("out", layer - 1, 0)
    gradient = address("weight_gradient", layer - 1, 0, 0)
    text = fill(
        _(
            "How does E change if the weight %(weight)s grows a little? The deck multiplies three "
            "slopes: (1) of the error, (2) of the activation function, (3) of net. This error is made "
            "for this activation function: in (1) · (2) all cancels but the distance to the target."
        ),
        weight=w.math("weight", layer - 1, 0, 0),
    )
    lines = (
        w.chain_rule(weight),
        _cancellation(w),
        w.step_line(delta, "(1)·(2)"),
        w.factor(weight, "(3)"),
        w.chain(
            gradient,
            w.symbol(gradient, STACKED),
            rf"= {w.symbol(delta)} \cdot (3)",
            rf"= {w.number(delta)} \cdot {w.number(carried, leading=False)}",
        ),
    )
    return SectionPage((text,), lines, w.errata.zeros())


def _cancellation(w: SectionWriter) -> SlideLine:
    """The product (1) · (2), reduced to out − target."""
    layer = w.last
    out, net = w.symbol(address("out", layer, 0)), w.symbol(address("net", layer, 0))
    target = w.symbol(address("target", 0))
    if w.shape.error == "binary_cross_entropy":
        share = rf"{out} \, (1 - {out})"
        pieces = (
            f"= {derivative('E', out)} {CHAIN} {derivative(out, net)}",
            rf"= \dfrac{{{out} - {target}}}{{{share}}} \cdot {share}",
        )
    else:
        outs = [w.symbol(text) for text in w.units("out", layer)[0]]
        targets = [w.symbol(text) for text in w.targets()[0]]
        terms = [f"{derivative('E', each)} {CHAIN} {derivative(each, net)}" for each in outs]
        pieces = (
            f"= {' + '.join(terms)}",
            rf"= {out} \, ({' + '.join(targets)}) - {target}",
        )
    return w.chain(address("delta", layer, 0), derivative("E", net), *pieces, f"= {out} - {target}")


def output_delta(w: SectionWriter) -> Section:
    _ = w._
    layer = w.last

    def page() -> SectionPage:
        text = fill(
            _(
                "(1) and (2) are the same for every weight that leads into the same output. Their "
                "product has a name of its own, δ. It says how E changes with the net of the unit."
            )
        )
        if w.is_fused(layer):
            why = _("Here δ is computed at once: it is the distance of out to the target.")
            return SectionPage((text, fill(why)), _deltas(w, layer))
        return SectionPage((text,), _deltas(w, layer))

    title = fill(_("δ of %(layer)s"), layer=w.layer_name(layer))
    return Section(f"delta-{layer}", "2", w.cursor_after("delta", layer), title, page)


def _deltas(w: SectionWriter, layer: int) -> tuple[SlideLine, ...]:
    return tuple(w.delta(layer, unit) for unit in range(w.shape.layers[layer]))


def first_output_gradients(w: SectionWriter) -> Section:
    _ = w._
    layer, unit = w.last, w.unit_name(w.last, 0)

    def page() -> SectionPage:
        text = fill(
            _(
                "Once %(delta)s is known, each weight into %(unit)s takes one more multiplication: "
                "δ times the value that comes along the weight."
            ),
            delta=w.math("delta", layer, 0),
            unit=unit,
        )
        return SectionPage((text,), _unit_gradients(w, layer, 0))

    title = fill(_("All weights into %(unit)s"), unit=unit)
    return Section(f"into-{layer}-0", "2", w.cursor_after("weight_gradient", layer, 0), title, page)


def second_output_gradients(w: SectionWriter) -> Section:
    """The part in which slide 2 exchanges the indices of a weight."""
    _ = w._
    layer, unit = w.last, w.unit_name(w.last, 1)
    weight = address("weight", layer - 1, 0, 1)

    def page() -> SectionPage:
        text = fill(
            _(
                "%(unit)s goes the same way, with a δ of its own and the same values from the "
                "layer before. Of the two figures of each weight only the second changes: it is 2, "
                "because the weight leads into the second output."
            ),
            unit=unit,
        )
        lines = (
            w.chain_rule(weight),
            w.factor(weight, "(3)"),
            *_unit_gradients(w, layer, 1),
        )
        return SectionPage((text,), lines, w.errata.second_output())

    title = fill(_("All weights into %(unit)s"), unit=unit)
    return Section(f"into-{layer}-1", "2", w.cursor_after("weight_gradient", layer, 1), title, page)


def _unit_gradients(w: SectionWriter, layer: int, unit: int) -> tuple[SlideLine, ...]:
    return tuple(
        w.step_line(address("weight_gradient", layer - 1, source, unit))
        for source in range(w.shape.layers[layer - 1])
    )


def gradients(w: SectionWriter, layer: int) -> Section:
    """The matrix of δ · out, its effect on W, and the gradient of the bias."""
    _ = w._
    is_output, matrix = layer == w.last, w.layer_math("weight", layer - 1)

    def page() -> SectionPage:
        texts = [
            _(
                "Set in order, a row for each unit that sends and a column for each that "
                "receives, the gradients are a matrix of the same shape as %(matrix)s. "
                "Subtracted after multiplying by lr, it gives the new weights."
            )
        ]
        if w.shape.velocity_count:
            texts.append(
                _("That is the deck’s rule: here the velocity is subtracted, v = μ·v + gradient.")
            )
        if w.shape.accumulates:
            texts.append(
                _(
                    "That is the deck’s rule, after each example: here the gradients of all "
                    "examples are gathered before anything moves."
                )
            )
        if layer > 1:
            texts.append(
                _(
                    "But not yet: the layer before finds its δ with the old %(matrix)s, so the "
                    "update waits until every gradient is known."
                )
            )
        if w.shape.bias == "shared":
            texts.append(_("The bias serves the whole layer, so its gradient is the sum of all δ."))
        elif w.shape.bias == "per_unit":
            texts.append(_("The gradient of a bias is simply the δ of its unit."))
        errata = w.errata.first_bias() if layer == 1 and not is_output else ()
        text = tuple(fill(each, matrix=matrix) for each in texts)
        return SectionPage(text, _gradient_lines(w, layer), errata)

    title = fill(_("The gradients of %(matrix)s as a matrix"), matrix=matrix)
    last = "weight_gradient" if w.shape.bias == "none" else "bias_gradient"
    return Section(
        f"matrix-{layer}", "2" if is_output else "3", w.cursor_after(last, layer), title, page
    )


def _gradient_lines(w: SectionWriter, layer: int) -> tuple[SlideLine, ...]:
    kind = address("weight_gradient", layer - 1)
    weights = w.layer_symbol("weight", layer - 1)
    gradient = derivative("E", weights)
    lines = [
        w.chain(
            kind,
            gradient,
            f"= {w.products(layer - 1)}",
            f"= {w.numbers(w.weights(layer - 1, 'weight_gradient'))}",
        ),
        w.chain(
            address("weight", layer - 1),
            new(weights),
            rf"= {weights} - \mathrm{{lr}} \cdot {gradient}",
        ),
    ]
    if w.shape.bias == "shared" and layer < w.last:
        lines.append(_bias_paths(w, layer))
    lines += [w.step_line(text) for text in w.biases("bias_gradient", layer)]
    if w.shape.bias != "none":
        bias = w.layer_symbol("bias", layer - 1)
        rule = rf"= {bias} - \mathrm{{lr}} \cdot {derivative('E', bias)}"
        lines.append(w.chain(address("bias", layer - 1), new(bias), rule))
    return tuple(lines)


def _bias_paths(w: SectionWriter, layer: int) -> SlideLine:
    """∂E/∂b1 as a sum of chains, one for each unit that the bias reaches (slide 3)."""
    bias = w.symbol(address("bias", layer - 1))
    pieces = []
    for unit in range(w.shape.layers[layer]):
        out = w.symbol(address("out", layer, unit))
        net = w.symbol(address("net", layer, unit))
        pairs = (("E", out), (out, net), (net, bias))
        sign = "{} +" if unit else "="
        pieces.append(f"{sign} " + CHAIN.join(derivative(*pair) for pair in pairs))
    return w.chain(address("bias_gradient", layer - 1), derivative("E", bias), *pieces)


def paths(w: SectionWriter, layer: int) -> Section:
    """∂E/∂out of a hidden unit: the sum over all units that it feeds (slide 3)."""
    _ = w._
    unit = w.unit_name(layer, 0)

    def page() -> SectionPage:
        text = fill(
            _(
                "A weight that leads into a hidden unit has the same three factors. But no target "
                "is set for %(unit)s: it acts on E through each unit that it feeds. Every such "
                "path brings back the δ at its end times the old weight on the way, and the sum "
                "over all paths is (1)."
            ),
            unit=unit,
        )
        first, *others = w.layer_lines("error_slope", layer)
        lines = (
            w.chain_rule(address("weight", layer - 1, 0, 0)),
            _paths(w, layer),
            w.step_line(first.of, "(1)"),
            *others,
        )
        return SectionPage((text,), lines, w.errata.paths())

    title = fill(_("Back to %(unit)s along every path"), unit=unit)
    return Section(f"paths-{layer}", "3", w.cursor_after("error_slope", layer), title, page)


def _paths(w: SectionWriter, layer: int) -> SlideLine:
    """∂E/∂out_H1 = ∂E_1/∂net_O1 × ∂net_O1/∂out_H1 + …"""
    out = w.symbol(address("out", layer, 0))
    pieces = []
    for unit in range(w.shape.layers[layer + 1]):
        net = w.symbol(address("net", layer + 1, unit))
        error = f"E_{unit + 1}" if layer + 1 == w.last else "E"
        sign = "{} +" if unit else "="
        pieces.append(f"{sign} {derivative(error, net)} {CHAIN} {derivative(net, out)}")
    return w.chain(address("error_slope", layer, 0), derivative("E", out), *pieces)


def hidden_delta(w: SectionWriter, layer: int) -> Section:
    _ = w._

    def page() -> SectionPage:
        text = fill(
            _(
                "(2) is the slope of the activation function, as at the outputs. (1) times (2) is "
                "the δ of the hidden unit. Times (3), the value that comes along the weight, it is "
                "the gradient of that weight."
            )
        )
        lines = [
            w.step_line(address("activation_slope", layer, 0), "(2)"),
            w.factor(address("weight", layer - 1, 0, 0), "(3)"),
            *_deltas(w, layer),
        ]
        if w.shape.layers[layer] == 1:
            return SectionPage((text,), tuple(lines))
        lines.append(w.brace(layer, 1))
        return SectionPage((text,), tuple(lines), w.errata.brace())

    title = fill(_("δ of %(layer)s"), layer=w.layer_name(layer))
    return Section(f"delta-{layer}", "3", w.cursor_after("delta", layer), title, page)
