"""Whether the gradients can be trusted, and what E does around one parameter, as JSON."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.analysis.error_profile import POINTS, ErrorProfile, curve, error_profile
from app.analysis.gradient_check import GradientRow
from app.backprop.errors import Invalid
from app.web.api.check_queue import queued_check
from app.web.api.dependencies import Id, owned_session, session_response
from app.web.api.openapi import OWNER, problems
from app.web.api.schemas.requests import error_message
from app.web.api.schemas.responses import Answer, Number
from app.web.api.strict_json import JsonRoute

router = APIRouter(prefix="/api", route_class=JsonRoute)

Verdict = Literal["agrees", "disagrees", "inconclusive"]
NO_SUCH = "The network has no such weight or bias."


class GradientRowResponse(Answer):
    """One weight or bias: its gradient, and what E does when it is moved."""

    address: str
    backprop: Number = Field(description="the gradient as this iteration computes it")
    difference: Number = Field(description="(E(w + h) − E(w − h)) / 2h, in doubles")
    h: float
    relative_error: Number = Field(description="their distance, of the larger of the two")
    verdict: Verdict
    reason: Literal["kink", "flat", "diverged"] | None = Field(
        default=None,
        description="only where it is inconclusive: a relu unit is at its kink, E changes by less "
        "than doubles resolve (saturated units), or numbers are no longer finite",
    )


class GradientCheckResponse(Answer):
    """Disagrees if any row does; else inconclusive if any is; else agrees."""

    verdict: Verdict
    max_relative_error: Number
    rows: list[GradientRowResponse]


class ErrorProfileResponse(Answer):
    """E as a function of one weight or bias, and the step that the update takes with it."""

    points: list[Annotated[list[Number], Field(min_length=2, max_length=2)]] = Field(
        description="pairs of a value and E there, at equal distances"
    )
    at: Number = Field(description="its value as this iteration started")
    error: Number = Field(description="E there")
    gradient: Number = Field(description="the slope of the curve there")
    next: Number = Field(description="its value after the update")
    predicted_change: Number = Field(description="gradient · (−lr · gradient): along the tangent")
    actual_change: Number = Field(
        description="E at `next` less E at `at`, with this one parameter moved alone"
    )


@router.get(
    "/sessions/{id}/gradient-check",
    operation_id="gradient_check",
    response_description="A row for each weight and bias.",
    tags=["Looking"],
    summary="Check the gradients",
    response_model=GradientCheckResponse,
    openapi_extra=OWNER,
    responses=problems(404, 422, 503),
)
async def gradient_check(
    request: Request,
    id: Id,
    address: Annotated[
        str | None, Query(description="of one weight or bias, such as weight/0/2/3; else all")
    ] = None,
) -> Response:
    """Backpropagation's gradients beside central differences of E, at the weights and with the
    example of this iteration, whether it has come so far or not. A verdict is given only where
    the difference is itself good enough for one."""
    session = await owned_session(request, id)
    try:
        found = await queued_check(request, session.simulation, address)
    except KeyError:
        raise Invalid("address", "the network has no such weight or bias") from None
    content = {
        "verdict": found.verdict,
        "max_relative_error": found.max_relative_error,
        "rows": [_row(row) for row in found.rows],
    }
    return session_response(session, content)


@router.get(
    "/sessions/{id}/slope/{address:path}",
    operation_id="slope",
    response_description="The curve, the point, and the step.",
    tags=["Looking"],
    summary="E along one weight",
    response_model=ErrorProfileResponse,
    openapi_extra=OWNER,
    responses=problems(404, 422, 503),
)
async def slope_of(
    request: Request,
    id: Id,
    address: Annotated[str, Path(description="of a weight or bias, such as weight/0/2/3")],
    low: Annotated[
        float | None,
        Query(allow_inf_nan=False, description="the first value; else far enough to see it all"),
        error_message("must be a finite number"),
    ] = None,
    high: Annotated[
        float | None,
        Query(allow_inf_nan=False, description="the last value"),
        error_message("must be a finite number"),
    ] = None,
    points: Annotated[
        int,
        Query(ge=POINTS[0], le=POINTS[-1], description="how many"),
        error_message("must be a whole number from 2 to 2,001"),
    ] = 201,
) -> Response:
    """E as this weight or bias varies and all others stay as this iteration started with them,
    for its example; the tangent there, and where the update's step lands."""
    session = await owned_session(request, id)
    try:
        step = error_profile(session.simulation, address)
    except KeyError:
        raise HTTPException(404, NO_SUCH) from None
    first, last = _ends(step, low, high)
    if not first < last:
        raise Invalid("low" if high is None else "high", "low must be less than high")
    content = {
        "points": curve(session.simulation, address, first, last, points),
        "at": step.at,
        "error": step.error,
        "gradient": step.gradient,
        "next": step.next,
        "predicted_change": step.predicted_change,
        "actual_change": step.actual_change,
    }
    return session_response(session, content)


def _ends(step: ErrorProfile, low: float | None, high: float | None) -> tuple[float, float]:
    """What was asked for; an end that was not is moved out of the way of the other."""
    first, last = step.wide
    width = last - first
    if low is not None:
        first, last = low, max(last, low + width)
    if high is not None:
        first, last = min(first, high - width) if low is None else low, high
    return first, last


def _row(row: GradientRow) -> dict[str, object]:
    return {
        "address": row.address,
        "backprop": row.backprop,
        "difference": row.difference,
        "h": row.h,
        "relative_error": row.relative_error,
        "verdict": row.verdict,
        **({"reason": row.reason} if row.reason else {}),
    }
