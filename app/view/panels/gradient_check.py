"""The gradient check as a table: each gradient beside a difference, and what the two amount to."""

from collections import Counter
from dataclasses import dataclass, replace
from threading import Lock

from cachetools import LRUCache
from markupsafe import Markup

from app.analysis.gradient_check import (
    AGREES,
    DISAGREES,
    INCONCLUSIVE,
    STEPS,
    GradientCheck,
    GradientRow,
    check_gradients,
    gradient_of,
)
from app.backprop.addresses import parse
from app.backprop.addresses import symbol as plain_symbol
from app.backprop.errors import N_
from app.simulation.simulation import Simulation
from app.view.notation.formulas import mathml
from app.view.notation.labels import Translate, matrix_name
from app.view.notation.latex import INLINE, symbol
from app.view.rendering.numbers import exact, scientific, short
from app.view.rendering.panel import Panel

_found: LRUCache[Simulation, GradientCheck] = LRUCache(32)
_lock = Lock()
ICONS = {AGREES: "✓", DISAGREES: "✗", INCONCLUSIVE: "?"}


@dataclass(frozen=True, slots=True)
class CheckedSimulation:
    """A number to read, and all of its digits."""

    short: str
    exact: str


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One weight or bias, and its gradient: the addresses that its row lights up with."""

    parameter: str
    gradient: str
    symbol: Markup
    plain: str
    backprop: CheckedSimulation
    difference: CheckedSimulation
    h: CheckedSimulation
    relative_error: CheckedSimulation
    verdict: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class CheckLayer:
    """The rows of one layer's weights and biases."""

    name: Markup
    plain: str
    lines: tuple[CheckLine, ...]


def check_panel(simulation: Simulation, at: tuple[str, ...], _: Translate) -> dict[str, object]:
    """What the panel of the gradient check shows."""
    found = cached_check(simulation)
    shape = simulation.shape
    rows: list[list[CheckLine]] = [[] for _ in shape.activations]
    for row in found.rows:
        rows[parse(row.address)[1][0]].append(_line(row, shape.depth))
    reasons = {row.reason for row in found.rows if row.reason}
    return {
        "verdict": found.verdict,
        "summary": summary(found, _),
        "how": _how(_),
        "layers": [
            CheckLayer(
                mathml(rf"W_{{\mathrm{{{matrix_name(shape, layer)}}}}}"),
                f"W_{matrix_name(shape, layer)}",
                tuple(lines),
            )
            for layer, lines in enumerate(rows)
        ],
        "reasons": [text for reason, text in _reasons(_).items() if reason in reasons],
        "words": _words(_),
        "causes": _causes(_),
        "icons": ICONS,
    }


def cached_check(simulation: Simulation) -> GradientCheck:
    """The check of an iteration: the same at each of its steps, so made once.

    It may be called on a thread, while others draw.
    """
    start = replace(simulation, cursor=0)
    with _lock:
        found = _found.get(start)
    if found is None:
        found = check_gradients(start)
        with _lock:
            _found[start] = found
    return found


def is_cached(simulation: Simulation) -> bool:
    """Whether `cached_check` has it at hand."""
    return replace(simulation, cursor=0) in _found


def summary(found: GradientCheck, _: Translate) -> str:
    """What it amounts to, in a sentence or two."""
    counts = Counter(row.verdict for row in found.rows)
    numbers = {
        "count": counts[found.verdict],
        "all": len(found.rows),
        "error": scientific(found.max_relative_error),
    }
    if found.verdict == DISAGREES:
        return _("%(count)s of %(all)s gradients disagree with the differences.") % numbers
    if found.verdict == INCONCLUSIVE and not counts[AGREES]:
        return _("None of the %(all)s gradients can be judged by a difference.") % numbers
    if found.verdict == INCONCLUSIVE:
        return (
            _("%(count)s of %(all)s gradients cannot be judged by a difference; the others agree.")
            % numbers
        )
    return (
        _("All %(all)s gradients agree with the differences. Largest relative error: %(error)s.")
        % numbers
    )


def _line(row: GradientRow, depth: int) -> CheckLine:
    gradient = gradient_of(row.address)
    return CheckLine(
        parameter=row.address,
        gradient=gradient,
        symbol=mathml(symbol(gradient, depth, INLINE)),
        plain=plain_symbol(gradient, depth),
        backprop=CheckedSimulation(short(row.backprop), exact(row.backprop)),
        difference=CheckedSimulation(short(row.difference), exact(row.difference)),
        h=CheckedSimulation(scientific(row.h), exact(row.h)),
        relative_error=CheckedSimulation(scientific(row.relative_error), exact(row.relative_error)),
        verdict=row.verdict,
        reason=row.reason,
    )


def _how(_: Translate) -> str:
    return _(
        "Each weight and bias is moved alone by h, up and down, and E computed again. A large h "
        "goes wrong where E bends, a small one where the two E agree but for their last digits: of "
        "%(steps)s steps, h is the one whose difference can be off by the least. All at the "
        "weights and with the example of this iteration."
    ) % {"steps": STEPS}


def _words(_: Translate) -> dict[str, str]:
    return {
        AGREES: _("agrees"),
        DISAGREES: _("disagrees"),
        INCONCLUSIVE: _("inconclusive"),
    }


def _causes(_: Translate) -> dict[str, str]:
    """Why a row is inconclusive, in a word."""
    return {"kink": _("kink"), "flat": _("too flat"), "diverged": _("diverged")}


def _reasons(_: Translate) -> dict[str, str]:
    return {
        "kink": _(
            "Kink: a relu unit is so near net = 0 that every h good enough would pass it, and E "
            "has another slope on the other side. Backpropagation takes the slope at 0 to be 0."
        ),
        "flat": _(
            "Too flat: E answers so weakly, through saturated units or near its minimum, that its "
            "change is lost among the last digits of a double. The gradient may well be right."
        ),
        "diverged": _("Diverged: E is not a finite number here, so there is nothing to compare."),
    }


PANEL = Panel("check", "gradient_check", N_("Gradient check"), dynamic=check_panel)
