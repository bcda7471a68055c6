"""Where a number comes from: its formula, with numbers that open into theirs, down to what was given.

A derivation is a way down: a quantity, then one of the operands of its formula, then one of that
one's. Each level is one step of the iteration, or a number that the iteration was given.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup

from app.backprop.addresses import address, parse
from app.backprop.addresses import symbol as plain_symbol
from app.backprop.compiler import compile_iteration
from app.backprop.network import Shape
from app.backprop.steps import Step
from app.view.notation.explanations import why
from app.view.notation.formula_pieces import row
from app.view.notation.formulas import mathml
from app.view.notation.labels import Translate, slide, title
from app.view.notation.latex import symbol
from app.view.notation.numpy_lines import Code, code
from app.view.rendering.step_view import Quantity, StepView

NO_MARKUP = Markup("")


@dataclass(frozen=True, slots=True)
class FormulaPiece:
    """A part of a formula: an operand, with its symbol over its number, or what stands between.

    Attributes:
        address: of an operand, empty for a text.
        leading: whether a negative number may go without parentheses.
        opens: whether it has a formula of its own to open.
        is_open: whether that is the next level.
    """

    text: str = ""
    address: str = ""
    symbol: Markup = NO_MARKUP
    value: Quantity | None = None
    leading: bool = False
    opens: bool = False
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Level:
    """One quantity and how it comes about.

    Attributes:
        way: the addresses from the first level to this one.
        value: None where it is not known yet; then `after` says after which step it will be.
        rows: its formula, once or, for a weight's gradient, as the chain rule too.
        given: where it comes from, of a number that no step computes.
        entry: the field by which it can be changed, empty where it is computed; of a weight or bias
            that is asked for, what it was when the iteration started, which is `old`.
    """

    address: str
    way: tuple[str, ...]
    symbol: Markup
    plain: str
    title: str
    value: Quantity | None
    after: str
    slide: int | None
    rows: tuple[tuple[FormulaPiece, ...], ...]
    given: str
    entry: str
    old: Quantity | None
    code: tuple[Code, ...]
    why: str


def known_path(shape: Shape, way: tuple[str, ...]) -> tuple[str, ...]:
    """As much of a way down as there is in a network: none of it where the first is no quantity."""
    kept: tuple[str, ...] = ()
    for text in way:
        known = text in operands_at(shape, kept) if kept else text in quantities(shape)
        if not known:
            break
        kept = (*kept, text)
    return kept


@lru_cache(maxsize=256)
def quantities(shape: Shape) -> frozenset[str]:
    """Every address that a network of this shape has."""
    program = compile_iteration(shape)
    return frozenset(program.position) | frozenset(program.inputs)


def step_at(shape: Shape, way: tuple[str, ...]) -> Step | None:
    """The step that computes the last quantity of a way; None for a number that is given.

    A weight that is asked for is what its update makes of it; one that a formula reads is the old
    one, with which the iteration started.
    """
    text = way[-1]
    program = compile_iteration(shape)
    if len(way) > 1 and text in program.inputs:
        return None
    position = program.position.get(text)
    return None if position is None else program.steps[position]


def operands_at(shape: Shape, way: tuple[str, ...]) -> tuple[str, ...]:
    """What the formula at the end of a way reads, the factors of the chain rule included."""
    step = step_at(shape, way)
    if step is None:
        return ()
    return step.operands + chain(shape, step)


def chain(shape: Shape, step: Step) -> tuple[str, ...]:
    """(1), (2) and (3) of slides 2 and 3: the factors of ∂E/∂w, whose first two make δ.

    None of any other step, nor where δ is had without the two.
    """
    if step.kind != "weight_gradient" or (shape.fused_delta and step.layer == shape.depth - 1):
        return ()
    _, (layer, source, unit) = parse(step.result)
    return (
        address("error_slope", layer + 1, unit),
        address("activation_slope", layer + 1, unit),
        address("out", layer, source),
    )


def levels(step_view: StepView, way: tuple[str, ...], _: Translate) -> tuple[Level, ...]:
    """The levels of a derivation, from what is asked for down to what was opened last."""
    return tuple(
        _level(step_view, way[: depth + 1], way[depth + 1 : depth + 2], _)
        for depth in range(len(way))
    )


# Of what goes in, all that a person may change; velocities and sums follow from the way here.
_EDITABLE = ("weight", "bias", "out", "target", "learning_rate", "momentum")


def _level(
    step_view: StepView, way: tuple[str, ...], following: tuple[str, ...], _: Translate
) -> Level:
    shape, text = step_view.shape, way[-1]
    step = step_at(shape, way)
    value = _value(step_view, step, text)
    kind = text.partition("/")[0]
    changes = kind in _EDITABLE and text in step_view.program.inputs and text not in following
    entry = f"derivation/{text}" if changes else ""
    return Level(
        address=text,
        way=way,
        symbol=mathml(symbol(text, shape.depth)),
        plain=plain_symbol(text, shape.depth),
        title=title(_, shape, step, whole_layer=False) if step else "",
        value=value,
        after="" if value is not None or step is None else _after(step_view, step, _),
        slide=slide(shape, step) if step else None,
        rows=tuple(_rows(step_view, way, step, following)) if step else (),
        given="" if step else given(_, text),
        entry=entry,
        old=step_view.operand(text) if entry else None,
        code=code(shape, step) if step else (),
        why=why(_, shape, step) if step else "",
    )


def _value(step_view: StepView, step: Step | None, text: str) -> Quantity | None:
    if step is None:
        return step_view.operand(text)
    return step_view.result(step) if step_view.program.position[text] < step_view.cursor else None


def _after(step_view: StepView, step: Step, _: Translate) -> str:
    """After which step a quantity will be known: its number in the iteration, and its name."""
    number = step_view.program.position[step.result] + 1
    return _("known after step %(number)s of %(steps)s: %(title)s") % {
        "number": number,
        "steps": len(step_view.steps),
        "title": title(_, step_view.shape, step, whole_layer=False),
    }


def _rows(
    step_view: StepView, way: tuple[str, ...], step: Step, following: tuple[str, ...]
) -> Iterator[tuple[FormulaPiece, ...]]:
    factors = chain(step_view.shape, step)
    if factors:
        parts: tuple[str | int, ...] = (0, " · ", 1, " · ", 2)
        yield tuple(_pieces(step_view, way, factors, parts, following))
    yield tuple(_pieces(step_view, way, step.operands, row(step_view.shape, step), following))


def _pieces(
    step_view: StepView,
    way: tuple[str, ...],
    operands: tuple[str, ...],
    parts: tuple[str | int, ...],
    following: tuple[str, ...],
) -> Iterator[FormulaPiece]:
    for place, part in enumerate(parts):
        if isinstance(part, str):
            yield FormulaPiece(text=part)
            continue
        text = operands[part]
        known = text in step_view.program.inputs or step_view.known(text)
        yield FormulaPiece(
            address=text,
            symbol=mathml(symbol(text, step_view.shape.depth)),
            value=step_view.operand(text) if known else None,
            leading=place == 0,
            opens=True,
            is_open=following == (text,),
        )


def given(_: Translate, text: str) -> str:
    """Where a number comes from that no step of the iteration computes."""
    kind, _indices = parse(text)
    return {
        "out": _("An input of the example: given."),
        "target": _("What the example wants: given."),
        "learning_rate": _("The learning rate: chosen."),
        "momentum": _("The momentum: chosen."),
        "weight_velocity_before": _("The velocity that the iteration before left; at first 0."),
        "bias_velocity_before": _("The velocity that the iteration before left; at first 0."),
        "weight_sum_before": _("What this pass has gathered before; 0 at its first example."),
        "bias_sum_before": _("What this pass has gathered before; 0 at its first example."),
        "example_count": _("How many examples a pass has."),
        "weight": _(
            "The weight that the iteration started with: the initial one, "
            "or what the iteration before made of it."
        ),
        "bias": _(
            "The bias that the iteration started with: the initial one, "
            "or what the iteration before made of it."
        ),
    }[kind]
