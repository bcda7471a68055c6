"""/docs: the OpenAPI document as a page, rendered on the server.

The usual viewers load scripts from another site, which our content security policy forbids and a
lecture hall may have no internet for.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from app.view.rendering.urls import url

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the description of a type. `link` is the schema that it names, if any."""

    text: str
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a field of a body or response."""

    name: str
    type: tuple[Part, ...]
    required: bool
    default: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A schema with its fields and an example as indented JSON."""

    name: str
    text: str
    fields: tuple[Field, ...]
    example: str | None


@dataclass(frozen=True, slots=True)
class Reply:
    """A response of a route."""

    status: str
    text: str
    media: str
    type: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """A route and method. `data` is an example body on one line, for curl."""

    id: str
    tag: str
    method: str
    path: str
    summary: str
    text: str
    owned: bool
    parameters: tuple[Field, ...]
    bodies: tuple[Kind, ...]
    optional_body: bool
    data: str | None
    replies: tuple[Reply, ...]

    @property
    def address(self) -> str:
        """The path with a shell variable for the id."""
        return self.path.replace("{id}", "$ID")


async def page(request: Request) -> Response:
    """Render the documentation, with the address of this server in the examples."""
    document = request.app.openapi()
    operations = tuple(_operations(document))
    content = {
        "document": document,
        "groups": _by_tag(operations),
        "kinds": [_kind(document, name) for name in _response_schemas(document)],
        "base": str(request.base_url).rstrip("/"),
        "asset": request.app.state.assets.url,
        "url": url,
    }
    template = _environment(request.app.state.settings.templates).get_template(
        "layout/api_docs.html"
    )
    return HTMLResponse(template.render(content))


routes = [Route("/docs", page, include_in_schema=False)]


@lru_cache(maxsize=8)
def _environment(templates: Path) -> Environment:
    return Environment(
        loader=FileSystemLoader(templates), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )


def _by_tag(operations: Iterable[Operation]) -> list[tuple[str, list[Operation]]]:
    groups: dict[str, list[Operation]] = {}
    for operation in operations:
        groups.setdefault(operation.tag, []).append(operation)
    return list(groups.items())


def _operations(document: Schema) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield _operation(document, path, method, operation)


def _operation(document: Schema, path: str, method: str, operation: Schema) -> Operation:
    body: Schema = operation.get("requestBody", {})
    bodies = tuple(_bodies(document, body))
    data = next((kind.example for kind in bodies if kind.example), None)
    return Operation(
        id=operation["operationId"],
        tag=operation["tags"][0],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        text=operation.get("description", ""),
        owned="security" in operation,
        parameters=tuple(map(_parameter, operation.get("parameters", ()))),
        bodies=bodies,
        optional_body=bool(body) and not body.get("required", False),
        data=json.dumps(json.loads(data)) if data else None,
        replies=tuple(_reply(status, it) for status, it in sorted(operation["responses"].items())),
    )


def _parameter(parameter: Schema) -> Field:
    text = parameter.get("description", "")
    if parameter["in"] == "header":
        text = f"Header: {text}"
    return _field(parameter["name"], parameter["schema"], parameter.get("required", False), text)


def _field(name: str, schema: Schema, required: bool, text: str) -> Field:
    default = schema.get("default")
    return Field(
        name,
        tuple(describe(schema)),
        required,
        str(default) if default not in (None, "") else None,
        text,
    )


def _bodies(document: Schema, body: Schema) -> Iterator[Kind]:
    """Yield the alternative schemas of a body."""
    if not body:
        return
    schema = body["content"]["application/json"]["schema"]
    for alternative in schema.get("oneOf") or schema.get("anyOf") or [schema]:
        yield _kind(document, _name(alternative))


def _reply(status: str, response: Schema) -> Reply:
    contents: dict[str, Schema] = response.get("content", {})
    media = next(iter(contents), "")
    schema: Schema = contents[media].get("schema", {}) if media else {}
    return Reply(status, response["description"], media, tuple(describe(schema)))


def _kind(document: Schema, name: str) -> Kind:
    schema = document["components"]["schemas"][name]
    required = schema.get("required", ())
    examples = schema.get("examples")
    return Kind(
        name,
        schema.get("description", ""),
        tuple(
            _field(field, it, field in required, it.get("description", ""))
            for field, it in schema.get("properties", {}).items()
        ),
        json.dumps(examples[0], indent=2, ensure_ascii=False) if examples else None,
    )


def _response_schemas(document: Schema) -> list[str]:
    """Return the schemas that are not bodies: the page has a section for each of them."""
    bodies = {kind.name for operation in _operations(document) for kind in operation.bodies}
    return [name for name in sorted(document["components"]["schemas"]) if name not in bodies]


def describe(schema: Schema) -> Iterator[Part]:
    """Describe a JSON schema in words: `list of 2 to 5 × integer 1 … 8`."""
    if "$ref" in schema:
        yield Part(_name(schema), _name(schema))
    elif choices := schema.get("anyOf") or schema.get("oneOf"):
        for index, choice in enumerate(choices):
            yield from (Part(" or "),) if index else ()
            yield from describe(choice)
    elif "enum" in schema:
        yield Part(" or ".join(json.dumps(value) for value in schema["enum"]))
    elif "const" in schema:
        yield Part(json.dumps(schema["const"]))
    elif schema.get("type") == "array":
        yield from _describe_list(schema)
    elif kind := schema.get("type"):
        yield Part(kind + _limits(schema))


def _describe_list(schema: Schema) -> Iterator[Part]:
    low, high = schema.get("minItems"), schema.get("maxItems")
    count = f"{low} to {high} × " if low and high else f"up to {high} × " if high else ""
    yield Part(f"list of {count}" if low != high or not low else f"list of {low} × ")
    yield from describe(schema["items"])


def _limits(schema: Schema) -> str:
    if "minimum" not in schema:
        return ""
    if "maximum" not in schema:
        return f" from {_plain(schema['minimum'])}"
    return f" {_plain(schema['minimum'])} … {_plain(schema['maximum'])}"


def _plain(number: float) -> str:
    return f"{number:,.0f}".replace("-", "−")


def _name(schema: Schema) -> str:
    name: str = schema["$ref"].rpartition("/")[2]
    return name
