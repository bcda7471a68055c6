"""Whatever goes wrong, said as one kind of thing: an RFC 9457 problem.

A problem is a value first, so that the page can show the same problem as HTML: see `error_page`.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match

from app.backprop.errors import N_, Invalid
from app.sessions.capacity import CapacityReached
from app.sessions.codec import CorruptRecord
from app.sessions.rate_limits import RateLimitExceeded
from app.sessions.service import Conflict, NotFound, PreconditionFailed, TooLong
from app.sessions.stores.base import AnswerLost, StoreUnavailable

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = "5"  # seconds: a store that restarts is back within a few
ROOM_AFTER = "60"  # seconds: unused sessions are swept every few minutes
REFUSED = "refused"  # the type of a pydantic error whose message is ours
MOST_ERRORS = 20  # a body with every number wrong need not be answered number by number

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

ErrorPage = Callable[[Request, "Problem"], Awaitable[Response]]


REFUSALS: tuple[type[Exception], ...] = (
    HTTPException,
    RequestValidationError,
    Invalid,
    NotFound,
    PreconditionFailed,
    Conflict,
    RateLimitExceeded,
    TooLong,
    CapacityReached,
    StoreUnavailable,
    CorruptRecord,
)


class FieldError(msgspec.Struct, frozen=True):
    """What is wrong with one field; `field` is dotted: `network.weights.0.2.1`."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as the API answers it.

    Attributes:
        status: the HTTP status.
        detail: one sentence for whoever reads the answer.
        errors: the fields at fault, if fields are.
        headers: what the answer carries besides (`Allow`, `Retry-After`).
        invalid: what was refused, where a page can say that in its own language.
        said: what a page says, to be translated, where the status alone does not tell.
    """

    status: int
    detail: str
    errors: tuple[FieldError, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    invalid: Invalid | None = None
    said: str = ""

    @property
    def title(self) -> str:
        return HTTPStatus(self.status).phrase

    def response(self) -> Response:
        """The problem as `application/problem+json`."""
        body: dict[str, object] = {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            body["errors"] = self.errors
        return Response(
            msgspec.json.encode(body), self.status, dict(self.headers), media_type=MEDIA_TYPE
        )


def install(app: FastAPI) -> None:
    """Makes every refusal of the app a problem.

    `app.state.error_page`, where set, answers instead for a browser that asks for HTML outside
    of the API.
    """
    app.state.error_page = None
    for kind in REFUSALS:
        app.add_exception_handler(kind, answer)


def problem_of(request: Request, error: Exception) -> Problem:
    """The problem that an exception amounts to; what is not known is a 500 without details."""
    match error:
        case RequestValidationError():
            return _refusal(*map(_invalid, error.errors()))
        case Invalid():
            return _refusal(error)
        case NotFound():
            return Problem(404, "There is no such session, or it is not yours.")
        case PreconditionFailed():
            return Problem(412, "The session has another version than If-Match asks for.")
        case Conflict():
            return Problem(409, "Others kept changing the session. Nothing was changed; try again.")
        case RateLimitExceeded():
            return rate_limited(error)
        case TooLong():
            headers = {"Retry-After": RETRY_AFTER}
            return Problem(503, error.detail, headers=headers, said=error.said)
        case CapacityReached():
            return CAPACITY_REACHED
        case CorruptRecord():
            log.error("a session cannot be read: %s", error)
            return Problem(500, "What is kept of this session is damaged and cannot be read.")
        case StoreUnavailable():
            log.warning("the store does not answer: %s", error)
            return unavailable(lost=isinstance(error, AnswerLost))
        case HTTPException():
            return _http_problem(request, error)
    return Problem(500, "The server made a mistake. Nothing was changed.")


def unavailable(*, lost: bool = False) -> Problem:
    """503: sessions cannot be read or written now, and nothing was changed; or, where the answer
    to a change was lost, nobody knows."""
    if lost:
        happened = (
            "It is not known whether the change was made; with If-Match it can be asked for again "
            "and is made once."
        )
    else:
        happened = "Nothing was changed; try again shortly."
    return Problem(
        503,
        f"Sessions cannot be reached at the moment. {happened}",
        headers={"Retry-After": RETRY_AFTER},
    )


def stopping() -> Problem:
    """503: the server finishes what it has begun, and whatever is new should go to another."""
    return Problem(503, "The server is stopping.", headers={"Retry-After": RETRY_AFTER})


def rate_limited(error: RateLimitExceeded) -> Problem:
    """429: more was asked for than is allowed, and nothing was done."""
    detail, said = _RATE_LIMITED[error.what]
    return Problem(429, detail, headers={"Retry-After": str(error.wait)}, said=said)


CAPACITY_REACHED = Problem(
    503,
    "The server keeps as many sessions as it may. Nothing was begun; try again later.",
    headers={"Retry-After": ROOM_AFTER},
    said=N_(
        "There is no room for another simulation just now. Those begun go on: try again later."
    ),
)
_RATE_LIMITED = {
    "client": (
        "Too many requests came from this address. Nothing was changed; try again later.",
        N_("Too much was asked for from here within a few seconds. Go on in a moment."),
    ),
    "session": (
        "Too many requests were made with this key. Nothing was changed; try again later.",
        N_("Too much was asked for from here within a few seconds. Go on in a moment."),
    ),
    "begun": (
        "Too many sessions were begun from this address. Nothing was begun; try again later.",
        N_("Too many simulations were begun from here. Those begun go on: try again later."),
    ),
}


async def answer(request: Request, error: Exception) -> Response:
    problem = problem_of(request, error)
    page: ErrorPage | None = request.app.state.error_page
    if page is not None and _wants_page(request):
        return await page(request, problem)
    return problem.response()


def _wants_page(request: Request) -> bool:
    outside_api = not request.url.path.startswith("/api/")
    return outside_api and "text/html" in request.headers.get("accept", "")


_DETAILS = {
    400: "The request could not be read.",
    404: "There is nothing at this address.",
    405: "This address does not take that method.",
}


def _http_problem(request: Request, error: HTTPException) -> Problem:
    plain = error.detail == HTTPStatus(error.status_code).phrase
    detail = _DETAILS.get(error.status_code, error.detail) if plain else error.detail
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(sorted(_allowed(request)))
    return Problem(error.status_code, detail, headers=headers)


def _allowed(request: Request) -> set[str]:
    """Every method of the address: Starlette names those of the first route that matches."""
    routes: list[BaseRoute] = request.app.router.routes

    def known(method: str) -> bool:
        scope = {**request.scope, "method": method}
        return any(route.matches(scope)[0] is Match.FULL for route in routes)

    return set(filter(known, METHODS))


def _refusal(*invalid: Invalid) -> Problem:
    """A 422 that names its fields; the sentence is that of the first."""
    errors = tuple(FieldError(each.field, each.message) for each in invalid[:MOST_ERRORS])
    return Problem(422, str(invalid[0]), errors, invalid=invalid[0])


_SENTENCES = {
    "extra_forbidden": N_("unknown field"),
    "missing": N_("required"),
    "model_attributes_type": N_("must be an object"),
    "model_type": N_("must be an object"),
    "string_type": N_("must be a text"),
}


def _invalid(error: Mapping[str, Any]) -> Invalid:
    """What pydantic refuses, in our own words where we have any."""
    kind, context, location = error["type"], error.get("ctx", {}), error["loc"]
    if kind == "json_invalid":
        return Invalid("body", "not JSON: %(why)s", why=context["error"])
    if kind == "missing" and location == ("body",):
        return Invalid("body", "a JSON body is needed")
    field = _dotted(location)
    if kind == "literal_error":
        names = context["expected"].replace(" or ", ", ")
        return Invalid(field, N_("must be one of %(names)s"), names=names)
    if kind == REFUSED:
        return Invalid(field, context["text"], **context["varying"])
    return Invalid(field, _SENTENCES.get(kind, error["msg"]))


def _dotted(location: tuple[object, ...]) -> str:
    """("body", "form:network", "network", "weights", 0) is network.weights.0.

    The tags of a union (`form:…`) are ours alone, and the place is plain from the route.
    """
    parts = [str(part) for part in location[1:] if not str(part).startswith("form:")]
    return ".".join(parts) or str(location[0])
