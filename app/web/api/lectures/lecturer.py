"""A lecture for the lecturer's programs: share a network, and ask the class, as JSON."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from app.classroom.questions import RIGHT, UNEXPLAINED
from app.sessions.lecture import LARGER, Question
from app.sessions.service import Session
from app.web.api.dependencies import (
    ROUTER,
    Id,
    classroom_in,
    join_link,
    owned_session,
    session_response,
)
from app.web.api.openapi import owned
from app.web.api.schemas import serialize
from app.web.api.schemas.requests import Body
from app.web.api.schemas.responses import Answer
from app.web.http.security import owner_key

router = APIRouter(**ROUTER)

OWNED: dict[str, Any] = owned("Lectures", 403, 409)
Number = Annotated[int, Path(ge=1, le=99_999, description="which question, from 1")]


class Shared(Answer):
    """How followers find a network."""

    code: str = Field(description="six letters and digits")
    url: str = Field(description="the page that follows it")


class NewQuestion(Body):
    """A value that the next steps compute, which is hidden until it is revealed."""

    address: str = Field(description="of the quantity; of a weight or bias, its new value is meant")
    kind: Literal["number", "sign", "larger"] = "number"
    other: str | None = Field(default=None, description="for `larger`: what it is compared with")


class AskedResponse(Answer):
    """The question that was asked."""

    question: int = Field(description="its number, from 1")


class MistakeCount(Answer):
    """How many made a mistake."""

    kind: str
    count: int


class AnswersResponse(Answer):
    """The answers to a question; before it is revealed only how many there are."""

    answers: int
    revealed: bool
    right: int
    mistakes: list[MistakeCount]
    unexplained: int


@router.post(
    "/sessions/{id}/share",
    response_description="The code.",
    summary="Share with a class",
    status_code=201,
    response_model=Shared,
    **OWNED,
)
async def share(request: Request, id: Id) -> Response:
    """Whoever knows the code sees each step that is taken, and cannot change anything. It ends
    after 24 hours at the latest."""
    await owned_session(request, id)
    session = await classroom_in(request).sharing.share(id, owner_key(request))
    assert session.lecture is not None
    code = session.lecture.code
    content = {"code": code, "url": join_link(request, code)}
    return Response(serialize.encode(content), 201, media_type="application/json")


@router.delete(
    "/sessions/{id}/share",
    response_description="It is no longer shared.",
    summary="End sharing",
    status_code=204,
    **OWNED,
)
async def end_sharing(request: Request, id: Id) -> Response:
    """Its code leads nowhere any more. An open question is given up."""
    await owned_session(request, id)
    await classroom_in(request).sharing.end(id, owner_key(request))
    return Response(status_code=204)


@router.post(
    "/sessions/{id}/questions",
    response_description="The number of the question.",
    summary="Ask the class",
    status_code=201,
    response_model=AskedResponse,
    **owned("Lectures", 403, 409, 413, 415, 422),
)
async def ask(request: Request, id: Id, body: NewQuestion) -> Response:
    """Asks for a value that the next steps compute. Until it is revealed, no answer of the server
    contains it, and the session takes no other change."""
    await owned_session(request, id)
    addresses = (body.address, body.other or "") if body.kind == LARGER else (body.address,)
    question = Question(body.kind, addresses)
    session = await classroom_in(request).questions.ask(id, owner_key(request), question)
    assert session.lecture is not None
    content = {"question": session.lecture.questions}
    return Response(serialize.encode(content), 201, media_type="application/json")


@router.get(
    "/sessions/{id}/questions/{question}",
    response_description="The counts.",
    summary="The answers to a question",
    response_model=AnswersResponse,
    **owned("Lectures", 422),
)
async def answers(request: Request, id: Id, question: Number) -> Response:
    """How many have answered; and once it is revealed, how many were right or made which mistake."""
    session = await owned_session(request, id)
    return session_response(session, await _counts(request, session, question))


@router.post(
    "/sessions/{id}/questions/{question}/reveal",
    response_description="The counts.",
    summary="Reveal the answer",
    response_model=AnswersResponse,
    **owned("Lectures", 403, 409, 422),
)
async def reveal(request: Request, id: Id, question: Number) -> Response:
    """Takes the step that computes the value, and counts the answers."""
    session = await owned_session(request, id)
    lecture = session.lecture
    if lecture and lecture.question and lecture.questions == question:
        session = await classroom_in(request).questions.reveal(id, owner_key(request))
    return session_response(session, await _counts(request, session, question))


async def _counts(request: Request, session: Session, number: int) -> dict[str, object]:
    asked = await classroom_in(request).questions.asked(session, number)
    tally = asked.tally
    return {
        "answers": tally.answers if tally else len(asked.answers),
        "revealed": tally is not None,
        "right": tally.count(RIGHT) if tally else 0,
        "mistakes": [
            {"kind": bar.kind, "count": bar.count} for bar in (tally.mistakes if tally else ())
        ],
        "unexplained": tally.count(UNEXPLAINED) if tally else 0,
    }
