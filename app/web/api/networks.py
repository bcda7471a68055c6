"""The list of a browser's networks, as JSON."""

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from app.sessions.owner_codec import MOST_NETWORKS
from app.sessions.owners import NetworkList, Owners
from app.sessions.service import Session
from app.view.screen.network_list import latest_error
from app.web.api.dependencies import ROUTER
from app.web.api.openapi import problems
from app.web.api.schemas import serialize
from app.web.api.schemas.responses import Answer, Index, Number
from app.web.http.security import read_cookie

router = APIRouter(**ROUTER)


class ListedNetwork(Answer):
    """A network of the list, which GET /api/sessions/{id} returns as a whole."""

    id: str
    name: str = Field(description="what it is called; empty if it has no name")
    layers: list[int]
    iteration: Index
    cursor: Index
    error: Number | None = Field(description="E of this iteration, else of the one before")
    changed: int | None = Field(description="when it was changed last, in Unix seconds")


class Networks(Answer):
    """The networks of a browser."""

    networks: list[ListedNetwork] = Field(description="that changed last first")
    most: int = Field(description="how many there may be")


@router.get(
    "/networks",
    response_description="The networks.",
    tags=["Reading"],
    summary="List your networks",
    response_model=Networks,
    openapi_extra={"security": [{"cookie": []}, {}]},  # without one, the list is empty
    responses=problems(503),
)
async def networks(request: Request) -> Response:
    """The networks that the page lists for this browser: those begun in it, and those that were added
    to its list with their key. Without the cookie, or with another one, the list is empty."""
    owner, owners = read_cookie(request), request.app.state.owners
    assert isinstance(owners, Owners)
    found = NetworkList() if owner is None else await owners.list(owner)
    listed = [_listed(each.session) for each in found.networks if each.session]
    content = serialize.encode({"networks": listed, "most": MOST_NETWORKS})
    return Response(content, 200, media_type="application/json")


def _listed(session: Session) -> dict[str, object]:
    simulation = session.simulation
    return {
        "id": session.id,
        "name": simulation.name,
        "layers": simulation.network.shape.layers,
        "iteration": simulation.iteration,
        "cursor": simulation.cursor,
        "error": latest_error(simulation),
        "changed": session.changed or None,
    }
