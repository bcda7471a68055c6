"""Static files are kept for good under their content's name, and under no other."""

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
    """Only the address with the present content's hash may be kept."""
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
    """Another content has another address, without a restart."""
    before = assets.url("a.css")
    (assets.folder / "a.css").write_text("b { }")
    assert assets.url("a.css") != before
    assert assets.url("none.css") == "/static/none.css"
