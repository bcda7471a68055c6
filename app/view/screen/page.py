"""The region of the page that a step changes.

Jinja renders it once per step view, with placeholders for numbers and short texts, and the result
is kept. Each step then only fills in the placeholders. What has elements that depend on numbers (a
training, the dynamic part of a panel) is rendered each time and filled in.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from hashlib import sha256
from itertools import count
from operator import attrgetter
from typing import NamedTuple

from cachetools import LRUCache, cached
from markupsafe import Markup

from app.analysis.alteration import new_parameters
from app.analysis.rounding import board_of, can_round
from app.backprop.compiler import flat
from app.backprop.network import UPDATES, Shape
from app.backprop.rounding_rule import ROUNDINGS
from app.simulation.navigation import Identity, take
from app.simulation.simulation import Simulation
from app.view.classroom.asking import asked_drawing, question_card
from app.view.graph.drawing import draw
from app.view.notation.labels import (
    NOT_ROUNDED,
    digit_choices,
    hyperparameters,
    rounding_choices,
    rounding_note,
    update_name,
)
from app.view.panels.error_profile import parameter_of
from app.view.panels.registry import PANELS_OF_GROUP, panel_named
from app.view.rendering.digits import DIGITS, FOUR, board_digits
from app.view.rendering.languages import languages, translations
from app.view.rendering.links import explain, focus, of, way
from app.view.rendering.page_state import (
    CLASS,
    FOLLOWER,
    NO_LECTURE,
    OWNER,
    READER,
    PageState,
    Preferences,
    ShownLecture,
    ShownQuestion,
)
from app.view.rendering.panel import GROUPS, Panel, PanelContext
from app.view.rendering.patches import CannotPatch, FilledPatch, Patch, compare
from app.view.rendering.placeholder_numbers import numbers_of
from app.view.rendering.precompiled import Placeholder, PrecompiledTemplate, precompile
from app.view.rendering.step_view import StepView
from app.view.rendering.templates import render
from app.view.rendering.urls import url
from app.view.screen.derivation import levels
from app.view.screen.matrix_strip import matrix_strip
from app.view.screen.narration import narration
from app.view.screen.network_menu import network_menu
from app.view.screen.region_texts import (
    HOME,
    RegionTexts,
    is_common,
    is_markup,
    is_of_moment,
    queries,
)
from app.view.screen.step_card import step_card
from app.view.screen.timeline import timeline

NETWORKS = tuple(network_menu())
PATCHES_BYTES = 48_000_000  # a step of the deck's network takes 50 kB
FILLED_BYTES = 16_000_000  # a step of the deck's network takes 15 kB, its region 60 kB
PRECOMPILED_BYTES = 96_000_000  # the deck's network takes 50 kB a step view, the largest 500 kB

TEMPLATES = {
    OWNER: "screen/region.html",
    CLASS: "classroom/projector_region.html",
    FOLLOWER: "classroom/follower_region.html",
    READER: "classroom/embed_region.html",
}
AHEAD = b"\x1d"  # separates an answer from the patch of the next step
Later = Callable[[Callable[[], None]], object]


class _Placeholders(dict[str, Placeholder | Markup]):
    """What a template prints for `RegionTexts`: placeholders, but for those known here."""

    def __missing__(self, name: str) -> Placeholder:
        return Placeholder(name)


@dataclass(frozen=True, slots=True, eq=False)
class _Key:
    """Everything that the elements and words of the precompiled region depend on.

    Keys are made by `_key` and compared by identity: an answer looks up four or five, and to hash
    and compare all fields each time takes 3 µs.
    """

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
    digits: str
    rounding: str  # of each result; empty if none is wanted, `NOT_ROUNDED` if it is not possible
    error_field: str
    is_question: bool  # whether the error asks which of some previews is meant
    keeps_texts: bool  # whether the fields of the panel keep what was typed into them
    update: str  # the chosen one; after a form error not yet the network's
    new: tuple[str, ...]  # the parameters that an alteration in this iteration drew
    audience: str  # whom the page is for
    question: ShownQuestion | None  # what an audience is asked
    in_session: bool  # whether the page shows a network, which its URLs name, and no example


_key = lru_cache(maxsize=8192)(_Key)  # more than there is room for templates and patches of


def simulator_region(page_state: PageState, preferences: Preferences) -> bytes:
    """Return the region as HTML in UTF-8."""
    return _Region(page_state, preferences).html()


class Asked(NamedTuple):
    """What the script of a page says of it.

    The state that it shows by its name; and if it is to get a step ahead, the state that it went ahead
    to with this press, which is empty if it did not.
    """

    shown: str
    ahead: str | None = None


class RegionAnswer(NamedTuple):
    """What the script of a page gets: a patch, or else the whole region."""

    body: bytes  # in UTF-8
    is_patch: bool
    shown: str = ""  # the name of the state that the page shows with it


def answer_to(
    asked: Asked, page_state: PageState, preferences: Preferences, later: Later
) -> RegionAnswer:
    """Return what turns the region that a page shows into this one, as `patches` describes it.

    If this server does not know that state, or if only the whole region can show what differs, return
    the region. If the page shows this state because it went a step ahead, the patch is empty. If it is
    to get a step ahead, the patch of the next step follows, after `AHEAD`.

    `later` calls a function after the answer: it compares the regions of the next steps, so that a
    press need not wait for it.
    """
    region = _Region(page_state, preferences)
    is_there = bool(asked.ahead) and asked.ahead == region.texts["shown"]
    patch = b"" if is_there else _patch_of(region, asked.shown)
    if is_there:
        region.recall()
    body = region.html() if patch is None else patch
    hides = bool(region.key.question) or page_state.is_practising
    if asked.ahead is not None and region.view and not hides:
        body += _step_ahead(region, later)
    else:
        region.prepare(later)
    if not is_there:  # else it is remembered from when it was the next step
        region.remember()
    return RegionAnswer(body, patch is not None, region.texts["shown"])


def _step_ahead(region: "_Region", later: Later) -> bytes:
    """Return the patch of the next step after its separator; nothing if the next step is shown by a
    whole region, or has not been compared yet."""
    if not _prepared.get(region.key):
        region.prepare(later, 2)
        return b""
    following = region.following()
    following.prepare(later)
    patch = _patch_between(region.shown(), following, region.simulation)
    if patch is None:
        return b""
    following.remember()
    return AHEAD + patch


def _patch_of(after: "_Region", shown: str) -> bytes | None:
    """Return what turns the region of a page into another one, None if that is not known."""
    state, _, view = shown.rpartition(".")
    simulation = after.texts.page_state.known(state)
    if simulation is None or not after.view:
        return None
    if before := _regions.get(shown):
        try:
            return _patch_between(before, after, simulation)
        except KeyError:  # a text that was not remembered
            pass
    before = _region_of(simulation, view, after.texts.page_state)
    return _patch_between(before, after, simulation) if before else None


def _patch_between(before: "_Shown", after: "_Region", simulation: Simulation) -> bytes | None:
    """Return what turns a region into another one, None if only the whole region can show it.

    `simulation` is that of the first one. Raises KeyError for an unknown text of it.
    """
    moments = Identity(simulation), Identity(after.simulation)
    same = before.preferences == after.texts.preferences
    asked = *moments, before.key, after.key, same
    if common := _filled_patches.get(asked):
        after.texts.numbers = common.numbers
        return common.render(before.texts, after.texts)
    within = after.is_within_iteration(before, simulation)
    if within:
        after.texts.numbers = before.numbers
        after.texts["title"] = before.texts["title"]
    elif after.key.shape != before.key.shape:
        return None
    patch = _patch(before.key, after.key, within or before.numbers == after.texts.numbers)
    if patch is None:
        return None
    filling = after.texts.numbers, before.texts, after.texts, within
    if next(_times_asked(asked)) > 1:
        _filled_patches[asked] = filled = patch.filled(*filling, is_common)
        return filled.render(before.texts, after.texts)
    return patch.render(*filling)


class _Shown(NamedTuple):
    """What the region of a page was rendered from, and those of its texts that are known."""

    key: _Key
    preferences: Preferences
    numbers: tuple[float, ...]
    texts: Mapping[str, str]


class _Region:
    """What the region of a page is rendered from."""

    def __init__(self, page_state: PageState, preferences: Preferences) -> None:
        self.panel = panel = panel_named(preferences.panel)
        if panel.name != preferences.panel:
            preferences = replace(preferences, panel=panel.name)
        self.simulation, refused = page_state.simulation, page_state.form_error
        simulation = self.simulation
        lecture = page_state.lecture if page_state.audience else NO_LECTURE
        self.key = _key(
            shape=simulation.shape,
            cursor=simulation.cursor,
            examples=len(simulation.examples) if panel.shows_examples else 0,
            example=simulation.example if panel.shows_examples else 0,
            by=preferences.by,
            panel=preferences.panel,
            at=page_state.derivation_path,
            chosen=page_state.chosen_path,
            language=preferences.language,
            digits=preferences.digits,
            rounding=_rounding(simulation, preferences),
            error_field=refused.field if refused else "",
            is_question=bool(refused and refused.previews),
            keeps_texts=bool(refused and refused.texts),
            update=_update(page_state),
            new=_new_parameters(simulation),
            audience=page_state.audience,
            question=lecture.question,
            in_session=not page_state.example_query,
        )
        # What shows more than a state, a message for example, has no name.
        forms = (refused, page_state.builder_form, page_state.alteration_form)
        more = (*forms, page_state.notice, page_state.typed_number)
        state = "" if any(more) else page_state.state
        view = _View(self.key.audience, lecture, self.key.at, self.key.chosen, preferences)
        self.view = _remembered(view) if state else ""
        self.texts = RegionTexts(
            page_state, preferences, panel, partial(_numbers, simulation, panel, self.key.rounding)
        )
        self.texts["shown"] = f"{state}.{self.view}" if self.view else ""

    def html(self) -> bytes:
        asked = Identity(self.simulation), self.key
        if common := _filled_regions.get(asked):
            return common.render((), self.texts)
        template, filling = _precompiled(self.key), (self.texts.numbers, self.texts)
        if next(_times_asked(asked)) > 1:
            _filled_regions[asked] = filled = template.filled(*filling, is_common)
            return filled.render((), self.texts)
        return template.render(*filling)

    def is_within_iteration(self, before: _Shown, simulation: Simulation) -> bool:
        """Whether a region shows the same view, and its simulation another moment of the same
        iteration with the same past."""
        one, two = self.simulation.history, simulation.history
        return (
            self.simulation.start is simulation.start
            and self.simulation.name == simulation.name
            and one.origin is two.origin
            and one.first is two.first
            and one.beginning is two.beginning
            and one.other_branch is two.other_branch
            and one.edit_count == two.edit_count
            and self.texts.preferences == before.preferences
            and (self.key.at, self.key.chosen) == (before.key.at, before.key.chosen)
        )

    def shown(self) -> _Shown:
        return _Shown(self.key, self.texts.preferences, self.texts.numbers, self.texts)

    def following(self) -> "_Region":
        """The region after the next step. The press that makes it is not known yet."""
        preferences, simulation = self.texts.preferences, self.simulation
        after = take(simulation, "step", preferences.by)
        return _Region(self.texts.page_state.after(after), preferences)

    def remember(self) -> None:
        """Keep the texts, with which the next patch compares its own."""
        if self.view:
            texts = self.texts
            remembered = _Shown(self.key, texts.preferences, texts.numbers, texts.short_ones())
            _regions[texts["shown"]] = remembered

    def recall(self) -> None:
        """Take over what was written when this region was the next step, but for the press."""
        if before := _regions.get(self.texts["shown"]):
            self.texts.numbers = before.numbers
            self.texts.update(before.texts)
            self.texts.pop("change", None)

    def prepare(self, later: Later, steps: int = 1) -> None:
        """Compare the region with that of the next step, and so on, slice by slice some time later.

        That takes 20 to 80 ms, once for each step of a network.
        """
        if self.view and self.key not in _prepared:
            _prepared[self.key] = False
            _run(self.preparation(steps), later)

    def preparation(self, steps: int = 1) -> Iterator[None]:
        """Do the same, yielding between two slices."""
        following = self.following()
        _precompiled(following.key)
        yield
        _patch_between(self.shown(), following, self.simulation)
        _prepared[self.key] = True
        if steps > 1 and following.key not in _prepared:
            yield
            yield from following.preparation(steps - 1)


def prepared_iteration(simulation: Simulation, preferences: Preferences) -> Iterator[None]:
    """Make the templates for all steps of an iteration and compare them, so that not even the first
    visitor waits for them. It yields after 10 to 40 ms each time."""
    for region, _ in _steps_of_iteration(simulation, preferences):
        if not _prepared.get(region.key):
            yield from region.preparation()
            yield


def region_and_patches(simulation: Simulation, preferences: Preferences) -> Iterator[bytes]:
    """The region of a page, and then the patches of an iteration's steps, as the page gets them."""
    yield _Region(PageState(simulation, network="any"), preferences).html()
    for before, after in _steps_of_iteration(simulation, preferences):
        yield _patch_between(before.shown(), after, before.simulation) or b""


