"""What every section of the walk through the deck says: our own words beside the deck's formulas.

A section is a function of the author; `deck` puts them in order. Each returns what it is called,
the moment of the iteration that it speaks of, and how to write its page, which only an open section
does. Texts are put so that no word next to a hole depends on what fills it: Korean particles would.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from app.backprop.addresses import address, unit_name
from app.view.notation.formulas import mathml
from app.view.notation.labels import Translate, fill, layer_words
from app.view.notation.latex import layer_symbol
from app.view.rendering.step_view import StepView
from app.view.slides.errata import Errata, Erratum
from app.view.slides.slide_lines import Board, SlideLine


@dataclass(frozen=True, slots=True)
class SectionPage:
    """What an open section shows: sentences, formulas, and what the slide prints otherwise."""

    text: tuple[Markup, ...]
    lines: tuple[SlideLine, ...]
    errata: tuple[Erratum, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the walk.

    Attributes:
        name: what it is about, and of which layer: `delta-2`.
        slide: of the deck.
        cursor: the moment that it speaks of: its last step has just been taken.
        title: its heading.
        page: writes what it shows.
    """

    name: str
    slide: str
    cursor: int
    title: Markup
    page: Callable[[], SectionPage]


class SectionWriter:
    """What sections are written with: the board, the language, and the moments of the iteration."""

    def __init__(self, step_view: StepView, _: Translate) -> None:
        self.board, self.step_view, self.shape, self._ = (
            Board(step_view),
            step_view,
            step_view.shape,
            _,
        )
        self.errata = Errata(self.board.depth, _)
        self.last = step_view.shape.depth - 1

    def end(self, kind: str, layer: int, unit: int | None = None) -> int:
        """The cursor after the last step of a kind, of a layer or of one of its units."""
        return max(
            cursor
            for cursor, step in enumerate(self.step_view.steps, 1)
            if (step.kind, step.layer) == (kind, layer) and unit in (None, step.unit)
        )

    def sign(self, kind: str, *indices: int) -> Markup:
        """A quantity among words."""
        return mathml(self.board.name(address(kind, *indices)))

    def whole(self, kind: str, layer: int) -> Markup:
        """A layer's quantity among words: W_IH, δ_O."""
        return mathml(self.whole_name(kind, layer))

    def whole_name(self, kind: str, layer: int) -> str:
        return layer_symbol(address(kind, layer), self.shape.depth)

    def unit(self, layer: int, unit: int) -> str:
        return unit_name(layer, unit, self.shape.depth)

    def where(self, layer: int) -> str:
        return layer_words(self._, self.shape, layer)

    def of_layer(self, kind: str, layer: int) -> tuple[SlideLine, ...]:
        """The formula of every unit of a layer."""
        return tuple(
            self.board.made(address(kind, layer, unit)) for unit in range(self.shape.layers[layer])
        )

    def biases(self, kind: str, layer: int) -> tuple[str, ...]:
        """The addresses of what belongs to the biases before a layer: one, one a unit, or none."""
        if self.shape.bias == "none":
            return ()
        if self.shape.bias == "shared":
            return (address(kind, layer - 1),)
        return tuple(address(kind, layer - 1, unit) for unit in range(self.shape.layers[layer]))


def model(a: SectionWriter) -> Section:
    _ = a._
    board, last = a.board, a.last
    inputs, outputs = board.layer("out", 0), (_targets(a),)
    text = fill(
        _(
            "In the network %(shape)s every unit of a layer is joined to every unit of the next. "
            "Values run from the inputs to the right; later the error travels along the same lines "
            "back to the left. One example, these inputs and targets, is enough to follow every "
            "calculation."
        ),
        shape=a.shape.text,
    )
    lines = (
        board.chain("out/0", "x", f"= {board.names(inputs)}", f"= {board.numbers(inputs)}"),
        board.chain(
            "target",
            r"\mathrm{target}",
            f"= {board.names(outputs)}",
            f"= {board.numbers(outputs)}",
        ),
        board.chain("learning_rate", r"\mathrm{lr}", f"= {board.number('learning_rate')}"),
    )
    return Section(
        f"model-{last}", "0", 0, fill(_("The model")), lambda: SectionPage((text,), lines)
    )


def _targets(a: SectionWriter) -> Sequence[str]:
    return tuple(address("target", unit) for unit in range(a.shape.layers[-1]))


