"""The walk through slides 2 and 3: back from the error to the gradient of every weight."""

from app.backprop.addresses import address
from app.view.notation.labels import fill
from app.view.notation.latex import STACKED, derivative, new
from app.view.slides.forward_sections import Section, SectionPage, SectionWriter
from app.view.slides.slide_lines import CHAIN, SlideLine


def joint_chain(a: SectionWriter) -> SectionPage:
    """The same where (1) and (2) are not computed, since they cancel but for out − target."""
    _ = a._
    layer, board = a.last, a.board
    weight = address("weight", layer - 1, 0, 0)
    delta, carried = address("delta", layer, 0), address("out", layer - 1, 0)
    gradient = address("weight_gradient", layer - 1, 0, 0)
    text = _(
        "How does E change if the weight %(weight)s grows a little? The deck multiplies three "
        "slopes: (1) of the error, (2) of the activation function, (3) of net. This error is made "
        "for this activation function: in (1) · (2) all cancels but the distance to the target."
    )
    lines = (
        board.chain_rule(weight),
        _cancelling(a),
        board.made(delta, "(1)·(2)"),
        board.factor(weight, "(3)"),
        board.chain(
            gradient,
            board.name(gradient, STACKED),
            rf"= {board.name(delta)} \cdot (3)",
            rf"= {board.number(delta)} \cdot {board.number(carried, leading=False)}",
        ),
    )
    return SectionPage(
        (fill(text, weight=a.sign("weight", layer - 1, 0, 0)),), lines, a.errata.zeros()
    )


def _cancelling(a: SectionWriter) -> SlideLine:
    """How (1) · (2) comes to out − target."""
    layer, board = a.last, a.board
    out, net = board.name(address("out", layer, 0)), board.name(address("net", layer, 0))
    target = board.name(address("target", 0))
    if a.shape.error == "binary_cross_entropy":
        share = rf"{out} \, (1 - {out})"
        pieces = (
            f"= {derivative('E', out)} {CHAIN} {derivative(out, net)}",
            rf"= \dfrac{{{out} - {target}}}{{{share}}} \cdot {share}",
        )
    else:
        outs = [board.name(text) for text in board.layer("out", layer)[0]]
        targets = [board.name(address("target", k)) for k in range(a.shape.layers[-1])]
        pieces = (
            "= "
            + " + ".join(
                f"{derivative('E', each)} {CHAIN} {derivative(each, net)}" for each in outs
            ),
            rf"= {out} \, ({' + '.join(targets)}) - {target}",
        )
    return board.chain(
        address("delta", layer, 0), derivative("E", net), *pieces, f"= {out} - {target}"
    )


def chain_rule(a: SectionWriter) -> Section:
    """∂E/∂w'11 = (1)·(2)·(3): slide 2."""
    _ = a._
    layer, board = a.last, a.board
    weight = a.sign("weight", layer - 1, 0, 0)

    def page() -> SectionPage:
        if board.joint(layer):
            return joint_chain(a)
        text = fill(
            _(
                "How does E change if the weight %(weight)s grows a little? Its effect passes "
                "through %(net)s and %(out)s before it reaches E. The chain rule multiplies the "
                "slopes of these three stretches: (1) of the error, (2) of the activation "
                "function, (3) of net."
            ),
            weight=weight,
            net=a.sign("net", layer, 0),
            out=a.sign("out", layer, 0),
        )
        slopes = (address("error_slope", layer, 0), address("activation_slope", layer, 0))
        carried = address("out", layer - 1, 0)
        gradient = address("weight_gradient", layer - 1, 0, 0)
        numbers = [
            board.number(slopes[0]),
            *(board.number(t, leading=False) for t in (slopes[1], carried)),
        ]
        lines = (
            board.chain_rule(address("weight", layer - 1, 0, 0)),
            board.made(slopes[0], "(1)"),
            board.made(slopes[1], "(2)"),
            board.factor(address("weight", layer - 1, 0, 0), "(3)"),
            board.chain(
                gradient,
                board.name(gradient, STACKED),
                r"= (1) \cdot (2) \cdot (3)",
                "= " + r" \cdot ".join(numbers),
            ),
        )
        return SectionPage((text,), lines, a.errata.zeros())

    title = fill(_("The chain rule for %(weight)s"), weight=weight)
    moment = a.end("delta" if board.joint(layer) else "activation_slope", layer)
    return Section(f"chain-{layer}", "2", moment, title, page)


