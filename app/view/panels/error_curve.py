"""The panel of the error curve: the curve with those of single examples and of kept runs, how the
training goes, and all of it as tables."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from app.analysis.convergence import (
    DIVERGED,
    FALLING,
    FLATTENED,
    GROWING,
    STUCK,
    SWINGING,
    ZERO,
    Diagnosis,
    diagnose,
    largest_gradient,
)
from app.backprop.errors import N_
from app.examples.presets import NAMED
from app.simulation.error_curve import CURVE_POINTS, MAX_SAVED_RUNS, SavedRun, spread_points
from app.simulation.per_example_curves import PerExampleCurves, per_example_curves
from app.simulation.saved_runs import current_run
from app.simulation.simulation import Simulation
from app.view.notation.labels import Translate, error_name
from app.view.panels.error_chart import FRAME, SPOTS, chart
from app.view.rendering.numbers import exact, plain, scientific, short, telling
from app.view.rendering.page_state import SCALES
from app.view.rendering.panel import Panel

DISTINCT_CURVES = 8  # examples whose curves are told apart
RUN_ROWS = 16  # of a kept run's table

Row = tuple[str, str, str]  # iteration, E, and E with all digits


@dataclass(frozen=True, slots=True)
class SavedCurve:
    """A kept run in the legend and as a table."""

    number: int
    settings: str
    iteration: str
    last: str
    last_exact: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class ExampleCurve:
    """An example in the legend: E when it was used last."""

    number: int
    iteration: str
    last: str
    last_exact: str


def error_curve_panel(
    simulation: Simulation, at: tuple[str, ...], _: Translate, scale: str = SCALES[0]
) -> dict[str, object]:
    """What the panel of the error curve shows."""
    shown = per_example_curves(simulation)
    runs = simulation.saved_runs
    curves = [shown.mean, *shown.examples, *(run.points for run in runs)]
    seen = _verdict(simulation)
    sentence, hint = diagnosis_sentence(seen, simulation.learning_rate, _)
    examples = len(shown.examples)
    made = chart(curves, scale)
    last = shown.mean[-1] if shown.mean else None
    return {
        "chart": made,
        **FRAME,
        "scale": scale,
        "verdict": seen.kind,
        "sentence": sentence,
        "hint": hint,
        "examples": examples,
        "fair": shown.fair,
        "singles": _singles(shown) if examples <= DISTINCT_CURVES else (),
        "single_lines": made.lines[1 : 1 + examples] if made else (),
        "named": examples <= DISTINCT_CURVES,
        "run_lines": made.lines[1 + examples :] if made else (),
        "runs": tuple(_kept(number, run, _) for number, run in enumerate(runs)),
        "can_keep": _can_keep(simulation),
        "full": len(runs) == MAX_SAVED_RUNS,
        "first": short(shown.mean[0][1]) if shown.mean else "",
        "last": short(last[1]) if last else "",
        "iteration": f"{last[0]:,}" if last else "",
        "rows": _rows(spread_points(shown.mean, SPOTS)),
    }


def cache_key(simulation: Simulation) -> Hashable:
    """All that the panel shows anything of: it stays the same throughout an iteration."""
    history = simulation.history
    return (
        simulation.start,
        simulation.errors(CURVE_POINTS + 1),
        simulation.finished,
        (history.edited_at, history.edit_count),
        simulation.training,
        simulation.saved_runs,
    )


def _verdict(simulation: Simulation) -> Diagnosis:
    """How it goes since the last edit, or since the training began."""
    goal = simulation.training
    since = max(simulation.history.edited_at, goal.begun if goal else 0)
    points = per_example_curves(simulation, since).mean
    seen = diagnose(points)
    return diagnose(points, largest_gradient(simulation)) if seen.kind == FLATTENED else seen


def _can_keep(simulation: Simulation) -> bool:
    if len(simulation.saved_runs) >= MAX_SAVED_RUNS:
        return False
    run = current_run(simulation)
    return run is not None and all(run.errors != kept.errors for kept in simulation.saved_runs)


def _kept(number: int, run: SavedRun, _: Translate) -> SavedCurve:
    points = run.points
    iteration, error = points[-1]
    rows = _rows(spread_points(points, RUN_ROWS))
    return SavedCurve(
        number, settings_of(run, _), f"{iteration:,}", short(error), exact(error), rows
    )


def _singles(shown: PerExampleCurves) -> tuple[ExampleCurve, ...]:
    return tuple(
        ExampleCurve(
            number,
            f"{points[-1][0]:,}" if points else "",
            short(points[-1][1]) if points else "–",
            exact(points[-1][1]) if points else "",
        )
        for number, points in enumerate(shown.examples, 1)
    )


def _rows(points: Sequence[tuple[int, float]]) -> tuple[Row, ...]:
    return tuple((f"{k:,}", short(error), exact(error)) for k, error in points)


# What was seen, in numbers, and what to look at. Each bound is that of `verdicts`.
SENTENCES = {
    DIVERGED: (
        N_("Diverged: from iteration %(since)s on, E is no finite number."),
        N_("Go back before it, or begin anew, with a smaller learning rate than %(rate)s."),
    ),
    GROWING: (
        N_("E rises: it began at %(first)s, and is %(last)s after iteration %(iteration)s."),
        N_("The steps may be too long: try a smaller learning rate than %(rate)s."),
    ),
    SWINGING: (
        N_(
            "E goes up and down: since iteration %(since)s, %(rises)s of %(changes)s changes go up, "
            "between %(low)s and %(high)s."
        ),
        N_("The steps may be too long: try a smaller learning rate than %(rate)s."),
    ),
    ZERO: (
        N_("E is 0 but for rounding: at most %(high)s since iteration %(since)s."),
        N_(
            "Doubles have nothing left to tell target and output apart: more training changes nothing."
        ),
    ),
    FLATTENED: (
        N_(
            "Stalled: E falls by %(change)s since iteration %(since)s, to %(last)s, and the largest "
            "part of the gradient is %(gradient)s, near 0."
        ),
        N_(
            "It may be a minimum or a plateau: look how large E still is, and whether units are "
            "saturated, with a slope ∂out/∂net near 0."
        ),
    ),
    STUCK: (
        N_(
            "Stalled: E falls by %(change)s since iteration %(since)s, to %(last)s, although the largest "
            "part of the gradient is %(gradient)s."
        ),
        N_(
            "The steps may be too short or so long that they undo each other: the learning rate is "
            "%(rate)s. With several examples, compare their separate errors."
        ),
    ),
    FALLING: (
        N_("E falls: by %(change)s since iteration %(since)s, to %(last)s."),
        N_("It has not settled: more iterations may take it lower."),
    ),
}


def diagnosis_sentence(seen: Diagnosis, rate: float, _: Translate) -> tuple[str, str]:
    """What was seen and what to look at; empty where it is too early to say."""
    if seen.kind not in SENTENCES:
        return "", ""
    numbers = {
        "since": f"{seen.since:,}",
        "iteration": f"{seen.iteration:,}",
        "rises": seen.rises,
        "changes": seen.changes,
        "change": f"{100 * seen.change:.2g}%".replace("-", "−"),
        "gradient": scientific(seen.gradient),
        "rate": plain(rate),
        **{name: telling(getattr(seen, name)) for name in ("first", "last", "low", "high")},
    }
    sentence, hint = SENTENCES[seen.kind]
    return _(sentence) % numbers, _(hint) % numbers


def settings_of(run: SavedRun, _: Translate) -> str:
    """What was set in a run, in a line."""
    shape = run.shape
    preset = NAMED.get(run.preset)
    parts = [
        shape.text,
        ", ".join(shape.activations),
        error_name(_, shape.error),
        _("lr %(rate)s") % {"rate": plain(run.learning_rate)},
        _(preset.title) if preset else _("first weights #%(first)s") % {"first": run.first},
        _("examples: %(number)s") % {"number": run.examples},
    ]
    if run.momentum is not None:
        parts.insert(4, _("momentum %(momentum)s") % {"momentum": plain(run.momentum)})
    if run.edits:
        parts.append(_("edits on the way: %(number)s") % {"number": run.edits})
    return " · ".join(parts)


PANEL = Panel(
    "error",
    "error_curve",
    N_("Error curve"),
    dynamic=error_curve_panel,
    cache_key=cache_key,
    fields=("iterations", "below"),
)
