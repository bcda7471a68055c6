"""What the API's routes that look at a session share."""

from typing import Annotated

from fastapi import Path
from starlette.requests import Request
from starlette.responses import Response

from app.sessions.service import Session
from app.web.api.schemas import serialize as state
from app.web.http.security import owner_key

Id = Annotated[str, Path(description="the session's id")]


async def looked_at(request: Request, id: str) -> Session:
    """The session, for its owner."""
    session: Session = await request.app.state.sessions.get(id, owner_key(request, id))
    return session


def seen(session: Session, content: object) -> Response:
    """What was seen of a session, as JSON."""
    return Response(
        state.encoded(content), 200, {"ETag": etag(session)}, media_type="application/json"
    )


def etag(session: Session) -> str:
    """The version, as If-Match and If-None-Match take it."""
    return f'"{session.version}"'
