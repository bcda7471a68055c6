"""What a lecturer does with a class: share a network, pause, ask, reveal, and look at the answers.

Every form of these leads to the speaker window, which shows what has come of it.
"""

import asyncio
import csv
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from io import StringIO

from msgspec.json import encode
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from app.classroom.questions import (
    AskedQuestion,
    NotAsked,
    ahead,
    revealed,
    right_answer,
    values,
)
from app.classroom.rooms import Room
from app.sessions.lecture import LARGER, NUMBER, Question
from app.sessions.service import Session
from app.view.classroom.answer_chart import AnswerChart, answer_chart
from app.view.notation.labels import Translate
from app.view.rendering.digits import Digits
from app.view.rendering.languages import translations
from app.view.rendering.page_state import CLASS, PageState, ShownBar
from app.view.rendering.urls import base_of, url
from app.web.api.dependencies import classroom_in
from app.web.http.event_stream import Event, EventStream
from app.web.http.preferences import preferences_of
from app.web.pages.browser_session import (
    change_session,
    keep_owner,
    named_network,
    owner_of,
    press_of,
    session_of,
    sessions_in,
)
from app.web.pages.forms.uploads import read_form
from app.web.pages.layout import VARY, layout
from app.web.pages.page_response import AUDIENCE, SPEAKER, page_of_session, respond

MOST_BARS = 5  # of the answers on the projector: the right ones, and the most frequent
COUNT_EVERY = 0.25  # seconds between two looks at how many follow and have answered

Act = Callable[[str, str], Awaitable[Session]]  # of the id and the key of a network


async def share(request: Request) -> Response:
    """Share a network; of an example, begin one first."""
    form = await read_form(request)
    if not named_network(request):
        session = await change_session(request, lambda now: now, press_of(request, form))
        id = session.id
    else:
        id = named_network(request)
    return await _act(request, classroom_in(request).sharing.share, id)


async def pause(request: Request) -> Response:
    return await _act(request, classroom_in(request).sharing.pause)


async def resume(request: Request) -> Response:
    return await _act(request, classroom_in(request).sharing.resume)


async def end(request: Request) -> Response:
    return await _act(request, classroom_in(request).sharing.end)


async def ask(request: Request) -> Response:
    """Ask for a value that comes next."""
    form = await read_form(request)
    kind, address, other = (form.get(name, "") for name in ("kind", "address", "other"))
    question = Question(kind or NUMBER, (address, other) if kind == LARGER else (address,))
    questions = classroom_in(request).questions
    return await _act(request, lambda id, key: questions.ask(id, key, question))


async def withdraw(request: Request) -> Response:
    return await _act(request, classroom_in(request).questions.withdraw)


async def reveal(request: Request) -> Response:
    """Take the step that was asked for, and count the answers."""
    press = press_of(request, await read_form(request))
    questions = classroom_in(request).questions
    return await _act(request, lambda id, key: questions.reveal(id, key, press))


async def _act(request: Request, act: Act, id: str = "") -> Response:
    id, key = id or named_network(request), owner_of(request).key
    await sessions_in(request).count(key)
    session = await act(id, key)
    if request.query_params.get(AUDIENCE) == CLASS:  # of the projector
        page_state = await class_page(request, session)
        return await respond(request, page_state, preferences_of(request))
    response = RedirectResponse(url(f"{base_of(id)}/{SPEAKER}"), 303)
    keep_owner(request, response)
    return response


async def class_page(request: Request, session: Session) -> PageState:
    """Return what the class sees: with its answers, while the step that was asked for is shown."""
    page_state = replace(page_of_session(session), audience=CLASS)
    lecture, simulation = session.lecture, session.simulation
    if lecture is None or lecture.question or not lecture.questions:
        return page_state
    try:
        asked = await classroom_in(request).questions.asked(session, lecture.questions)
    except NotAsked:  # withdrawn
        return page_state
    shown = revealed(asked.simulation, asked.question, lecture.by)
    if asked.tally is None or shown.iteration != simulation.iteration:
        return page_state
    if shown.cursor != simulation.cursor:
        return page_state
    preferences = preferences_of(request)
    _ = translations(preferences.language).gettext
    chart = chart_of(asked, _, preferences.shown_digits)
    bars = tuple(
        ShownBar(each.label, each.example, each.count, each.share, each.is_right)
        for each in chart.bars[:MOST_BARS]
    )
    return replace(page_state, lecture=page_state.lecture._replace(bars=bars))


