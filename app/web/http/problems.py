"""Errors as RFC 9457 problems.

A `Problem` is a value, so that a page can show the same problem as HTML (see `error_page`).
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi.exceptions import RequestValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match

from app.backprop.errors import N_, Invalid
from app.classroom.refusals import AnswersClosed, LectureEnded, NotAsked
from app.exercises.lexing.sources import Unreadable
from app.sessions.capacity import CapacityReached
from app.sessions.codec import CorruptRecord, NewerFormat
from app.sessions.owner_codec import MOST_NETWORKS, TooManyNetworks
from app.sessions.rate_limits import RateLimitExceeded
from app.sessions.service import (
    Conflict,
    NotFound,
    Practising,
    PreconditionFailed,
    QuestionOpen,
    TooLong,
)
from app.sessions.stores.base import AnswerLost, StoreUnavailable

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = "5"  # seconds, enough for a store to restart
RETRY_AFTER_SWEEP = "60"  # seconds: unused sessions are deleted every few minutes
OWN_MESSAGE = "own_message"  # the type of a pydantic error from `error_message`
MOST_ERRORS = 20  # listed in one response

PRACTISING = N_(
    "You are practising, and this would show the numbers that come next. Stop practising first."
)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

ErrorPage = Callable[[Request, "Problem"], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as the API returns it."""

    status: int
    # What went wrong, in a sentence or two; marked for translation where a page shows it.
    detail: str
    invalid: tuple[Invalid, ...] = ()  # the errors of single fields, which a page can translate
    # Further response headers, such as `Allow` and `Retry-After`.
    headers: Mapping[str, str] = field(default_factory=dict)
    # The message of a page, to be translated, if the one for the status is too general.
    page_message: str = ""
    page_title: str = ""  # the same for its title
    # A path that helps, and what a link to it says. It may begin at the network of the address, `{base}`.
    page_link: tuple[str, str] | None = None

    @property
    def title(self) -> str:
        return HTTPStatus(self.status).phrase

    @property
    def body(self) -> dict[str, object]:
        errors = [
            {"field": each.field, "message": each.message, **_place(each)}
            for each in self.invalid[:MOST_ERRORS]
        ]
        return {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            **({"errors": errors} if errors else {}),
        }

    def response(self) -> Response:
        content = msgspec.json.encode(self.body)
        return Response(content, self.status, dict(self.headers), media_type=MEDIA_TYPE)


def _place(error: Invalid) -> dict[str, int]:
    """The place of an error in a text."""
    if isinstance(error, Unreadable):
        return {"line": error.line, "column": error.column}
    return {}


_PROBLEMS: dict[type[Exception], Problem] = {
    NotFound: Problem(
        404,
        "This session does not exist or is not yours.",
        page_title=N_("A private network"),
        page_message=N_(
            "This network is private: it opens only in the browser in which it was made. If it is yours, "
            "it was deleted, or not visited for too long; your other networks are kept. If it is someone "
            "else’s, ask them for the link under Share, which opens a copy."
        ),
        page_link=("/networks", N_("My networks")),
    ),
    TooManyNetworks: Problem(
        409,
        f"There are {MOST_NETWORKS} networks, as many as an owner may have. Nothing was changed.",
        page_title=N_("No room for another network"),
        page_message=N_(
            "You have as many networks as there is room for. Nothing was changed or lost. "
            "Delete one that you no longer need, and try again."
        ),
        page_link=("/networks", N_("My networks")),
    ),
    LectureEnded: Problem(
        404,
        "There is no lecture under this code, or it has ended.",
        page_title=N_("No lecture"),
        page_message=N_("This lecture has ended, or its code is misspelt."),
        page_link=("/live", N_("Enter a code")),
    ),
    NotAsked: Problem(404, "There is no such question, or it was withdrawn."),
    AnswersClosed: Problem(409, N_("This question is closed. Your answer was not counted.")),
    QuestionOpen: Problem(
        409,
        N_("The class is being asked. Show the answer, or withdraw the question first."),
        page_title=N_("A question is open"),
    ),
    Practising: Problem(
        409,
        PRACTISING,
        page_title=N_("You are practising"),
        page_link=("{base}/practise", N_("Back to the practice")),
    ),
    PreconditionFailed: Problem(412, "The version of the session does not match If-Match."),
    Conflict: Problem(
        409, N_("Other requests kept changing the session. Nothing was changed; try again.")
    ),
    CapacityReached: Problem(
        503,
        "The server has reached its limit of sessions. No session was created; try again later.",
        headers={"Retry-After": RETRY_AFTER_SWEEP},
        page_message=N_(
            "The server is full. Existing simulations are not affected. Please try again later."
        ),
    ),
}
HANDLED: list[type[Exception]] = [
    HTTPException,
    RequestValidationError,
    Invalid,
    RateLimitExceeded,
    TooLong,
    StoreUnavailable,
    CorruptRecord,
    *_PROBLEMS,
    Exception,  # of the API; elsewhere, RequestContextMiddleware is quicker
]


def install(app: Starlette) -> None:
    """Register the exception handlers that answer with a problem.

    Outside the API, a browser that accepts HTML gets `app.state.error_page` instead.
    """
    for kind in HANDLED:
        app.add_exception_handler(kind, answer)


