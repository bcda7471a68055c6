"""The panel of the error curve: the curve with those of single examples and of kept runs, how the
training goes, and all of it as tables."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from app.analysis.convergence import FLATTENED, Verdict, steepness, verdict
from app.simulation.error_curve import CURVE_POINTS, spread
from app.simulation.per_example_curves import Series, series
from app.simulation.runs import MOST_RUNS, Run
from app.simulation.saved_runs import run_of
from app.simulation.simulation import Simulation
from app.view.notation.labels import Translate
from app.view.panels.curve_words import judged, settings_of
from app.view.panels.error_chart import FRAME, SCALES, SPOTS, chart
from app.view.rendering.numbers import exact, short

NAMED = 8  # examples whose lines are told apart
RUN_ROWS = 16  # of a kept run's table

Row = tuple[str, str, str]  # iteration, E, and E with all digits


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept run in the legend and as a table."""

    number: int
    settings: str
    iteration: str
    last: str
    last_exact: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Single:
    """An example in the legend: E when it was used last."""

    number: int
    iteration: str
    last: str
    last_exact: str


def curve_panel(
    simulation: Simulation, at: tuple[str, ...], _: Translate, scale: str = SCALES[0]
) -> dict[str, object]:
    """What the panel of the error curve shows."""
    shown = series(simulation)
    runs = simulation.runs
    curves = [shown.whole, *shown.examples, *(run.points for run in runs)]
    seen = _verdict(simulation)
    sentence, hint = judged(seen, simulation.learning_rate, _)
    examples = len(shown.examples)
    made = chart(curves, scale)
    last = shown.whole[-1] if shown.whole else None
    return {
        "chart": made,
        **FRAME,
        "scale": scale,
        "verdict": seen.kind,
        "sentence": sentence,
        "hint": hint,
        "examples": examples,
        "fair": shown.fair,
        "singles": _singles(shown) if examples <= NAMED else (),
        "single_lines": made.lines[1 : 1 + examples] if made else (),
        "named": examples <= NAMED,
        "run_lines": made.lines[1 + examples :] if made else (),
        "runs": tuple(_kept(number, run, _) for number, run in enumerate(runs)),
        "can_keep": _can_keep(simulation),
        "full": len(runs) == MOST_RUNS,
        "first": short(shown.whole[0][1]) if shown.whole else "",
        "last": short(last[1]) if last else "",
        "iteration": f"{last[0]:,}" if last else "",
        "rows": _rows(spread(shown.whole, SPOTS)),
    }


def seen_of(simulation: Simulation) -> Hashable:
    """All that the panel shows anything of: it stays the same throughout an iteration."""
    history = simulation.history
    return (
        simulation.start,
        simulation.errors(CURVE_POINTS + 1),
        simulation.finished,
        (history.edited_at, history.made),
        simulation.goal,
        simulation.runs,
    )


def _verdict(simulation: Simulation) -> Verdict:
    """How it goes since the last edit, or since the training began."""
    goal = simulation.goal
    since = max(simulation.history.edited_at, goal.begun if goal else 0)
    points = series(simulation, since).whole
    seen = verdict(points)
    return verdict(points, steepness(simulation)) if seen.kind == FLATTENED else seen


def _can_keep(simulation: Simulation) -> bool:
    if len(simulation.runs) >= MOST_RUNS:
        return False
    run = run_of(simulation)
    return run is not None and all(run.errors != kept.errors for kept in simulation.runs)


def _kept(number: int, run: Run, _: Translate) -> Kept:
    points = run.points
    iteration, error = points[-1]
    rows = _rows(spread(points, RUN_ROWS))
    return Kept(number, settings_of(run, _), f"{iteration:,}", short(error), exact(error), rows)


def _singles(shown: Series) -> tuple[Single, ...]:
    return tuple(
        Single(
            number,
            f"{points[-1][0]:,}" if points else "",
            short(points[-1][1]) if points else "–",
            exact(points[-1][1]) if points else "",
        )
        for number, points in enumerate(shown.examples, 1)
    )


def _rows(points: Sequence[tuple[int, float]]) -> tuple[Row, ...]:
    return tuple((f"{k:,}", short(error), exact(error)) for k, error in points)
