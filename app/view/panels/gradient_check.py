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
)
from app.backprop.addresses import address, parse
from app.backprop.errors import N_
from app.simulation.simulation import Simulation
from app.view.notation.formulas import mathml
from app.view.notation.labels import Translate, matrix_name
from app.view.notation.latex import layer_symbol
from app.view.panels.weights import parameter_names
from app.view.rendering.digits import FOUR, Digits
from app.view.rendering.numbers import scientific
from app.view.rendering.panel import EXPLAIN, Panel

ICONS = {AGREES: "✓", DISAGREES: "✗", INCONCLUSIVE: "?"}
_METHOD = N_(
    "Each weight and bias in turn is changed by ±h, and E is computed again with %(digits)s "
    "digits. So h can be so small that neither rounding nor the curvature of E matters. The "
    "weights and the example are those of this iteration."
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
        "Too flat: units are saturated or terms cancel, so double precision has lost the digits of "
        "this gradient. What is left is within the rounding error."
    ),
    "diverged": N_("Diverged: E is not a finite number here, so there is nothing to compare."),
}

_cache: LRUCache[Simulation, GradientCheck] = LRUCache(32)
_lock = Lock()


@dataclass(frozen=True, slots=True)
class CheckLayer:
    """The weights and biases of one layer."""

    name: Markup
    plain: str
    rows: list[GradientRow]


def check_panel(
    simulation: Simulation, path: tuple[str, ...], _: Translate, digits: Digits = FOUR
) -> dict[str, object]:
    """The context of the panel's template."""
    check = cached_check(simulation)
    shape = simulation.shape
    layers: list[list[GradientRow]] = [[] for _ in shape.activations]
    for row in check.rows:
        layers[parse(row.address)[1][0]].append(row)
    reasons = {row.reason for row in check.rows if row.reason}
    return {
        "verdict": check.verdict,
        "summary": summary(check, _),
        "how": _(_METHOD) % {"digits": DIGITS},
        "layers": [
            CheckLayer(
                mathml(layer_symbol(address("weight", layer), shape)),
                f"W_{matrix_name(shape, layer)}",
                rows,
            )
            for layer, rows in enumerate(layers)
        ],
        "reasons": [_(text) for reason, text in _REASON_TEXTS.items() if reason in reasons],
        "words": {verdict: _(word) for verdict, word in _VERDICTS.items()},
        "causes": {reason: _(word) for reason, word in _REASONS.items()},
        "icons": ICONS,
        **parameter_names(shape),
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


PANEL = Panel(
    "check",
    "gradient_check",
    N_("Gradient check"),
    EXPLAIN,
    dynamic=check_panel,
    looks_ahead=True,
    is_exact=True,
)
