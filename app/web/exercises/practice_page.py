"""Practise: predict the numbers of the next step, check them, then see them.

What was missed is kept with the network. A number that is not known yet is in no answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from secrets import randbelow

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from app.analysis.diagnosis import DiagnosedNumber
from app.exercises.variants import LAST_SEED
from app.sessions.codec import Stored
from app.sessions.practice import Practice
from app.sessions.service import Beside, Change, NotFound, QuestionOpen, Session
from app.simulation.simulation import Simulation
from app.view.exercises.practice_view import (
    PRACTICE,
    Coming,
    coming,
    diagnosed,
    hints,
    mistake_words,
    next_title,
    next_why,
    practice_blanks,
    renewed,
    step_titles,
)
from app.view.export.graph_svg import graph_svg
from app.view.notation.labels import Translate
from app.view.rendering.languages import translations
from app.view.rendering.numbers import digits, ordinal
from app.view.rendering.urls import base_of, url
from app.web.http.preferences import preferences_of
from app.web.pages.browser_session import (
    change_session,
    keep_owner,
    press_of,
    session_of,
)
from app.web.pages.forms.uploads import read_form
from app.web.pages.layout import VARY, layout
from app.web.pages.network_routes import under_network

BY, LEVEL, MOMENT, DOES = "by", "level", "moment", "do"
CHECK, HINT, REVEAL, FORGET, RENEW = "check", "hint", "reveal", "forget", "renew"
MOST_HINTS = 2

Form = Mapping[str, str]
Found = Mapping[str, DiagnosedNumber | str]


async def begin(request: Request) -> Response:
    """Lead to the page of a network; of an example, begin a network."""
    form = await read_form(request)
    session = await change_session(request, _stay, press_of(request, form))
    response = RedirectResponse(url(f"{base_of(session.id)}/{PRACTICE}"), 303)
    if session.key is not None:
        keep_owner(request, response)
    return response


async def show(request: Request) -> Response:
    """Return the blanks of the next step."""
    session = await _session(request)
    return _response(request, session, request.query_params, {})


async def practise(request: Request) -> Response:
    """Check what was typed, give a hint, show the numbers, or forget what was missed."""
    session, form = await _session(request), await read_form(request)
    step_ahead, does = coming(session.simulation, form.get(BY, "")), form.get(DOES, CHECK)
    by = step_ahead.by
    here = url(f"{base_of(session.id)}/{PRACTICE}", {BY: by})
    if does == FORGET:
        await _change(request, _stay, lambda stored, _: replace(stored, practice=None))
        return RedirectResponse(here, 303)
    if does == RENEW:
        seed = randbelow(LAST_SEED + 1)
        await _change(
            request, lambda simulation: renewed(simulation, seed), lambda stored, _: stored
        )
        return RedirectResponse(here, 303)
    if form.get(MOMENT) != step_ahead.moment:  # of a page that was left behind
        return RedirectResponse(here, 303)
    if does == HINT:
        return _response(request, session, form, {}, level=_level(form) + 1)
    found = diagnosed(step_ahead, form) if does == CHECK else {}
    verdicts = [each for each in found.values() if isinstance(each, DiagnosedNumber)]
    is_done = [each.is_right for each in verdicts] == [True] * len(step_ahead.steps)
    if does == REVEAL or is_done:
        after = _tried(step_ahead, verdicts, missed=not is_done)
        await _change(request, lambda simulation: simulation.step(by), after)
        return RedirectResponse(here, 303)
    if any(not each.is_right for each in verdicts):
        session = await _change(request, _stay, _tried(step_ahead, verdicts, missed=True))
    return _response(request, session, form, found, level=_level(form))


def _tried(step_ahead: Coming, verdicts: Sequence[DiagnosedNumber], *, missed: bool) -> Beside:
    """Note the first try of a step."""
    made = [mistake.name for each in verdicts for mistake in each.mistakes[:1]]

    def noted(stored: Stored, _: int) -> Stored:
        name = step_ahead.name
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
    step_ahead = coming(simulation, given.get(BY, preferences.by))
    titles, practice = step_titles(simulation, _), session.practice or Practice()
    level = min(level, MOST_HINTS)
    is_new = step_ahead.after.iteration != simulation.iteration
    body = layout(
        request,
        "exercises/practice.html",
        preferences,
        home=url(base_of(session.id)),
        action=url(f"{base_of(session.id)}/{PRACTICE}"),
        title=next_title(step_ahead, _),
        why=next_why(step_ahead, _),
        number=step_ahead.number,
        steps=len(step_ahead.after.compiled.ends[step_ahead.by]),
        iteration=ordinal(step_ahead.after.iteration),
        is_new=is_new,
        phase=step_ahead.steps[0].phase,
        blanks=practice_blanks(step_ahead, given, found, _),
        hints=hints(step_ahead, level),
        level=level,
        more_hints=level < MOST_HINTS,
        step_by=step_ahead.by,
        moment=step_ahead.moment,
        is_checked=bool(found),
        graph=Markup(graph_svg(simulation, _("The network"))),  # contains no visitor's text
        missed=[
            (titles.get(name, name), asked, failed)
            for name, asked, failed in sorted(practice.steps, key=lambda each: -each[2])
        ],
        mistakes=[
            (mistake_words(name, _), count)
            for name, count in sorted(practice.mistakes, key=lambda each: -each[1])
        ],
    )
    return HTMLResponse(body, headers=VARY)


routes: list[BaseRoute] = [Route(f"/{PRACTICE}", begin, methods=["POST"])]
network_routes = under_network(
    [Route(f"/{PRACTICE}", show), Route(f"/{PRACTICE}", practise, methods=["POST"])]
)
