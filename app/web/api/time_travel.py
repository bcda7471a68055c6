"""Seek, undo, redo and switching branches, as JSON."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from app.simulation import navigation
from app.web.api.dependencies import CHANGE, ROUTER, Changing, Id, owned_session, session_response
from app.web.api.openapi import owned
from app.web.api.schemas.requests import INTEGER, Body, error_message, example
from app.web.api.schemas.responses import Answer, Index

router = APIRouter(**ROUTER)

MOST = 2**53 - 1  # the largest integer that every JSON parser represents exactly
Integer = Annotated[
    int,
    Field(strict=True, ge=0, le=MOST),
    INTEGER,
    error_message("must be an integer of at least 0"),
]


class Seek(Body):
    """A moment of the current branch; without a cursor, the start of the iteration."""

    model_config = example(iteration=0, cursor=15)

    iteration: Integer
    cursor: Integer = 0


class Moment(Answer):
    """An iteration and the number of steps taken in it."""

    iteration: Index
    cursor: Index


class Travel(Answer):
    """The moments that can be reached from the current one."""

    first: Moment = Field(description="the earliest moment")
    furthest: Moment = Field(description="the latest moment of this branch")
    other: Moment | None = Field(description="the latest moment of the previous branch")
    can_undo: bool
    can_redo: bool


@router.post("/sessions/{id}/seek", summary="Jump", **CHANGE)
async def seek(change_session: Changing, body: Seek) -> Response:
    """Go to any moment between `first` and `furthest`. In an iteration restarted by edits, that is a
    moment after the last of them. Stepping on follows the branch; an edit starts a new one."""
    return await change_session(lambda now: navigation.seek(now, body.iteration, body.cursor))


@router.post("/sessions/{id}/undo", summary="Undo", **CHANGE)
async def undo(change_session: Changing) -> Response:
    """Undo one of the last 64 commands, if it began on this branch or the previous one."""
    return await change_session(navigation.undo)


@router.post("/sessions/{id}/redo", summary="Redo", **CHANGE)
async def redo(change_session: Changing) -> Response:
    """Redo the command undone last. Any other command clears the redo stack."""
    return await change_session(navigation.redo)


@router.post("/sessions/{id}/return", summary="Switch branches", **CHANGE)
async def return_(change_session: Changing) -> Response:
    """Go to the end of the previous branch, from which an edit, or going on without that edit,
    led away. The current branch takes its place, so a second call returns to it."""
    return await change_session(navigation.switch_branch)


@router.get(
    "/sessions/{id}/travel",
    response_description="The moments that can be reached.",
    summary="Reachable moments",
    response_model=Travel,
    **owned("Reading"),
)
async def travel(request: Request, id: Id) -> Response:
    """The ends of this branch and of the previous one, and whether undo and redo are possible. These
    are not part of the state, so a moment has the same state however it was reached."""
    session = await owned_session(request, id)
    simulation = session.simulation
    other = navigation.other_branch_end(simulation)
    content = {
        "first": _moment(simulation.history.first.iteration, 0),
        "furthest": _moment(*navigation.branch_end(simulation)),
        "other": _moment(*other) if other else None,
        "can_undo": navigation.can_undo(simulation),
        "can_redo": navigation.can_redo(simulation),
    }
    return session_response(session, content)


def _moment(iteration: int, cursor: int) -> dict[str, int]:
    return {"iteration": iteration, "cursor": cursor}
