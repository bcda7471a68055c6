"""/docs: the OpenAPI document as a page, rendered on the server.

The usual viewers load scripts from another site, which our content security policy forbids and a
lecture hall may have no internet for.
"""

import json
from collections.abc import Iterator
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
Shown = dict[str, Any]  # for the template


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the description of a type. `link` is the schema that it names, if any."""

    text: str
    link: str | None = None


async def page(request: Request) -> Response:
    """Render the documentation, with the address of this server in the examples."""
    document = request.app.openapi()
    operations = [
        _operation(document, path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    tags = dict.fromkeys(operation["tag"] for operation in operations)
    bodies = {kind["name"] for operation in operations for kind in operation["bodies"]}
    answers = sorted(document["components"]["schemas"].keys() - bodies)
    content = {
        "document": document,
        "groups": [(tag, [each for each in operations if each["tag"] == tag]) for tag in tags],
        "kinds": [_kind(document, name) for name in answers],
        "base": str(request.base_url).rstrip("/"),
        "asset": request.app.state.assets.url,
        "url": url,
    }
    environment = _environment(request.app.state.settings.templates)
    return HTMLResponse(environment.get_template("layout/api_docs.html").render(content))


routes = [Route("/docs", page, include_in_schema=False)]


@lru_cache(maxsize=8)
def _environment(templates: Path) -> Environment:
    return Environment(
        loader=FileSystemLoader(templates), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )


# What the page shows. A type is a tuple of parts.


def _operation(document: Schema, path: str, method: str, operation: Schema) -> Shown:
    """A route and method; with an example body on one line, for curl."""
    body: Schema = operation.get("requestBody", {})
    bodies = [_kind(document, name) for name in _body_names(body)]
    data = next((kind["example"] for kind in bodies if kind["example"]), None)
    return {
        "id": operation["operationId"],
        "tag": operation["tags"][0],
        "method": method.upper(),
        "path": path,
        "address": path.replace("{id}", "$ID"),  # with a shell variable
        "summary": operation["summary"],
        "text": operation.get("description", ""),
        "owned": "security" in operation,
        "parameters": list(map(_parameter, operation.get("parameters", ()))),
        "bodies": bodies,
        "optional_body": bool(body) and not body.get("required", False),
        "data": json.dumps(json.loads(data)) if data else None,
        "replies": [_reply(status, it) for status, it in sorted(operation["responses"].items())],
    }


def _parameter(parameter: Schema) -> Shown:
    text = parameter.get("description", "")
    if parameter["in"] == "header":
        text = f"Header: {text}"
    return _field(parameter["name"], parameter["schema"], parameter.get("required", False), text)


def _field(name: str, schema: Schema, required: bool, text: str) -> Shown:
    """A parameter, or a field of a body or response."""
    default = schema.get("default")
    return {
        "name": name,
        "type": tuple(describe(schema)),
        "required": required,
        "default": str(default) if default not in (None, "") else None,
        "text": text,
    }


def _body_names(body: Schema) -> list[str]:
    """Return the alternative schemas of a body."""
    if not body:
        return []
    schema = body["content"]["application/json"]["schema"]
    return [_name(each) for each in schema.get("oneOf") or schema.get("anyOf") or [schema]]


def _reply(status: str, response: Schema) -> Shown:
    contents: dict[str, Schema] = response.get("content", {})
    media = next(iter(contents), "")
    schema: Schema = contents[media].get("schema", {}) if media else {}
    parts = tuple(describe(schema))
    return {"status": status, "text": response["description"], "media": media, "type": parts}


def _kind(document: Schema, name: str) -> Shown:
    """A schema with its fields and an example as indented JSON."""
    schema = document["components"]["schemas"][name]
    required = schema.get("required", ())
    examples = schema.get("examples")
    return {
        "name": name,
        "text": schema.get("description", ""),
        "fields": [
            _field(field, it, field in required, it.get("description", ""))
            for field, it in schema.get("properties", {}).items()
        ],
        "example": json.dumps(examples[0], indent=2, ensure_ascii=False) if examples else None,
    }


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
