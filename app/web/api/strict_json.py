"""Strict parsing of JSON bodies."""

from collections.abc import Callable, Coroutine
from json import JSONDecodeError
from typing import Any

from fastapi.routing import APIRoute
from pydantic_core import from_json
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class JsonRequest(Request):
    """A request that rejects NaN, deep nesting, too many digits and invalid Unicode in JSON.

    Python's own parser accepts NaN and raises various exceptions for the others.
    """

    async def json(self) -> Any:
        body = await self.body()
        try:
            return from_json(body, allow_inf_nan=False)
        except ValueError as error:
            raise JSONDecodeError(str(error), "", 0) from error


class JsonRoute(APIRoute):
    """A route that parses its body with `JsonRequest`."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()
        if self.body_field is None:
            return handle

        async def read_strictly(request: Request) -> Response:
            if not _may_be_json(request.headers.get("content-type")) and await request.body():
                raise HTTPException(415, "Send the body as application/json.")
            return await handle(JsonRequest(request.scope, request.receive))

        return read_strictly


def _may_be_json(content_type: str | None) -> bool:
    if content_type is None:
        return True
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or (
        kind.startswith("application/") and kind.endswith("+json")
    )
