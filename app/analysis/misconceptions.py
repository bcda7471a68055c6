"""Backpropagation with a common mistake, only to be shown beside the correct one."""

from functools import lru_cache

from app.backprop.compiler import CompiledIteration, compile_steps, flat
from app.backprop.network import Shape
from app.backprop.steps import Step, steps_of
from app.simulation.simulation import Simulation


def updated_too_early(simulation: Simulation) -> list[tuple[Step, float]]:
    """Return the steps of an iteration, with their results, that updates weights too early.

    It updates a layer as soon as its gradients are known, so the δ of the layer before come from
    the new weights. Only the order of the steps is wrong.
    """
    compiled = _early_updates(simulation.shape)
    start, example = simulation.start, flat(simulation.examples[simulation.example])
    results = compiled.run(start.state, example, start.settings)
    return list(zip(compiled.steps, results, strict=True))


@lru_cache(maxsize=64)
def _early_updates(shape: Shape) -> CompiledIteration:
    def place(step: Step) -> int:  # the order within a place stays
        return 0 if step.phase == "forward" else shape.depth - step.layer

    return compile_steps(shape, tuple(sorted(steps_of(shape), key=place)))
