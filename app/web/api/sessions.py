"""The JSON API: each route is a change of a simulation, or a look at it."""

from collections.abc import Callable, Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from starlette.requests import Request
from starlette.responses import Response

from app.backprop.errors import Invalid
from app.examples.presets import PRESETS
from app.sessions.service import Change, Sessions
from app.simulation.iteration import IN_ORDER
from app.simulation.simulation import Simulation
from app.simulation.training import train_until
from app.view.rendering.urls import url
from app.web.api.dependencies import (
    ANY,
    CHANGE,
    Id,
    Version,
    change_session,
    etag,
    owned_session,
    session_response,
    state_response,
)
from app.web.api.openapi import OWNER, problems
from app.web.api.schemas import requests as schemas
from app.web.api.schemas import responses as answers
from app.web.api.schemas import serialize as state
from app.web.api.schemas.new_session import (
    NewSession,
    examples_of,
    simulation_of,
    without_network_prefix,
)
from app.web.api.schemas.requests import error_message
from app.web.api.strict_json import JsonRoute
from app.web.http.rate_limiting import create_session
from app.web.http.security import owner_key

STEPS_PER_SLICE = 50  # taken before others have their turn; going back costs the most

router = APIRouter(prefix="/api", route_class=JsonRoute, strict_content_type=False)

ONE_STEP = schemas.Move()
LOOK: dict[str, Any] = {"openapi_extra": OWNER, "responses": problems(404, 422, 503)}


# Sessions.


@router.post(
    "/sessions",
    operation_id="create",
    response_description="The session, its key, and where it stands.",
    tags=["Sessions"],
    summary="Begin a session",
    status_code=201,
    response_model=answers.Created,
    responses={
        **problems(403, 413, 415, 422, 503),
        201: {"headers": {"Location": {"schema": {"type": "string"}}}},
    },
)
async def create(request: Request, body: NewSession) -> Response:
    """From a preset, from random numbers, from a network of your own, or from what was taken home.
    Keep the `key`: it is sent as a bearer token with whatever concerns this session."""
    session = await create_session(request, simulation_of(body))
    content = {"id": session.id, "key": session.key, "state": state.state(session)}
    headers = {"Location": url(f"/api/sessions/{session.id}"), "ETag": etag(session)}
    return Response(state.encoded(content), 201, headers, "application/json")


@router.get(
    "/sessions/{id}",
    operation_id="state",
    response_description="Where it stands.",
    tags=["Sessions"],
    summary="Where it stands",
    response_model=answers.State,
    openapi_extra=OWNER,
    responses={**problems(404, 503), 304: {"description": "It still has that version."}},
)
async def read(
    request: Request,
    id: Id,
    if_none_match: Annotated[
        str, Header(alias="If-None-Match", description="answer 304 if it is this ETag")
    ] = "",
) -> Response:
    """The whole state. The ETag is its version."""
    session = await owned_session(request, id)
    if if_none_match == etag(session):
        return Response(status_code=304, headers={"ETag": etag(session)})
    return state_response(session)


@router.delete(
    "/sessions/{id}",
    operation_id="delete",
    response_description="It is gone.",
    tags=["Sessions"],
    summary="End it",
    status_code=204,
    openapi_extra=OWNER,
    responses=problems(403, 404, 503),
)
async def delete(request: Request, id: Id) -> Response:
    """The session and its key are forgotten."""
    await _sessions(request).delete(id, owner_key(request, id))
    return Response(status_code=204)


@router.patch("/sessions/{id}", operation_id="edit", tags=["Sessions"], summary="Edit it", **CHANGE)
async def edit(
    request: Request, id: Id, body: schemas.EditRequest, if_match: Version = ANY
) -> Response:
    """The current iteration restarts with the change; `back` takes it back whole."""
    given: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    if "examples" in given:
        given["examples"] = examples_of(body.examples)
    if "shuffle" in given and body.shuffle is None:
        given["shuffle"] = IN_ORDER

    def change(simulation: Simulation) -> Simulation:
        try:
            return simulation.edit(**given) if given else simulation
        except Invalid as error:
            raise without_network_prefix(error) from error

    return await change_session(request, id, if_match, change)


# Moving.


@router.post("/sessions/{id}/step", operation_id="step", tags=["Moving"], summary="Step", **CHANGE)
async def step(
    request: Request, id: Id, body: schemas.Move = ONE_STEP, if_match: Version = ANY
) -> Response:
    """On by `count` calculations of the granularity `by`, into later iterations where need be."""
    return await change_session(request, id, if_match, _moves(Simulation.step, body))