def _steps_of_iteration(
    simulation: Simulation, preferences: Preferences
) -> Iterator[tuple[_Region, _Region]]:
    """The regions before and after each step of an iteration, and the first one of the next."""
    before = _Region(PageState(simulation, network="any"), preferences)
    for _ in range(len(simulation.compiled.ends[preferences.by]) + 1):
        after = before.following()
        yield before, after
        before = after


def _run(slices: Iterator[None], later: Later) -> None:
    """Run each slice some time after the one before, and the first one some time later."""

    def run() -> None:
        with suppress(StopIteration):
            next(slices)
            later(run)

    later(run)


def _region_of(simulation: Simulation, name: str, page_state: PageState) -> _Shown | None:
    """Return the region of another moment of a network in a view, None if the view is unknown."""
    if (view := _views.get(name)) is None:
        return None
    before = PageState(
        simulation,
        derivation_path=view.at,
        focus="" if view.at else "".join(view.chosen),
        network=page_state.network,
        audience=view.audience,
        lecture=view.lecture,
        number=page_state.number,
    )
    region = _Region(before, view.preferences)
    return _Shown(region.key, view.preferences, region.texts.numbers, region.texts)


def _rounding(simulation: Simulation, preferences: Preferences) -> str:
    if preferences.rounding and not can_round(simulation):
        return NOT_ROUNDED
    return preferences.rounding


