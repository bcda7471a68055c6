"""Backpropagation done wrong, to be looked at beside the right one. Nothing else may use this."""

from functools import lru_cache

from app.backprop.compiler import CompiledIteration, compile_steps, flat
from app.backprop.network import Shape
from app.backprop.steps import Step, steps_of
from app.simulation.simulation import Simulation


def updated_too_early(simulation: Simulation) -> list[tuple[Step, float]]:
    """The steps of an iteration and what they give, in their order: each layer's weights are updated as
    soon as its gradients are known, and what lies before it takes its δ from the changed ones."""
    program = _too_early(simulation.shape)
    start, example = simulation.start, flat(simulation.examples[simulation.example])
    results = program.run(start.state, example, *start.settings)
    return list(zip(program.steps, results, strict=True))


@lru_cache(maxsize=64)
def _too_early(shape: Shape) -> CompiledIteration:
    """The right steps in the wrong order: it is the order alone that is wrong."""
    steps = steps_of(shape)
    forward = [step for step in steps if step.phase == "forward"]
    later = [step for step in steps if step.phase != "forward"]

    def place(step: Step) -> int:
        return -step.layer  # sorting keeps the order of what belongs to one layer

    return compile_steps(shape, (*forward, *sorted(later, key=place)))
