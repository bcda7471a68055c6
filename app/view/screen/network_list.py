"""The list of somebody's networks: a row with a picture for each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from babel.dates import format_datetime, format_timedelta

from app.examples.presets import preset_of
from app.simulation.simulation import Simulation
from app.view.notation.labels import Translate
from app.view.rendering.numbers import exact, ordinal
from app.view.rendering.page_state import PageState, Preferences
from app.view.rendering.urls import url
from app.view.screen.network_menu import network_title, picture

MINUTE = 60  # seconds


@dataclass(frozen=True, slots=True)
class NetworkRow:
    """A network in the list. Without a shape it cannot be read."""

    id: str
    href: str
    title: str
    name: str = ""  # as its owner gave it
    shape: str = ""
    lines: str = ""  # `lines`, `units`: the paths of its picture
    units: str = ""
    iteration: str = ""
    error: str = ""
    error_exact: str = ""
    changed: str = ""  # how long ago
    changed_at: str = ""  # the same as a date
    timestamp: str = ""  # the same for programs


def network_row(
    page_state: PageState, changed: int, now: float, preferences: Preferences, _: Translate
) -> NetworkRow:
    simulation, shape = page_state.simulation, page_state.simulation.network.shape
    lines, units = picture(shape.layers)
    error = latest_error(simulation)
    return NetworkRow(
        page_state.network,
        url(page_state.base),
        numbered_title(simulation, page_state.number, _),
        simulation.name,
        shape.text,
        lines,
        units,
        str(ordinal(simulation.iteration)),
        "" if error is None else preferences.shown_digits.short(error),
        "" if error is None else exact(error),
        **_time(changed, now, preferences.language, _),
    )


def numbered_title(simulation: Simulation, number: int, _: Translate) -> str:
    """The name of a network; without one, what it began with and which one it is."""
    title = network_title(simulation.name, preset_of(simulation), _)
    return title if simulation.name or not number else f"{title} #{number}"


def latest_error(simulation: Simulation) -> float | None:
    """E of this iteration; before it is known, of the one before."""
    error = simulation.value("error")
    return simulation.start.previous_error if error is None else error


def _time(changed: int, now: float, language: str, _: Translate) -> Mapping[str, str]:
    if not changed:  # in a record of an earlier version
        return {}
    moment, ago = datetime.fromtimestamp(changed, UTC), max(0, int(now) - changed)
    past = timedelta(seconds=-ago)
    return {
        "changed": format_timedelta(past, add_direction=True, locale=language)
        if ago >= MINUTE
        else _("just now"),
        "changed_at": f"{format_datetime(moment, 'medium', locale=language)} UTC",
        "timestamp": moment.isoformat(),
    }