def first_weights(a: SectionWriter) -> Section:
    """W_IH, and how to read it: shown as the second unit's net reads its column."""
    _ = a._
    target = min(1, a.shape.layers[1] - 1)
    matrix = a.whole("weight", 0)

    def page() -> SectionPage:
        text = fill(
            _(
                "The two figures of a weight say where it comes from and where it goes: from "
                "%(source)s to %(target)s it is %(weight)s. So a row of %(matrix)s holds the "
                "weights that leave one unit, and a column those that enter one. The net of "
                "%(target)s reads a single column, from top to bottom."
            ),
            source=a.unit(0, 0),
            target=a.unit(1, target),
            weight=a.sign("weight", 0, 0, target),
            matrix=matrix,
        )
        return SectionPage((text,), (_weights(a, 0), a.board.made(address("net", 1, target))))

    title = fill(_("The weights %(matrix)s"), matrix=matrix)
    return Section("weight-0", "1", a.end("net", 1, target), title, page)


def _weights(a: SectionWriter, layer: int) -> SlideLine:
    """W, its symbols and its numbers."""
    rows = a.board.weights(layer)
    name = a.whole_name("weight", layer)
    return a.board.chain(
        address("weight", layer), name, f"= {a.board.names(rows)}", f"= {a.board.numbers(rows)}"
    )


def net(a: SectionWriter, layer: int) -> Section:
    _ = a._
    title = fill(_("net of %(layer)s"), layer=a.where(layer))
    if layer > 1:
        title = fill(
            _("The weights %(matrix)s, and %(net)s"),
            matrix=a.whole("weight", layer - 1),
            net=a.whole("net", layer),
        )

    def page() -> SectionPage:
        if layer == 1:
            text = _(
                "Each unit adds up all that reaches it: every value of the layer before, times the "
                "weight on its way."
            )
            return SectionPage((fill(text), _bias_text(a, layer)), a.of_layer("net", layer))
        lines = (_weights(a, layer - 1), *a.of_layer("net", layer))
        return SectionPage((_again(a, layer), _bias_text(a, layer)), lines)

    return Section(f"net-{layer}", "1", a.end("net", layer), title, page)


def _again(a: SectionWriter, layer: int) -> Markup:
    _ = a._
    return fill(
        _(
            "The next layer repeats this with what the layer before passed on: %(out)s in place of "
            "%(before)s, and the weights %(matrix)s in place of %(earlier)s. A prime marks that "
            "they belong further on: from %(source)s to %(target)s it is %(weight)s."
        ),
        out=a.whole("out", layer - 1),
        before=a.whole("out", layer - 2),
        matrix=a.whole("weight", layer - 1),
        earlier=a.whole("weight", layer - 2),
        source=a.unit(layer - 1, 0),
        target=a.unit(layer, 0),
        weight=a.sign("weight", layer - 1, 0, 0),
    )


def _bias_text(a: SectionWriter, layer: int) -> Markup:
    _ = a._
    if a.shape.bias == "none":
        return fill(_("This network has no bias."))
    if a.shape.bias == "per_unit":
        return fill(_("Then comes a bias, which every unit has for itself."))
    return fill(
        _("Then comes the bias %(bias)s: one number for the whole layer."),
        bias=a.sign("bias", layer - 1),
    )


def out(a: SectionWriter, layer: int) -> Section:
    _ = a._

    def page() -> SectionPage:
        activation = a.shape.activations[layer - 1]
        texts = [fill(_("The activation function turns net into what the unit passes on."))]
        if layer == a.last:
            texts = [fill(_("What the output units pass on is the answer of the network."))]
        if activation == "sigmoid":
            texts.append(
                fill(_("The deck takes the sigmoid, whose values lie between 0 and 1 throughout."))
            )
        else:
            text = _("The deck takes the sigmoid; here it is this function: %(name)s.")
            texts.append(fill(text, name=activation))
        errata = a.errata.small_o() if layer == a.last else ()
        return SectionPage(tuple(texts), a.of_layer("out", layer), errata)

    title = fill(_("out of %(layer)s"), layer=a.where(layer))
    return Section(f"out-{layer}", "1", a.end("out", layer), title, page)


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


def error(a: SectionWriter) -> Section:
    _ = a._

    def page() -> SectionPage:
        text = fill(_error_text(_, a.shape.error), total=a.sign("error"))
        shares = [a.board.made(address("output_error", k)) for k in range(a.shape.layers[-1])]
        return SectionPage((text,), (*shares, a.board.made("error")), a.errata.target())

    return Section(f"error-{a.last}", "1", a.end("error", a.last), fill(_("The error")), page)
