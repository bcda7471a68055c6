"""What is said of a curve: how the training goes, and what a kept run was."""

from app.analysis.convergence import (
    DIVERGED,
    FALLING,
    FLATTENED,
    GROWING,
    STUCK,
    SWINGING,
    ZERO,
    Verdict,
)
from app.backprop.network import N_
from app.examples.presets import NAMED
from app.simulation.runs import Run
from app.view.notation.labels import Translate, error_name
from app.view.rendering.numbers import plain, scientific, telling

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


def judged(seen: Verdict, rate: float, _: Translate) -> tuple[str, str]:
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


def settings_of(run: Run, _: Translate) -> str:
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
