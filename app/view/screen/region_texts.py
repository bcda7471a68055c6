"""The texts of the region that differ between visits, escaped.

A text is only written when a template asks for it: no region has all of them, and a patch compares a
few.
"""

from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache, partial
from html import unescape

from cachetools import LRUCache
from markupsafe import Markup, escape

from app.analysis.misconceptions import key, values_of
from app.analysis.rounding import (
    RoundedIteration,
    board_of,
    deviations,
    on_board,
    rounded_iteration,
)
from app.backprop.network import Shape
from app.backprop.rounding_rule import ROUNDINGS
from app.backprop.steps import PHASES
from app.examples.presets import NAMED, preset_of
from app.simulation.error_curve import ErrorCurve
from app.simulation.navigation import branch_end, can_redo, can_undo, other_branch_end
from app.simulation.per_example_curves import mean_of_last_pass
from app.simulation.permalink import encode_permalink
from app.simulation.simulation import Simulation
from app.view.classroom.qr import qr_svg
from app.view.export.session_file import link_of
from app.view.notation.labels import phase_title, theme_title, title
from app.view.panels.error_chart import sparkline
from app.view.rendering.digits import DIGITS, FOUR, SIGNIFICANT_MARK, Digits
from app.view.rendering.languages import translations
from app.view.rendering.links import AT, explain, of, query_of
from app.view.rendering.numbers import exact, ordinal
from app.view.rendering.page_state import PRESS, READING, THEMES, PageState, Preferences
from app.view.rendering.panel import Panel
from app.view.rendering.patches import UNESCAPED
from app.view.rendering.precompiled import Placeholder
from app.view.rendering.step_view import StepView
from app.view.rendering.templates import render
from app.view.rendering.urls import EMBED, url
from app.view.screen.derivation import step_at
from app.view.screen.narration import extremes
from app.view.screen.network_menu import network_title
from app.view.screen.number_check import check_number
from app.view.screen.other_branch import other_branch_id, other_branch_text
from app.view.screen.step_card import term_values
from app.view.screen.training_status import training_status

SPARK_POINTS = 32  # a point for every three pixels
MOST_REMEMBERED = 500  # characters
CARRIED_DIGITS = f"3{SIGNIFICANT_MARK}"
# `NUMBER_CHECK`, `TYPED`, `CARRIED`: begin the names of texts; a level or a field follows.
NUMBER_CHECK, TYPED, CARRIED = "number_check_", "typed ", "carried_"
PRESS_PLACEHOLDER = Placeholder("press")
BASE, HOME = Placeholder("base"), Placeholder("home")  # of a network
# `MARK`, `BASE_MARK`, `HOME_MARK`: in the dynamic part of a panel, which is kept for several pages.
MARK, BASE_MARK, HOME_MARK = map(str, (PRESS_PLACEHOLDER, BASE, HOME))
dynamic_cache: LRUCache[object, str] = LRUCache(64)

Texts = dict[str, str]

# Those that can differ between two moments of one iteration.
OF_MOMENT = frozenset(
    "shown version page_title change press latest scrub_disabled undo_disabled redo_disabled "
    "join histogram "
    "back_disabled start_over_disabled error_class error error_exact spark spark_hidden lowest "
    "highest mean terms link export_link embed_code embed_link dynamic training".split()
)

# Those that depend on the simulation and the preferences alone, so that all who come to it have the
# same. Nothing that a visitor has typed is among them, and nothing that names a session.
COMMON = frozenset(
    "iteration earliest latest scrub_disabled beginning undo_disabled redo_disabled back_disabled "
    "start_over_disabled restore_disabled error_class error error_exact spark spark_hidden lowest "
    "highest mean terms example example_title example_hidden announced rate".split()
)

_MARKUP = ("dynamic", "training", "terms", "press", "previews", "join", "histogram")


def is_of_moment(name: str) -> bool:
    """Whether a text can differ between two moments of one iteration."""
    return name in OF_MOMENT or name.startswith((NUMBER_CHECK, CARRIED))


def is_common(name: str) -> bool:
    """Whether a text is the same for all who see a simulation in the same way."""
    return name.removeprefix(UNESCAPED) in COMMON


def is_markup(name: str) -> bool:
    """Whether a text may be any number of nodes."""
    return name in _MARKUP or name.startswith((NUMBER_CHECK, CARRIED))


