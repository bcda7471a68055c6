"""What a lecturer does with a class: share a network, pause, ask, and reveal.

Every form of these leads to the speaker window, which shows what has come of it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

from msgspec.json import encode
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from app.classroom.rooms import Room
from app.sessions.lecture import LARGER, NUMBER, Question
from app.sessions.service import Session
from app.view.rendering.page_state import CLASS
from app.view.rendering.urls import base_of, url
from app.web.api.dependencies import classroom_in
from app.web.http.event_stream import Event, EventStream
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
from app.web.pages.page_response import AUDIENCE, PRESENT, SPEAKER
from app.web.pages.query import query_field

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
    await act(id, key)
    if query_field(request, AUDIENCE) == CLASS:  # of the projector
        return RedirectResponse(url(f"{base_of(id)}/{PRESENT}"), 303)  # htmx follows it, too
    response = RedirectResponse(url(f"{base_of(id)}/{SPEAKER}"), 303)
    keep_owner(request, response)
    return response


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
]
