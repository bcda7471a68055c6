"""The OpenAPI document: FastAPI's, completed so that it says what is really answered."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from app.examples.published import DECK
from app.sessions.service import Session
from app.web.api.schemas import responses as answers
from app.web.api.schemas import serialize as state
from app.web.http.problems import MEDIA_TYPE

Document = dict[str, Any]

REASONS = {
    403: "A browser was made to ask for this by another site.",
    404: "There is no such session, or the key is not its key.",
    408: "The body did not come in time; the connection is closed.",
    409: "Others changed the session again and again in the meantime: try again.",
    412: "The session has another version than `If-Match` asks for.",
    413: "The body is over 64 KiB.",
    415: "The body is not sent as JSON.",
    422: "A field is missing, unknown or out of its limits; `errors` names it.",
    429: "More was asked for than is allowed, of this session or from this address.",
    503: "Sessions cannot be reached at the moment, or there is no room for another, or the change "
    "took too long. Nothing was changed, unless `detail` says that this is not known: then ask again "
    "with `If-Match`, and the change is made once.",
}
OWNER: Document = {"security": [{"key": []}, {"cookie": []}]}
SECURITY = {
    "key": {"type": "http", "scheme": "bearer", "description": "the session's key"},
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "backstep",
        "description": "a browser's own session, set by the page",
    },
}


def problems(*statuses: int) -> dict[int | str, Document]:
    """The refusals of a route, for its `responses`."""
    return {status: _problem(status) for status in statuses}


def _problem(status: int) -> Document:
    answer: Document = {
        "description": REASONS[status],
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemResponse"}}},
    }
    if status in (429, 503):
        answer["headers"] = {
            "Retry-After": {"schema": {"type": "integer"}, "description": "seconds"}
        }
    return answer


def complete(app: FastAPI) -> None:
    """Makes `app.openapi()` return the completed document, made once."""
    generate = app.openapi
    made: Document = {}

    def openapi() -> Document:
        if not made:
            made.update(_completed(generate()))
        return made

    app.openapi = openapi  # type: ignore[method-assign]  # as FastAPI's documentation has it


def _completed(document: Document) -> Document:
    _without_unsent(document)
    _limited(document)
    components = document.setdefault("components", {})
    components["securitySchemes"] = SECURITY
    schemas = components.setdefault("schemas", {})
    _, problem = models_json_schema(
        [(answers.ProblemResponse, "serialization")], ref_template="#/components/schemas/{model}"
    )
    schemas.update(problem["$defs"])
    schemas["ProblemResponse"]["examples"] = [_problem_example()]
    schemas["State"]["examples"] = [_state_example()]
    return document


def _without_unsent(document: Document) -> None:
    """FastAPI says of every route with a parameter that it answers 422, in a form of its own.

    Those that can are described above; any string will do for the parameters of the others.
    """
    for methods in document["paths"].values():
        for operation in methods.values():
            if "HTTPValidationError" in str(operation["responses"].get("422")):
                del operation["responses"]["422"]
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)


def _limited(document: Document) -> None:
    """What is answered before a route is reached, and so by each of them."""
    for path, methods in document["paths"].items():
        for operation in methods.values():
            replies = operation["responses"]
            if path.startswith("/api/"):
                replies["429"] = _problem(429)
            if "413" in replies:
                replies["408"] = _problem(408)


def _state_example() -> Document:
    return state.state(Session("3v1ZC9xUmrwqfBQy0uLkDA", 2, DECK.simulation.step()))


def _problem_example() -> Document:
    return {
        "type": "about:blank",
        "title": HTTPStatus(422).phrase,
        "status": 422,
        "detail": "count: must be an integer from 1 to 10,000",
        "errors": [{"field": "count", "message": "must be an integer from 1 to 10,000"}],
    }