class RegionTexts(Texts):
    """The texts of one page by name; those of a group are written when one of them is asked for."""

    def __init__(
        self,
        page_state: PageState,
        preferences: Preferences,
        panel: Panel,
        numbers: Callable[[], tuple[float, ...]],
    ) -> None:
        self.page_state, self.preferences, self._numbers = page_state, preferences, numbers
        self.panel = panel
        self.simulation, self.language = page_state.simulation, preferences.language
        self.digits = preferences.shown_digits

    @cached_property
    def board(self) -> RoundedIteration | None:
        """What is on the board; None while nothing is rounded."""
        return board_of(self.simulation, self.preferences.rounding)

    @cached_property
    def numbers(self) -> tuple[float, ...]:
        """The numbers for the placeholders of the region."""
        return self._numbers()

    @property
    def handed_on(self) -> Simulation:
        """The simulation of links, which begin with the numbers that are shown."""
        return on_board(self.simulation, self.board) if self.board else self.simulation

    @property
    def rounding(self) -> str:
        """The name of the rounding of what is shown; empty while nothing is rounded."""
        return self.board.rounding.name if self.board else ""

    def short_ones(self) -> Texts:
        """A copy of the short ones."""
        return {name: text for name, text in self.items() if len(text) < MOST_REMEMBERED}

    def __missing__(self, name: str) -> str:
        if write := _WRITERS.get(name):
            self.update(write(self))
        elif name.startswith(UNESCAPED):
            text = self[name.removeprefix(UNESCAPED)]
            self[name] = unescape(text) if "&" in text else text
        elif name.startswith(NUMBER_CHECK):
            self.update(_number_checks(self.page_state, self.preferences))
        elif name.startswith(CARRIED):
            self.update(_carried(self.page_state, self.preferences))
        else:
            self.update(_form_texts(self))
        return self[name]


def _press(texts: RegionTexts) -> Texts:
    """The newest change, and the field by which the forms of a whole page name their presses."""
    page, changes = texts.page_state.page, texts.page_state.changes
    change = str(escape(changes[-1])) if changes else ""
    field = f'<input type="hidden" name="{PRESS}" value="{page}~{change}">' if page else ""
    return {"change": change, "press": field}


def _notice(texts: RegionTexts) -> Texts:
    notice = texts.page_state.notice
    translated = translations(texts.language).gettext(notice) if notice else ""
    return {"notice": str(escape(translated))}


def _queries(texts: RegionTexts) -> Mapping[str, str]:
    state = texts.page_state
    return queries(state.example_query, state.derivation_path, state.chosen_path)


def _history(texts: RegionTexts) -> Texts:
    """Where the page is on its branch, and what can be gone back to."""
    simulation = texts.simulation
    history, here = simulation.history, simulation.iteration
    earliest, latest = history.first.iteration, branch_end(simulation)[0]
    return {
        "iteration": str(ordinal(here)),
        "earliest": str(ordinal(earliest)),
        "latest": str(ordinal(latest)),
        "scrub_disabled": "" if latest > earliest else "disabled",
        # Cursor 0 of a later iteration is the end of the one before; its first moment is 1.
        "beginning": "0" if here == history.edited_at else "1",
        "undo_disabled": "" if can_undo(simulation) else "disabled",
        "redo_disabled": "" if can_redo(simulation) else "disabled",
        "back_disabled": "disabled" if simulation.at_beginning else "",
        "start_over_disabled": "disabled" if simulation.at_start else "",
        "restore_disabled": "" if history.edit_count or history.beginning else "disabled",
    }


def _restore(texts: RegionTexts) -> Texts:
    """What brings back the numbers that a network began with."""
    _ = translations(texts.language).gettext
    built = not preset_of(texts.simulation)
    restore = _("Restore the first numbers") if built else _("Restore the example's numbers")
    return {"restore": str(escape(restore))}


OTHER_BRANCH = "other return_disabled other_branch branch_id"


def _other_branch(texts: RegionTexts) -> Texts:
    simulation = texts.simulation
    end = other_branch_end(simulation)
    if not end:
        return dict.fromkeys(OTHER_BRANCH.split(), "") | {"return_disabled": "disabled"}
    branch = other_branch_text(simulation, translations(texts.language).gettext, texts.digits)
    return {
        "other": str(ordinal(end[0])),
        "return_disabled": "",
        "other_branch": str(escape(branch)),
        "branch_id": other_branch_id(simulation),
    }


def _order(texts: RegionTexts) -> Texts:
    shuffle = texts.simulation.start.shuffle
    return {
        "seed": "1" if shuffle is None else str(shuffle),
        "in_order_selected": "selected" if shuffle is None else "",
        "shuffled_selected": "" if shuffle is None else "selected",
    }


