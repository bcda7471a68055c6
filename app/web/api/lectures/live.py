"""A lecture for the programs of those who follow it: no credentials, only its code."""

from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from app.backprop.errors import N_, Invalid
from app.classroom.questions import ahead, verdict
from app.classroom.refusals import AnswersClosed, LectureEnded
from app.classroom.rooms import Room, Showing
from app.sessions.service import QuestionOpen, Session
from app.simulation.training import stop_training
from app.view.notation.mistake_sentences import mistake_sentence
from app.view.rendering.languages import translations
from app.view.rendering.urls import url
from app.web.api.dependencies import ROUTER, classroom_in, etag, find_room
from app.web.api.openapi import problems
from app.web.api.schemas import responses, serialize
from app.web.api.schemas.requests import Body
from app.web.http.event_stream import Event, EventStream
from app.web.http.preferences import preferences_of
from app.web.http.rate_limiting import create_session

router = APIRouter(**ROUTER)

Code = Annotated[str, Path(description="six letters and digits")]
FINDS: dict[str, Any] = {"tags": ["Lectures"]}
JSON = "application/json"


class QuestionShown(responses.Answer):
    """What the class is asked."""

    question: int = Field(description="its number, which an answer names")
    kind: str
    addresses: list[str] = Field(description="of the quantity, or of the two to compare")


class LiveState(responses.ShownState):
    """What followers see: the state as the lecturer shows it."""

    paused: bool = Field(description="whether it stays like this while the lecturer goes on")
    question: QuestionShown | None
    follower: str | None = Field(
        default=None, description="an anonymous id of your own, which an answer needs"
    )


class Nothing(Body):
    """No fields."""


NOTHING = Nothing()


class NewAnswer(Body):
    """An answer to the open question."""

    question: int
    answer: float | str = Field(
        description="a number, positive, negative or zero, or an address; equal if they are"
    )
    follower: str


class MistakeMade(responses.Answer):
    """A recognised mistake."""

    kind: str
    sentence: str


class AnswerTaken(responses.Answer):
    """Taken, until the question is revealed; then what is to be said of it."""

    taken: bool | None = None
    correct: bool | None = None
    mistakes: list[MistakeMade] | None = None


@router.get(
    "/live/{code}",
    response_description="The state.",
    summary="Get the state of a lecture",
    response_model=LiveState,
    responses={**problems(404, 503), 304: {"description": "The version has not changed."}},
    **FINDS,
)
async def live_state(
    request: Request,
    code: Code,
    if_none_match: Annotated[str, Header(alias="If-None-Match")] = "",
    follower: Annotated[
        str, Query(description="your id, once you have one: else this gives you a new one")
    ] = "",
) -> Response:
    """The state as the lecturer last showed it. Its ETag is the version."""
    room, followers = await find_room(request, code), classroom_in(request).followers
    own = follower if followers.is_valid(follower, code) else followers.new(code)
    room.polled_by(own)
    headers = {"ETag": f'"{room.session.version}"', "Cache-Control": "no-cache"}
    if if_none_match == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    content = serialize.encode(_state(room.showing) | {"follower": own})
    return Response(content, 200, headers, JSON)


@router.get(
    "/live/{code}/events",
    response_description="Server-sent events.",
    summary="Follow a lecture",
    response_class=Response,
    responses={**problems(404, 503), 200: {"content": {"text/event-stream": {}}}},
    **FINDS,
)
async def live_events(request: Request, code: Code) -> Response:
    """`state` events with the state, the present one first and then each new one, and their version
    as the id. A `follower` event has an anonymous id of your own. `over` is the last event."""
    room = await find_room(request, code)
    follower = classroom_in(request).followers.new(code)
    greeting = (Event(serialize.encode({"follower": follower}), "follower"),)
    return EventStream(events_of(request, room, follower, partial(_event, room), greeting))


@router.post(
    "/live/{code}/copy",
    response_description="The session, its key and its state.",
    summary="Copy the moment",
    status_code=201,
    response_model=responses.Created,
    responses=problems(403, 404, 409, 413, 415, 422, 503),
    **FINDS,
)
async def copy_moment(request: Request, code: Code, body: Nothing = NOTHING) -> Response:
    """A session of your own at the moment that the lecturer shows; not while the class is asked."""
    showing = (await find_room(request, code)).showing
    if showing.question is not None:
        raise QuestionOpen
    session = await create_session(request, stop_training(showing.simulation))
    content = {"id": session.id, "key": session.key, "state": serialize.state(session)}
    headers = {"Location": url(f"/api/sessions/{session.id}"), "ETag": etag(session)}
    return Response(serialize.encode(content), 201, headers, JSON)


@router.post(
    "/live/{code}/answers",
    response_description="Whether it was taken.",
    summary="Answer a question",
    response_model=AnswerTaken,
    response_model_exclude_none=True,
    responses=problems(403, 404, 409, 413, 415, 422, 503),
    **FINDS,
)
async def answer_question(request: Request, code: Code, body: NewAnswer) -> Response:
    """Answers the open question, or replaces your earlier answer. Once it is revealed, the answer
    says whether yours was right, and which mistakes give it; it is not counted any more."""
    room, classroom = await find_room(request, code), classroom_in(request)
    if not classroom.followers.is_valid(body.follower, code):
        raise Invalid("follower", N_("is not an id that this lecture has given"))
    given = str(body.answer)
    try:
        await classroom.questions.answer(room.session, body.question, body.follower, given)
        return Response(serialize.encode({"taken": True}), 200, media_type=JSON)
    except AnswersClosed:
        asked = await classroom.questions.asked(room.session, body.question)
        if asked.tally is None:
            raise
    found = verdict(room.session, asked, given)
    translate = translations(preferences_of(request).language).gettext
    simulation = ahead(asked.simulation)
    shape = simulation.shape
    step = simulation.steps[simulation.compiled.position[asked.question.addresses[0]]]
    mistakes = [
        {"kind": each.name, "sentence": mistake_sentence(translate, shape, step, each)}
        for each in found.mistakes
    ]
    content = {"correct": found.is_right, "mistakes": mistakes}
    return Response(serialize.encode(content), 200, media_type=JSON)


async def events_of(
    request: Request,
    room: Room,
    follower: str,
    event: Callable[[], Event],
    greeting: tuple[Event, ...] = (),
) -> AsyncIterator[Event]:
    """What somebody who follows is sent: `event()` for each version of a room, until the lecture ends.

    The greeting comes after the first.
    """
    version = 0
    with room.watched(follower):
        while not request.app.state.stopping.is_set():
            change = room.change
            if version == room.session.version:
                yield Event.comment()
            else:
                try:
                    newest = event()
                except LectureEnded:
                    yield Event(b"{}", "over")
                    return
                yield newest
                version = room.session.version
            for each in greeting:
                yield each
            greeting = ()
            await change.wait()


def _event(room: Room) -> Event:
    """The state as an event, which is made once for all."""
    if "state" not in room.rendered:
        data = serialize.encode(_state(room.showing))
        room.rendered["state"] = Event(data, "state", str(room.session.version))
    event: Event = room.rendered["state"]
    return event


def _state(showing: Showing) -> dict[str, Any]:
    state = serialize.state(Session("", showing.version, showing.simulation))
    del state["id"]
    question = showing.question
    return {
        **state,
        "paused": showing.is_paused,
        "question": question
        and {
            "question": showing.number,
            "kind": question.kind,
            "addresses": question.addresses,
        },
    }
