"""The derivation of a number: its formula, whose operands open into their own formulas.

A derivation path is a quantity, then an operand of its formula, then an operand of that one's. Each
level is a step of the iteration, or an input of the iteration.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup

from app.backprop.addresses import address, parse
from app.backprop.compiler import compile_iteration
from app.backprop.expressions import Expression, Operand, Product, tokens
from app.backprop.functions import HYPERPARAMETERS
from app.backprop.network import Shape
from app.backprop.quantity_names import symbol as plain_symbol
from app.backprop.steps import Step
from app.view.notation.explanations import why
from app.view.notation.formulas import NO_MARKUP, mathml
from app.view.notation.function_words import HYPERPARAMETER_NAMES, quantity_words
from app.view.notation.labels import Translate, slide, title
from app.view.notation.latex import symbol
from app.view.notation.notations import TEXT
from app.view.notation.numpy_lines import Code, code
from app.view.rendering.numbers import MINUS
from app.view.rendering.step_view import Quantity, StepView

# The inputs that a person may change; velocities and sums follow from earlier iterations.
_EDITABLE = ("weight", "bias", "out", "target", "learning_rate", *HYPERPARAMETERS)


@dataclass(frozen=True, slots=True)
class FormulaPiece:
    """A part of a formula: an operand, or the text between two operands."""

    text: str = ""
    address: str = ""  # of the operand; empty for a text
    symbol: Markup = NO_MARKUP
    value: Quantity | None = None
    leading: bool = False  # whether a negative number needs no parentheses
    is_given: bool = False  # whether it is shown with the digits that it was given with
    is_open: bool = False  # whether it is the next level


Term = tuple[FormulaPiece, ...]  # what a line break must not separate


@dataclass(frozen=True, slots=True)
class Level:
    """One quantity and how it is computed."""

    address: str
    way: tuple[str, ...]  # the derivation path up to this level
    symbol: Markup
    plain: str
    title: str
    value: Quantity | None  # None until it is known; then `after` says which step computes it
    after: str
    slide: int | None
    rows: tuple[tuple[Term, ...], ...]  # its formula; of ∂E/∂w, the chain rule first
    counted: Quantity | None  # what the terms of a net come to if it counts as 0
    given: str  # where the number comes from, if no step computes it
    entry: str  # the form field that changes it, or empty
    old: Quantity | None  # what that changes: of a weight or bias, the value before the update
    code: tuple[Code, ...]
    why: str


def known_path(shape: Shape, path: tuple[str, ...]) -> tuple[str, ...]:
    """As much of a derivation path as exists in a network, from its first address on."""
    kept: tuple[str, ...] = ()
    for text in path:
        known = text in operands_at(shape, kept) if kept else text in quantities(shape)
        if not known:
            break
        kept = (*kept, text)
    return kept


@lru_cache(maxsize=256)
def quantities(shape: Shape) -> frozenset[str]:
    """Every address in a network of this shape."""
    compiled = compile_iteration(shape)
    return frozenset(compiled.position) | frozenset(compiled.inputs)


def step_at(shape: Shape, path: tuple[str, ...]) -> Step | None:
    """The step that computes the last quantity of a derivation path; None for an input.

    On the first level a weight is the result of its update. As an operand it is the old weight,
    which is an input.
    """
    text = path[-1]
    compiled = compile_iteration(shape)
    if len(path) > 1 and text in compiled.inputs:
        return None
    position = compiled.position.get(text)
    return None if position is None else compiled.steps[position]


def operands_at(shape: Shape, path: tuple[str, ...]) -> tuple[str, ...]:
    """The operands of the formula at the end of a path, the factors of the chain rule included."""
    step = step_at(shape, path)
    if step is None:
        return ()
    return step.operands + chain(shape, step)


def chain(shape: Shape, step: Step) -> tuple[str, ...]:
    """(1), (2) and (3) of slides 2 and 3: the factors of ∂E/∂w, the first two of which make δ.

    Empty for any other step, and if δ is computed without the two.
    """
    if step.kind != "weight_gradient" or (shape.fused_delta and step.layer == shape.depth - 1):
        return ()
    _, (layer, source, unit) = parse(step.result)
    return (
        address("error_slope", layer + 1, unit),
        address("activation_slope", layer + 1, unit),
        address("out", layer, source),
    )


def levels(step_view: StepView, path: tuple[str, ...], _: Translate) -> tuple[Level, ...]:
    """The levels of a derivation, one for each address of the path."""
    return tuple(
        _level(step_view, path[: depth + 1], path[depth + 1 : depth + 2], _)
        for depth in range(len(path))
    )


def _level(
    step_view: StepView, path: tuple[str, ...], opened: tuple[str, ...], _: Translate
) -> Level:
    shape, text = step_view.shape, path[-1]
    step = step_at(shape, path)
    value = step_view.computed(text) if step else step_view.operand(text)
    kind = text.partition("/")[0]
    changes = kind in _EDITABLE and text in step_view.compiled.inputs and text not in opened
    entry = f"derivation/{text}" if changes else ""
    return Level(
        address=text,
        way=path,
        symbol=mathml(symbol(text, shape)),
        plain=plain_symbol(text, shape),
        title=title(_, shape, step, whole_layer=False) if step else "",
        value=value,
        after="" if value is not None or step is None else _known_after(step_view, step, _),
        slide=slide(shape, step) if step else None,
        rows=tuple(_rows(step_view, step, opened)) if step else (),
        counted=step_view.counted_as_zero(step) if step else None,
        given="" if step else given_text(_, shape, text),
        entry=entry,
        old=step_view.operand(text) if entry else None,
        code=code(shape, step) if step else (),
        why=why(_, shape, step) if step else "",
    )


def _known_after(step_view: StepView, step: Step, _: Translate) -> str:
    number, count = step_view.number_of(step_view.compiled.position[step.result] + 1)
    return _("computed in step %(number)s of %(steps)s") % {"number": number, "steps": count}


def _rows(step_view: StepView, step: Step, opened: tuple[str, ...]) -> Iterator[tuple[Term, ...]]:
    factors = chain(step_view.shape, step)
    if factors:
        product = Product(tuple(map(Operand, factors)))
        yield tuple(_terms(_pieces(step_view, product, opened)))
    yield tuple(_terms(_pieces(step_view, step.expression, opened)))


def _terms(pieces: Iterable[FormulaPiece]) -> Iterator[Term]:
    """The terms of a formula: each begins with its sign."""
    term: list[FormulaPiece] = []
    for piece in pieces:
        if piece.text.startswith((" + ", f" {MINUS} ")) and term:
            yield tuple(term)
            term = []
        term.append(piece)
    yield tuple(term)


def _pieces(
    step_view: StepView, formula: Expression, opened: tuple[str, ...]
) -> Iterator[FormulaPiece]:
    text = ""
    for token in tokens(formula, TEXT):
        if isinstance(token, str):
            text += token
            continue
        if text:
            yield FormulaPiece(text=text)
        text, at = "", token.address
        known = step_view.known(at)
        yield FormulaPiece(
            address=at,
            symbol=mathml(symbol(at, step_view.shape)),
            value=step_view.operand(at) if known else None,
            leading=token.leading,
            is_given=step_view.is_input(at),
            is_open=opened == (at,),
        )
    if text:
        yield FormulaPiece(text=text)


def given_text(_: Translate, shape: Shape, text: str) -> str:
    """Where an input of the iteration comes from."""
    kind, _indices = parse(text)
    if kind in HYPERPARAMETER_NAMES:
        return _("A chosen number: %(name)s.") % {"name": _(HYPERPARAMETER_NAMES[kind])}
    if kind.endswith("_before"):
        words = quantity_words(kind)
        return _(words.given) % {"name": _(words.name)}
    if kind == "bias" and shape.named.thresholds:
        return _(
            "The threshold at the start of this iteration: the initial value, or the result of the "
            "previous iteration."
        )
    return {
        "out": _("An input of the example: given."),
        "target": _("The target of the example: given."),
        "learning_rate": _("The learning rate: chosen."),
        "example_count": _("How many examples a pass has."),
        "weight": _(
            "The weight at the start of this iteration: the initial value, or the result of the "
            "previous iteration."
        ),
        "bias": _(
            "The bias at the start of this iteration: the initial value, or the result of the "
            "previous iteration."
        ),
    }[kind]
