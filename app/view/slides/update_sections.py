"""The end of the walk: the update (slides 2 and 3), and the backward pass in matrices (slide 4)."""

from collections.abc import Iterator

from app.backprop.addresses import address
from app.view.notation.function_words import quantities_of
from app.view.notation.mathml import ELEMENTWISE, EQUALS, MATRIX_PRODUCT, transpose
from app.view.notation.numpy_lines import numpy_line
from app.view.slides.sections import Section, SectionPage, SectionWriter
from app.view.slides.slide_lines import Rows, SlideLine


def update(w: SectionWriter) -> Section:
    """The update, or what comes instead of a batch update that waits for the last example."""
    _ = w._
    moves = w.shape.is_update_iteration

    def page() -> SectionPage:
        lines: list[SlideLine] = []
        for layer in range(w.last, 0, -1):
            if moves:
                lines += [w.step_line(step.result) for step in w.changes(layer)]
                lines.append(_new_weights(w, layer - 1))
            else:
                lines.append(w.step_line(address("weight_sum", layer - 1, 0, 0)))
            lines += map(w.step_line, w.biases("bias" if moves else "bias_sum", layer))
        return w.page(_texts(w), lines, layer=w.layer_name(1))

    title = w.title(_("Every weight moves") if moves else _("The gradients are accumulated"))
    cursor = w.cursor_after("weight_update" if moves else "weight_sum", 1)
    note = _("Each gradient is added to those of the other examples. No weight moves yet.")
    if moves:
        note = _("Go back one step to compare the old weights with the new ones.")
    return Section("update", w.last_slides, cursor, *title, page, note)


def _texts(w: SectionWriter) -> list[str]:
    _ = w._
    if not w.shape.is_update_iteration:
        return [
            _(
                "The deck updates every weight and bias now. Here the update waits for the other "
                "examples: each gradient is added to those of the earlier examples, and after the "
                "last example everything changes at once."
            )
        ]
    walks = [_(words.walk) for words in quantities_of(w.shape) if words.walk]
    texts = {
        "each": _(
            "Every gradient is known, and all were computed with the old weights. In the deck, "
            "every weight and bias moves against its gradient."
        ),
        "mean": _(
            "The deck updates every weight and bias after each example. Here the gradients of all "
            "examples were accumulated first, all with the old weights. After the last example, "
            "every weight and bias now moves once, against the mean of its gradients."
        ),
        "sum": _(
            "The deck updates every weight and bias after each example. Here the gradients of all "
            "examples were accumulated first, all with the old weights. After the last example, "
            "every weight and bias now moves once, against the sum of its gradients."
        ),
    }
    if not walks:
        texts["each"] = _(
            "Every gradient is known, and all were computed with the old weights. Now every weight "
            "and bias moves against its gradient, by lr times as much."
        )
    left = _("Only the bias of %(layer)s is left: it moves next.")
    return [texts[w.shape.update], *walks, *([] if w.step_view.finished else [left])]


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
        text = _(
            "The iteration is complete. Slide 4 writes the backward pass in matrices, a whole "
            "layer in one line: ⊙ multiplies element by element, ∘ is the matrix product (of a "
            "column and a row: a whole matrix), and T transposes. NumPy needs one line for each, "
            "too."
        )
        return w.page(text, (line for i in range(w.last, 0, -1) for line in _layer_lines(w, i)))

    title, cursor = w.title(_("The same in matrices")), len(w.step_view.steps)
    note = _("Each line computes a whole layer. Compare one of them with the steps of the walk.")
    return Section("matrices", "4", cursor, *title, page, note)


def _layer_lines(w: SectionWriter, layer: int) -> Iterator[SlideLine]:
    """δ of a layer, from its slopes or from out − target at once if these are fused, and the
    gradient."""

    def line(kind: str, index: int, *pieces: str) -> SlideLine:
        return w.chain(address(kind, index), *pieces, code=numpy_line(w.shape, kind, layer))

    deltas, slopes = w.units("delta", layer), w.units("error_slope", layer)
    if w.is_fused(layer):
        factors = [_of_layer(w, deltas)]
    else:
        if layer < w.last:
            after = w.symbols(w.units("delta", layer + 1))
            first = after + MATRIX_PRODUCT + transpose(w.symbols(w.weights(layer)))
        else:
            first = _of_layer(w, slopes)
        yield line("error_slope", layer, first, EQUALS + w.numbers(slopes))
        factors = [w.numbers(slopes), ELEMENTWISE + w.numbers(w.units("activation_slope", layer))]
    yield line("delta", layer, *factors, EQUALS + w.symbols(deltas), EQUALS + w.numbers(deltas))
    column = w.symbols([[text] for text in w.units("out", layer - 1)[0]])
    product = MATRIX_PRODUCT + w.symbols(deltas)
    gradients = EQUALS + w.numbers(w.weights(layer - 1, "weight_gradient"))
    yield line("weight_gradient", layer - 1, column, product, gradients)


def _of_layer(w: SectionWriter, results: Rows) -> str:
    """The formula of a whole layer's outputs, in symbols: out_O − target."""
    return "".join(w.in_matrices(w.step(results[0][0]), numbers=False))
