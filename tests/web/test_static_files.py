"""Static files and their caching."""

import re
from pathlib import Path

import httpx
import pytest
from httpx import AsyncClient

from app.settings import ROOT
from app.web.http.static_files import JOINED, LAYERS, HashedStaticFiles


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


@pytest.fixture
def joined(tmp_path: Path) -> HashedStaticFiles:
    """Two folders with styles, one of them with a script, and the sheet of the fonts."""
    for name, content in {
        "vendor/fonts.css": "@font-face { src: url(fonts/a.woff2?v=1); }",
        "screen/b.css": "b { background: url(#pattern); }",
        "screen/a.css": "a {}",
        "base/z.css": "z { background: url(z.svg); }",
        "base/z.js": "const z = 1;",
        "classroom/c.css": "c {}",
        "docs/alone.css": "alone {}",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"{content}\n")
    return HashedStaticFiles(tmp_path)


async def read(assets: HashedStaticFiles, address: str, **headers: str) -> httpx.Response:
    async with AsyncClient(
        transport=httpx.ASGITransport(assets), base_url="http://testserver"
    ) as client:
        return await client.get(address.removeprefix("/static"), headers=headers)


async def test_styles_are_joined_by_layer(joined: HashedStaticFiles) -> None:
    """The sheet has the fonts, then each folder in its layer, and URLs that lead where they led."""
    response = await read(joined, joined.url("styles.css"))
    assert response.headers["Content-Type"].startswith("text/css")
    assert response.text.startswith(
        "@layer base, screen, panels, classroom, exercises, preferences;"
    )
    assert parts(response.text) == [
        ("vendor/fonts.css", ""),
        ("base/z.css", "@layer base"),
        ("screen/a.css", "@layer screen"),
        ("screen/b.css", "@layer screen"),
    ]
    assert "url(vendor/fonts/a.woff2?v=1)" in response.text
    assert "url(base/z.svg)" in response.text
    assert "url(#pattern)" in response.text
    apart = (await read(joined, joined.url("classroom.css"))).text
    assert apart.startswith("@layer base, screen, panels, classroom, exercises, preferences;")
    assert parts(apart) == [("classroom/c.css", "@layer classroom")]


def parts(sheet: str) -> list[tuple[str, str]]:
    """The files of a joined sheet, each with its layer."""
    return re.findall(r"/\* (\S+) \*/\n(@layer \w+)?", sheet)


async def test_joined_files_are_cached_like_others(joined: HashedStaticFiles) -> None:
    """Only the URL with the hash may be cached forever; an unchanged file is not sent again."""
    response = await read(joined, joined.url("script.js"))
    assert response.headers["Content-Type"].startswith("text/javascript")
    assert "immutable" in response.headers["Cache-Control"]
    for plain in ("/script.js", "/script.js?v=1234"):
        assert (await read(joined, plain)).headers["Cache-Control"] == "no-cache"
    again = await read(joined, "/script.js", **{"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_joined_files_follow_their_sources(joined: HashedStaticFiles) -> None:
    """A changed, a new and a removed source change the hash, and are seen at the next load."""
    known = {joined.url("script.js")}
    for name, content in {"base/z.js": "const z = 22;", "panels/new.js": "z;"}.items():
        (joined.folder / name).parent.mkdir(exist_ok=True)
        (joined.folder / name).write_text(content)
        address = joined.url("script.js")
        assert address not in known
        known.add(address)
        assert content in (await read(joined, address)).text
    (joined.folder / "base/z.js").unlink()
    assert joined.url("script.js") not in known
    assert joined.url("styles.css") == joined.url("styles.css")


SOURCES = {
    "styles.css": ("base", "screen", "panels", "preferences"),
    "classroom.css": ("classroom",),
    "exercises.css": ("exercises",),
    "script.js": LAYERS,
    "htmx-and-script.js": LAYERS,
}


@pytest.mark.parametrize("name", JOINED)
async def test_every_source_is_sent_once(name: str) -> None:
    """A sheet or a script has each of our own files of its layers, folder by folder."""
    assets = HashedStaticFiles(ROOT / "static")
    text = (await read(assets, assets.url(name))).text
    ours = re.findall(
        r"^(?:/\*|//) ((?:base|screen|panels|classroom|exercises|preferences)/\S+)",
        text,
        re.MULTILINE,
    )
    suffix = Path(name).suffix
    folders = [assets.folder / layer for layer in SOURCES[name]]
    files = [sorted(folder.glob(f"*{suffix}")) for folder in folders]
    sources = [path for folder in files for path in folder]
    assert ours == [str(path.relative_to(assets.folder)) for path in sources]
    assert all(text.count(path.read_text()) == 1 for path in sources)


def test_no_sheet_is_left_out() -> None:
    """Each layer is in one sheet."""
    sheets = [SOURCES[name] for name in JOINED if name.endswith(".css")]
    assert sorted(layer for sheet in sheets for layer in sheet) == sorted(LAYERS)


SHEETS = [path for layer in LAYERS for path in sorted((ROOT / "static" / layer).glob("*.css"))]


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_rule_is_important(path: Path) -> None:
    """Layers decide which rule wins."""
    assert "!important" not in path.read_text()


def test_nothing_moves_where_less_motion_is_preferred() -> None:
    """Animations and transitions stand where no such preference is known."""
    lines = [line for path in SHEETS for line in path.read_text().splitlines()]
    moving = [line for line in lines if re.search(r"\b(animation|transition)\b.*:", line)]
    assert len(moving) >= 3
    assert all("@media (prefers-reduced-motion: no-preference)" in line for line in moving)