def output_delta(a: SectionWriter) -> Section:
    _ = a._
    layer = a.last

    def page() -> SectionPage:
        text = fill(
            _(
                "(1) and (2) are the same for every weight that leads into the same output. Their "
                "product has a name of its own, δ. It says how E changes with the net of the unit."
            )
        )
        if a.board.joint(layer):
            why = _("Here δ is computed at once: it is the distance of out to the target.")
            return SectionPage((text, fill(why)), _deltas(a, layer))
        return SectionPage((text,), _deltas(a, layer))

    title = fill(_("δ of %(layer)s"), layer=a.where(layer))
    return Section(f"delta-{layer}", "2", a.end("delta", layer), title, page)


def _deltas(a: SectionWriter, layer: int) -> tuple[SlideLine, ...]:
    return tuple(a.board.delta((layer, unit)) for unit in range(a.shape.layers[layer]))


def into_first(a: SectionWriter) -> Section:
    _ = a._
    layer, unit = a.last, a.unit(a.last, 0)

    def page() -> SectionPage:
        text = fill(
            _(
                "Once %(delta)s is known, each weight into %(unit)s takes one more multiplication: "
                "δ times the value that comes along the weight."
            ),
            delta=a.sign("delta", layer, 0),
            unit=unit,
        )
        return SectionPage((text,), _gradients_into(a, layer, 0))

    title = fill(_("All weights into %(unit)s"), unit=unit)
    return Section(f"into-{layer}-0", "2", a.end("weight_gradient", layer, 0), title, page)


def into_second(a: SectionWriter) -> Section:
    """Where slide 2 exchanges the figures of a weight."""
    _ = a._
    layer, unit = a.last, a.unit(a.last, 1)
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
            a.board.chain_rule(weight),
            a.board.factor(weight, "(3)"),
            *_gradients_into(a, layer, 1),
        )
        return SectionPage((text,), lines, a.errata.second_output())

    title = fill(_("All weights into %(unit)s"), unit=unit)
    return Section(f"into-{layer}-1", "2", a.end("weight_gradient", layer, 1), title, page)


def _gradients_into(a: SectionWriter, layer: int, unit: int) -> tuple[SlideLine, ...]:
    return tuple(
        a.board.made(address("weight_gradient", layer - 1, source, unit))
        for source in range(a.shape.layers[layer - 1])
    )


def gradients(a: SectionWriter, layer: int) -> Section:
    """The matrix of δ·out, what it will do to W, and the gradient of the bias."""
    _ = a._
    is_output, matrix = layer == a.last, a.whole("weight", layer - 1)

    def page() -> SectionPage:
        texts = [
            fill(
                _(
                    "Set in order, a row for each unit that sends and a column for each that "
                    "receives, the gradients are a matrix of the same shape as %(matrix)s. "
                    "Subtracted after multiplying by lr, it gives the new weights."
                ),
                matrix=matrix,
            )
        ]
        if a.shape.velocity_count:
            texts.append(
                fill(
                    _(
                        "That is the deck’s rule: here the velocity is subtracted, v = μ·v + gradient."
                    )
                )
            )
        if a.shape.accumulates:
            texts.append(
                fill(
                    _(
                        "That is the deck’s rule, after each example: here the gradients of all "
                        "examples are gathered before anything moves."
                    )
                )
            )
        if layer > 1:
            texts.append(
                fill(
                    _(
                        "But not yet: the layer before finds its δ with the old %(matrix)s, so the "
                        "update waits until every gradient is known."
                    ),
                    matrix=matrix,
                )
            )
        if a.shape.bias == "shared":
            text = _("The bias serves the whole layer, so its gradient is the sum of all δ.")
            texts.append(fill(text))
        elif a.shape.bias == "per_unit":
            texts.append(fill(_("The gradient of a bias is simply the δ of its unit.")))
        errata = a.errata.first_bias() if layer == 1 and not is_output else ()
        return SectionPage(tuple(texts), _gradient_lines(a, layer), errata)

    title = fill(_("The gradients of %(matrix)s as a matrix"), matrix=matrix)
    last = "weight_gradient" if a.shape.bias == "none" else "bias_gradient"
    return Section(f"matrix-{layer}", "2" if is_output else "3", a.end(last, layer), title, page)