def _new_parameters(simulation: Simulation) -> tuple[str, ...]:
    new = new_parameters(simulation)
    if not new:
        return ()
    names = enumerate(simulation.compiled.parameters)
    return tuple(address for index, address in names if index in new)


def _update(page_state: PageState) -> str:
    chosen = page_state.form_error.update if page_state.form_error else ""
    return chosen if chosen in UPDATES else page_state.simulation.shape.update


def _numbers(simulation: Simulation, panel: Panel, rounding: str) -> tuple[float, ...]:
    """The numbers for the placeholders."""
    numbers = numbers_of(simulation, board_of(simulation, rounding))
    if panel.shows_examples:
        numbers += tuple(number for each in simulation.examples for number in flat(each))
    return numbers


class _View(NamedTuple):
    """What a page shows of a state."""

    audience: str
    lecture: ShownLecture
    at: tuple[str, ...]
    chosen: tuple[str, ...]
    preferences: Preferences


# By the names of views and of states.
_views: LRUCache[str, _View] = LRUCache(8192)
# Whether a region has been compared with that of the next step; False if that is under way.
_prepared: LRUCache["_Key", bool] = LRUCache(4096)
_regions: LRUCache[str, "_Shown"] = LRUCache(4096)  # 7 kB each


# What all who come to the same moment get, but for their own texts. It is made when it is asked for a
# second time: many a visitor is alone with a network.
_filled_patches: LRUCache[Hashable, FilledPatch] = LRUCache(FILLED_BYTES, attrgetter("size"))
_filled_regions: LRUCache[Hashable, PrecompiledTemplate] = LRUCache(
    FILLED_BYTES, attrgetter("size")
)


