"""What a section of the walk through the deck is, and what sections are written with."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from app.backprop.addresses import address, parse
from app.backprop.quantity_names import PRIME, symbol, unit_name
from app.backprop.steps import Step
from app.view.notation.formulas import math
from app.view.notation.labels import Translate, fill, layer_words, plain_layer_symbol
from app.view.rendering.step_view import StepView
from app.view.slides.errata import Erratum, erratum
from app.view.slides.slide_lines import LineWriter, SlideLine


@dataclass(frozen=True, slots=True)
class SectionPage:
    """What an open section shows: sentences, formulas, and the errata of its slide."""

    text: tuple[Markup, ...]
    lines: tuple[SlideLine, ...]
    errata: tuple[Erratum, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the walk."""

    name: str  # its subject, and the layer: `delta-2`
    slide: str  # the slide of the deck
    cursor: int  # from which it can be read: its last step has been taken
    title: Markup
    plain_title: str  # the same without markup
    page: Callable[[], SectionPage]  # writes its page, which only an open section does
    note: str  # for whoever explains it, as plain text
    about: str = ""  # the quantity that is put in focus when it is opened
    # What to ask about the next steps: `number`, `sign` or `larger`, and the addresses. Or nothing.
    asks: tuple[str, ...] = ()


NO_SYMBOLS: Mapping[str, str] = {}


class SectionWriter(LineWriter):
    """Writes sections in a language. A section is a function of this writer.

    No word of a text next to a placeholder may depend on what fills it: Korean particles would.
    """

    def __init__(self, step_view: StepView, _: Translate) -> None:
        super().__init__(step_view)
        self._ = _
        self.last_slides = "2" if self.last == 1 else "2–3"

    def page(
        self,
        texts: str | Iterable[str],
        lines: Iterable[SlideLine],
        slip: str = "",
        **symbols: object,
    ) -> SectionPage:
        """A page.

        Args:
            texts: translated sentences; `symbols` fill their placeholders.
            slip: the name of an erratum, which is shown if the network has the deck's symbols.
        """
        texts = (texts,) if isinstance(texts, str) else texts
        errata = (erratum(slip, self._),) if slip and self.shape.depth == 3 else ()
        return SectionPage(tuple(fill(text, **symbols) for text in texts), tuple(lines), errata)

    def cursor_after(self, kind: str, layer: int, unit: int | None = None) -> int:
        """The cursor after the last step of a kind, of a layer or of one of its units."""
        return max(
            cursor
            for cursor, step in enumerate(self.step_view.steps, 1)
            if (step.kind, step.layer) == (kind, layer) and unit in (None, step.unit)
        )

    def math(self, kind: str, *indices: int) -> Markup:
        """The symbol of a quantity, for a sentence."""
        return math(self.symbol(address(kind, *indices)))

    def layer_math(self, kind: str, layer: int) -> Markup:
        """The symbol of a layer's quantity, for a sentence: W_IH, δ_O."""
        return math(self.layer_symbol(kind, layer))

    def unit_name(self, layer: int, unit: int) -> str:
        return unit_name(layer, unit, self.shape)

    def title(
        self, text: str, symbols: Mapping[str, str] = NO_SYMBOLS, **words: str
    ) -> tuple[Markup, str]:
        """A title with its symbols in MathML, and as plain text.

        Args:
            text: translated; `words` fill its placeholders, and so do
            symbols: the addresses of quantities, or of those of a whole layer.
        """
        in_math, as_text = dict[str, object](words), dict[str, str](words)
        for name, text_address in symbols.items():
            kind, indices = parse(text_address)
            if len(indices) > 1:
                in_math[name] = self.math(kind, *indices)
                as_text[name] = symbol(text_address, self.shape).replace(PRIME, "′")
            else:
                in_math[name] = self.layer_math(kind, *indices)
                as_text[name] = plain_layer_symbol(self.shape, kind, *indices)
        return fill(text, **in_math), text % as_text

    def layer_name(self, layer: int) -> str:
        return layer_words(self._, self.shape, layer)

    @property
    def first_delta(self) -> tuple[str, ...]:
        """The question for the first δ."""
        return "number", address("delta", self.last, 0)

    def changes(self, layer: int) -> tuple[Step, ...]:
        """The steps between the gradient of the first weight into a layer and its update, such as
        its velocity."""
        return tuple(
            step
            for step in self.step_view.steps
            if step.only_in_update_iteration and step.result == address(step.kind, layer - 1, 0, 0)
        )

    def biases(self, kind: str, layer: int) -> tuple[str, ...]:
        """The addresses of a quantity of the biases that lead to a layer."""
        return tuple(
            address(kind, *indices)
            for indices in self.shape.bias_indices()
            if indices[0] == layer - 1
        )
