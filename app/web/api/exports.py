"""Exports: files by name, and a permalink."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.simulation.simulation import Simulation
from app.view.export.files import FILES
from app.view.export.session_file import link_of
from app.view.rendering.languages import translations
from app.view.rendering.links import AT
from app.view.screen.derivation import known_path
from app.web.api.dependencies import ROUTER, Id, etag, owned_session, session_response
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
    responses={**problems(404, 503), 200: {"model": SessionFile, "content": CONTENT}},
)
async def export(
    request: Request,
    id: Id,
    name: Annotated[
        str, Path(description="the file name", json_schema_extra={"enum": list(FILES)})
    ],
) -> Response:
    """POST /api/sessions accepts `session.json` as `import`. It contains the exact network, examples,
    settings, iteration and cursor, but not the history. The programs start at the beginning of this
    iteration; `Accept-Language` chooses the language of their comments."""
    session = await owned_session(request, id)
    if name not in FILES:
        raise HTTPException(404, "There is no such file.")
    return file_of(request, session.simulation, name, {"ETag": etag(session)})


@router.get(
    "/sessions/{id}/link",
    response_description="The link.",
    summary="Get a permalink",
    response_model=Link,
    **owned("Export"),
)
async def link(
    request: Request,
    id: Id,
    at: Annotated[
        str, Query(description="the address of a quantity whose derivation the page opens")
    ] = "",
) -> Response:
    """The link contains the whole state and opens a copy of it, without access to this session."""
    session = await owned_session(request, id)
    path = known_path(session.simulation.shape, tuple(at.split(AT)))
    return session_response(session, {"link": link_of(session.simulation, path)})


def file_of(
    request: Request, simulation: Simulation, name: str, headers: dict[str, str]
) -> Response:
    """Return a file to download, in the language of the request."""
    file = FILES[name]
    translate = translations(preferences_of(request).language).gettext
    headers = {"Content-Disposition": f'attachment; filename="backstep-{name}"', **headers}
    return Response(file.write(simulation, translate), 200, headers, media_type=file.media)
