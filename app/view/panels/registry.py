"""The panels that open below the first screen, one at a time. A new panel is one line here."""

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
from app.view.rendering.panel import Panel
from app.view.slides import deck

LESSONS_PANEL = Panel(
    "lessons", "lessons", N_("Lessons"), lambda context: {"lessons": LESSONS, "named": NAMED}
)

PANELS = {
    panel.name: panel
    for panel in (
        weights.PANEL,
        values.PANEL,
        matrix_form.PANEL,
        deck.PANEL,
        examples_table.PANEL,
        network_builder.PANEL,
        LESSONS_PANEL,
        error_curve.PANEL,
        error_profile.PANEL,
        gradient_check.PANEL,
        files.PANEL,
    )
}
PANEL_OF_FIELD = {field: panel.name for panel in PANELS.values() for field in panel.fields}


def panel_named(name: str) -> Panel:
    """Return a panel; the first one for an unknown name, from an old or forged cookie."""
    return PANELS.get(name, weights.PANEL)
