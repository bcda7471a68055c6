"""For whoever runs the server: is it alive, can it serve, what has it done."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from app.sessions.stores.base import Store
from app.web.api.openapi import problems
from app.web.api.schemas import responses as answers
from app.web.api.schemas import serialize as state
from app.web.http.metrics import CONTENT_TYPE, Metrics
from app.web.http.problems import stopping

router = APIRouter(tags=["Server"])


@router.head("/healthz", include_in_schema=False)
@router.get(
    "/healthz",
    operation_id="alive",
    response_description="It is.",
    summary="Alive?",
    response_model=answers.Health,
)
async def alive() -> Response:
    """Whether the process answers at all."""
    return Response(state.encoded({"status": "ok"}), media_type="application/json")


@router.head("/readyz", include_in_schema=False)
@router.get(
    "/readyz",
    operation_id="ready",
    response_description="It is.",
    summary="Ready?",
    response_model=answers.Health,
    responses=problems(503),
)
async def ready(request: Request) -> Response:
    """Whether sessions can be read and written now, and the server is not about to stop."""
    if request.app.state.stopping.is_set():
        return stopping().response()
    await _store(request).check()
    return Response(state.encoded({"status": "ok"}), media_type="application/json")


@router.get(
    "/metrics",
    operation_id="metrics",
    response_description="The figures.",
    summary="Metrics",
    response_class=PlainTextResponse,
)
async def metrics(request: Request) -> Response:
    """Counts and times since the start, as Prometheus reads them. Where the store is away, the
    number of sessions is left out."""
    metrics: Metrics = request.app.state.metrics
    return Response(await metrics.text(_store(request)), media_type=CONTENT_TYPE)


def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store