@router.post(
    "/sessions/{id}/back", operation_id="back", tags=["Moving"], summary="Step back", **CHANGE
)
async def back(
    request: Request, id: Id, body: schemas.Move = ONE_STEP, if_match: Version = ANY
) -> Response:
    """Exactly back by `count` calculations; an edit is one. At the very beginning it stays."""
    return await change_session(request, id, if_match, _moves(Simulation.back, body))


@router.post(
    "/sessions/{id}/forward",
    operation_id="forward",
    tags=["Moving"],
    summary="Forward pass",
    **CHANGE,
)
async def forward(request: Request, id: Id, if_match: Version = ANY) -> Response:
    """On to the end of this iteration's forward pass, where E is known; from the end of an
    iteration, of the next one's."""
    return await change_session(request, id, if_match, Simulation.forward)


@router.post(
    "/sessions/{id}/backward",
    operation_id="backward",
    tags=["Moving"],
    summary="Backward pass",
    **CHANGE,
)
async def backward(request: Request, id: Id, if_match: Version = ANY) -> Response:
    """On to the end of the backward pass: every gradient known, no weight changed yet. Runs the
    forward pass first if need be."""
    return await change_session(request, id, if_match, Simulation.backward)


@router.post(
    "/sessions/{id}/update", operation_id="update", tags=["Moving"], summary="Update", **CHANGE
)
async def update(request: Request, id: Id, if_match: Version = ANY) -> Response:
    """On to the end of the iteration, where the weights have changed. Runs what is missing."""
    return await change_session(request, id, if_match, Simulation.update)


@router.post(
    "/sessions/{id}/train", operation_id="train", tags=["Moving"], summary="Train", **CHANGE
)
async def train(
    request: Request, id: Id, body: schemas.Training, if_match: Version = ANY
) -> Response:
    """On by whole iterations; an unfinished one is finished first and counts as one. With `below`
    no further than until E, as the mean over a pass through all examples, is smaller."""
    return await change_session(
        request, id, if_match, lambda now: train_until(now, body.iterations, body.below)
    )


@router.post(
    "/sessions/{id}/reset", operation_id="reset", tags=["Moving"], summary="Reset", **CHANGE
)
async def reset(request: Request, id: Id, if_match: Version = ANY) -> Response:
    """Back to how the session began. What lies ahead is kept, as by `back`; undo takes it back."""
    return await change_session(request, id, if_match, Simulation.reset)


# Looking.


@router.get(
    "/sessions/{id}/steps",
    operation_id="steps",
    response_description="The steps.",
    tags=["Looking"],
    summary="The iteration's steps",
    response_model=answers.Steps,
    openapi_extra=OWNER,
    responses=problems(404, 503),
)
async def steps(request: Request, id: Id) -> Response:
    """All steps of this iteration, in order. Those not yet taken have no value."""
    session = await owned_session(request, id)
    return session_response(session, {"steps": state.steps(session.simulation)})


@router.get(
    "/sessions/{id}/errors",
    operation_id="errors",
    response_description="The curve.",
    tags=["Looking"],
    summary="The error curve",
    response_model=answers.Errors,
    **LOOK,
)
async def errors(
    request: Request,
    id: Id,
    points: Annotated[
        int,
        Query(ge=2, le=10_000, description="at most so many"),
        error_message("must be from 2 to 10,000"),
    ] = 500,
) -> Response:
    """E of the finished iterations, thinned; the first and the last are always there."""
    session = await owned_session(request, id)
    return session_response(session, {"points": session.simulation.errors(points)})


@router.get(
    "/presets",
    operation_id="presets",
    response_description="The examples.",
    tags=["Looking"],
    summary="Named examples",
    response_model=answers.Presets,
)
async def presets() -> Response:
    """What a session can begin with by name, and where its numbers come from."""
    content = {"presets": [state.preset(preset) for preset in PRESETS.values()]}
    return Response(state.encoded(content), 200, media_type="application/json")


# How they do it.


def _sessions(request: Request) -> Sessions:
    sessions: Sessions = request.app.state.sessions
    return sessions


def _moves(move: Callable[[Simulation, str, int], Simulation], body: schemas.Move) -> Change:
    """The move, in slices where it is long."""

    def slices(simulation: Simulation) -> Iterator[Simulation]:
        for taken in range(0, body.count, STEPS_PER_SLICE):
            simulation = move(simulation, body.by, min(STEPS_PER_SLICE, body.count - taken))
            yield simulation

    if body.count > STEPS_PER_SLICE:
        return slices
    return lambda simulation: move(simulation, body.by, body.count)