def _gradient_lines(a: SectionWriter, layer: int) -> tuple[SlideLine, ...]:
    board = a.board
    kind = address("weight_gradient", layer - 1)
    weights = a.whole_name("weight", layer - 1)
    gradient = derivative("E", weights)
    lines = [
        board.chain(
            kind,
            gradient,
            f"= {board.products(layer - 1)}",
            f"= {board.numbers(board.weights(layer - 1, 'weight_gradient'))}",
        ),
        board.chain(
            address("weight", layer - 1),
            new(weights),
            rf"= {weights} - \mathrm{{lr}} \cdot {gradient}",
        ),
    ]
    if a.shape.bias == "shared" and layer < a.last:
        lines.append(_bias_paths(a, layer))
    for text in a.biases("bias_gradient", layer):
        lines.append(board.made(text))
    if a.shape.bias != "none":
        bias = a.whole_name("bias", layer - 1)
        rule = rf"= {bias} - \mathrm{{lr}} \cdot {derivative('E', bias)}"
        lines.append(board.chain(address("bias", layer - 1), new(bias), rule))
    return tuple(lines)


def _bias_paths(a: SectionWriter, layer: int) -> SlideLine:
    """∂E/∂b1, one chain for each unit that the bias reaches (slide 3)."""
    board, bias = a.board, a.board.name(address("bias", layer - 1))
    pieces = []
    for unit in range(a.shape.layers[layer]):
        out = board.name(address("out", layer, unit))
        net = board.name(address("net", layer, unit))
        pairs = (("E", out), (out, net), (net, bias))
        sign = "{} +" if unit else "="
        pieces.append(f"{sign} " + CHAIN.join(derivative(*pair) for pair in pairs))
    return board.chain(address("bias_gradient", layer - 1), derivative("E", bias), *pieces)


def paths(a: SectionWriter, layer: int) -> Section:
    """∂E/∂out of a hidden unit: the sum over every unit that it feeds."""
    _ = a._
    unit = a.unit(layer, 0)

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
        first, *others = a.of_layer("error_slope", layer)
        lines = (
            a.board.chain_rule(address("weight", layer - 1, 0, 0)),
            _paths(a, layer),
            a.board.made(first.of, "(1)"),
            *others,
        )
        return SectionPage((text,), lines, a.errata.paths())

    title = fill(_("Back to %(unit)s along every path"), unit=unit)
    return Section(f"paths-{layer}", "3", a.end("error_slope", layer), title, page)


def _paths(a: SectionWriter, layer: int) -> SlideLine:
    """∂E/∂out_H1 = ∂E_1/∂net_O1 × ∂net_O1/∂out_H1 + …"""
    board, out = a.board, a.board.name(address("out", layer, 0))
    pieces = []
    for unit in range(a.shape.layers[layer + 1]):
        net = board.name(address("net", layer + 1, unit))
        error = f"E_{unit + 1}" if layer + 1 == a.last else "E"
        sign = "{} +" if unit else "="
        pieces.append(f"{sign} {derivative(error, net)} {CHAIN} {derivative(net, out)}")
    return board.chain(address("error_slope", layer, 0), derivative("E", out), *pieces)


def hidden_delta(a: SectionWriter, layer: int) -> Section:
    _ = a._

    def page() -> SectionPage:
        text = fill(
            _(
                "(2) is the slope of the activation function, as at the outputs. (1) times (2) is "
                "the δ of the hidden unit. Times (3), the value that comes along the weight, it is "
                "the gradient of that weight."
            )
        )
        board = a.board
        lines = [
            board.made(address("activation_slope", layer, 0), "(2)"),
            board.factor(address("weight", layer - 1, 0, 0), "(3)"),
            *_deltas(a, layer),
        ]
        if a.shape.layers[layer] == 1:
            return SectionPage((text,), tuple(lines))
        lines.append(board.braced(layer, 1))
        return SectionPage((text,), tuple(lines), a.errata.brace())

    title = fill(_("δ of %(layer)s"), layer=a.where(layer))
    return Section(f"delta-{layer}", "3", a.end("delta", layer), title, page)