def _error(texts: RegionTexts) -> Texts:
    """E, and its small curve; until E of this iteration is known, that of the one before."""
    simulation = texts.simulation
    start, position = simulation.start, simulation.compiled.position["error"]
    is_known, computed = simulation.cursor > position, texts.numbers[position]
    last, end = start.iteration - 1, start.previous_error
    if simulation.finished:
        last, end = start.iteration, computed
    # There is no curve before an iteration is finished.
    spark = "" if end is None else _spark(simulation.history.curve_here, last, end)
    before = texts.board.start if texts.board else start
    error = computed if is_known else before.previous_error
    return {
        **_written_error(is_known, error, texts.digits),
        "spark": spark or "M0 0",
        "spark_hidden": "" if spark else "hidden",
    }


@lru_cache(maxsize=1024)  # the same through half an iteration
def _written_error(is_known: bool, error: float | None, digits: Digits) -> Texts:
    digits = digits.within(FOUR.width)  # the header has fixed places, as the drawing
    return {
        "error_class": "E" if is_known else "E earlier",
        "error": "–" if error is None else digits.short(error),
        "error_exact": "" if error is None else exact(error),
    }


def _terms(texts: RegionTexts) -> Texts:
    simulation, by = texts.simulation, texts.preferences.by
    path = texts.page_state.chosen_path
    terms = term_values(
        *(simulation.shape, simulation.cursor, by, path, texts.numbers, texts.digits),
        texts.board.rounding if texts.board else None,
    )
    return {"terms": terms}


def _pass(texts: RegionTexts) -> Texts:
    """Which example is the current one, and the mean E of the last finished pass."""
    simulation = texts.simulation
    count = len(simulation.examples)
    if count == 1:
        return {"example": "", "example_title": "", "example_hidden": "hidden", "mean": ""}
    _ = translations(texts.language).gettext
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
        "mean": "–" if mean is None else texts.digits.within(FOUR.width).short(mean[1]),
    }


def _announcement(texts: RegionTexts) -> Texts:
    """What a screen reader says before the first step of an iteration."""
    simulation, _ = texts.simulation, translations(texts.language).gettext
    count = len(simulation.examples)
    text = (
        _("Iteration %(iteration)s:")
        if count == 1
        else _("Iteration %(iteration)s, example %(number)s of %(count)s:")
    )
    number, iteration = simulation.example + 1, ordinal(simulation.iteration)
    return {"announced": text % {"iteration": iteration, "number": number, "count": count}}


def _form_texts(texts: RegionTexts) -> Texts:
    """What a rejected form contained, and why it was rejected, escaped."""
    refused, language = texts.page_state.form_error, texts.language
    assert refused is not None
    written = {"typed": refused.typed, "message": refused.message}
    if refused.texts:
        cells = texts.panel.cells(texts.simulation, texts.digits)
        written |= {f"{TYPED}{name}": refused.texts.get(name, text) for name, text in cells.items()}
    escaped = {name: str(escape(text)) for name, text in written.items()}
    if refused.previews:
        shown = {"previews": refused.previews, "reading": READING}
        escaped["previews"] = render("panels/matrix_previews.html", language, **shown)
    return escaped


def _dynamic(texts: RegionTexts) -> Texts:
    state, preferences = texts.page_state, texts.preferences
    urls = queries(state.example_query, state.derivation_path, state.chosen_path)
    html = dynamic_panel(texts.panel, state, preferences, urls).replace(MARK, texts["press"])
    return {"dynamic": html.replace(BASE_MARK, texts["base"]).replace(HOME_MARK, texts["home"])}


def _training(texts: RegionTexts) -> Texts:
    """How far a training is, or how it ended, as HTML."""
    shown = training_status(texts.simulation, translations(texts.language).gettext, texts.digits)
    if not shown:
        return {"training": ""}
    shared = {name: Markup(texts[name]) for name in ("base", "query", "press")}
    return {"training": render("screen/training_status.html", texts.language, **shared, **shown)}


def _join(texts: RegionTexts) -> Texts:
    """Where followers find a lecture, as HTML."""
    lecture, language = texts.page_state.lecture, texts.language
    if not lecture.code:
        return {"join": ""}
    qr = qr_svg(lecture.link)
    return {"join": render("classroom/join.html", language, lecture=lecture, qr=qr)}


def _histogram(texts: RegionTexts) -> Texts:
    """What the class answered, as HTML."""
    bars = texts.page_state.lecture.bars
    html = render("classroom/histogram.html", texts.language, bars=bars) if bars else ""
    return {"histogram": html}


