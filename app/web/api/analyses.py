"""Gradient check and error profile, as JSON."""

from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.analysis.error_profile import POINTS, ErrorProfile, curve, error_profile
from app.backprop.errors import Invalid
from app.web.api.check_queue import queued_check
from app.web.api.dependencies import ROUTER, Id, owned_session, session_response
from app.web.api.openapi import owned
from app.web.api.schemas.requests import error_message
from app.web.api.schemas.responses import Answer, Number, Points

router = APIRouter(**ROUTER)

Verdict = Literal["agrees", "disagrees", "inconclusive"]
NO_SUCH = "The network has no such weight or bias."


class GradientRowResponse(Answer):
    """The gradient of one weight or bias, by backpropagation and by a difference of E."""

    address: str
    backprop: Number = Field(description="the gradient as this iteration computes it")
    difference: Number = Field(description="(E(w + h) − E(w − h)) / 2h")
    h: float
    relative_error: Number = Field(description="their difference divided by the larger of the two")
    verdict: Verdict
    reason: Literal["kink", "flat", "diverged"] | None = Field(
        default=None,
        description="why it is inconclusive: a relu unit is at its kink, E changes by less than the "
        "precision of doubles (saturated units), or numbers are no longer finite",
    )


class GradientCheckResponse(Answer):
    """Disagrees if any row does, else inconclusive if any row is, else agrees."""

    verdict: Verdict
    max_relative_error: Number
    rows: list[GradientRowResponse]


class ErrorProfileResponse(Answer):
    """E as a function of one weight or bias, and the effect of its update."""

    points: Points = Field(description="pairs of a value and E, at equal distances")
    at: Number = Field(description="its value at the start of this iteration")
    error: Number = Field(description="E at `at`")
    gradient: Number = Field(description="the slope of the curve at `at`")
    next: Number = Field(description="its value after the update")
    predicted_change: Number = Field(description="gradient · (next − at), along the tangent")
    actual_change: Number = Field(
        description="E at `next` minus E at `at`, if only this parameter changes"
    )


@router.get(
    "/sessions/{id}/gradient-check",
    response_description="One row per weight and bias.",
    summary="Check the gradients",
    response_model=GradientCheckResponse,
    **owned("Reading", 422),
)
async def gradient_check(
    request: Request,
    id: Id,
    address: Annotated[
        str | None, Query(description="one weight or bias, such as weight/0/2/3; default: all")
    ] = None,
) -> Response:
    """Compares the gradients of backpropagation with central differences of E, for the weights and
    the example of this iteration, at any cursor. The verdict is inconclusive if the difference is
    not accurate enough."""
    session = await owned_session(request, id)
    session.check_nothing_hidden()
    try:
        check = await queued_check(request, session.simulation, address)
    except KeyError:
        raise Invalid("address", NO_SUCH) from None
    content = {
        "verdict": check.verdict,
        "max_relative_error": check.max_relative_error,
        "rows": [
            {name: part for name, part in asdict(row).items() if part is not None}
            for row in check.rows
        ],
    }
    return session_response(session, content)


@router.get(
    "/sessions/{id}/slope/{address:path}",
    response_description="The curve and the step.",
    summary="E along one weight",
    response_model=ErrorProfileResponse,
    **owned("Reading", 422),
)
async def slope(
    request: Request,
    id: Id,
    address: Annotated[str, Path(description="a weight or bias, such as weight/0/2/3")],
    low: Annotated[
        float | None,
        Query(
            allow_inf_nan=False,
            description="the lowest value; default: chosen to show the whole curve",
        ),
        error_message("must be a finite number"),
    ] = None,
    high: Annotated[
        float | None,
        Query(allow_inf_nan=False, description="the highest value; default: as for low"),
        error_message("must be a finite number"),
    ] = None,
    points: Annotated[
        int,
        Query(ge=POINTS[0], le=POINTS[-1], description="number of points"),
        error_message("must be an integer from 2 to 2,001"),
    ] = 201,
) -> Response:
    """E as a function of this weight or bias, for the example of this iteration and with all other
    parameters as at its start; the tangent, and the point that the update reaches."""
    session = await owned_session(request, id)
    session.check_nothing_hidden()
    try:
        profile = error_profile(session.simulation, address)
    except KeyError:
        raise HTTPException(404, NO_SUCH) from None
    first, last = _ends(profile, low, high)
    if not first < last:
        raise Invalid("low" if high is None else "high", "low must be less than high")
    content = {name: getattr(profile, name, None) for name in ErrorProfileResponse.model_fields}
    content["points"] = curve(session.simulation, address, first, last, points)
    return session_response(session, content)


def _ends(profile: ErrorProfile, low: float | None, high: float | None) -> tuple[float, float]:
    """Return the requested ends. A missing one makes way for the other."""
    first, last = profile.wide
    width = last - first
    if low is not None:
        first, last = low, max(last, low + width)
    if high is not None:
        first, last = min(first, high - width) if low is None else low, high
    return first, last
