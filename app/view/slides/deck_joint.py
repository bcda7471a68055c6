"""Slide 2's chain rule where the error is made for the activation, and δ is out − target at once."""

from app.backprop.addresses import address
from app.view.notation.latex import STACKED
from app.view.notation.sentence_builder import fill
from app.view.slides.forward_sections import Author, Page
from app.view.slides.slide_lines import CHAIN, Line, slope


def joint_chain(a: Author) -> Page:
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
    return Page((fill(text, weight=a.sign("weight", layer - 1, 0, 0)),), lines, a.slips.zeros())


def _cancelling(a: Author) -> Line:
    """How (1) · (2) comes to out − target."""
    layer, board = a.last, a.board
    out, net = board.name(address("out", layer, 0)), board.name(address("net", layer, 0))
    target = board.name(address("target", 0))
    if a.shape.error == "binary_cross_entropy":
        share = rf"{out} \, (1 - {out})"
        pieces = (
            f"= {slope('E', out)} {CHAIN} {slope(out, net)}",
            rf"= \dfrac{{{out} - {target}}}{{{share}}} \cdot {share}",
        )
    else:
        outs = [board.name(text) for text in board.layer("out", layer)[0]]
        targets = [board.name(address("target", k)) for k in range(a.shape.layers[-1])]
        pieces = (
            "= " + " + ".join(f"{slope('E', each)} {CHAIN} {slope(each, net)}" for each in outs),
            rf"= {out} \, ({' + '.join(targets)}) - {target}",
        )
    return board.chain(address("delta", layer, 0), slope("E", net), *pieces, f"= {out} - {target}")
