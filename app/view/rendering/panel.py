"""What a panel is. Each feature defines its `PANEL`; `app.view.panels.registry` lists them all."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass

from app.simulation.simulation import Simulation
from app.view.rendering.step_view import StepView

Context = dict[str, object]


@dataclass(frozen=True, slots=True)
class PanelContext:
    """What a precompiled panel may depend on. Numbers are placeholders of the step view.

    Attributes:
        derivation_path: the explained quantity and the path down into it; empty where none is.
        examples, example: how many examples there are, and which is in use; 0 unless the panel
            `shows_examples`.
    """

    step_view: StepView
    translate: Callable[[str], str]
    derivation_path: tuple[str, ...]
    examples: int
    example: int


def _nothing(context: PanelContext) -> Context:
    return {}


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel, drawn from `templates/panels/{feature}.html` and styled by
    `static/panels/{feature}.css`.

    Attributes:
        name: its name in forms and in the preferences cookie.
        feature: the name of its template, style sheet and script.
        title: marked for translation.
        context: what the template is precompiled with, once per step view.
        dynamic: where elements depend on numbers, the context of `{feature}_dynamic.html`. That is
            rendered at each visit and stands where the panel's template prints `texts.dynamic`.
        cache_key: what of a simulation the dynamic part depends on. With it the part is rendered
            only when that changes, and is given the `scale` of E.
        fields: the first parts of the fields typed into here: their errors are shown in this panel.
        shows_examples: whether it depends on the examples that are not in use.
        shows_link: whether it shows the whole address of the page.
    """

    name: str
    feature: str
    title: str
    context: Callable[[PanelContext], Context] = _nothing
    dynamic: Callable[..., Context] | None = None
    cache_key: Callable[[Simulation], Hashable] | None = None
    fields: tuple[str, ...] = ()
    shows_examples: bool = False
    shows_link: bool = False
