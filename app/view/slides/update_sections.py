"""The end of the walk: the update of slides 2 and 3, and slide 4, the same in matrices."""

from app.backprop.addresses import address
from app.view.notation.labels import Translate, fill
from app.view.notation.latex import new, transpose
from app.view.slides.forward_sections import Section, SectionPage, SectionWriter
from app.view.slides.slide_lines import SlideLine


def update(a: SectionWriter) -> Section:
    _ = a._

    if not a.shape.is_update_iteration:
        return _gathering(a)

    def page() -> SectionPage:
        text = fill(
            _(
                "Every gradient is known, and each was taken at the old weights. Now every weight "
                "and bias moves against its gradient, by lr times as much."
            )
            if not a.shape.velocity_count and not a.shape.accumulates
            else _gathered_text(_, a.shape.update)
            if a.shape.accumulates
            else _(
                "Every gradient is known, and each was taken at the old weights. The deck moves "
                "every weight and bias against its gradient. Here each has a velocity: μ times the "
                "old one and the gradient, and it moves against that, by lr times as much."
            )
        )
        left = fill(
            _("Only the bias of %(layer)s is left: it moves next."),
            layer=a.where(1),
        )
        lines: list[SlideLine] = []
        for layer in range(a.last, 0, -1):
            if a.shape.velocity_count:
                lines.append(a.board.made(address("weight_velocity", layer - 1, 0, 0)))
            lines.append(_moved(a, layer - 1))
            lines += [a.board.made(bias) for bias in a.biases("bias", layer)]
        return SectionPage((text,) if a.step_view.finished else (text, left), tuple(lines))

    slide = "2" if a.last == 1 else "2–3"
    return Section("update", slide, a.end("weight_update", 1), fill(_("Every weight moves")), page)


def _gathered_text(_: Translate, update: str) -> str:
    if update == "mean":
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


def _gathering(a: SectionWriter) -> Section:
    """In place of the update, where it comes after all examples and this is not the last."""
    _ = a._

    def page() -> SectionPage:
        text = fill(
            _(
                "The deck moves every weight and bias now. Here that waits for the other examples: "
                "each gradient is added to what the examples before have gathered, and after the "
                "last one everything moves at once."
            )
        )
        lines: list[SlideLine] = []
        for layer in range(a.last, 0, -1):
            lines.append(a.board.made(address("weight_sum", layer - 1, 0, 0)))
            lines += [a.board.made(bias) for bias in a.biases("bias_sum", layer)]
        return SectionPage((text,), tuple(lines))

    slide = "2" if a.last == 1 else "2–3"
    title = fill(_("The gradients are gathered"))
    return Section("update", slide, a.end("weight_sum", 1), title, page)


def _moved(a: SectionWriter, layer: int) -> SlideLine:
    """W_new = W − lr · ∂E/∂W, all in numbers."""
    board, rows = a.board, a.board.weights(layer)
    weights = a.whole_name("weight", layer)
    rate = board.number("learning_rate")
    by = "weight_sum" if a.shape.accumulates else "weight_gradient"
    by = "weight_velocity" if a.shape.velocity_count else by
    mean = a.shape.update == "mean" and not a.shape.velocity_count
    shared = f" / {board.number('example_count')}" if mean else ""
    return board.chain(
        address("weight", layer),
        new(weights),
        f"= {board.numbers(rows)}",
        rf"{{}} - {rate} \cdot {board.numbers(board.weights(layer, by))}{shared}",
        f"= {board.new_numbers(rows)}",
    )


def matrices(a: SectionWriter) -> Section:
    """Slide 4: the backward pass, a layer a line."""
    _ = a._

    def page() -> SectionPage:
        text = fill(
            _(
                "The iteration is complete. Slide 4 writes its backward pass in matrices, a whole "
                "layer in one line: ⊙ multiplies number by number, ∘ is the matrix product, which "
                "makes a whole matrix of a column and a row, and T turns rows into columns. NumPy "
                "takes one line for each, too."
            )
        )
        lines: list[SlideLine] = []
        for layer in range(a.last, 0, -1):
            lines += _slide_4(a, layer)
        return SectionPage((text,), tuple(lines))

    return Section("matrices", "4", len(a.step_view.steps), fill(_("The same in matrices")), page)


def _slide_4(a: SectionWriter, layer: int) -> tuple[SlideLine, ...]:
    board = a.board
    deltas = board.layer("delta", layer)
    source = board.layer("out", layer - 1)
    column = board.names([[text] for text in source[0]])
    gradient = board.weights(layer - 1, "weight_gradient")
    made = board.chain(
        address("weight_gradient", layer - 1),
        column,
        rf"\circ {board.names(deltas)}",
        f"= {board.numbers(gradient)}",
        code=board.code("weight_gradient", layer),
    )
    return (*_deltas(a, layer), made)


def _deltas(a: SectionWriter, layer: int) -> tuple[SlideLine, ...]:
    """δ of a layer, from its slopes; of joint outputs, from the distances at once."""
    board = a.board
    deltas = board.layer("delta", layer)
    named, numbers = f"= {board.names(deltas)}", f"= {board.numbers(deltas)}"
    code = board.code("delta", layer)
    if board.joint(layer):
        return (board.chain(address("delta", layer), _distances(a), named, numbers, code=code),)
    slopes = board.layer("error_slope", layer)
    act = board.numbers(board.layer("activation_slope", layer))
    if layer < a.last:
        after = board.names(board.layer("delta", layer + 1))
        first = rf"{after} \circ {transpose(board.names(board.weights(layer)))}"
    elif a.shape.error == "mean_squared":
        first = rf"\tfrac{{2}}{{{a.shape.layers[-1]}}} \left( {_distances(a)} \right)"
    else:
        first = _distances(a)
    return (
        board.chain(
            address("error_slope", layer),
            first,
            f"= {board.numbers(slopes)}",
            code=board.code("error_slope", layer),
        ),
        board.chain(
            address("delta", layer),
            board.numbers(slopes),
            rf"\odot {act}",
            named,
            numbers,
            code=code,
        ),
    )


def _distances(a: SectionWriter) -> str:
    """out_O − target"""
    targets = ([address("target", unit) for unit in range(a.shape.layers[-1])],)
    return f"{a.board.names(a.board.layer('out', a.last))} - {a.board.names(targets)}"
