"""The gradient check panel: each gradient beside a difference quotient, and a verdict."""

from collections import Counter
from dataclasses import dataclass, replace
from threading import Lock

from cachetools import LRUCache
from markupsafe import Markup

from app.analysis.gradient_check import (
    AGREES,
    DIGITS,
    DISAGREES,
    INCONCLUSIVE,
    GradientCheck,
    GradientRow,
    check_gradients,
    gradient_of,
)
from app.backprop.addresses import address, parse
from app.backprop.addresses import symbol as plain_symbol
from app.backprop.errors import N_
from app.simulation.simulation import Simulation
from app.view.notation.formulas import mathml
from app.view.notation.labels import Translate, matrix_name
from app.view.notation.latex import INLINE, layer_symbol, symbol
from app.view.rendering.numbers import scientific
from app.view.rendering.panel import Panel

ICONS = {AGREES: "✓", DISAGREES: "✗", INCONCLUSIVE: "?"}
_METHOD = N_(
    "Each weight and bias is moved alone by h, up and down, and E is computed again with "
    "%(digits)s digits. So h can be so small that neither rounding nor the bend of E matters. "
    "All at the weights and with the example of this iteration."
)
_VERDICTS = {AGREES: N_("agrees"), DISAGREES: N_("disagrees"), INCONCLUSIVE: N_("inconclusive")}
# In a word, and in sentences.
_REASONS = {"kink": N_("kink"), "flat": N_("too flat"), "diverged": N_("diverged")}
_REASON_TEXTS = {
    "kink": N_(
        "Kink: a net lies where its activation function has a corner, and E has another slope "
        "on the other side. Where the net is 0, backpropagation takes the slope to be 0."
    ),
    "flat": N_(
        "Too flat: through saturated units, or because terms cancel, doubles have lost the "
        "digits of this gradient. What is left of it is within their rounding."
    ),
    "diverged": N_("Diverged: E is not a finite number here, so there is nothing to compare."),
}

_cache: LRUCache[Simulation, GradientCheck] = LRUCache(32)
_lock = Lock()


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One weight or bias with its gradient."""

    gradient: str  # its address
    symbol: Markup
    plain: str
    row: GradientRow


@dataclass(frozen=True, slots=True)
class CheckLayer:
    """The weights and biases of one layer."""

    name: Markup
    plain: str
    lines: tuple[CheckLine, ...]


def check_panel(simulation: Simulation, path: tuple[str, ...], _: Translate) -> dict[str, object]:
    """The context of the panel's template."""
    check = cached_check(simulation)
    shape = simulation.shape
    rows: list[list[CheckLine]] = [[] for _ in shape.activations]
    for row in check.rows:
        rows[parse(row.address)[1][0]].append(_line(row, shape.depth))
    reasons = {row.reason for row in check.rows if row.reason}
    return {
        "verdict": check.verdict,
        "summary": summary(check, _),
        "how": _(_METHOD) % {"digits": DIGITS},
        "layers": [
            CheckLayer(
                mathml(layer_symbol(address("weight", layer), shape.depth)),
                f"W_{matrix_name(shape, layer)}",
                tuple(lines),
            )
            for layer, lines in enumerate(rows)
        ],
        "reasons": [_(text) for reason, text in _REASON_TEXTS.items() if reason in reasons],
        "words": {verdict: _(word) for verdict, word in _VERDICTS.items()},
        "causes": {reason: _(word) for reason, word in _REASONS.items()},
        "icons": ICONS,
    }


def cached_check(simulation: Simulation) -> GradientCheck:
    """The check of an iteration; it is the same at every step, so it is computed once.

    It may run in a thread while other pages are rendered.
    """
    start = replace(simulation, cursor=0)
    with _lock:
        check = _cache.get(start)
    if check is None:
        check = check_gradients(start)
        with _lock:
            _cache[start] = check
    return check


def is_cached(simulation: Simulation) -> bool:
    """Whether `cached_check` will return at once."""
    return replace(simulation, cursor=0) in _cache


def summary(check: GradientCheck, _: Translate) -> str:
    """The verdict in a sentence or two."""
    counts = Counter(row.verdict for row in check.rows)
    numbers = {
        "count": counts[check.verdict],
        "all": len(check.rows),
        "error": scientific(check.max_relative_error),
    }
    if check.verdict == DISAGREES:
        text = _("%(count)s of %(all)s gradients disagree with the differences.")
    elif check.verdict == AGREES:
        text = _(
            "All %(all)s gradients agree with the differences. Largest relative error: %(error)s."
        )
    elif counts[AGREES]:
        text = _(
            "%(count)s of %(all)s gradients cannot be judged by a difference; the others agree."
        )
    else:
        text = _("None of the %(all)s gradients can be judged by a difference.")
    return text % numbers


def _line(row: GradientRow, depth: int) -> CheckLine:
    gradient = gradient_of(row.address)
    latex = symbol(gradient, depth, INLINE)
    return CheckLine(gradient, mathml(latex), plain_symbol(gradient, depth), row)


PANEL = Panel("check", "gradient_check", N_("Gradient check"), dynamic=check_panel)