def _preset(texts: RegionTexts) -> Texts:
    name, own = preset_of(texts.simulation), texts.simulation.name
    known = _preset_texts(name, texts.preferences.theme, texts.language)
    return {**known, "title": str(escape(own))} if own else known


def _network(texts: RegionTexts) -> Texts:
    """Where the network is: what the paths of its forms and links begin with."""
    page_state = texts.page_state
    network = page_state.network
    return {
        "base": page_state.base,
        "home": url(page_state.base or "/"),
        "version": str(page_state.version or ""),
        "state": url(f"/api/sessions/{network}") if network else "",
    }


def _title(texts: RegionTexts) -> Texts:
    return {"page_title": _page_title(texts.page_state, texts.preferences, texts["title"])}


def _extremes(texts: RegionTexts) -> Texts:
    return extremes(texts.simulation, texts.preferences.by, texts.numbers, texts.digits)


def _settings(texts: RegionTexts) -> Texts:
    simulation = texts.simulation
    return {
        "rate": texts.digits.plain(simulation.learning_rate),
        "count": str(len(simulation.examples)),
    }


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


@lru_cache(maxsize=512)  # up to 4 kB each; drawing one takes 30 µs, once per iteration
def _spark(curve: ErrorCurve, last: int, error: float) -> str:
    """Return the path of the small error curve."""
    return sparkline(curve.thinned(last, error, SPARK_POINTS))


def _link(texts: RegionTexts) -> Texts:
    """A URL that opens this derivation anywhere: it contains the simulation."""
    path = texts.page_state.derivation_path
    query = {"moment": encode_permalink(texts.handed_on), "at": AT.join(path)}
    return {"link": str(escape(url("/", query | _rounded(texts))))}


def _rounded(texts: RegionTexts) -> dict[str, str]:
    """What a query adds for the rounding."""
    return {"rounding": texts.rounding} if texts.rounding else {}


def _export_link(texts: RegionTexts) -> Texts:
    """The absolute URL that opens this simulation anywhere."""
    link = link_of(texts.handed_on, texts.page_state.chosen_path, texts.rounding)
    return {"export_link": str(escape(texts.page_state.base_url + link))}


def _embed_code(texts: RegionTexts) -> Texts:
    """What shows this moment in a frame of a page elsewhere, as HTML."""
    page_state, preferences = texts.page_state, texts.preferences
    path = EMBED + encode_permalink(texts.handed_on)
    query = {"by": preferences.by, **_rounded(texts)}
    query["lang"] = texts.language
    address = page_state.base_url + url(path, query)
    title = page_title(page_state, preferences)
    code = Markup(
        '<iframe src="%s" title="%s" width="960" height="540" style="border: 0" loading="lazy"></iframe>'
    )
    return {
        "embed_code": str(escape(str(code % (address, title)))),
        "embed_link": str(escape(address)),
    }


def _embedded(texts: RegionTexts) -> Texts:
    """Where an embedded page is and its controls lead."""
    shown = texts.page_state.embedded
    assert shown is not None
    hidden = (
        Markup('<input type="hidden" name="%s" value="%s">') % field for field in shown.fields
    )
    goals = dict(zip(PHASES, shown.phases, strict=True)) | {"back": shown.back, "next": shown.next}
    return {
        "embed_action": str(escape(shown.action)),
        "embed_fields": "".join(hidden),
        "embed_step": str(shown.step),
        "embed_until": str(shown.until),
        "embed_open": str(escape(link_of(texts.handed_on, (), texts.rounding))),
        **{f"{name}_to": str(count) for name, count in goals.items()},
        **{
            f"{name}_off": "disabled" if count == shown.step else ""
            for name, count in goals.items()
        },
    }


Writer = Callable[[RegionTexts], Mapping[str, str]]
_WRITERS: dict[str, Writer] = {
    name: write
    for names, write in (
        ("next_theme next_theme_title title summary source", _preset),
        ("query plain_query at_query focus_query", _queries),
        ("base home version state", _network),
        ("page_title", _title),
        ("lowest highest", _extremes),
        ("change press", _press),
        ("notice", _notice),
        (
            "iteration earliest latest scrub_disabled beginning undo_disabled redo_disabled",
            _history,
        ),
        ("back_disabled start_over_disabled restore_disabled", _history),
        ("restore", _restore),
        (OTHER_BRANCH, _other_branch),
        ("seed in_order_selected shuffled_selected", _order),
        ("example example_title example_hidden mean", _pass),
        ("announced", _announcement),
        ("rate count", _settings),
        ("error_class error error_exact spark spark_hidden", _error),
        ("terms", _terms),
        ("link", _link),
        ("export_link", _export_link),
        ("embed_code embed_link", _embed_code),
        ("dynamic", _dynamic),
        ("training", _training),
        ("join", _join),
        ("histogram", _histogram),
        ("typed message previews", _form_texts),
        ("embed_action embed_fields embed_step embed_until embed_open", _embedded),
        ("back_to next_to forward_to backward_to update_to", _embedded),
        ("back_off next_off forward_off backward_off update_off", _embedded),
    )
    for name in names.split()
}


