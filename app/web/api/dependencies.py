"""What the routes that read or change a session share."""

from collections.abc import Awaitable
from dataclasses import replace
from typing import Annotated, Any, Protocol

from fastapi import Depends, Header, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from app.analysis.rounding import RoundedIteration, on_board, rounded_iteration
from app.backprop.rounding_rule import rounding_named
from app.classroom.classroom import Classroom
from app.classroom.refusals import LectureEnded
from app.classroom.rooms import Room
from app.sessions.codec import CHANGE_ID
from app.sessions.lecture import read_code
from app.sessions.service import Change, Press, Session
from app.simulation.simulation import Simulation
from app.view.rendering.urls import url
from app.web.api.openapi import operation_id, owned
from app.web.api.schemas import responses, serialize
from app.web.api.schemas.requests import error_message
from app.web.api.strict_json import JsonRoute
from app.web.http.rate_limiting import client_of
from app.web.http.security import owner_key

ROUTER: dict[str, Any] = {
    "prefix": "/api",
    "route_class": JsonRoute,
    "generate_unique_id_function": operation_id,
    "strict_content_type": False,  # `JsonRoute` checks it
}
Id = Annotated[str, Path(description="the session's id")]


async def owned_session(request: Request, id: str) -> Session:
    """Return the session. Raises NotFound for anyone but its owner."""
    session: Session = await request.app.state.sessions.get(id, owner_key(request))
    return session


RoundingName = Annotated[
    str,
    Query(
        description="compute as on a blackboard: `decimals.4.up` rounds each result to four decimals, "
        "half up, and `significant.3.even` to three significant digits, half to even. Possible for the "
        "first 1,000 iterations",
    ),
]


def board_for(simulation: Simulation, rounding: str) -> RoundedIteration | None:
    """Return what is on the blackboard with the rounding of a query; None without one.

    Raises Invalid for an unknown rounding, and after the iterations that are rounded.
    """
    return rounded_iteration(simulation, rounding_named(rounding)) if rounding else None


def shown_simulation(simulation: Simulation, rounding: str) -> Simulation:
    """Return the simulation with the numbers on that blackboard. Raises the same."""
    board = board_for(simulation, rounding)
    return on_board(simulation, board) if board else simulation


def classroom_in(request: Request) -> Classroom:
    """Return the classroom of the application."""
    classroom: Classroom = request.app.state.classroom
    return classroom


def public_address(request: Request) -> str:
    """Return what absolute links begin with: the address that was set, else that of the request."""
    address: str = request.app.state.settings.public_url or str(request.base_url)
    return address.rstrip("/")


def join_link(request: Request, code: str) -> str:
    """Return the whole address at which followers find a lecture."""
    return public_address(request) + url(f"/live/{code}")


async def find_room(request: Request, code: str, is_known: bool = False) -> Room:
    """Return the room of a lecture by its code.

    Codes that lead nowhere are limited, so that none can be guessed: then no code is looked up for a
    client, except for one that is known to follow already.

    Raises LectureEnded, RateLimitExceeded.
    """
    guesses, client = request.app.state.rate_limits.guesses, client_of(request.scope)
    if not is_known:
        guesses.check(client)
    try:
        if read_code(code) != code:
            raise LectureEnded
        return await classroom_in(request).sharing.find(code)
    except LectureEnded:
        await guesses.spend(client)
        raise


def session_response(session: Session, content: object) -> Response:
    return _response(session, serialize.encode(content))


def etag(session: Session) -> str:
    return f'"{session.version}"'


ANY = "*"  # If-Match: any version

Version = Annotated[
    str,
    Header(
        alias="If-Match",
        pattern=r'^(\*|\d{1,15}|(W/)?"\d{1,15}")$',
        description="change only this version (an ETag), else respond with 412",
    ),
    error_message('must be a version such as 12 or "12", or *'),
]


def version_of(if_match: str) -> int | None:
    """The version that a change expects; None for any."""
    return None if if_match == ANY else int(if_match.removeprefix("W/").strip('"'))


IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=CHANGE_ID,
        description="an id of your own: if it is one of the session’s last 16, the change is done, "
        "whatever the body is, and the response is the present state",
    ),
    error_message("must be 1 to 64 visible ASCII characters"),
]

CHANGE: dict[str, Any] = {
    **owned("Navigation", 403, 409, 412, 413, 415, 422),
    "response_model": responses.State,
    "response_description": "The new state. Its ETag is the version.",
}


class ChangeSession(Protocol):
    def __call__(self, change: Change, by: str = "") -> Awaitable[Response]: ...


async def _changing(
    request: Request, id: Id, if_match: Version = ANY, idempotency_key: IdempotencyKey = None
) -> ChangeSession:
    made = Press(idempotency_key or Press().id, version=version_of(if_match))

    async def change_session(change: Change, by: str = "") -> Response:
        press = replace(made, by=by)
        timed = request.app.state.metrics.timing(request.scope["endpoint"].__name__, change)
        key, sessions = owner_key(request), request.app.state.sessions
        return state_response(await sessions.change(id, key, timed, press))

    return change_session


# Changes the session, if it still has the expected version, and returns its new state. `by` is how far
# the change goes, where that is known.
Changing = Annotated[ChangeSession, Depends(_changing)]


def state_response(session: Session, board: RoundedIteration | None = None) -> Response:
    """Return the state; with a board, with its numbers."""
    return _response(session, serialize.encode_state(session, board))


def _response(session: Session, body: bytes) -> Response:
    return Response(body, 200, {"ETag": etag(session)}, "application/json")
