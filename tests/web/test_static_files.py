"""Static files and their caching."""

from pathlib import Path

import httpx
import pytest
from httpx import AsyncClient

from app.web.http.static_files import HashedStaticFiles


@pytest.fixture
def assets(tmp_path: Path) -> HashedStaticFiles:
    (tmp_path / "a.css").write_text("a {}")
    return HashedStaticFiles(tmp_path)


async def test_named_by_content(assets: HashedStaticFiles) -> None:
    """Only a URL with the hash of the content may be cached forever."""
    async with AsyncClient(
        transport=httpx.ASGITransport(assets), base_url="http://testserver"
    ) as client:
        hashed = assets.url("a.css").removeprefix("/static")
        assert "immutable" in (await client.get(hashed)).headers["Cache-Control"]
        for plain in ("/a.css", "/a.css?v=", "/a.css?v=1234"):
            response = await client.get(plain)
            assert response.headers["Cache-Control"] == "no-cache"
        again = await client.get("/a.css", headers={"If-None-Match": response.headers["ETag"]})
        assert again.status_code == 304


def test_name_follows_content(assets: HashedStaticFiles) -> None:
    """The URL changes with the content."""
    before = assets.url("a.css")
    (assets.folder / "a.css").write_text("b { }")
    assert assets.url("a.css") != before
    assert assets.url("none.css") == "/static/none.css"
