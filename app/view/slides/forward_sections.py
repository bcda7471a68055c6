"""The walk through slides 0 and 1: the model, and the forward pass up to the error."""

from app.backprop.addresses import address
from app.view.notation.function_words import ACTIVATION_WORDS, ERROR_WORDS
from app.view.notation.labels import activation_name, has_mixed_activations
from app.view.notation.mathml import EQUALS
from app.view.slides.sections import Section, SectionPage, SectionWriter
from app.view.slides.slide_lines import SlideLine


def model(w: SectionWriter) -> Section:
    _ = w._

    def page() -> SectionPage:
        text = _(
            "In the %(shape)s network every unit of a layer is connected to every unit of the "
            "next. Values go from the inputs to the right; later the error comes back to the left "
            "along the same lines. One example, these inputs and targets, is enough to follow "
            "every calculation."
        )
        rate = w.symbol("learning_rate"), EQUALS + w.number("learning_rate")
        lines = (
            w.named_matrix("out/0", w.units("out", 0)),
            w.named_matrix("target", w.targets()),
            w.chain("learning_rate", *rate),
        )
        return w.page(text, lines, shape=w.shape.text)

    note = _(
        "Say what the inputs, the targets and the learning rate are. Nothing has been computed yet."
    )
    return Section(f"model-{w.last}", "0", 0, *w.title(_("The model")), page, note)


def first_weights(w: SectionWriter) -> Section:
    """The matrix W_IH, and the net of the second unit, which uses its second column (slide 1)."""
    _ = w._
    target = min(1, w.shape.layers[1] - 1)
    matrix = w.layer_math("weight", 0)

    def page() -> SectionPage:
        text = _(
            "The two indices of a weight say where it comes from and where it goes: from "
            "%(source)s to %(target)s it is %(weight)s. So a row of %(matrix)s holds the weights "
            "that leave one unit, and a column those that enter one. The net of %(target)s uses a "
            "single column, from top to bottom."
        )
        return w.page(
            text,
            (_weights(w, 0), w.step_line(address("net", 1, target))),
            source=w.unit_name(0, 0),
            target=w.unit_name(1, target),
            weight=w.math("weight", 0, 0, target),
            matrix=matrix,
        )

    title = w.title(_("The weights %(matrix)s"), {"matrix": "weight/0"})
    note = _(
        "Point at one column of the matrix: a unit adds up its inputs times these weights. A row "
        "holds the weights that leave one unit."
    )
    about = address("net", 1, target)
    return Section("weight-0", "1", w.cursor_after("net", 1, target), *title, page, note, about)


def _weights(w: SectionWriter, layer: int) -> SlideLine:
    return w.named_matrix(address("weight", layer), w.weights(layer))


def net(w: SectionWriter, layer: int) -> Section:
    _ = w._
    title = w.title(_("net of %(layer)s"), layer=w.layer_name(layer))
    note = _("Each net is a sum of products. Pick one, and add it up with the class.")
    if layer > 1:
        title = w.title(
            _("The weights %(matrix)s, and %(net)s"),
            {"matrix": address("weight", layer - 1), "net": address("net", layer)},
        )
        note = _(
            "It is the same sum once more. The outs of the layer before have taken the place of "
            "the values before them."
        )

    def page() -> SectionPage:
        biases = {
            "none": _("This network has no bias."),
            "per_unit": _("Each unit then adds its own bias."),
            "shared": _("Then the bias %(bias)s is added, one number for the whole layer."),
        }
        bias = biases[w.shape.bias]
        lines, symbols = w.layer_lines("net", layer), {}
        if w.shape.bias == "shared":
            symbols["bias"] = w.math("bias", layer - 1)
        if layer == 1:
            text = _("Each unit adds up every value of the layer before times its weight.")
            return w.page((text, bias), lines, **symbols)
        text = _(
            "The next layer does the same, with %(out)s in place of %(before)s and the weights "
            "%(matrix)s in place of %(earlier)s. A prime marks the weights of the later layer: "
            "from %(source)s to %(target)s it is %(weight)s."
        )
        return w.page(
            (text, bias),
            (_weights(w, layer - 1), *lines),
            out=w.layer_math("out", layer - 1),
            before=w.layer_math("out", layer - 2),
            matrix=w.layer_math("weight", layer - 1),
            earlier=w.layer_math("weight", layer - 2),
            source=w.unit_name(layer - 1, 0),
            target=w.unit_name(layer, 0),
            weight=w.math("weight", layer - 1, 0, 0),
            **symbols,
        )

    return Section(f"net-{layer}", "1", w.cursor_after("net", layer), *title, page, note)


def out(w: SectionWriter, layer: int) -> Section:
    _ = w._
    is_output, mixed = layer == w.last, has_mixed_activations(w.shape, layer)

    def page() -> SectionPage:
        text = _("The activation function turns net into out, the value that the unit passes on.")
        if is_output:
            text = _("The outs of the output units are the answer of the network.")
        elif mixed:
            text = _(
                "The activation function of each unit turns net into out, the value that the unit "
                "passes on."
            )
        names = [
            activation_name(_, w.shape.activation(layer, unit))
            for unit in range(w.shape.layers[layer])
        ]
        which = _(ACTIVATION_WORDS[w.shape.activation(layer)].walk)
        if mixed:
            which = _("The deck uses the sigmoid; here each unit has its own function: %(names)s.")
        return w.page(
            (text, which),
            w.layer_lines("out", layer),
            "small-o" if is_output else "",
            name=names[0],
            names=", ".join(f"{w.unit_name(layer, i)} {name}" for i, name in enumerate(names)),
        )

    title = w.title(_("out of %(layer)s"), layer=w.layer_name(layer))
    note = _("Every net has gone through the activation function. Compare one net with its out.")
    if is_output:
        note = _("These are the answers of the network. Compare each of them with its target.")
    return Section(f"out-{layer}", "1", w.cursor_after("out", layer), *title, page, note)


def error(w: SectionWriter) -> Section:
    _ = w._

    def page() -> SectionPage:
        addresses = [address("output_error", k) for k in range(w.shape.layers[-1])] + ["error"]
        lines = map(w.step_line, addresses)
        return w.page(_(ERROR_WORDS[w.shape.error].walk), lines, "target", total=w.math("error"))

    note = _(
        "The forward pass ends here: one number says how far off the answers are. From now on, "
        "everything runs from right to left."
    )
    asks = w.first_delta if w.is_fused(w.last) else ()
    title, cursor = w.title(_("The error")), w.cursor_after("error", w.last)
    return Section(f"error-{w.last}", "1", cursor, *title, page, note, asks=asks)
