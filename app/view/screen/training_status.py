"""The progress of a training, or how it ended."""

from app.simulation.simulation import DIVERGED, DONE, REACHED, STOPPED, Simulation
from app.simulation.training import finished_iterations, is_running
from app.view.notation.labels import Translate
from app.view.rendering.digits import FOUR, Digits
from app.view.rendering.numbers import four_digits


def training_status(
    simulation: Simulation, _: Translate, digits: Digits = FOUR
) -> dict[str, object] | None:
    """The context of the training's part of the page; None if there is no training."""
    training = simulation.training
    if training is None:
        return None
    return {
        "underway": is_running(simulation),
        "over": training.outcome,
        "done": finished_iterations(simulation) - training.begun,
        "of": training.iterations,
        "text": training_message(simulation, _, digits),
    }


def training_message(simulation: Simulation, _: Translate, digits: Digits = FOUR) -> str:
    """The progress or the outcome, in a sentence."""
    training, error = simulation.training, simulation.previous_error
    if training is None:
        return _("Training stopped because something else was changed.")
    numbers = {
        "done": f"{finished_iterations(simulation) - training.begun:,}",
        "of": f"{training.iterations:,}",
        "error": "–" if error is None else digits.short(error),
        "below": "" if training.below is None else four_digits(training.below),
    }
    return _sentence(training.outcome, training.below is not None, _) % numbers


def _sentence(outcome: str, has_bound: bool, _: Translate) -> str:
    if outcome == REACHED:
        return _("E fell below %(below)s after %(done)s iterations.")
    if outcome == STOPPED:
        return _("Stopped after %(done)s of %(of)s iterations. Their results are kept.")
    if outcome == DIVERGED:
        return _(
            "Training stopped after %(done)s of %(of)s iterations: E is no longer finite (the "
            "learning rate may be too large)."
        )
    if outcome == DONE and has_bound:
        return _("%(done)s iterations done. E is not below %(below)s yet.")
    if outcome == DONE:
        return _("%(done)s iterations done.")
    if has_bound:
        return _("%(done)s of at most %(of)s iterations, E = %(error)s (until E < %(below)s)")
    return _("%(done)s of %(of)s iterations, E = %(error)s")
