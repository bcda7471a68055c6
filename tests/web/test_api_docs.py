"""The OpenAPI document and the page that shows it."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest
from httpx import ASGITransport, AsyncClient
from starlette.applications import Starlette

from app.backprop.compiler import GRANULARITIES
from app.backprop.functions import ACTIVATIONS, ERRORS, HYPERPARAMETERS, OPTIMISERS
from app.backprop.network import BIASES
from app.main import create_app
from app.settings import Settings
from app.web.api.schemas import requests, responses
from tests.support.markup import tree


@pytest.fixture
async def document(client: AsyncClient) -> dict[str, Any]:
    published: dict[str, Any] = (await client.get("/openapi.json")).json()
    return published


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [it for methods in document["paths"].values() for it in methods.values()]


async def test_every_route_is_described(document: dict[str, Any]) -> None:
    """Every operation of the document has an id of its own."""
    assert len(operations(document)) > 20
    ids = [operation["operationId"] for operation in operations(document)]
    assert len(ids) == len(set(ids))


async def test_refusals_are_described(document: dict[str, Any]) -> None:
    """Every refusal is described as a problem."""
    for operation in operations(document):
        replies = operation["responses"]
        for status, reply in replies.items():
            if status >= "4":
                assert list(reply["content"]) == ["application/problem+json"]
        if "requestBody" in operation:
            assert replies.keys() >= {"403", "413", "415", "422"}
        if "security" in operation:  # who has no cookie has an empty list
            by_key = {"key": []} in operation["security"]
            assert replies.keys() >= ({"404", "503"} if by_key else {"503"})


async def test_every_change_can_be_repeated(document: dict[str, Any]) -> None:
    """Every change of a session takes an Idempotency-Key and If-Match."""
    changes = [it for it in operations(document) if "412" in it["responses"]]
    assert len(changes) == 15
    for operation in changes:
        names = {each["name"] for each in operation["parameters"] if each["in"] == "header"}
        assert names == {"If-Match", "Idempotency-Key"}


async def test_document_names_only_what_it_defines(document: dict[str, Any]) -> None:
    """All references of the document resolve."""
    defined = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(re.findall(r'#/components/schemas/[^"\']+', str(document))) <= defined
    assert "HTTPValidationError" not in str(document)


async def test_examples_are_true(client: AsyncClient, document: dict[str, Any]) -> None:
    """The examples in the document are valid."""
    kinds = document["components"]["schemas"]
    for name in ("FromPreset", "FromSeed", "FromNetwork", "FromFile", "FromLink"):
        body = kinds[name]["examples"][0]
        assert (await client.post("/api/sessions", json=body)).status_code == 201
    requests.Move.model_validate(kinds["Move"]["examples"][0])
    requests.EditRequest.model_validate(kinds["EditRequest"]["examples"][0])
    responses.State.model_validate(kinds["State"]["examples"][0])
    responses.ProblemResponse.model_validate(kinds["ProblemResponse"]["examples"][0])


async def test_page_loads_own_files(client: AsyncClient) -> None:
    """The page loads only files of this server, and no script or style is inline."""
    page = tree((await client.get("/docs")).text.partition("<!doctype html>")[2])
    assert not page.all("style")
    assert not [element for element in page if element.get("style")]
    assert all(script.get("src") and not script.text for script in page.all("script"))
    files = [each.get("href") or each.get("src") for each in page if each.tag in ("link", "script")]
    names = ["base/icon.svg", "vendor/swagger-ui.css", "docs/api_docs.css"]
    names += ["vendor/swagger-ui-bundle.js", "docs/api_docs.js"]
    assert [address.partition("?")[0] for address in files] == [f"/static/{it}" for it in names]
    for address in files:
        assert (await client.get(address)).headers["Cache-Control"].endswith("immutable")


async def test_page_without_swagger_ui(settings: Settings, tmp_path: Path) -> None:
    """Without vendored files the page is a link to the document."""
    app = create_app(settings.model_copy(update={"vendor": tmp_path}))
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://testserver") as client,
    ):
        page = tree((await client.get("/docs")).text.partition("<!doctype html>")[2])
    assert not page.all("script")
    assert "/openapi.json" in [a.get("href") for a in page.all("a")]


async def test_own_pages_are_off(app: Starlette, client: AsyncClient) -> None:
    """FastAPI's own documentation pages are off."""
    assert (await client.get("/docs")).text.count("swagger-ui-bundle.js") == 1
    assert (await client.get("/redoc")).status_code == 404


def test_names() -> None:
    """The schemas list the names that the mathematics knows."""
    schema = requests.FromSeed.model_json_schema()["properties"]
    assert schema["activations"]["items"]["anyOf"][0]["enum"] == list(ACTIVATIONS)
    assert schema["error"]["enum"] == list(ERRORS)
    assert schema["optimiser"]["enum"] == list(OPTIMISERS)
    assert schema["bias"]["enum"] == list(BIASES)
    assert schema.keys() >= HYPERPARAMETERS.keys()
    assert get_args(requests.Move.model_fields["by"].annotation) == tuple(GRANULARITIES)
