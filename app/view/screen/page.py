"""The region of the page that a step changes.

Jinja renders it once per step view, with placeholders for numbers and short texts, and the result
is kept. Each step then only fills in the placeholders. What has elements that depend on numbers (a
training, the dynamic part of a panel) is rendered each time and filled in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial

from cachetools import LRUCache, cached
from markupsafe import Markup, escape

from app.backprop.compiler import flat
from app.backprop.network import UPDATES, Shape
from app.examples.presets import NAMED, preset_of
from app.simulation.error_curve import ErrorCurve
from app.simulation.navigation import branch_end, can_redo, can_undo, other_branch_end
from app.simulation.per_example_curves import mean_of_last_pass
from app.simulation.permalink import encode_permalink
from app.simulation.simulation import Simulation
from app.view.export.session_file import link_of
from app.view.graph.drawing import draw
from app.view.notation.labels import (
    hyperparameters,
    phase_title,
    theme_title,
    title,
    update_name,
)
from app.view.panels.error_chart import sparkline
from app.view.panels.error_profile import parameter_of
from app.view.panels.registry import PANELS_OF_GROUP, panel_named
from app.view.rendering.languages import languages, translations
from app.view.rendering.links import AT, explain, focus, of, query_of, way
from app.view.rendering.numbers import exact, ordinal, plain, short
from app.view.rendering.page_state import (
    PRESS,
    READING,
    THEMES,
    FormError,
    PageState,
    Preferences,
)
from app.view.rendering.panel import GROUPS, Panel, PanelContext
from app.view.rendering.placeholder_numbers import numbers_of
from app.view.rendering.precompiled import Placeholder, PrecompiledTemplate, precompile
from app.view.rendering.step_view import StepView
from app.view.rendering.templates import environment
from app.view.rendering.urls import url
from app.view.screen.derivation import levels, step_at
from app.view.screen.matrix_strip import matrix_strip
from app.view.screen.narration import extremes, narration
from app.view.screen.network_menu import network_menu, network_title
from app.view.screen.number_check import check_number
from app.view.screen.other_branch import other_branch_text
from app.view.screen.step_card import focused_step, step_card, term_values
from app.view.screen.timeline import timeline
from app.view.screen.training_status import training_status

NETWORKS = tuple(network_menu())
SPARK_POINTS = 32  # a point for every three pixels
PRESS_PLACEHOLDER = Placeholder("press")
BASE, HOME = Placeholder("base"), Placeholder("home")  # of a network
# `MARK`, `BASE_MARK`, `HOME_MARK`: in the dynamic part of a panel, which is kept for several pages.
MARK, BASE_MARK, HOME_MARK = map(str, (PRESS_PLACEHOLDER, BASE, HOME))
dynamic_cache: LRUCache[object, str] = LRUCache(64)
PRECOMPILED_BYTES = 96_000_000  # the deck's network takes 50 kB a step view, the largest 500 kB


class _Texts(dict[str, Placeholder | Markup]):
    """What a template prints for the texts of `_texts`: placeholders, but for those known here."""

    def __missing__(self, name: str) -> Placeholder:
        return Placeholder(name)


@dataclass(frozen=True, slots=True)
class _Key:
    """Everything that the elements and words of the precompiled region depend on."""

    shape: Shape
    cursor: int
    # `examples`, `example`: 0 unless the panel shows all examples.
    examples: int
    example: int
    by: str
    panel: str
    at: tuple[str, ...]
    chosen: tuple[str, ...]  # the same, or what is in focus where no derivation is open
    language: str
    error_field: str
    is_question: bool  # whether the error asks which of some previews is meant
    keeps_texts: bool  # whether the fields of the panel keep what was typed into them
    update: str  # the chosen one; after a form error not yet the network's
    in_session: bool  # whether the page shows a network, which its URLs name, and no example


def simulator_region(page_state: PageState, preferences: Preferences) -> bytes:
    """Return the region as HTML in UTF-8."""
    panel = panel_named(preferences.panel)
    if panel.name != preferences.panel:
        preferences = replace(preferences, panel=panel.name)
    simulation, refused = page_state.simulation, page_state.form_error
    key = _Key(
        shape=simulation.shape,
        cursor=simulation.cursor,
        examples=len(simulation.examples) if panel.shows_examples else 0,
        example=simulation.example if panel.shows_examples else 0,
        by=preferences.by,
        panel=preferences.panel,
        at=page_state.derivation_path,
        chosen=page_state.chosen_path,
        language=preferences.language,
        error_field=refused.field if refused else "",
        is_question=bool(refused and refused.previews),
        keeps_texts=bool(refused and refused.texts),
        update=_update(page_state),
        in_session=not page_state.example_query,
    )
    numbers = numbers_of(simulation)
    if panel.shows_examples:
        numbers += tuple(number for each in simulation.examples for number in flat(each))
    return _precompiled(key).render(numbers, _texts(page_state, preferences, numbers))


def _update(page_state: PageState) -> str:
    chosen = page_state.form_error.update if page_state.form_error else ""
    return chosen if chosen in UPDATES else page_state.simulation.shape.update


def _render(template: str, language: str, **context: object) -> str:
    return environment(language).get_template(template).render(context, language=language)


@cached(LRUCache(maxsize=PRECOMPILED_BYTES, getsizeof=lambda precompiled: precompiled.size))
def _precompiled(key: _Key) -> PrecompiledTemplate:
    step_view = StepView(key.shape, key.cursor, key.by)
    _ = translations(key.language).gettext
    panel = panel_named(key.panel)
    # A hundred links and forms of a session need no placeholder.
    texts = _Texts(queries({}, key.at, key.chosen) if key.in_session else {"base": Markup("")})
    home = Markup(HOME if key.in_session else url("/"))
    drawing = draw(step_view, key.chosen, _)
    return precompile(
        _render(
            "screen/region.html",
            key.language,
            step_view=step_view,
            drawing=drawing,
            card=step_card(step_view, _, key.chosen),
            timeline=timeline(step_view, _),
            strip=matrix_strip(step_view, key.chosen, _),
            narration=narration(step_view, _),
            panel=panel,
            panel_groups=GROUPS,
            panels_of_group=PANELS_OF_GROUP,
            levels=() if _stays(panel, key.shape, key.at) else levels(step_view, key.at, _),
            explain=partial(explain, home + texts["at_query"]),
            focus=partial(focus, home + texts["focus_query"]),
            way=partial(way, home + texts["at_query"]),
            home=home,
            of=partial(of, key.chosen),
            **panel.context(PanelContext(step_view, _, key.chosen, key.examples, key.example)),
            shape=key.shape.text,
            rate=step_view.operand("learning_rate"),
            hyperparameters=hyperparameters(_, key.shape),
            texts=texts,
            networks=NETWORKS,
            updates=UPDATES,
            update_name=partial(update_name, _),
            languages=languages(),
            refused_field=key.error_field,
            is_question=key.is_question,
            keeps_texts=key.keeps_texts,
            update=key.update,
        ),
        drawing.derived,
    )


def _texts(
    page_state: PageState, preferences: Preferences, numbers: Sequence[float]
) -> dict[str, str]:
    """Return the texts that differ between visits, escaped."""
    simulation = page_state.simulation
    position = simulation.compiled.position["error"]
    computed = numbers[position]
    # Until E of this iteration is known, that of the one before is shown.
    error = computed if simulation.cursor > position else simulation.start.previous_error
    spark = _spark(simulation, computed)
    refused = page_state.form_error
    urls = queries(page_state.example_query, page_state.derivation_path, page_state.chosen_path)
    other = other_branch_end(simulation)
    step_view, focused = focused_step(
        simulation.shape, simulation.cursor, preferences.by, page_state.chosen_path
    )
    panel = panel_named(preferences.panel)
    history = simulation.history
    earliest, latest = history.first.iteration, branch_end(simulation)[0]
    change = str(escape(page_state.changes[-1])) if page_state.changes else ""
    press = _press_field(page_state.page, change) if page_state.page else ""
    texts = _preset_texts(preset_of(simulation), preferences.theme, preferences.language)
    named = {"title": str(escape(simulation.name))} if simulation.name else {}
    return {
        **texts,
        **named,
        **urls,
        "base": page_state.base,
        "home": url(page_state.base or "/"),
        "version": str(page_state.version or ""),
        "state": url(f"/api/sessions/{page_state.network}") if page_state.network else "",
        "page_title": _page_title(page_state, preferences, named.get("title", texts["title"])),
        **extremes(simulation, preferences.by, numbers),
        "change": change,
        "press": press,
        "notice": _notice(page_state.notice, preferences.language) if page_state.notice else "",
        "undo_disabled": "" if can_undo(simulation) else "disabled",
        "redo_disabled": "" if can_redo(simulation) else "disabled",
        "earliest": str(ordinal(earliest)),
        "latest": str(ordinal(latest)),
        "scrub_disabled": "" if latest > earliest else "disabled",
        "other": str(ordinal(other[0])) if other else "",
        "return_disabled": "" if other else "disabled",
        "other_branch": str(
            escape(other_branch_text(simulation, translations(preferences.language).gettext))
        ),
        # Cursor 0 of a later iteration is the end of the one before; its first moment is 1.
        "beginning": "0" if simulation.iteration == history.edited_at else "1",
        "iteration": str(ordinal(simulation.iteration)),
        "rate": plain(simulation.learning_rate),
        "seed": "1" if simulation.start.shuffle is None else str(simulation.start.shuffle),
        "count": str(len(simulation.examples)),
        "in_order": "selected" if simulation.start.shuffle is None else "",
        "shuffled": "" if simulation.start.shuffle is None else "selected",
        **_pass_texts(simulation, preferences.language),
        "error_class": "E" if simulation.cursor > position else "E earlier",
        "error": "–" if error is None else short(error),
        "error_exact": "" if error is None else exact(error),
        "terms": term_values(step_view, focused, numbers) if focused else "",
        "spark": spark or "M0 0",
        "spark_hidden": "" if spark else "hidden",
        "link": _link(page_state) if page_state.derivation_path else "",
        "export_link": _export_link(page_state) if panel.shows_link else "",
        **_number_checks(page_state, preferences.language),
        "dynamic": dynamic_panel(panel, page_state, preferences, urls)
        .replace(MARK, press)
        .replace(BASE_MARK, page_state.base)
        .replace(HOME_MARK, url(page_state.base or "/")),
        "training": _training(
            simulation,
            preferences.language,
            base=page_state.base,
            query=urls["query"],
            press=Markup(press),
        ),
        "back_disabled": "disabled" if simulation.at_beginning else "",
        "start_over_disabled": "disabled" if simulation.at_start else "",
        "restore_disabled": "" if history.edit_count or history.beginning else "disabled",
        **(_form_texts(refused, panel, page_state, preferences.language) if refused else {}),
    }


def _pass_texts(simulation: Simulation, language: str) -> dict[str, str]:
    """Return which example is the current one, and the mean E of the last finished pass."""
    count = len(simulation.examples)
    if count == 1:
        return {"example": "", "example_title": "", "example_hidden": "hidden", "mean": ""}
    _ = translations(language).gettext
    title = _("example %(number)s of %(count)s") % {
        "number": simulation.example + 1,
        "count": count,
    }
    if simulation.network.shape.accumulates:
        place = simulation.start.place(simulation.iteration)
        updated = ordinal(simulation.iteration + count - 1 - place)
        title += ", " + _("the weights move after iteration %(updated)s") % {"updated": updated}
    mean = mean_of_last_pass(simulation)
    return {
        "example": f"{simulation.example + 1}/{count}",
        "example_title": title,
        "example_hidden": "",
        "mean": "–" if mean is None else short(mean[1]),
    }


def _press_field(page: str, change: str) -> str:
    """Return the field by which the forms of a whole page name their presses, as HTML."""
    return f'<input type="hidden" name="{PRESS}" value="{page}~{change}">'


def _notice(text: str, language: str) -> str:
    return str(escape(translations(language).gettext(text)))


def _form_texts(
    refused: FormError, panel: Panel, page_state: PageState, language: str
) -> dict[str, str]:
    """Return what a rejected form contained, and why it was rejected, escaped."""
    texts = {"typed": refused.typed, "message": refused.message}
    if refused.texts:
        cells = panel.cells(page_state.simulation)
        texts |= {f"typed {name}": refused.texts.get(name, text) for name, text in cells.items()}
    escaped = {name: str(escape(text)) for name, text in texts.items()}
    if refused.previews:
        shown = {"previews": refused.previews, "reading": READING}
        escaped["previews"] = _render("panels/matrix_previews.html", language, **shown)
    return escaped


@lru_cache(maxsize=256)
def _preset_texts(name: str, theme: str, language: str) -> dict[str, str]:
    """Return what the page says about a preset, and which colors the button offers next."""
    _ = translations(language).gettext
    preset = NAMED.get(name)
    following = THEMES[(THEMES.index(theme) + 1) % len(THEMES)]
    texts = {
        "next_theme": following,
        "next_theme_title": theme_title(_, following),
        "title": network_title("", name, _),
        "summary": _(preset.summary) if preset else "",
        "source": _(preset.source) if preset else "",
    }
    return {name: str(escape(text)) for name, text in texts.items()}


def page_title(page_state: PageState, preferences: Preferences) -> Markup:
    """Return the title of the page, escaped."""
    simulation, language = page_state.simulation, preferences.language
    name = simulation.name or network_title(
        "", preset_of(simulation), translations(language).gettext
    )
    return Markup(_page_title(page_state, preferences, str(escape(name))))


def _page_title(page_state: PageState, preferences: Preferences, name: str) -> str:
    """Return the network, by its escaped name, and the moment that it is at."""
    simulation = page_state.simulation
    if page_state.number and not simulation.name:  # as in the list
        name += f" #{page_state.number}"
    done = _moment_done(simulation.shape, simulation.cursor, preferences.by, preferences.language)
    return f"{name} · {done % ordinal(simulation.iteration)} — Backstep"


@lru_cache(maxsize=1024)
def _moment_done(shape: Shape, cursor: int, by: str, language: str) -> str:
    """Return in words the iteration, as %s, and what the step card is about, escaped."""
    _ = translations(language).gettext
    moment, block = (
        _("iteration %(iteration)s") % {"iteration": "%s"},
        StepView(shape, cursor, by).block,
    )
    if not block:
        return moment
    if by == "phase":
        step = phase_title(_, block[-1].phase, shape)
    else:
        step = title(_, shape, block[-1], whole_layer=by == "layer")
    return f"{moment} · {str(escape(step)).replace('%', '%%')}"


def _spark(simulation: Simulation, computed: float) -> str:
    """Return the path of the small error curve; empty before an iteration is finished."""
    if simulation.finished:
        last, error = simulation.iteration, computed
    elif simulation.start.previous_error is not None:
        last, error = simulation.iteration - 1, simulation.start.previous_error
    else:
        return ""
    return _spark_of(simulation.history.curve_here, last, error)


@lru_cache(maxsize=512)  # up to 4 kB each; drawing one takes 30 µs, once per iteration
def _spark_of(curve: ErrorCurve, last: int, error: float) -> str:
    return sparkline(curve.thinned(last, error, SPARK_POINTS))


def _link(page_state: PageState) -> str:
    """Return a URL that opens this derivation anywhere: it contains the simulation."""
    query = {
        "moment": encode_permalink(page_state.simulation),
        "at": AT.join(page_state.derivation_path),
    }
    return str(escape(url("/", query)))


def _export_link(page_state: PageState) -> str:
    """Return the absolute URL that opens this simulation anywhere, escaped."""
    return str(escape(page_state.base_url + link_of(page_state.simulation, page_state.chosen_path)))


def _number_checks(page_state: PageState, language: str) -> dict[str, str]:
    """Return the form of each level of the derivation that checks a number, with its verdict."""
    path, simulation = page_state.derivation_path, page_state.simulation
    home = url(page_state.base or "/")
    fields = {**page_state.example_query, "at": AT.join(path)}
    chosen, typed = page_state.typed_number or (0, "")
    forms = {}
    for level in range(1, len(path) + 1):
        step, check = step_at(simulation.shape, path[:level]), None
        if step is not None and level == chosen:
            check = check_number(simulation, step, typed, translations(language).gettext)
        shown = {"home": home, "fields": fields, "level": level, "check": check}
        form = _render("screen/number_check.html", language, **shown) if step else ""
        forms[f"number_check_{level}"] = form
    return forms


def queries(
    start: Mapping[str, str], at: tuple[str, ...], chosen: tuple[str, ...]
) -> dict[str, Markup]:
    """Return the queries of links and forms: with the derivation path or the focus, with the focus
    alone, and up to the addresses of another path or another focus."""
    focused = {"focus": chosen[0]} if chosen else {}
    return {
        "query": query_of({**start, **({"at": AT.join(at)} if at else focused)}),
        "plain_query": query_of({**start, **focused}),
        "at_query": query_of({**start, "at": ""}),
        "focus_query": query_of({**start, "focus": ""}),
    }


def _stays(panel: Panel, shape: Shape, at: tuple[str, ...]) -> bool:
    """Whether a panel stays open where a derivation would take its place."""
    return panel.follows_parameter and parameter_of(shape, at) is not None


def _training(simulation: Simulation, language: str, **texts: str) -> str:
    """Return how far a training is, or how it ended, as HTML."""
    shown = training_status(simulation, translations(language).gettext)
    return _render("screen/training_status.html", language, **texts, **shown) if shown else ""


def dynamic_panel(
    panel: Panel, page_state: PageState, preferences: Preferences, urls: Mapping[str, Markup]
) -> str:
    """Return the dynamic part of a panel as HTML, from the cache where the panel has a key for it."""
    if panel.dynamic is None:
        return ""
    if panel.cache_key is None:
        return _render_dynamic(panel, page_state, preferences, urls)
    scale, language = preferences.scale, preferences.language
    key = (panel.cache_key(page_state.simulation), panel.name, urls["query"], scale, language)
    if key not in dynamic_cache:
        dynamic_cache[key] = _render_dynamic(panel, page_state, preferences, urls, scale=scale)
    return dynamic_cache[key]


def _render_dynamic(
    panel: Panel,
    page_state: PageState,
    preferences: Preferences,
    urls: Mapping[str, Markup],
    **more: str,
) -> str:
    assert panel.dynamic is not None
    at, start = page_state.chosen_path, page_state.example_query
    base, home = (Markup(""), Markup(url("/"))) if start else (BASE, Markup(HOME))
    _ = translations(preferences.language).gettext
    return _render(
        f"panels/{panel.feature}_dynamic.html",
        preferences.language,
        explain=partial(explain, home + urls["at_query"]),
        base=base,
        of=partial(of, at),
        query=urls["query"],
        press=PRESS_PLACEHOLDER,
        query_at=lambda at: query_of({**start, "at": AT.join(at)}),
        begun=not start,
        start=start,
        refused=page_state.form_error,
        typed=page_state.builder_form,
        **panel.dynamic(page_state.simulation, at, _, **more),
    )
