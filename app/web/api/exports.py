"""Exports: files by name, and a permalink."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.analysis.rounding import RoundedIteration
from app.simulation.simulation import Simulation
from app.view.export.files import FILES
from app.view.export.session_file import link_of
from app.view.rendering.languages import translations
from app.view.rendering.links import AT
from app.view.screen.derivation import known_path
from app.web.api.dependencies import (
    ROUTER,
    Id,
    RoundingName,
    board_for,
    etag,
    owned_session,
    session_response,
    shown_simulation,
)
from app.web.api.openapi import OWNER, owned, problems
from app.web.api.schemas.responses import Answer
from app.web.api.schemas.session_import import SessionFile
from app.web.http.preferences import preferences_of

router = APIRouter(**ROUTER)

CONTENT: dict[str, Any] = {
    file.media: {"schema": {"type": "object" if file.media.endswith("json") else "string"}}
    for file in FILES.values()
    if file.name != "session.json"
}


class Link(Answer):
    """A permalink."""

    link: str = Field(description="a path that works on any Backstep server")


@router.get(
    "/sessions/{id}/export/{name}",
    response_description="The file.",
    tags=["Export"],
    summary="Export a file",
    response_class=Response,
    openapi_extra=OWNER,
    responses={**problems(404, 422, 503), 200: {"model": SessionFile, "content": CONTENT}},
)
async def export(
    request: Request,
    id: Id,
    name: Annotated[
        str, Path(description="the file name", json_schema_extra={"enum": list(FILES)})
    ],
    rounding: RoundingName = "",
) -> Response:
    """POST /api/sessions accepts `session.json` as `import`. It contains the exact network, examples,
    settings, iteration and cursor, but not the history. The programs start at the beginning of this
    iteration; `Accept-Language` chooses the language of their comments. With `rounding` the numbers
    are those on the blackboard, and `steps.py` rounds, too; the other programs say that they do not."""
    session = await owned_session(request, id)
    if name not in FILES:
        raise HTTPException(404, "There is no such file.")
    board = board_for(session.simulation, rounding)
    return file_of(request, session.simulation, name, {"ETag": etag(session)}, board)


@router.get(
    "/sessions/{id}/link",
    response_description="The link.",
    summary="Get a permalink",
    response_model=Link,
    **owned("Export", 422),
)
async def link(
    request: Request,
    id: Id,
    at: Annotated[
        str, Query(description="the address of a quantity whose derivation the page opens")
    ] = "",
    rounding: RoundingName = "",
) -> Response:
    """The link contains the whole state and opens a copy of it, without access to this session. With
    `rounding` it begins with the numbers on the blackboard, and the page goes on rounding."""
    session = await owned_session(request, id)
    simulation = shown_simulation(session.simulation, rounding)
    path = known_path(simulation.shape, tuple(at.split(AT)))
    return session_response(session, {"link": link_of(simulation, path, rounding)})


def file_of(
    request: Request,
    simulation: Simulation,
    name: str,
    headers: dict[str, str],
    board: RoundedIteration | None,
) -> Response:
    """Return a file to download, in the language of the request; with a board, with its numbers."""
    file = FILES[name]
    translate = translations(preferences_of(request).language).gettext
    headers = {"Content-Disposition": f'attachment; filename="backstep-{name}"', **headers}
    return Response(file.write(simulation, translate, board), 200, headers, media_type=file.media)
