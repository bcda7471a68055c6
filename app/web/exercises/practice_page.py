"""Practise: choose what is asked, predict it, check it, then see it.

What was missed is kept with the network. While somebody practises, no answer of the network has a
number of a step that was not taken.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from secrets import randbelow
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from app.analysis.diagnosis import DiagnosedNumber
from app.exercises.asked_steps import (
    AT_A_TIME,
    UNIT,
    AskedSteps,
    Coming,
    coming,
    kinds_of,
    onward,
)
from app.exercises.variants import LAST_SEED
from app.sessions.codec import Stored
from app.sessions.practice import Practice
from app.sessions.service import Beside, Change, NotFound, QuestionOpen, Session
from app.simulation.simulation import Simulation
from app.view.exercises.practice_view import (
    PRACTICE,
    asked_choice,
    blank_to_fill,
    diagnosed,
    hints,
    known_numbers,
    missed_most,
    mistake_words,
    next_title,
    next_why,
    practice_blanks,
    renewed,
    step_titles,
)
from app.view.exercises.working_view import layer_field
from app.view.export.graph_svg import graph_svg
from app.view.notation.labels import Translate
from app.view.rendering.languages import translations
from app.view.rendering.numbers import digits, ordinal
from app.view.rendering.urls import base_of, url
from app.web.http.preferences import preferences_of
from app.web.pages.browser_session import (
    change_session,
    keep_owner,
    owner_of,
    press_of,
    session_of,
    sessions_in,
)
from app.web.pages.forms.uploads import read_form
from app.web.pages.layout import VARY, layout
from app.web.pages.network_routes import under_network

BY, LEVEL, MOMENT, DOES, KIND, CHECKED = "by", "level", "moment", "do", "kind/", "checked"
BEGIN, CHOOSE, ONLY, ALL, STOP = "begin", "choose", "only/", "all", "stop"
CHECK, HINT, REVEAL, FORGET, RENEW, ONWARD = "check", "hint", "reveal", "forget", "renew", "onward"
MOST_HINTS = 2

Form = Mapping[str, str]
Found = Mapping[str, DiagnosedNumber | str]


async def begin(request: Request) -> Response:
    """Hide what comes next in the network opened last, or begin one from an example; lead to its page."""
    form = await read_form(request)
    session = await change_session(request, _stay, press_of(request, form))
    key = session.key or owner_of(request).key
    await sessions_in(request).rewrite(session.id, key, _begun(request))
    response = RedirectResponse(url(f"{base_of(session.id)}/{PRACTICE}"), 303)
    if session.key is not None:
        keep_owner(request, response)
    return response


async def show(request: Request) -> Response:
    """Return the blanks of what is asked next; the choice of it to whoever does not practise yet."""
    return _response(request, await _session(request), {}, {})


async def practise(request: Request) -> Response:
    """Do what a button says; then show the page again, or what is asked next."""
    session, form = await _session(request), await read_form(request)
    here, does = url(f"{base_of(session.id)}/{PRACTICE}"), form.get(DOES, BEGIN)
    if does == STOP:
        await _change(request, _stay, partial(_noted, hides=False))
        return RedirectResponse(url(base_of(session.id)), 303)
    if does == BEGIN:
        await _change(request, _stay, _begun(request))
    elif does in (CHOOSE, ALL) or does.startswith(ONLY):
        await _choose(request, session, form, does)
    elif does == FORGET:
        await _change(request, _stay, _forget)
    elif does == RENEW:
        await _renew(request, _asked_of(session, request))
    elif does == ONWARD and form.get(MOMENT) == _coming(session, request).moment:
        asked = _asked_of(session, request)
        await _change(request, partial(onward, asked=asked), partial(_noted, hides=True))
    elif does in (CHECK, HINT, REVEAL):
        return await _answered(request, session, form, does)
    return RedirectResponse(here, 303)


async def _answered(request: Request, session: Session, form: Form, does: str) -> Response:
    """Check what was typed, give a hint, or show the numbers."""
    asked, here = _asked_of(session, request), url(f"{base_of(session.id)}/{PRACTICE}")
    step_ahead = coming(session.simulation, asked)
    if (
        form.get(MOMENT) != step_ahead.moment or not step_ahead.steps
    ):  # of a page that was left behind
        return RedirectResponse(here, 303)
    is_hint = does == HINT
    found = diagnosed(step_ahead, form) if does == CHECK or (is_hint and form.get(CHECKED)) else {}
    if is_hint:
        return _response(request, session, form, found, level=_level(form) + 1)
    verdicts = [each for each in found.values() if isinstance(each, DiagnosedNumber)]
    is_done = [each.is_right for each in verdicts] == [True] * len(step_ahead.steps)
    if does == REVEAL or is_done:
        after = _tried(step_ahead, verdicts, missed=not is_done)
        await _change(request, partial(_past, moment=step_ahead.moment, asked=asked), after)
        return RedirectResponse(here, 303)
    if any(not each.is_right for each in verdicts):
        session = await _change(request, _stay, _tried(step_ahead, verdicts, missed=True))
    return _response(request, session, form, found, level=_level(form))


async def _choose(request: Request, session: Session, form: Form, does: str) -> None:
    """Note what is asked from now on, and take the steps up to it."""
    own = kinds_of(session.simulation.network.shape)
    by, kinds = form.get(BY, ""), tuple(kind for kind in own if KIND + kind in form)
    if does != CHOOSE:
        by, kinds = "", tuple(kind for kind in own if does == ONLY + kind)
    before = _asked_of(session, request)
    asked = AskedSteps(by if by in AT_A_TIME else before.by, () if kinds == own else kinds)
    noted = partial(_noted, hides=True, by=asked.by, kinds=asked.kinds)
    await _change(request, partial(onward, asked=asked), noted)


async def _renew(request: Request, asked: AskedSteps) -> None:
    """Begin anew with other numbers, at the first one that is asked."""
    seed = randbelow(LAST_SEED + 1)
    await _change(
        request,
        lambda simulation: onward(renewed(simulation, seed), asked),
        partial(_noted, tried=""),
    )


def _asked_of(session: Session, request: Request) -> AskedSteps:
    practice = session.practice or _first_practice(request)
    return AskedSteps(practice.by, practice.kinds)


def _coming(session: Session, request: Request) -> Coming:
    return coming(session.simulation, _asked_of(session, request))


def _first_practice(request: Request) -> Practice:
    """What is asked before anything was chosen: as many numbers as a step takes."""
    return Practice(by="unit" if preferences_of(request).by == UNIT else "layer")


def _begun(request: Request) -> Beside:
    first = _first_practice(request)

    def begun(stored: Stored, _: int) -> Stored:
        return replace(stored, practice=replace(stored.practice or first, hides=True))

    return begun


def _noted(stored: Stored, _: int, **choice: Any) -> Stored:
    return replace(stored, practice=replace(stored.practice or Practice(), **choice))


def _forget(stored: Stored, _: int) -> Stored:
    return replace(stored, practice=stored.practice and stored.practice.counted_anew())


def _past(simulation: Simulation, moment: str, asked: AskedSteps) -> Simulation:
    """Take what is asked next, if that is what it was, and the rest up to the next question."""
    step_ahead = coming(simulation, asked)
    return coming(step_ahead.after, asked).before if step_ahead.moment == moment else simulation


def _tried(step_ahead: Coming, verdicts: Sequence[DiagnosedNumber], *, missed: bool) -> Beside:
    """Note the first try of a step."""
    made = [mistake.name for each in verdicts for mistake in each.mistakes[:1]]

    def noted(stored: Stored, _: int) -> Stored:
        name = layer_field(step_ahead.steps[0])
        before = stored.practice or Practice()
        practice = before.after(step_ahead.moment, name, made, missed=missed)
        return replace(stored, practice=practice)

    return noted


def _level(form: Form) -> int:
    """How many hints were given."""
    return min(digits(form.get(LEVEL, "0"), 1) or 0, MOST_HINTS)


def _stay(simulation: Simulation) -> Simulation:
    return simulation


async def _change(request: Request, change: Change, beside: Beside) -> Session:
    return await change_session(request, change, press_of(request, {}), beside)


async def _session(request: Request) -> Session:
    session = await session_of(request)
    if session is None:
        raise NotFound
    if session.lecture and session.lecture.question:
        raise QuestionOpen
    return session


def _response(
    request: Request, session: Session, given: Form, found: Found, level: int = 0
) -> Response:
    preferences, simulation = preferences_of(request), session.simulation
    _: Translate = translations(preferences.language).gettext
    titles, practice = step_titles(simulation, _), session.practice or Practice()
    asked, step_ahead = _asked_of(session, request), None
    context: dict[str, Any] = {"known": ()}
    if practice.hides:
        step_ahead = coming(simulation, asked)
        context = _coming_context(request, step_ahead, given, found, min(level, MOST_HINTS))
    shown = step_ahead.before if step_ahead else simulation
    body = layout(
        request,
        "exercises/practice.html",
        preferences,
        home=url(base_of(session.id)),
        action=url(f"{base_of(session.id)}/{PRACTICE}"),
        coming=step_ahead,
        graph=Markup(graph_svg(shown, _("The network"))),  # contains no visitor's text
        asked=asked_choice(simulation, asked, _),
        only=missed_most(simulation, asked, practice.steps, _),
        missed=[
            (titles.get(name, name), asked, failed)
            for name, asked, failed in sorted(practice.steps, key=lambda each: -each[2])
        ],
        mistakes=[
            (mistake_words(name, _), count)
            for name, count in sorted(practice.mistakes, key=lambda each: -each[1])
        ],
        **context,
    )
    return HTMLResponse(body, headers=VARY)


def _coming_context(
    request: Request, step_ahead: Coming, given: Form, found: Found, level: int
) -> dict[str, Any]:
    """What the page says of what is asked next."""
    preferences = preferences_of(request)
    _: Translate = translations(preferences.language).gettext
    context: dict[str, Any] = {
        "iteration": ordinal(step_ahead.after.iteration),
        "known": known_numbers(step_ahead, preferences.shown_digits, _),
    }
    if not step_ahead.steps:
        return context
    blanks = practice_blanks(step_ahead, given, found, _)
    return context | {
        "title": next_title(step_ahead, _),
        "why": next_why(step_ahead, _),
        "phase": step_ahead.steps[0].phase,
        "blanks": blanks,
        "focus": blank_to_fill(blanks),
        "hints": hints(step_ahead, level),
        "level": level,
        "more_hints": level < MOST_HINTS,
        "is_checked": bool(found),
    }


routes: list[BaseRoute] = [Route(f"/{PRACTICE}", begin, methods=["POST"])]
network_routes = under_network(
    [Route(f"/{PRACTICE}", show), Route(f"/{PRACTICE}", practise, methods=["POST"])]
)
