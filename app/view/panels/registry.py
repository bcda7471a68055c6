"""What opens below the first screen, one at a time. A panel is an entry here and a template."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass

from app.backprop.errors import N_
from app.examples.lessons import LESSONS
from app.examples.presets import NAMED
from app.simulation.simulation import Simulation
from app.view.export.files import FILES
from app.view.notation.labels import Translate
from app.view.panels.error_curve import cache_key, error_curve_panel
from app.view.panels.error_profile import error_profile_context, error_profile_panel
from app.view.panels.examples_table import examples_table
from app.view.panels.gradient_check import check_panel
from app.view.panels.matrix_form import matrix_form
from app.view.panels.network_builder import network_panel
from app.view.panels.weights import weight_tables
from app.view.rendering.step_view import StepView
from app.view.slides.deck import deck

Context = dict[str, object]


@dataclass(frozen=True, slots=True)
class PanelContext:
    """What a panel's elements may depend on, but for numbers: those are places in the scene.

    Attributes:
        derivation_path: the quantity that is explained, and the way down into it; empty where none is.
        examples, example: how many examples there are, and which is in use; 0 but for `examples_table`.
    """

    step_view: StepView
    translate: Translate
    derivation_path: tuple[str, ...]
    examples: int
    example: int


def _nothing(look: PanelContext) -> Context:
    return {}


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel: `{name}.html` is rendered with `context`, once per scene and with holes.

    Where elements depend on numbers, `dynamic` gives the context of `{name}_live.html`, which is
    rendered anew each time and stands where the panel's template prints `texts.live`. One that
    `cache_key` but a part of a simulation is rendered anew when that part is another, and told the `scale`
    of E.
    """

    name: str
    title: str
    context: Callable[[PanelContext], Context] = _nothing
    dynamic: Callable[..., Context] | None = None
    cache_key: Callable[[Simulation], Hashable] | None = None


PANELS = {
    panel.name: panel
    for panel in (
        Panel("matrices", N_("Matrices"), lambda look: {"tables": weight_tables(look.step_view)}),
        Panel(
            "slide4",
            N_("Matrix form"),
            lambda look: {
                "phases": matrix_form(look.step_view, look.derivation_path, look.translate)
            },
        ),
        Panel("deck", N_("The deck"), lambda look: {"deck": deck(look.step_view, look.translate)}),
        Panel(
            "data",
            N_("Data"),
            lambda look: {"data": examples_table(look.step_view, look.examples, look.example)},
        ),
        Panel("network", N_("Network"), dynamic=network_panel),
        Panel("lessons", N_("Lessons"), lambda look: {"lessons": LESSONS, "named": NAMED}),
        Panel("error", N_("Error curve"), dynamic=error_curve_panel, cache_key=cache_key),
        Panel(
            "slope",
            N_("Slope"),
            lambda look: error_profile_context(look.step_view, look.derivation_path),
            dynamic=error_profile_panel,
        ),
        Panel("check", N_("Gradient check"), dynamic=check_panel),
        Panel("home", N_("Take home"), lambda look: {"files": FILES.values()}),
    )
}
