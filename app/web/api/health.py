"""Health checks and metrics for operators."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from app.web.api.openapi import operation_id, problems
from app.web.api.schemas import responses, serialize
from app.web.http.metrics import CONTENT_TYPE
from app.web.http.problems import unavailable

router = APIRouter(tags=["Server"], generate_unique_id_function=operation_id)


@router.head("/healthz", include_in_schema=False)
@router.get(
    "/healthz",
    response_description="The process is running.",
    summary="Liveness",
    response_model=responses.Health,
)
async def alive() -> Response:
    """Whether the process responds at all."""
    return Response(serialize.encode({"status": "ok"}), media_type="application/json")


@router.head("/readyz", include_in_schema=False)
@router.get(
    "/readyz",
    response_description="The server is ready.",
    summary="Readiness",
    response_model=responses.Health,
    responses=problems(503),
)
async def ready(request: Request) -> Response:
    """Whether sessions can be read and written, and the server is not shutting down."""
    if request.app.state.stopping.is_set():
        return unavailable("The server is shutting down.").response()
    await request.app.state.store.check()
    return Response(serialize.encode({"status": "ok"}), media_type="application/json")


@router.get(
    "/metrics",
    response_description="The metrics.",
    summary="Metrics",
    response_class=PlainTextResponse,
)
async def metrics(request: Request) -> Response:
    """Metrics in Prometheus's text format. The number of sessions is missing while the store is
    unavailable."""
    state = request.app.state
    return Response(await state.metrics.text(state.store), media_type=CONTENT_TYPE)
