"""What can be taken home, as the API gives it: files by name, and a link that holds everything."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.simulation.simulation import Simulation
from app.view.export.files import FILES
from app.view.rendering.languages import translations
from app.view.rendering.links import AT, link_of
from app.view.screen.derivation import known_path
from app.web.api.dependencies import Id, etag, owned_session, session_response
from app.web.api.openapi import OWNER, problems
from app.web.api.schemas.responses import Answer
from app.web.api.schemas.session_import import SessionFile
from app.web.api.strict_json import JsonRoute
from app.web.http.preferences import preferences_of

router = APIRouter(prefix="/api", route_class=JsonRoute)

CONTENT: dict[str, Any] = {
    file.media: {"schema": {"type": "object" if file.media.endswith("json") else "string"}}
    for file in FILES.values()
    if file.name != "session.json"
}


class Link(Answer):
    """A link to this very moment."""

    link: str = Field(description="an address on this server, and a path on any other")


@router.get(
    "/sessions/{id}/export/{name}",
    operation_id="export",
    response_description="The file.",
    tags=["Taking home"],
    summary="Take a file home",
    response_class=Response,
    openapi_extra=OWNER,
    responses={
        **problems(404, 503),
        200: {"model": SessionFile, "content": CONTENT},
    },
)
async def export(
    request: Request,
    id: Id,
    name: Annotated[str, Path(description="of the file", json_schema_extra={"enum": list(FILES)})],
) -> Response:
    """`session.json` is what POST /api/sessions takes as `import`: the network, its examples, the
    settings, the iteration and the cursor to the bit, but not how they came about. The programs
    begin where this iteration began; `Accept-Language` chooses the language of what they say."""
    session = await owned_session(request, id)
    if name not in FILES:
        raise HTTPException(404, "There is no such file.")
    return file_of(request, session.simulation, name, {"ETag": etag(session)})


@router.get(
    "/sessions/{id}/link",
    operation_id="link",
    response_description="The link.",
    tags=["Taking home"],
    summary="A link to this moment",
    response_model=Link,
    openapi_extra=OWNER,
    responses=problems(404, 503),
)
async def link(
    request: Request,
    id: Id,
    at: Annotated[str, Query(description="the address of what is to be explained there")] = "",
) -> Response:
    """It holds the whole state, so that it opens as a copy on any Backstep, without this session."""
    session = await owned_session(request, id)
    way = known_path(session.simulation.shape, tuple(at.split(AT)))
    return session_response(session, {"link": link_of(session.simulation, way)})


def file_of(
    request: Request, simulation: Simulation, name: str, headers: dict[str, str]
) -> Response:
    """A file as something to keep, in the language of whoever asks."""
    file = FILES[name]
    translate = translations(preferences_of(request).language).gettext
    kept = {"Content-Disposition": f'attachment; filename="backstep-{name}"'}
    return Response(file.write(simulation, translate), 200, kept | headers, media_type=file.media)
