"""FastAPI's OpenAPI document, completed with the responses that it does not know."""

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic.json_schema import models_json_schema

from app.backprop.errors import Invalid
from app.examples.published import DECK
from app.sessions.service import Session
from app.web.api.schemas import responses, serialize
from app.web.http.problems import MEDIA_TYPE, Problem

Document = dict[str, Any]

DESCRIPTION = """
Backpropagation, one calculation at a time.

Create a session with `POST /api/sessions`, send its `key` as a bearer token, and step through it.
Without the key, the session does not exist.

Layers and units are counted from 0; layer 0 is the inputs. An address is a kind and its indices:
`delta/2/1` is δ of the second output in a network of three layers. A weight or bias has the layer
that it leads from, so `weight/0/2/3` is the deck’s w34.

With `rounding=decimals.4.up`, answers have the numbers of a blackboard, on which each result is
rounded once and the next steps use it: to decimal places, or `significant` digits; a half `up`, which
is away from 0, or to `even`. This changes nothing in the session, and is possible in the first 1,000
iterations.

Errors are problems as in RFC 9457, sent as `application/problem+json`.
"""
REASONS = {
    403: "A browser sent the request on behalf of another site.",
    404: "The session does not exist, or the key is wrong.",
    408: "The body did not arrive in time. The connection is closed.",
    409: "Other requests kept changing the session. Try again.",
    412: "The version of the session does not match `If-Match`.",
    413: "The body is larger than 64 KiB.",
    415: "The body is not declared as JSON.",
    422: "A field is missing, unknown or invalid. `errors` names it.",
    429: "Too many requests to this session or from this address.",
    503: "Sessions are temporarily unavailable, the server has reached its limit of sessions, or "
    "the change took too long. Nothing was changed, unless `detail` says that this is not known. "
    "Then repeat the request with the same `Idempotency-Key`: the change is made only once.",
}
OWNER: Document = {"security": [{"key": []}, {"cookie": []}]}
SECURITY = {
    "key": {"type": "http", "scheme": "bearer", "description": "the session's key"},
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "backstep",
        "description": "the key of a browser's networks, set by the page",
    },
}


def operation_id(route: APIRoute) -> str:
    """Return the id of an operation: the name of its function."""
    return route.name.removesuffix("_")  # return_


def owned(tag: str, *statuses: int) -> Document:
    """Return the arguments of a route for the owner of a session, with further error statuses."""
    return {"tags": [tag], "openapi_extra": OWNER, "responses": problems(404, *statuses, 503)}


def problems(*statuses: int) -> dict[int | str, Document]:
    """Return the error responses of a route, for its `responses`."""
    return {status: _problem(status) for status in statuses}


def _problem(status: int) -> Document:
    response: Document = {
        "description": REASONS[status],
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemResponse"}}},
    }
    if status in (429, 503):
        response["headers"] = {
            "Retry-After": {"schema": {"type": "integer"}, "description": "seconds"}
        }
    return response


def complete(app: FastAPI) -> None:
    """Make `app.openapi()` return the completed document."""
    generate = app.openapi

    def openapi() -> Document:
        return app.openapi_schema or _complete(generate())

    app.openapi = openapi  # type: ignore[method-assign]  # as FastAPI's documentation has it


def _complete(document: Document) -> Document:
    for path, methods in document["paths"].items():
        for operation in methods.values():
            _correct_errors(path, operation["responses"])
    components = document["components"]
    components["securitySchemes"] = SECURITY
    schemas = components["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    _, problem = models_json_schema(
        [(responses.ProblemResponse, "serialization")], ref_template="#/components/schemas/{model}"
    )
    schemas.update(problem["$defs"])
    error = Invalid("count", "must be an integer from 1 to 10,000")
    schemas["ProblemResponse"]["examples"] = [Problem(422, error.sentence(), (error,)).body]
    shown = Session("3v1ZC9xUmrwqfBQy0uLkDA", 2, DECK.simulation.step())
    schemas["State"]["examples"] = [serialize.state(shown)]
    return document


def _correct_errors(path: str, documented: Document) -> None:
    """Add the responses of the middleware, and remove the 422 that FastAPI documents, in its own
    format, for each route with parameters.

    Routes that respond with 422 declare it with `problems`; the others accept any string.
    """
    if "HTTPValidationError" in str(documented.get("422")):
        del documented["422"]
    if path.startswith("/api/"):
        documented["429"] = _problem(429)
    if "413" in documented:
        documented["408"] = _problem(408)
