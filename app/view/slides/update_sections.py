"""The end of the walk: the update (slides 2 and 3), and the backward pass in matrices (slide 4)."""

from app.backprop.addresses import address
from app.backprop.network import Shape
from app.view.notation.labels import Translate, fill
from app.view.notation.latex import new, transpose
from app.view.slides.sections import Section, SectionPage, SectionWriter
from app.view.slides.slide_lines import SlideLine


def update(w: SectionWriter) -> Section:
    _ = w._

    if not w.shape.is_update_iteration:
        return _accumulation(w)

    def page() -> SectionPage:
        texts = [fill(_update_text(_, w.shape))]
        if not w.step_view.finished:
            left = _("Only the bias of %(layer)s is left: it moves next.")
            texts.append(fill(left, layer=w.layer_name(1)))
        lines: list[SlideLine] = []
        for layer in range(w.last, 0, -1):
            if w.shape.velocity_count:
                lines.append(w.step_line(address("weight_velocity", layer - 1, 0, 0)))
            lines.append(_new_weights(w, layer - 1))
            lines += [w.step_line(bias) for bias in w.biases("bias", layer)]
        return SectionPage(tuple(texts), tuple(lines))

    title = fill(_("Every weight moves"))
    return Section("update", w.last_slides, w.cursor_after("weight_update", 1), title, page)


def _update_text(_: Translate, shape: Shape) -> str:
    if shape.update == "each" and shape.velocity_count:
        return _(
            "Every gradient is known, and each was taken at the old weights. The deck moves "
            "every weight and bias against its gradient. Here each has a velocity: μ times the "
            "old one and the gradient, and it moves against that, by lr times as much."
        )
    if shape.update == "each":
        return _(
            "Every gradient is known, and each was taken at the old weights. Now every weight "
            "and bias moves against its gradient, by lr times as much."
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
    rows, weights, rate = (
        w.weights(layer),
        w.layer_symbol("weight", layer),
        w.number("learning_rate"),
    )
    by = "weight_sum" if w.shape.accumulates else "weight_gradient"
    by = "weight_velocity" if w.shape.velocity_count else by
    mean = w.shape.update == "mean" and not w.shape.velocity_count
    divisor = f" / {w.number('example_count')}" if mean else ""
    return w.chain(
        address("weight", layer),
        new(weights),
        f"= {w.numbers(rows)}",
        rf"{{}} - {rate} \cdot {w.numbers(w.weights(layer, by))}{divisor}",
        f"= {w.new_numbers(rows)}",
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
        rf"\circ {w.symbols(w.units('delta', layer))}",
        f"= {w.numbers(w.weights(layer - 1, 'weight_gradient'))}",
        code=w.code("weight_gradient", layer),
    )
    return (*_deltas(w, layer), gradient)


def _deltas(w: SectionWriter, layer: int) -> tuple[SlideLine, ...]:
    """δ of a layer: from its slopes, or from out − target at once if these are fused."""
    deltas = w.units("delta", layer)
    named, numbers = f"= {w.symbols(deltas)}", f"= {w.numbers(deltas)}"
    code = w.code("delta", layer)
    if w.is_fused(layer):
        return (w.chain(address("delta", layer), _differences(w), named, numbers, code=code),)
    slopes = w.units("error_slope", layer)
    act = w.numbers(w.units("activation_slope", layer))
    if layer < w.last:
        after = w.symbols(w.units("delta", layer + 1))
        first = rf"{after} \circ {transpose(w.symbols(w.weights(layer)))}"
    elif w.shape.error == "mean_squared":
        first = rf"\tfrac{{2}}{{{w.shape.layers[-1]}}} \left( {_differences(w)} \right)"
    else:
        first = _differences(w)
    return (
        w.chain(
            address("error_slope", layer),
            first,
            f"= {w.numbers(slopes)}",
            code=w.code("error_slope", layer),
        ),
        w.chain(
            address("delta", layer),
            w.numbers(slopes),
            rf"\odot {act}",
            named,
            numbers,
            code=code,
        ),
    )


def _differences(w: SectionWriter) -> str:
    """out_O − target"""
    return f"{w.symbols(w.units('out', w.last))} - {w.symbols(w.targets())}"
