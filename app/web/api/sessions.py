"""Sessions: create, read, edit, delete and step through them, as JSON."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Header, Query
from starlette.requests import Request
from starlette.responses import Response

from app.backprop.errors import Invalid, check_choice
from app.backprop.functions import HYPERPARAMETERS
from app.examples.presets import PRESETS
from app.examples.random_network import INITS, parameters_of
from app.sessions.service import Change
from app.simulation.description import conventions_in, examples_of
from app.simulation.iteration import IN_ORDER
from app.simulation.simulation import Simulation
from app.simulation.training import train_until
from app.view.rendering.urls import url
from app.web.api.dependencies import (
    CHANGE,
    ROUTER,
    Changing,
    Id,
    RoundingName,
    board_for,
    etag,
    owned_session,
    session_response,
    state_response,
)
from app.web.api.openapi import OWNER, owned, problems
from app.web.api.schemas import requests, responses, serialize
from app.web.api.schemas.new_session import (
    NewSession,
    simulation_of,
    without_network_prefix,
)
from app.web.api.schemas.requests import error_message
from app.web.http.rate_limiting import create_session
from app.web.http.security import owner_key

STEPS_PER_SLICE = 50  # before other requests get their turn; stepping back is the slowest

router = APIRouter(**ROUTER)

ONE_STEP = requests.Move()


@router.post(
    "/sessions",
    response_description="The session, its key and its state.",
    tags=["Sessions"],
    summary="Create a session",
    status_code=201,
    response_model=responses.Created,
    responses={
        **problems(403, 413, 415, 422, 503),
        201: {"headers": {"Location": {"schema": {"type": "string"}}}},
    },
)
async def create(request: Request, body: NewSession) -> Response:
    """From a preset, a seed for random numbers, your own network, a session.json or a permalink.
    Keep the `key`: send it as a bearer token with every request for this session, which nobody
    can find without it. So this takes no `Idempotency-Key`: a repeated request creates another."""
    session = await create_session(request, simulation_of(body))
    content = {"id": session.id, "key": session.key, "state": serialize.state(session)}
    headers = {"Location": url(f"/api/sessions/{session.id}"), "ETag": etag(session)}
    return Response(serialize.encode(content), 201, headers, "application/json")


@router.get(
    "/sessions/{id}",
    response_description="The state.",
    tags=["Sessions"],
    summary="Get the state",
    response_model=responses.State,
    openapi_extra=OWNER,
    responses={**problems(404, 422, 503), 304: {"description": "The version has not changed."}},
)
async def state(
    request: Request,
    id: Id,
    if_none_match: Annotated[
        str, Header(alias="If-None-Match", description="respond with 304 if the ETag is this one")
    ] = "",
    rounding: RoundingName = "",
) -> Response:
    """The state. Its ETag is the version. With `rounding` the numbers are those on the blackboard, and
    the last step has the result that is not rounded, too. The session stays as it is."""
    session = await owned_session(request, id)
    if if_none_match == etag(session):
        return Response(status_code=304, headers={"ETag": etag(session)})
    return state_response(session, board_for(session.simulation, rounding))


@router.delete(
    "/sessions/{id}",
    response_description="The session is deleted.",
    summary="Delete a session",
    status_code=204,
    **owned("Sessions", 403),
)
async def delete(request: Request, id: Id) -> Response:
    """Deletes the session. Its key becomes invalid."""
    await request.app.state.sessions.delete(id, owner_key(request))
    return Response(status_code=204)


@router.patch("/sessions/{id}", summary="Edit", **CHANGE | {"tags": ["Sessions"]})
async def edit(change_session: Changing, body: requests.EditRequest) -> Response:
    """Restarts the current iteration with the change. `back` undoes the edit as a whole. A `name`
    alone restarts nothing, and cannot be undone.

    The network can be altered: its layers, activations, error function, biases and optimiser. Every
    weight that still has a place keeps its value."""
    changes = body.fields
    name = changes.pop("name", None)
    if "examples" in changes:
        changes["examples"] = examples_of(changes["examples"])
    if "shuffle" in changes and body.shuffle is None:
        changes["shuffle"] = IN_ORDER
    if "conventions" in changes:
        changes["conventions"] = conventions_in(changes["conventions"] or {})
    if given := {each: changes.pop(each) for each in HYPERPARAMETERS if each in changes}:
        changes["hyperparameters"] = given
    if given.get("weight_decay"):
        changes["weight_decay"] = True
    for drawing in ("seed", "init"):
        changes.pop(drawing, None)
    check_choice("init", body.init, INITS)
    if changes:
        changes["draw"] = partial(parameters_of, init=body.init, seed=body.seed)

    def change(simulation: Simulation) -> Simulation:
        try:
            edited = simulation.edit(**changes) if changes else simulation
        except Invalid as error:
            raise without_network_prefix(error) from error
        return edited if name is None else edited.rename(name)

    return await change_session(change)


@router.post("/sessions/{id}/step", summary="Step", **CHANGE)
async def step(change_session: Changing, body: requests.Move = ONE_STEP) -> Response:
    """Takes `count` steps of the granularity `by`, into later iterations if necessary."""
    return await change_session(_moves(Simulation.step, body), body.by)


@router.post("/sessions/{id}/back", summary="Step back", **CHANGE)
async def back(change_session: Changing, body: requests.Move = ONE_STEP) -> Response:
    """Goes back by `count` steps, where an edit counts as one; stops at the start."""
    return await change_session(_moves(Simulation.back, body), body.by)


@router.post("/sessions/{id}/forward", summary="Forward pass", **CHANGE)
async def forward(change_session: Changing) -> Response:
    """Completes the forward pass, which computes E; at the end of an iteration, that of the next."""
    return await change_session(Simulation.forward)


@router.post("/sessions/{id}/backward", summary="Backward pass", **CHANGE)
async def backward(change_session: Changing) -> Response:
    """Completes the backward pass, which computes every gradient and changes no weight; runs the
    forward pass first if necessary."""
    return await change_session(Simulation.backward)


@router.post("/sessions/{id}/update", summary="Update", **CHANGE)
async def update(change_session: Changing) -> Response:
    """Completes the iteration, which updates the weights; runs the passes first if necessary."""
    return await change_session(Simulation.update)


@router.post("/sessions/{id}/train", summary="Train", **CHANGE)
async def train(change_session: Changing, body: requests.Training) -> Response:
    """Runs whole iterations; completing the current one counts as one. With `below`, stops as soon
    as E, averaged over a pass through all examples, is smaller. If E diverges, stops at the end of
    the first iteration whose E is not finite: the state is at that iteration."""
    return await change_session(lambda now: train_until(now, body.iterations, body.below))


@router.post("/sessions/{id}/start-over", summary="Start over", **CHANGE)
async def start_over(change_session: Changing) -> Response:
    """Goes to the first iteration with everything that was given since: the parameters that were
    edited, the examples and all settings. Can be undone."""
    return await change_session(Simulation.start_over)


@router.post("/sessions/{id}/reset", summary="Reset", **CHANGE)
async def reset(change_session: Changing) -> Response:
    """Goes back to the start of the session, without any edit, as `back` does. Can be undone."""
    return await change_session(Simulation.reset)


@router.get(
    "/sessions/{id}/steps",
    response_description="The steps.",
    summary="The iteration's steps",
    response_model=responses.Steps,
    **owned("Reading", 422),
)
async def steps(request: Request, id: Id, rounding: RoundingName = "") -> Response:
    """All steps of this iteration, in order. A step not yet taken has no value. With `rounding` each
    result is rounded, and stands beside the one that is not."""
    session = await owned_session(request, id)
    board = board_for(session.simulation, rounding)
    return session_response(session, serialize.steps(session.simulation, board))


@router.get(
    "/sessions/{id}/errors",
    response_description="The curve.",
    summary="The error curve",
    response_model=responses.Errors,
    **owned("Reading", 422),
)
async def errors(
    request: Request,
    id: Id,
    points: Annotated[
        int,
        Query(ge=2, le=10_000, description="the most points to return"),
        error_message("must be an integer from 2 to 10,000"),
    ] = 500,
) -> Response:
    """E of the finished iterations, sampled; the first and the last are always included."""
    session = await owned_session(request, id)
    return session_response(session, {"points": session.simulation.errors(points)})


@router.get(
    "/presets",
    response_description="The presets.",
    tags=["Reading"],
    summary="List the presets",
    response_model=responses.Presets,
)
async def presets() -> Response:
    """The presets that a session can start from, with the source of their numbers."""
    content = {"presets": [serialize.preset(preset) for preset in PRESETS.values()]}
    return Response(serialize.encode(content), 200, media_type="application/json")


def _moves(move: Callable[[Simulation, str, int], Simulation], body: requests.Move) -> Change:
    """Return the change, in slices if it is long."""

    def slices(simulation: Simulation) -> Iterator[Simulation]:
        for done in range(0, body.count, STEPS_PER_SLICE):
            simulation = move(simulation, body.by, min(STEPS_PER_SLICE, body.count - done))
            yield simulation

    if body.count > STEPS_PER_SLICE:
        return slices
    return lambda simulation: move(simulation, body.by, body.count)