async def events(request: Request) -> Response:
    """Tell the lecturer's own windows about each change, and how many follow and have answered."""
    session = await session_of(request)
    assert session is not None  # the path names it
    room = classroom_in(request).rooms.of(session)
    return EventStream(_events(request, room))


async def _events(request: Request, room: Room) -> AsyncIterator[Event]:
    told, is_woken = b"", False
    with room.watched():
        while not request.app.state.stopping.is_set():
            change, lecture = room.change, room.session.lecture
            said = encode(
                {
                    "version": room.session.version,
                    "followers": room.followers,
                    "answers": room.answers,
                    "question": lecture.questions if lecture and lecture.question else 0,
                    "code": lecture.code if lecture else "",
                }
            )
            if said != told:
                yield Event(said)
                told = said
            elif is_woken:
                yield Event.comment()
            is_woken = False
            with suppress(TimeoutError):
                async with asyncio.timeout(COUNT_EVERY):
                    is_woken = await change.wait()


async def summary(request: Request) -> Response:
    """All questions that were revealed, with their answers."""
    session = await session_of(request)
    assert session is not None
    preferences = preferences_of(request)
    _, digits = translations(preferences.language).gettext, preferences.shown_digits
    asked = await classroom_in(request).questions.all_revealed(session)
    body = layout(
        request,
        "classroom/summary.html",
        preferences,
        charts=[chart_of(each, _, digits) for each in asked],
        base=base_of(session.id),
    )
    return HTMLResponse(body, headers=VARY)


def chart_of(asked: AskedQuestion, _: Translate, digits: Digits) -> AnswerChart:
    """Return a question that is revealed as a chart."""
    question, simulation = asked.question, ahead(asked.simulation)
    right = values(asked)[0] if question.kind == NUMBER else right_answer(asked)
    bars = asked.tally.bars if asked.tally else ()
    counts = [(bar.kind, bar.count, bar.example) for bar in bars]
    about = asked.number, question.kind, question.addresses
    return answer_chart(_, digits, simulation, *about, right, counts)


async def table(request: Request) -> Response:
    """The same as CSV: a line for each kind of answer."""
    session = await session_of(request)
    assert session is not None
    file = StringIO()
    writer = csv.writer(file)
    writer.writerow(
        "question kind quantity other iteration step value other_value outcome count example".split()
    )
    for each in await classroom_in(request).questions.all_revealed(session):
        writer.writerows(_rows(each))
    headers = {"Content-Disposition": 'attachment; filename="backstep-questions.csv"'}
    return Response(file.getvalue(), 200, headers, "text/csv; charset=utf-8")


def _rows(asked: AskedQuestion) -> list[tuple[object, ...]]:
    one, other = (*asked.question.addresses, "")[:2]
    value, other_value = (*map(repr, values(asked)), "")[:2]
    moment = asked.simulation.iteration, asked.simulation.cursor
    about = (asked.number, asked.question.kind, one, other, *moment, value, other_value)
    bars = asked.tally.bars if asked.tally else ()
    return [(*about, bar.kind, bar.count, bar.example) for bar in bars] or [(*about, "", 0, "")]


routes: list[Route] = [Route("/share", share, methods=["POST"])]
network_routes: list[Route] = [
    Route(base_of("{id}/share"), share, methods=["POST"]),
    Route(base_of("{id}/share/pause"), pause, methods=["POST"]),
    Route(base_of("{id}/share/resume"), resume, methods=["POST"]),
    Route(base_of("{id}/share/end"), end, methods=["POST"]),
    Route(base_of("{id}/ask"), ask, methods=["POST"]),
    Route(base_of("{id}/withdraw"), withdraw, methods=["POST"]),
    Route(base_of("{id}/reveal"), reveal, methods=["POST"]),
    Route(base_of("{id}/lecture/events"), events),
    Route(base_of("{id}/summary"), summary),
    Route(base_of("{id}/questions.csv"), table),
]
