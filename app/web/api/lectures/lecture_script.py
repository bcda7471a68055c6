"""The lecture script of a network, as JSON."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from app.sessions.codec import Lecture, Stored
from app.sessions.lecture import Script
from app.sessions.service import Press, Session
from app.simulation.simulation import Simulation
from app.web.api.dependencies import (
    ANY,
    ROUTER,
    Id,
    IdempotencyKey,
    Version,
    owned_session,
    session_response,
    version_of,
)
from app.web.api.openapi import owned
from app.web.api.schemas.responses import Answer, Index
from app.web.api.schemas.script_file import LectureScript, pins_of, script_content, script_of
from app.web.http.preferences import preferences_of
from app.web.http.security import owner_key

router = APIRouter(**ROUTER)


class ScriptMoment(Answer):
    """An iteration, and how many of its steps have been taken."""

    iteration: Index
    cursor: Index


class ScriptQuestion(Answer):
    """What the class is asked."""

    kind: str
    address: str
    other: str = Field(default="", description="only with `larger`")


class ScriptPin(Answer):
    """A moment of the lecture."""

    title: str
    note: str
    moment: ScriptMoment
    question: Annotated[ScriptQuestion, Field(description="only if there is one")] = Field(
        default_factory=lambda: ScriptQuestion(kind="", address="")
    )


TAG = "Lectures"


@router.get(
    "/sessions/{id}/script",
    response_description="The moments, in order.",
    summary="Get the lecture script",
    response_model=list[ScriptPin],
    **owned(TAG),
)
async def script(request: Request, id: Id) -> Response:
    """The moments that the clicker goes to. Until a script is stored, they are the walk through the
    deck, in the language of `Accept-Language`."""
    return _response(request, await owned_session(request, id))


@router.put(
    "/sessions/{id}/script",
    response_description="The moments, in order.",
    summary="Store a lecture script",
    response_model=list[ScriptPin],
    **owned(TAG, 403, 409, 412, 413, 415, 422),
)
async def put_script(
    request: Request,
    id: Id,
    body: LectureScript,
    if_match: Version = ANY,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Replaces the whole script. The network stays at its moment; a page of it stays valid."""

    def change(stored: Stored) -> Script:
        return pins_of(body, stored.simulation)

    press = _press(if_match, idempotency_key)
    return _response(request, await _store(request, id, press, change))


@router.delete(
    "/sessions/{id}/script",
    response_description="The moments of the built-in script, in order.",
    summary="Return to the built-in script",
    response_model=list[ScriptPin],
    **owned(TAG, 403, 409, 412, 422),
)
async def delete_script(
    request: Request, id: Id, if_match: Version = ANY, idempotency_key: IdempotencyKey = None
) -> Response:
    """Deletes the stored script, so that the walk through the deck takes its place."""
    press = _press(if_match, idempotency_key)
    return _response(request, await _store(request, id, press, lambda stored: None))


def _press(if_match: str, key: str | None) -> Press:
    """Where a change comes from. Without a key of its own it leaves open pages of the network valid."""
    return Press(key or "", version=version_of(if_match))


async def _store(
    request: Request, id: str, press: Press, change: Callable[[Stored], Script | None]
) -> Session:
    def stay(simulation: Simulation) -> Simulation:
        return simulation

    def beside(stored: Stored, version: int) -> Stored:
        lecture, script = stored.lecture or Lecture(), change(stored)
        if lecture.script == script:
            return stored
        return replace(stored, lecture=replace(lecture, script=script, pin=0))

    session: Session = await request.app.state.sessions.change(
        id, owner_key(request), stay, press, beside
    )
    return session


def _response(request: Request, session: Session) -> Response:
    language = preferences_of(request).language
    return session_response(session, script_content(script_of(session, language)))
