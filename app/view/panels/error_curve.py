"""The error curve panel: the curve, a diagnosis of the training, and the same as tables.

The chart also shows the curves of single examples and of saved runs.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import partial

from app.analysis.convergence import (
    DIVERGED,
    FALLING,
    FLATTENED,
    GROWING,
    STUCK,
    SWINGING,
    ZERO,
    Diagnosis,
    diagnose_training,
)
from app.analysis.fit import fit_of
from app.backprop.errors import N_
from app.backprop.functions import HYPERPARAMETERS
from app.examples.presets import NAMED, preset_of
from app.simulation.error_curve import CURVE_POINTS, MAX_SAVED_RUNS, SavedRun, spread_points
from app.simulation.navigation import branch_end
from app.simulation.per_example_curves import per_example_curves, points_ahead
from app.simulation.saved_runs import current_run
from app.simulation.simulation import Simulation
from app.view.notation.labels import Translate, error_name, optimiser_name
from app.view.panels.error_chart import (
    FRAME,
    SPOTS,
    CurveLabel,
    Points,
    characters,
    chart,
    scale_for,
)
from app.view.rendering.digits import FOUR, Digits
from app.view.rendering.numbers import grouped, ordinal, percent, scientific
from app.view.rendering.page_state import AUTO
from app.view.rendering.panel import TRAIN, Panel

DISTINCT_CURVES = 8  # examples: the curves of more have the same colour
LONGEST_NAME = 16  # of a run, in characters; longer ones leave no room for the curves
RUN_ROWS = 16  # of a saved run's table


@dataclass(frozen=True, slots=True)
class SavedCurve:
    """A saved run in the legend and as a table; the last row is in the legend."""

    name: str  # what sets it apart from the other runs
    settings: str
    rows: Points


def error_curve_panel(
    simulation: Simulation,
    path: tuple[str, ...],
    _: Translate,
    scale: str = AUTO,
    digits: Digits = FOUR,
) -> dict[str, object]:
    """The context of the panel's template."""
    shown = per_example_curves(simulation)
    runs = simulation.saved_runs
    mean = _counted(shown.mean)
    ahead = _counted(points_ahead(simulation))
    singles = [_counted(points) for points in shown.examples]
    saved = [_counted(run.points) for run in runs]
    diagnosis = diagnose_training(simulation)
    sentence, hint = diagnosis_sentence(diagnosis, simulation.learning_rate, _, digits)
    examples = len(singles)
    fit = fit_of(simulation) if examples else None
    own_name, *run_names = _names(simulation, _, digits)
    names = [own_name, *("" for _curve in singles), *run_names]
    # The axis reaches the last finished iteration of the branch, wherever on it the network is.
    iteration, cursor = branch_end(simulation)
    until = iteration + (cursor == simulation.start.steps_in(iteration))
    scale = scale_for((*mean, *ahead)) if scale == AUTO else scale
    made = chart([mean, *singles, *saved], scale, names, ahead, until)
    return {
        "chart": made,
        **FRAME,
        "own_name": own_name,
        "label_class": partial(_label_class, singles=examples),
        "verdict": diagnosis.kind,
        "sentence": sentence,
        "hint": hint,
        "examples": examples,
        "fair": shown.fair,
        "fit": fit,
        "finished": simulation.finished,
        # The last point of each example; None before its first one.
        "singles": [points[-1] if points else None for points in singles]
        if examples <= DISTINCT_CURVES
        else (),
        "single_lines": made.lines[1 : 1 + examples] if made else (),
        "named": examples <= DISTINCT_CURVES,
        "run_lines": made.lines[1 + examples :] if made else (),
        "runs": [
            SavedCurve(
                name,
                " · ".join(settings_of(run, _, digits).values()),
                spread_points(points, RUN_ROWS),
            )
            for run, points, name in zip(runs, saved, run_names, strict=True)
        ],
        "can_keep": _can_save(simulation),
        "full": len(runs) == MAX_SAVED_RUNS,
        "rows": spread_points(mean, SPOTS),
    }


def cache_key(simulation: Simulation) -> Hashable:
    """Everything that the panel depends on; it does not change within an iteration."""
    history = simulation.history
    return (
        simulation.start,
        simulation.errors(CURVE_POINTS + 1),
        history.end and history.curve,
        simulation.finished,
        (history.edited_at, history.edit_count),
        simulation.training,
        simulation.saved_runs,
    )


def _counted(points: Points) -> Points:
    """The points with their iterations as people count them."""
    return tuple((ordinal(iteration), error) for iteration, error in points)


def _label_class(label: CurveLabel, singles: int) -> str:
    return f"of-run-{label.curve - singles}" if label.curve else "own"


def _names(simulation: Simulation, _: Translate, digits: Digits) -> list[str]:
    """The names of this run and of the saved ones: the settings in which they differ.

    All are empty if there is no other run to tell this one from.
    """
    runs = simulation.saved_runs
    own = current_run(simulation, preset_of(simulation)) if runs else None
    if own is None:
        return [""] * (1 + len(runs))
    settings = [settings_of(run, _, digits) for run in (own, *runs)]
    kinds = list(dict.fromkeys(kind for each in settings for kind in each if kind != "edits"))
    differing = [kind for kind in kinds if len({each.get(kind) for each in settings}) > 1]
    names = [" · ".join(each[kind] for kind in differing if kind in each) for each in settings]
    if all(0 < characters(name) <= LONGEST_NAME for name in names) and len(set(names)) == len(
        names
    ):
        return names
    return [_("this run"), *(_("run %(number)s") % {"number": n + 1} for n in range(len(runs)))]


