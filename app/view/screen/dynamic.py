"""What of the page is rendered anew at each visit: elements that depend on numbers."""

from collections.abc import Mapping
from functools import partial

from cachetools import LRUCache
from markupsafe import Markup

from app.view.panels.registry import Panel
from app.view.rendering.languages import translations
from app.view.rendering.links import AT, explain, of, query_of
from app.view.rendering.page_state import Visit, Wishes
from app.view.rendering.templates import environment
from app.view.screen.training_status import training


def queries(start: Mapping[str, str], at: tuple[str, ...]) -> dict[str, Markup]:
    """What the addresses of links and forms end with: with what is explained, without, and up to
    the addresses of what is to be explained."""
    return {
        "query": query_of({**start, **({"at": AT.join(at)} if at else {})}),
        "plain_query": query_of(start),
        "at_query": query_of({**start, "at": ""}),
    }


def training_of(visit: Visit, language: str) -> str:
    """How far a training is, or how it ended."""
    shown = training(visit.simulation, translations(language).gettext)
    query = queries(visit.start, visit.at)["query"]
    return environment(language).get_template("training.html").render(query=query, **(shown or {}))


def live(panel: Panel, visit: Visit, wishes: Wishes) -> str:
    """What of a panel is rendered anew each time: elements that depend on numbers. One that says
    what it depends on is rendered anew when that is another."""
    if panel.live is None:
        return ""
    if panel.sees is None:
        return _live(panel, visit, wishes)
    query = queries(visit.start, visit.at)["query"]
    key = panel.sees(visit.simulation), panel.name, query, wishes.scale, wishes.language
    if key not in seen:
        seen[key] = _live(panel, visit, wishes, scale=wishes.scale)
    return seen[key]


seen: LRUCache[object, str] = LRUCache(64)


def _live(panel: Panel, visit: Visit, wishes: Wishes, **more: str) -> str:
    assert panel.live is not None
    _ = translations(wishes.language).gettext
    template = environment(wishes.language).get_template(f"{panel.name}_live.html")
    texts = queries(visit.start, visit.at)
    return template.render(
        explain=partial(explain, texts["at_query"]),
        of=partial(of, visit.at),
        query=texts["query"],
        query_at=lambda at: query_of({**visit.start, "at": AT.join(at)}),
        begun=not visit.start,
        start=visit.start,
        refused=visit.refused,
        typed=visit.typed,
        **panel.live(visit.simulation, visit.at, _, **more),
    )