@lru_cache(maxsize=2048)
def _times_asked(for_what: Hashable) -> Iterator[int]:
    """Counts how often something has been asked for."""
    return count(1)


@lru_cache(maxsize=4096)
def _view_name(view: _View) -> str:
    return sha256(repr(view).encode()).hexdigest()[:12]


def _remembered(view: _View) -> str:
    """Return the name of a view, and remember the view by it."""
    name = _view_name(view)
    if name not in _views:
        _views[name] = view
    return name


@cached(LRUCache(maxsize=PRECOMPILED_BYTES, getsizeof=lambda precompiled: precompiled.size))
def _precompiled(key: _Key) -> PrecompiledTemplate:
    step_view = StepView(key.shape, key.cursor, key.by)
    _ = translations(key.language).gettext
    panel, digits = panel_named(key.panel), DIGITS[key.digits]
    rounding = ROUNDINGS.get(key.rounding)
    # A hundred links and forms of a session need no placeholder.
    known = queries({}, key.at, key.chosen) if key.in_session else {"base": Markup("")}
    texts = _Placeholders(known)
    home = Markup(HOME if key.in_session else url("/"))
    drawing = draw(step_view, key.chosen, _, is_board=rounding is not None)
    if key.question:
        drawing = asked_drawing(drawing, step_view, key.question)
    return precompile(
        render(
            TEMPLATES[key.audience],
            key.language,
            is_owner=key.audience == OWNER,
            asked=question_card(step_view, key.question, _) if key.question else None,
            step_view=step_view,
            drawing=drawing,
            card=step_card(step_view, _, key.chosen, digits, is_board=rounding is not None),
            timeline=timeline(step_view, _),
            strip=matrix_strip(step_view, key.chosen, _, digits),
            narration=narration(step_view, _),
            begins_iteration=0 < key.cursor == len(step_view.block),
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
            new=key.new,
            update=key.update,
            digits=key.digits,
            rounding=key.rounding,
            roundings=ROUNDINGS,
            rounding_note=rounding_note(_, key.rounding) if key.rounding else "",
            rounding_choices=rounding_choices(_),
            number_width=digits.width,
            usual_width=FOUR.width,
            digit_choices=digit_choices(_),
        ),
        drawing.derived,
        board_digits(digits, rounding) if rounding else digits,
    )


@cached(LRUCache(maxsize=PATCHES_BYTES, getsizeof=lambda patch: patch.size if patch else 100))
def _patch(before: _Key, after: _Key, same_numbers: bool) -> Patch | None:
    """Return the patch between two regions, None if there is none that is known in advance."""
    regions = _precompiled(before), _precompiled(after)
    with suppress(CannotPatch):
        return compare(*regions, is_markup, is_of_moment, same_numbers=same_numbers)
    return None


def _stays(panel: Panel, shape: Shape, at: tuple[str, ...]) -> bool:
    """Whether a panel stays open where a derivation would take its place."""
    return panel.follows_parameter and parameter_of(shape, at) is not None