def problem_of(request: Request, error: Exception) -> Problem:
    """Return the problem for an exception; for an unknown one, a 500 without details."""
    match error:
        case RequestValidationError():
            return _unprocessable(*invalid_fields(error))
        case Invalid(field="moment"):
            damaged = _unprocessable(error)
            return replace(damaged, page_title=DAMAGED_TITLE, page_message=DAMAGED)
        case Invalid():
            return _unprocessable(error)
        case RateLimitExceeded():
            detail, page_message = _RATE_LIMITED[error.what]
            return Problem(
                429, detail, headers={"Retry-After": str(error.wait)}, page_message=page_message
            )
        case TooLong():
            return unavailable(error.detail, error.page_message)
        case NewerFormat():
            log.error("stored by a newer version: %s", error)
            return Problem(500, NEWER, page_message=NEWER, page_title=NEWER_TITLE)
        case CorruptRecord():
            log.error("stored session is damaged: %s", error)
            return Problem(500, N_("The stored session is damaged and cannot be read."))
        case StoreUnavailable():
            log.warning("store unavailable: %s", error)
            after = _LOST if isinstance(error, AnswerLost) else _UNCHANGED
            return unavailable(f"Sessions are temporarily unavailable. {after}")
        case HTTPException():
            return _http_problem(request, error)
    unknown = Problem(500, N_("The server encountered an error. Nothing was changed."))
    return _PROBLEMS.get(type(error), unknown)


DAMAGED = N_(
    "This link is damaged: a part of it is missing or was changed. Your own networks are kept. Copy the "
    "whole link again, or ask for it once more."
)
DAMAGED_TITLE = N_("A damaged link")
NEWER = N_(
    "This was saved by a newer version of Backstep, which this server is not. It is kept as it is, and "
    "opens once the server is of that version again."
)
NEWER_TITLE = N_("Saved by a newer version")


def unavailable(detail: str, page_message: str = "") -> Problem:
    """Return a 503 that asks to try again shortly."""
    return Problem(503, detail, headers={"Retry-After": RETRY_AFTER}, page_message=page_message)


_UNCHANGED = "Nothing was changed; try again shortly."
_LOST = (
    "It is not known whether the change was made. Repeated with the same Idempotency-Key, it is made "
    "only once."
)
_RATE_LIMITED = {
    "client": (
        "Too many requests from this address. Nothing was changed; try again later.",
        N_("Too many requests. Please wait a moment and try again."),
    ),
    "session": (
        "Too many requests with this key. Nothing was changed; try again later.",
        N_("Too many requests. Please wait a moment and try again."),
    ),
    "guesses": (
        "Too many codes that lead to no lecture. Try again in a few seconds.",
        N_("Too many wrong codes from your network. Please wait a few seconds and try again."),
    ),
    "begun": (
        "Too many sessions were created from this address. No session was created; try again later.",
        N_(
            "Too many new simulations from your network. Existing ones are not affected. Please try "
            "again later."
        ),
    ),
}


async def answer(request: Request, error: Exception) -> Response:
    return await respond(request, problem_of(request, error))


async def respond(request: Request, problem: Problem) -> Response:
    """Return the problem as a page to a browser that asks for one, else as JSON."""
    accepted = request.headers.get("accept", "")
    if "text/html" not in accepted or request.url.path.startswith("/api/"):
        return problem.response()
    page: ErrorPage = request.app.state.error_page
    return await page(request, problem)


_DETAILS = {
    400: N_("The request could not be read."),
    404: "There is nothing at this address.",
    405: N_("This address does not support that method."),
}


def _http_problem(request: Request, error: HTTPException) -> Problem:
    plain = error.detail == HTTPStatus(error.status_code).phrase
    detail = _DETAILS.get(error.status_code, error.detail) if plain else error.detail
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(sorted(_allowed(request)))
    return Problem(error.status_code, detail, headers=headers)


def _allowed(request: Request) -> set[str]:
    """Return all methods of the address; Starlette names only those of the first matching route."""
    routes: list[BaseRoute] = request.app.router.routes

    def is_allowed(method: str) -> bool:
        scope = {**request.scope, "method": method}
        return any(route.matches(scope)[0] is Match.FULL for route in routes)

    return set(filter(is_allowed, METHODS))


def _unprocessable(*invalid: Invalid) -> Problem:
    """Return a 422. Its detail is what is wrong with the first field, in plain words."""
    return Problem(422, invalid[0].sentence(), invalid)


_SENTENCES = {
    "extra_forbidden": N_("is not a known field"),
    "list_type": N_("must be a list"),
    "missing": N_("is required"),
    "model_attributes_type": N_("must be an object"),
    "model_type": N_("must be an object"),
    "string_type": N_("must be a string"),
}


def invalid_fields(error: RequestValidationError) -> list[Invalid]:
    return [_invalid_field(each) for each in error.errors()]


def _invalid_field(error: Mapping[str, Any]) -> Invalid:
    """Convert an error of pydantic, with our own message if there is one."""
    kind, context, location = error["type"], error.get("ctx", {}), error["loc"]
    if kind == "json_invalid":
        if context["error"].startswith("EOF"):
            return Invalid("body", "The JSON ends too early.")
        return Invalid("body", "not valid JSON: %(why)s", why=context["error"])
    if kind == "missing" and location == ("body",):
        return Invalid("body", "a JSON body is required")
    field = _dotted(location)
    if kind == "literal_error":
        names = context["expected"].replace(" or ", ", ")
        return Invalid(field, N_("must be one of %(names)s"), names=names)
    if kind == OWN_MESSAGE:
        return Invalid(field, context["text"], **context["values"])
    return Invalid(field, _SENTENCES.get(kind, error["msg"]))


def _dotted(location: tuple[object, ...]) -> str:
    """Join ("body", "form:network", "network", "weights", 0) to network.weights.0.

    The route implies the first part, and the tags of a union (`form:…`) are internal.
    """
    parts = [str(part) for part in location[1:] if not str(part).startswith("form:")]
    return ".".join(parts) or str(location[0])
