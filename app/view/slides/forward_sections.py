"""The walk through slides 0 and 1: the model, and the forward pass up to the error."""

from markupsafe import Markup

from app.backprop.addresses import address
from app.view.notation.labels import Translate, fill
from app.view.slides.sections import Section, SectionPage, SectionWriter
from app.view.slides.slide_lines import SlideLine


def model(w: SectionWriter) -> Section:
    _ = w._
    inputs, targets = w.units("out", 0), w.targets()
    text = fill(
        _(
            "In the network %(shape)s every unit of a layer is joined to every unit of the next. "
            "Values run from the inputs to the right; later the error travels along the same lines "
            "back to the left. One example, these inputs and targets, is enough to follow every "
            "calculation."
        ),
        shape=w.shape.text,
    )
    lines = (
        w.chain("out/0", "x", f"= {w.symbols(inputs)}", f"= {w.numbers(inputs)}"),
        w.chain(
            "target",
            r"\mathrm{target}",
            f"= {w.symbols(targets)}",
            f"= {w.numbers(targets)}",
        ),
        w.chain("learning_rate", r"\mathrm{lr}", f"= {w.number('learning_rate')}"),
    )
    page = SectionPage((text,), lines)
    return Section(f"model-{w.last}", "0", 0, fill(_("The model")), lambda: page)


def first_weights(w: SectionWriter) -> Section:
    """The matrix W_IH, and the net of the second unit, which uses its second column (slide 1)."""
    _ = w._
    target = min(1, w.shape.layers[1] - 1)
    matrix = w.layer_math("weight", 0)

    def page() -> SectionPage:
        text = fill(
            _(
                "The two figures of a weight say where it comes from and where it goes: from "
                "%(source)s to %(target)s it is %(weight)s. So a row of %(matrix)s holds the "
                "weights that leave one unit, and a column those that enter one. The net of "
                "%(target)s reads a single column, from top to bottom."
            ),
            source=w.unit_name(0, 0),
            target=w.unit_name(1, target),
            weight=w.math("weight", 0, 0, target),
            matrix=matrix,
        )
        return SectionPage((text,), (_weights(w, 0), w.step_line(address("net", 1, target))))

    title = fill(_("The weights %(matrix)s"), matrix=matrix)
    return Section("weight-0", "1", w.cursor_after("net", 1, target), title, page)


def _weights(w: SectionWriter, layer: int) -> SlideLine:
    rows, name = w.weights(layer), w.layer_symbol("weight", layer)
    return w.chain(address("weight", layer), name, f"= {w.symbols(rows)}", f"= {w.numbers(rows)}")


def net(w: SectionWriter, layer: int) -> Section:
    _ = w._
    title = fill(_("net of %(layer)s"), layer=w.layer_name(layer))
    if layer > 1:
        title = fill(
            _("The weights %(matrix)s, and %(net)s"),
            matrix=w.layer_math("weight", layer - 1),
            net=w.layer_math("net", layer),
        )

    def page() -> SectionPage:
        if layer == 1:
            text = _(
                "Each unit adds up all that reaches it: every value of the layer before, times the "
                "weight on its way."
            )
            return SectionPage((fill(text), _bias_text(w, layer)), w.layer_lines("net", layer))
        lines = (_weights(w, layer - 1), *w.layer_lines("net", layer))
        return SectionPage((_repetition_text(w, layer), _bias_text(w, layer)), lines)

    return Section(f"net-{layer}", "1", w.cursor_after("net", layer), title, page)


def _repetition_text(w: SectionWriter, layer: int) -> Markup:
    _ = w._
    return fill(
        _(
            "The next layer repeats this with what the layer before passed on: %(out)s in place of "
            "%(before)s, and the weights %(matrix)s in place of %(earlier)s. A prime marks that "
            "they belong further on: from %(source)s to %(target)s it is %(weight)s."
        ),
        out=w.layer_math("out", layer - 1),
        before=w.layer_math("out", layer - 2),
        matrix=w.layer_math("weight", layer - 1),
        earlier=w.layer_math("weight", layer - 2),
        source=w.unit_name(layer - 1, 0),
        target=w.unit_name(layer, 0),
        weight=w.math("weight", layer - 1, 0, 0),
    )


def _bias_text(w: SectionWriter, layer: int) -> Markup:
    _ = w._
    if w.shape.bias == "none":
        return fill(_("This network has no bias."))
    if w.shape.bias == "per_unit":
        return fill(_("Then comes a bias, which every unit has for itself."))
    return fill(
        _("Then comes the bias %(bias)s: one number for the whole layer."),
        bias=w.math("bias", layer - 1),
    )


def out(w: SectionWriter, layer: int) -> Section:
    _ = w._

    def page() -> SectionPage:
        activation = w.shape.activations[layer - 1]
        texts = [fill(_("The activation function turns net into what the unit passes on."))]
        if layer == w.last:
            texts = [fill(_("What the output units pass on is the answer of the network."))]
        if activation == "sigmoid":
            texts.append(
                fill(_("The deck takes the sigmoid, whose values lie between 0 and 1 throughout."))
            )
        else:
            text = _("The deck takes the sigmoid; here it is this function: %(name)s.")
            texts.append(fill(text, name=activation))
        errata = w.errata.small_o() if layer == w.last else ()
        return SectionPage(tuple(texts), w.layer_lines("out", layer), errata)

    title = fill(_("out of %(layer)s"), layer=w.layer_name(layer))
    return Section(f"out-{layer}", "1", w.cursor_after("out", layer), title, page)


def _error_text(_: Translate, error: str) -> str:
    return {
        "half_squared": _(
            "How far is the answer from the target? For each output it is half the square of "
            "the distance, and %(total)s adds them up. The half is there for what follows: it "
            "cancels the 2 that the derivative of a square brings along."
        ),
        "mean_squared": _(
            "How far is the answer from the target? The deck takes half the square of each "
            "distance. Here it is their mean: each square is divided by the number of outputs, "
            "and %(total)s adds them up."
        ),
        "binary_cross_entropy": _(
            "How far is the answer from the target? The deck takes half the square of each "
            "distance. Here every out counts as the probability of a yes, and the error is the "
            "logarithm of how improbable that makes the target, with a minus; %(total)s adds them "
            "up. It is written with net, because the logarithm of an out near 0 or 1 has few "
            "digits."
        ),
        "cross_entropy": _(
            "How far is the answer from the target? The deck takes half the square of each "
            "distance. Here the outs are the probabilities of the outputs, and the error is the "
            "logarithm of that of the target, with a minus; %(total)s adds them up. It is written "
            "with the nets, because the logarithm of an out near 0 has few digits."
        ),
    }[error]


def error(w: SectionWriter) -> Section:
    _ = w._

    def page() -> SectionPage:
        text = fill(_error_text(_, w.shape.error), total=w.math("error"))
        shares = [w.step_line(address("output_error", k)) for k in range(w.shape.layers[-1])]
        return SectionPage((text,), (*shares, w.step_line("error")), w.errata.target())

    return Section(
        f"error-{w.last}", "1", w.cursor_after("error", w.last), fill(_("The error")), page
    )
