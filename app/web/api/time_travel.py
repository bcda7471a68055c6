"""Through time: any moment of the line, the line that was left, undo and redo, as JSON."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from app.simulation import navigation as travel
from app.simulation.iteration import Moment as Place
from app.web.api.dependencies import (
    ANY,
    CHANGE,
    Id,
    Version,
    change_session,
    owned_session,
    session_response,
)
from app.web.api.openapi import OWNER, problems
from app.web.api.schemas.requests import WHOLE, Body, error_message
from app.web.api.schemas.responses import Answer, Index
from app.web.api.strict_json import JsonRoute

router = APIRouter(prefix="/api", route_class=JsonRoute, strict_content_type=False)

MOST = 2**53 - 1  # the largest integer that every JSON reader keeps
Whole = Annotated[
    int, Field(strict=True, ge=0, le=MOST), WHOLE, error_message("must be an integer of at least 0")
]


class Seek(Body):
    """A moment of the line: how an iteration begins, if no cursor is given."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"iteration": 0, "cursor": 15}]})

    iteration: Whole
    cursor: Whole = 0


class Moment(Answer):
    """An iteration, and how many of its steps were taken."""

    iteration: Index
    cursor: Index


class Travel(Answer):
    """How far one may travel from here."""

    first: Moment = Field(description="the earliest moment that can be reached")
    furthest: Moment = Field(description="the latest moment of this line")
    other: Moment | None = Field(description="the latest moment of the line that was left last")
    can_undo: bool
    can_redo: bool


@router.post("/sessions/{id}/seek", operation_id="seek", tags=["Moving"], summary="Jump", **CHANGE)
async def seek(request: Request, id: Id, body: Seek, if_match: Version = ANY) -> Response:
    """To any moment from the beginning to the furthest; in an iteration that edits began anew,
    to one after the last of them. Going on from there retraces the line; an edit leaves it."""
    return await change_session(
        request,
        id,
        if_match,
        lambda now: travel.seek(now, body.iteration, body.cursor),
    )


@router.post("/sessions/{id}/undo", operation_id="undo", tags=["Moving"], summary="Undo", **CHANGE)
async def undo(request: Request, id: Id, if_match: Version = ANY) -> Response:
    """The last command, whatever it was, taken back exactly: at least 64 of them. Where there is
    none, nothing happens."""
    return await change_session(request, id, if_match, travel.undo)


@router.post("/sessions/{id}/redo", operation_id="redo", tags=["Moving"], summary="Redo", **CHANGE)
async def redo(request: Request, id: Id, if_match: Version = ANY) -> Response:
    """The command that was undone last, done again. Another command clears what could be."""
    return await change_session(request, id, if_match, travel.redo)


@router.post(
    "/sessions/{id}/return",
    operation_id="return",
    tags=["Moving"],
    summary="Return to the other line",
    **CHANGE,
)
async def return_(request: Request, id: Id, if_match: Version = ANY) -> Response:
    """To the end of the line that was left last, by an edit or by going on without one. The line
    that one comes from is kept in its place, so that a second time leads back to it."""
    return await change_session(request, id, if_match, travel.switch_branch)


@router.get(
    "/sessions/{id}/travel",
    operation_id="travel",
    response_description="The moments.",
    tags=["Looking"],
    summary="How far one may travel",
    response_model=Travel,
    openapi_extra=OWNER,
    responses=problems(404, 503),
)
async def reach(request: Request, id: Id) -> Response:
    """The ends of the line, that of the line left last, and whether there is something to undo.
    Apart from the state, so that the states of one moment are equal however it was reached."""
    session = await owned_session(request, id)
    simulation = session.simulation
    other = travel.other_branch_end(simulation)
    content = {
        "first": _moment((simulation.history.first.iteration, 0)),
        "furthest": _moment(travel.branch_end(simulation)),
        "other": None if other is None else _moment(other),
        "can_undo": travel.can_undo(simulation),
        "can_redo": travel.can_redo(simulation),
    }
    return session_response(session, content)


def _moment(moment: Place) -> dict[str, int]:
    iteration, cursor = moment
    return {"iteration": iteration, "cursor": cursor}