def _can_save(simulation: Simulation) -> bool:
    if len(simulation.saved_runs) >= MAX_SAVED_RUNS:
        return False
    run = current_run(simulation)
    return run is not None and all(run.errors != saved.errors for saved in simulation.saved_runs)


_DIVERGED = N_("Diverged: E is not finite from iteration %(since)s on.")
_DIVERGED_BETWEEN = N_(
    "Diverged: E was finite at iteration %(finite)s and no longer at iteration %(since)s."
)
_GO_BACK = N_(
    "Go back to iteration %(finite)s or earlier, or reset, and use a smaller learning rate than "
    "%(rate)s."
)
_SMALLER_NUMBERS = N_("It was never finite: use smaller weights and inputs.")
_SMALLER_RATE = N_("The steps may be too long: try a smaller learning rate than %(rate)s.")
# Of each diagnosis: what it says in numbers, and a hint. The bounds are those of `convergence`.
SENTENCES = {
    GROWING: (
        N_("E rises: from %(first)s to %(last)s after %(iteration)s iterations."),
        _SMALLER_RATE,
    ),
    SWINGING: (
        N_(
            "E goes up and down: since iteration %(since)s, %(rises)s of %(changes)s changes go up, "
            "between %(low)s and %(high)s."
        ),
        _SMALLER_RATE,
    ),
    ZERO: (
        N_("E is 0 except for rounding: at most %(high)s since iteration %(since)s."),
        N_(
            "In double precision, target and output no longer differ: more training changes "
            "nothing."
        ),
    ),
    FLATTENED: (
        N_(
            "Stalled: since iteration %(since)s, E has changed by %(change)s, to %(last)s. The "
            "largest component of the gradient is %(gradient)s, near 0."
        ),
        N_(
            "This may be a minimum or a plateau. Check how large E still is, and whether units are "
            "saturated (∂out/∂net near 0)."
        ),
    ),
    STUCK: (
        N_(
            "Stalled: since iteration %(since)s, E has changed by %(change)s, to %(last)s, "
            "although the largest component of the gradient is %(gradient)s."
        ),
        N_(
            "The steps may be too short, or so long that they cancel out: the learning rate is "
            "%(rate)s. With several examples, compare their individual errors."
        ),
    ),
    FALLING: (
        N_("E falls: by %(change)s since iteration %(since)s, to %(last)s."),
        N_("It has not settled: more iterations may take it lower."),
    ),
}


def diagnosis_sentence(
    diagnosis: Diagnosis, rate: float, _: Translate, digits: Digits = FOUR
) -> tuple[str, str]:
    """What a diagnosis says, and a hint; both empty if it is too early to say."""
    if diagnosis.kind == DIVERGED:
        exactly = diagnosis.finite in (None, diagnosis.since - 1)
        sentence = _DIVERGED if exactly else _DIVERGED_BETWEEN
        hint = _SMALLER_NUMBERS if diagnosis.finite is None else _GO_BACK
    elif diagnosis.kind in SENTENCES:
        sentence, hint = SENTENCES[diagnosis.kind]
    else:
        return "", ""
    numbers = {
        "since": grouped(ordinal(diagnosis.since)),
        "iteration": grouped(ordinal(diagnosis.iteration)),
        "rises": diagnosis.rises,
        "changes": diagnosis.changes,
        "finite": "" if diagnosis.finite is None else grouped(ordinal(diagnosis.finite)),
        "change": percent(diagnosis.fall, _),
        "gradient": scientific(diagnosis.gradient),
        "rate": digits.plain(rate),
        **{
            name: digits.compared(getattr(diagnosis, name))
            for name in ("first", "last", "low", "high")
        },
    }
    return _(sentence) % numbers, _(hint) % numbers


def settings_of(run: SavedRun, _: Translate, digits: Digits) -> dict[str, str]:
    """The settings of a run, each under its kind."""
    shape = run.shape
    preset = NAMED.get(run.preset)
    settings = {
        "layers": shape.text,
        "activations": ", ".join(map(str, shape.activations)),
        "error": error_name(_, shape.error),
        "optimiser": optimiser_name(_, shape.optimiser),
        "rate": _("lr %(rate)s") % {"rate": digits.plain(run.learning_rate)},
        **{
            name: f"{HYPERPARAMETERS[name].symbol} {digits.plain(value)}"
            for name, value in run.hyperparameters
        },
        "first": _(preset.title)
        if preset
        else _("initial weights #%(first)s") % {"first": run.first},
        "examples": _("examples: %(number)s") % {"number": run.examples},
    }
    if run.edits:
        settings["edits"] = _("edits: %(number)s") % {"number": run.edits}
    return settings


PANEL = Panel(
    "error",
    "error_curve",
    N_("Error curve"),
    TRAIN,
    dynamic=error_curve_panel,
    cache_key=cache_key,
    fields=("iterations", "below"),
    is_exact=True,
)
