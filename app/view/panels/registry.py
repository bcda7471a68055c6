"""The panels of the drawer, one at a time, in groups. A new panel is one line here."""

from app.backprop.errors import N_
from app.examples.lessons import LESSONS
from app.examples.presets import NAMED
from app.view.export import files
from app.view.panels import (
    error_curve,
    error_profile,
    examples_table,
    gradient_check,
    matrix_form,
    network_builder,
    values,
    weights,
)
from app.view.rendering.panel import GROUPS, SHARE, TRAIN, Panel
from app.view.slides import deck

LESSONS_PANEL = Panel(
    "lessons", "lessons", N_("Lessons"), TRAIN, lambda context: {"lessons": LESSONS, "named": NAMED}
)
EXERCISES_PANEL = Panel("exercises", "exercises", N_("Exercises"), SHARE)
LECTURE_PANEL = Panel("lecture", "lecture", N_("Lecture"), SHARE)
# A closed drawer.
NO_PANEL = Panel("", "", "", "")

PANELS = {
    panel.name: panel
    for panel in (
        deck.PANEL,
        matrix_form.PANEL,
        values.PANEL,
        gradient_check.PANEL,
        network_builder.PANEL,
        weights.PANEL,
        examples_table.PANEL,
        error_curve.PANEL,
        error_profile.PANEL,
        LESSONS_PANEL,
        files.PANEL,
        EXERCISES_PANEL,
        LECTURE_PANEL,
    )
}
PANELS_OF_GROUP = {
    group: tuple(panel for panel in PANELS.values() if panel.group == group) for group in GROUPS
}
PANEL_OF_FIELD = {field: panel.name for panel in PANELS.values() for field in panel.fields}


def panel_named(name: str) -> Panel:
    """Return a panel; `NO_PANEL` for an unknown name, from an old or forged cookie."""
    return PANELS.get(name, NO_PANEL)
