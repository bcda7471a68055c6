"""The moments of a lecture script in words, and the walk through the deck as a script.

A section of the walk is a moment of the script: both have its title, its cursor and what is known
there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from app.backprop.compiler import compile_iteration
from app.backprop.network import Shape
from app.backprop.quantity_names import PRIME, symbol
from app.simulation.iteration import Moment
from app.simulation.navigation import settings_in
from app.simulation.simulation import Simulation
from app.view.notation.labels import Translate, title
from app.view.rendering.numbers import ordinal
from app.view.rendering.step_view import StepView
from app.view.slides.deck import sections_of


@dataclass(frozen=True, slots=True)
class Prepared:
    """A section of the walk as a moment of a script, as plain text."""

    title: str
    moment: Moment
    note: str
    asks: tuple[str, ...]  # as `Section` has it


def walk_script(simulation: Simulation, _: Translate) -> tuple[Prepared, ...]:
    """The walk through the deck, in the iteration that `walk_iteration` says."""
    iteration = walk_iteration(simulation)
    shape = shape_in(simulation, iteration)
    cursor = len(compile_iteration(shape).steps)
    return tuple(
        Prepared(
            section.plain_title,
            (iteration, section.cursor),
            "" if shape.named.has_signs else section.note,  # it speaks of δ
            section.asks,
        )
        for section in sections_of(StepView(shape, cursor, "unit"), _)
    )


def walk_iteration(simulation: Simulation) -> int:
    """The first iteration of the branch in which the network has its present shape."""
    history = simulation.history
    iterations = {history.first.iteration, *(edit.iteration for edit in history.edits)}
    layers = simulation.shape.layers
    fitting = (each for each in iterations if shape_in(simulation, each).layers == layers)
    return min(fitting, default=history.first.iteration)


def shape_in(simulation: Simulation, iteration: int) -> Shape:
    """The shape of an iteration of the branch, or after its end."""
    return settings_in(simulation, iteration).shape_in(iteration)


def moment_words(simulation: Simulation, moment: Moment, _: Translate) -> str:
    """A moment in words: `iteration 1, after δ of the hidden layer`."""
    iteration, cursor = moment
    shape, number = shape_in(simulation, iteration), ordinal(iteration)
    if cursor <= 0:
        return _("iteration %(iteration)s, at the start") % {"iteration": number}
    if cursor >= len(compile_iteration(shape).steps):
        return _("iteration %(iteration)s, at the end") % {"iteration": number}
    step = step_title(shape, cursor, _)
    return _("iteration %(iteration)s, after %(step)s") % {"iteration": number, "step": step}


def default_title(simulation: Simulation, moment: Moment, _: Translate) -> str:
    """What a moment is called until somebody gives it another title."""
    iteration, cursor = moment
    if not cursor:
        return _("Start of iteration %(iteration)s") % {"iteration": ordinal(iteration)}
    return step_title(shape_in(simulation, iteration), cursor, _)


def step_title(shape: Shape, cursor: int, _: Translate) -> str:
    """What the last step computed: `δ of the hidden layer`, or `δ of H2` in the midst of it."""
    compiled = compile_iteration(shape)
    step = compiled.steps[min(cursor, len(compiled.steps)) - 1]
    return title(_, shape, step, whole_layer=cursor in compiled.ends["layer"])


def plain_symbol(shape: Shape, text: str) -> str:
    """A quantity as the deck writes it, as plain text; one that the network lacks by its address."""
    if text not in compile_iteration(shape).position:
        return text
    return symbol(text, shape).replace(PRIME, "′")


def quantities_after(
    shape: Shape, cursor: int, _: Translate
) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
    """What the later steps compute, in groups: the title of a layer's steps, and the addresses of
    their results with their symbols."""
    compiled = compile_iteration(shape)
    for begin, end in pairwise((0, *compiled.ends["layer"])):
        steps = compiled.steps[max(begin, cursor) : end]
        # A parameter has a value already: its address would not say whether the new one is meant.
        results = [step.result for step in steps if step.result not in compiled.inputs]
        if results:
            name = title(_, shape, steps[-1], whole_layer=True)
            yield name, tuple((each, plain_symbol(shape, each)) for each in results)


def is_computed_after(shape: Shape, cursor: int, address: str) -> bool:
    """Whether a later step of the iteration computes a quantity, which is not known before."""
    compiled = compile_iteration(shape)
    return compiled.position.get(address, -1) >= cursor and address not in compiled.inputs
