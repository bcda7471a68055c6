"""What the page says of a training: how far it is, or how it ended."""

from app.simulation.simulation import DIVERGED, DONE, REACHED, STOPPED, Simulation
from app.simulation.training import finished_iterations, is_running
from app.view.notation.labels import Translate
from app.view.rendering.numbers import four_digits, short


def training_status(simulation: Simulation, _: Translate) -> dict[str, object] | None:
    """What the region of a training shows; None where there is none."""
    goal = simulation.training
    if goal is None:
        return None
    return {
        "underway": is_running(simulation),
        "over": goal.outcome,
        "done": finished_iterations(simulation) - goal.begun,
        "of": goal.iterations,
        "text": training_message(simulation, _),
    }


def training_message(simulation: Simulation, _: Translate) -> str:
    """How far it is or how it ended, in a sentence."""
    goal, error = simulation.training, simulation.previous_error
    if goal is None:
        return _("Something else was done meanwhile, so the training has ended.")
    numbers = {
        "done": f"{finished_iterations(simulation) - goal.begun:,}",
        "of": f"{goal.iterations:,}",
        "error": "–" if error is None else short(error),
        "below": "" if goal.below is None else four_digits(goal.below),
    }
    return _sentence(goal.outcome, goal.below is not None, _) % numbers


def _sentence(over: str, bounded: bool, _: Translate) -> str:
    if over == REACHED:
        return _("E came below %(below)s after %(done)s iterations.")
    if over == STOPPED:
        return _("Stopped after %(done)s of %(of)s iterations. All that was done is kept.")
    if over == DIVERGED:
        return _("Ended after %(done)s of %(of)s iterations: E is no finite number any more.")
    if over == DONE and bounded:
        return _("%(done)s iterations made, and E has not come below %(below)s.")
    if over == DONE:
        return _("%(done)s iterations made.")
    if bounded:
        return _(
            "%(done)s of at most %(of)s iterations, E = %(error)s, until it is below %(below)s"
        )
    return _("%(done)s of %(of)s iterations, E = %(error)s")
