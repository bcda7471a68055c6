"""For whoever runs the server: is it alive, can it serve, what has it done."""

from collections import Counter

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from app.sessions.store import Store
from app.web import answers, state
from app.web.openapi import problems

Counts = Counter[tuple[str, str, int]]

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
    """Whether sessions can be read and written now."""
    await _store(request).check()
    return Response(state.encoded({"status": "ok"}), media_type="application/json")


@router.get(
    "/metrics",
    operation_id="metrics",
    response_description="The counts.",
    summary="Metrics",
    response_class=PlainTextResponse,
    responses=problems(503),
)
async def metrics(request: Request) -> Response:
    """Counts since the start, as Prometheus reads them."""
    counts: Counts = request.app.state.counts
    lines = [
        "# HELP backstep_sessions Sessions kept.",
        "# TYPE backstep_sessions gauge",
        f"backstep_sessions {await _store(request).count()}",
        "# HELP backstep_requests_total Requests answered.",
        "# TYPE backstep_requests_total counter",
        *(
            f'backstep_requests_total{{method="{method}",route="{route}",status="{status}"}} {n}'
            for (method, route, status), n in sorted(counts.items())
        ),
    ]
    return PlainTextResponse("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4")


def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store
