"""What the routes that read or change a session share."""

from typing import Annotated, Any

from fastapi import Header, Path
from starlette.requests import Request
from starlette.responses import Response

from app.sessions.service import Change, Session
from app.web.api.openapi import operation_id, owned
from app.web.api.schemas import responses, serialize
from app.web.api.schemas.requests import error_message
from app.web.api.strict_json import JsonRoute
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
    session: Session = await request.app.state.sessions.get(id, owner_key(request, id))
    return session


def session_response(session: Session, content: object) -> Response:
    return Response(
        serialize.encode(content), 200, {"ETag": etag(session)}, media_type="application/json"
    )


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

CHANGE: dict[str, Any] = {
    **owned("Navigation", 403, 409, 412, 413, 415, 422),
    "response_model": responses.State,
    "response_description": "The new state. Its ETag is the version.",
}


async def change_session(request: Request, id: str, version: str, change: Change) -> Response:
    """Change the session, if it still has the expected version, and return its new state."""
    expected = None if version == ANY else int(version.removeprefix("W/").strip('"'))
    timed = request.app.state.metrics.timing(request.scope["endpoint"].__name__, change)
    session = await request.app.state.sessions.change(id, owner_key(request, id), timed, expected)
    return state_response(session)


def state_response(session: Session) -> Response:
    headers = {"ETag": etag(session)}
    return Response(serialize.encode_state(session), 200, headers, "application/json")
