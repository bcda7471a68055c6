"""The end of the walk: the update (slides 2 and 3), and the backward pass in matrices (slide 4)."""

from app.backprop.addresses import address
from app.backprop.network import Shape
from app.view.notation.function_words import quantities_of
from app.view.notation.labels import Translate, fill
from app.view.notation.mathml import ELEMENTWISE, EQUALS, MATRIX_PRODUCT, transpose
from app.view.slides.sections import Section, SectionPage, SectionWriter
from app.view.slides.slide_lines import Rows, SlideLine


def update(w: SectionWriter) -> Section:
    _ = w._

    if not w.shape.is_update_iteration:
        return _accumulation(w)

    def page() -> SectionPage:
        texts = [fill(text) for text in _update_texts(_, w.shape)]
        if not w.step_view.finished:
            left = _("Only the bias of %(layer)s is left: it moves next.")
            texts.append(fill(left, layer=w.layer_name(1)))
        lines: list[SlideLine] = []
        for layer in range(w.last, 0, -1):
            lines += [w.step_line(step.result) for step in w.changes(layer)]
            lines.append(_new_weights(w, layer - 1))
            lines += [w.step_line(bias) for bias in w.biases("bias", layer)]
        return SectionPage(tuple(texts), tuple(lines))

    title = fill(_("Every weight moves"))
    return Section("update", w.last_slides, w.cursor_after("weight_update", 1), title, page)


def _update_texts(_: Translate, shape: Shape) -> tuple[str, ...]:
    walks = tuple(_(words.walk) for words in quantities_of(shape) if words.walk)
    return (_gradients_text(_, shape, is_deck=not walks), *walks)


def _gradients_text(_: Translate, shape: Shape, *, is_deck: bool) -> str:
    if shape.update == "each" and is_deck:
        return _(
            "Every gradient is known, and each was taken at the old weights. Now every weight "
            "and bias moves against its gradient, by lr times as much."
        )
    if shape.update == "each":
        return _(
            "Every gradient is known, and each was taken at the old weights. The deck moves "
            "every weight and bias against its gradient."
        )
    if shape.update == "mean":
        return _(
            "The deck moves every weight and bias after each example. Here the gradients of all "
            "examples were gathered first, all taken at the old weights. Now that the last one has "
            "had its turn, every weight and bias moves once, by the mean of its gradients."
        )
    return _(
        "The deck moves every weight and bias after each example. Here the gradients of all "
        "examples were gathered first, all taken at the old weights. Now that the last one has "
        "had its turn, every weight and bias moves once, by the sum of its gradients."
    )


def _accumulation(w: SectionWriter) -> Section:
    """What comes instead of a batch update that waits for the last example."""
    _ = w._

    def page() -> SectionPage:
        text = fill(
            _(
                "The deck moves every weight and bias now. Here that waits for the other examples: "
                "each gradient is added to what the examples before have gathered, and after the "
                "last one everything moves at once."
            )
        )
        lines: list[SlideLine] = []
        for layer in range(w.last, 0, -1):
            lines.append(w.step_line(address("weight_sum", layer - 1, 0, 0)))
            lines += [w.step_line(bias) for bias in w.biases("bias_sum", layer)]
        return SectionPage((text,), tuple(lines))

    title = fill(_("The gradients are gathered"))
    return Section("update", w.last_slides, w.cursor_after("weight_sum", 1), title, page)


def _new_weights(w: SectionWriter, layer: int) -> SlideLine:
    """W_new = W − lr · ∂E/∂W in numbers"""
    rows = w.weights(layer)
    old, *changes = w.in_matrices(w.step(rows[0][0]), numbers=True)
    return w.chain(
        address("weight", layer),
        w.new_layer_symbol("weight", layer),
        EQUALS + old,
        *changes,
        EQUALS + w.new_numbers(rows),
    )


def matrices(w: SectionWriter) -> Section:
    """The backward pass in matrices (slide 4)."""
    _ = w._

    def page() -> SectionPage:
        text = fill(
            _(
                "The iteration is complete. Slide 4 writes its backward pass in matrices, a whole "
                "layer in one line: ⊙ multiplies number by number, ∘ is the matrix product, which "
                "makes a whole matrix of a column and a row, and T turns rows into columns. NumPy "
                "takes one line for each, too."
            )
        )
        lines = (line for layer in range(w.last, 0, -1) for line in _layer_lines(w, layer))
        return SectionPage((text,), tuple(lines))

    return Section("matrices", "4", len(w.step_view.steps), fill(_("The same in matrices")), page)


def _layer_lines(w: SectionWriter, layer: int) -> tuple[SlideLine, ...]:
    column = w.symbols([[text] for text in w.units("out", layer - 1)[0]])
    gradient = w.chain(
        address("weight_gradient", layer - 1),
        column,
        MATRIX_PRODUCT + w.symbols(w.units("delta", layer)),
        EQUALS + w.numbers(w.weights(layer - 1, "weight_gradient")),
        code=w.code("weight_gradient", layer),
    )
    return (*_deltas(w, layer), gradient)


def _deltas(w: SectionWriter, layer: int) -> tuple[SlideLine, ...]:
    """δ of a layer: from its slopes, or from out − target at once if these are fused."""
    deltas = w.units("delta", layer)
    named, numbers = EQUALS + w.symbols(deltas), EQUALS + w.numbers(deltas)
    code = w.code("delta", layer)
    if w.is_fused(layer):
        return (w.chain(address("delta", layer), _of_layer(w, deltas), named, numbers, code=code),)
    slopes = w.units("error_slope", layer)
    act = w.numbers(w.units("activation_slope", layer))
    if layer < w.last:
        after = w.symbols(w.units("delta", layer + 1))
        first = after + MATRIX_PRODUCT + transpose(w.symbols(w.weights(layer)))
    else:
        first = _of_layer(w, slopes)
    return (
        w.chain(
            address("error_slope", layer),
            first,
            EQUALS + w.numbers(slopes),
            code=w.code("error_slope", layer),
        ),
        w.chain(
            address("delta", layer),
            w.numbers(slopes),
            ELEMENTWISE + act,
            named,
            numbers,
            code=code,
        ),
    )


def _of_layer(w: SectionWriter, results: Rows) -> str:
    """The formula of a whole layer's outputs, in symbols: out_O − target."""
    return "".join(w.in_matrices(w.step(results[0][0]), numbers=False))
