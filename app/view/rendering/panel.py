"""What a panel is. Each feature defines its `PANEL`; `app.view.panels.registry` lists them all."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

from app.backprop.errors import N_
from app.simulation.simulation import Simulation
from app.view.rendering.digits import Digits
from app.view.rendering.step_view import StepView

Context = dict[str, object]


# The groups of panels, each with a button in the header.
EXPLAIN, CHANGE, TRAIN, SHARE = "explain", "change", "train", "share"
GROUPS = {EXPLAIN: N_("Explain"), CHANGE: N_("Change"), TRAIN: N_("Train"), SHARE: N_("Share")}


@dataclass(frozen=True, slots=True)
class PanelContext:
    """What a precompiled panel may depend on. Numbers are placeholders of the step view."""

    step_view: StepView
    translate: Callable[[str], str]
    # The chosen quantity and the path down into it; empty where none is.
    derivation_path: tuple[str, ...]
    # `examples`, `example`: how many examples there are, and which is in use; 0 unless the panel
    # `shows_examples`.
    examples: int
    example: int


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel, drawn from `templates/panels/{feature}.html` and styled by
    `static/panels/{feature}.css`.
    """

    name: str  # its name in forms and in the preferences cookie
    feature: str  # the name of its template, style sheet and script
    title: str  # marked for translation
    group: str  # of `GROUPS`
    # What the template is precompiled with, once per step view.
    context: Callable[[PanelContext], Context] = lambda context: {}
    # Where elements depend on numbers, the context of `{feature}_dynamic.html`. That is rendered
    # at each visit and stands where the panel's template prints `texts.dynamic`.
    dynamic: Callable[..., Context] | None = None
    # What of a simulation the dynamic part depends on. With it the part is rendered only when
    # that changes, and is given the `scale` of E. All are given the `digits` of numbers.
    cache_key: Callable[[Simulation], Hashable] | None = None
    # The first parts of the fields typed into here: their errors are shown in this panel.
    fields: tuple[str, ...] = ()
    # What the fields of its one form for numbers show, by their names.
    cells: Callable[[Simulation, Digits], Mapping[str, str]] = lambda simulation, digits: {}
    shows_examples: bool = False  # whether it depends on the examples that are not in use
    shows_link: bool = False  # whether it shows the whole address of the page
    # Whether it shows the parameter that was chosen last, so that it stays open instead of a
    # derivation.
    follows_parameter: bool = False
    # Whether it shows what steps still to be taken compute: it is closed while the class is asked.
    looks_ahead: bool = False
    is_exact: bool = False  # whether its numbers are not rounded, whatever is chosen