def _carried(page_state: PageState, preferences: Preferences) -> dict[str, str]:
    """Return for each level of the derivation how far rounding has carried its number, as HTML."""
    simulation, path = page_state.simulation, page_state.derivation_path
    board = rounded_iteration(simulation, ROUNDINGS[preferences.rounding])
    far, exactly = deviations(simulation, board), values_of(simulation)
    _ = translations(preferences.language).gettext
    texts = {}
    for level in range(1, len(path) + 1):
        step = step_at(simulation.shape, path[:level])
        texts[f"{CARRIED}{level}"] = ""
        if step is None or simulation.compiled.position[step.result] >= simulation.cursor:
            continue
        name = key(step)
        # Of a difference, a few digits say enough.
        change, value = DIGITS[CARRIED_DIGITS].short(far.get(name, 0.0)), exact(exactly[name])
        values = {"change": change, "value": value}
        text = (
            _("Rounding has carried it by %(change)s. Without rounding it is %(value)s.") % values
        )
        texts[f"{CARRIED}{level}"] = str(Markup('<p class="carried">%s</p>') % text)
    return texts


def _number_checks(page_state: PageState, preferences: Preferences) -> dict[str, str]:
    """Return the form of each level of the derivation that checks a number, with its verdict."""
    language, digits = preferences.language, preferences.shown_digits
    rounding = ROUNDINGS.get(preferences.rounding)
    path, simulation = page_state.derivation_path, page_state.simulation
    home = url(page_state.base or "/")
    fields = {**page_state.example_query, "at": AT.join(path)}
    chosen, typed = page_state.typed_number or (0, "")
    forms = {}
    for level in range(1, len(path) + 1):
        step, check = step_at(simulation.shape, path[:level]), None
        if step is not None and level == chosen:
            _ = translations(language).gettext
            check = check_number(simulation, step, typed, _, digits, rounding)
        shown = {"home": home, "fields": fields, "level": level, "check": check}
        form = render("screen/number_check.html", language, **shown) if step else ""
        forms[f"number_check_{level}"] = form
    return forms


def queries(
    start: Mapping[str, str], at: tuple[str, ...], chosen: tuple[str, ...]
) -> Mapping[str, Markup]:
    """Return the queries of links and forms: with the derivation path or the focus, with the focus
    alone, and up to the addresses of another path or another focus."""
    return _queries_of(tuple(start.items()), at, chosen)


@lru_cache(maxsize=1024)  # those of a session differ only by what is in focus
def _queries_of(
    given: tuple[tuple[str, str], ...], at: tuple[str, ...], chosen: tuple[str, ...]
) -> Mapping[str, Markup]:
    start = dict(given)
    focused = {"focus": chosen[0]} if chosen else {}
    return {
        "query": query_of({**start, **({"at": AT.join(at)} if at else focused)}),
        "plain_query": query_of({**start, **focused}),
        "at_query": query_of({**start, "at": ""}),
        "focus_query": query_of({**start, "focus": ""}),
    }


def dynamic_panel(
    panel: Panel, page_state: PageState, preferences: Preferences, urls: Mapping[str, Markup]
) -> str:
    """Return the dynamic part of a panel as HTML, from the cache where the panel has a key for it."""
    if panel.dynamic is None:
        return ""
    if panel.cache_key is None:
        return _render_dynamic(panel, page_state, preferences, urls)
    scale, language, digits = preferences.scale, preferences.language, preferences.digits
    if page_state.form_error or page_state.builder_form or page_state.alteration_form:
        return _render_dynamic(panel, page_state, preferences, urls, scale=scale)
    key = (
        panel.cache_key(page_state.simulation),
        panel.name,
        urls["query"],
        scale,
        language,
        digits,
    )
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
    return render(
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
        altering=page_state.alteration_form,
        digits=preferences.digits,
        **panel.dynamic(page_state.simulation, at, _, digits=preferences.shown_digits, **more),
    )
