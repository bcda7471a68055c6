"""Static files, compressed once, and cached for good under a name that contains a hash of their
content.

Our own styles and scripts are written by feature, one file each, and sent as one sheet and one
script: a page asks for two files, not for thirty. A new file is picked up by its place. What only the
pages of the classroom or of the exercises need is in a second sheet.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

from app.view.rendering.urls import url
from app.web.http.compression import CODINGS, Coding, add_dictionary, coding_of

FOR_GOOD = "public, max-age=31536000, immutable"
# The folders of our own styles and scripts. Each is a cascade layer: a rule of a later folder wins
# over one of an earlier folder, whatever their selectors are. What a reader's system asks for is last.
LAYERS = ("base", "screen", "panels", "classroom", "exercises", "preferences")
# Each is a sheet of its own, for its pages: a browser would try its rules at each step of the simulator.
APART = ("classroom", "exercises")
FONTS, HTMX = "vendor/fonts.css", "vendor/htmx.min.js"
# The files that are sent compressed. Fonts are compressed by themselves.
TEXTS = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
}

Stamp = tuple[str, int, int]  # the name of a source, its time and its size

_RELATIVE = re.compile(r"""url\((?!["'/#]|\w+:)""")


@dataclass(frozen=True, slots=True)
class _Version:
    """A file at one time: a prefix of its content's SHA-256, and the content of a text.

    Other files are read when they are sent.
    """

    hash: str
    content: bytes
    paths: str = ""  # of a dictionary: the answers that it is for


class HashedStaticFiles(StaticFiles):
    """Serves the files of a folder, mounted at `/static`, and the two that are joined from others.

    `url` adds a hash of the content to the address of a file. A browser may cache that address for
    good, because changed content gets another one. It revalidates the plain address each time.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, check_dir=False)
        self.folder = folder
        self._dictionaries: dict[str, _Version] = {}

    def url(self, name: str) -> str:
        """Return the address of a file, with a hash of its content unless it is missing."""
        version = self._version(name)
        return url(f"/static/{name}", {"v": version.hash} if version else None)

    def prepare(self) -> None:
        """Join and compress what every page needs."""
        for name in JOINED:
            if version := self._version(name):
                for coding in CODINGS:
                    compressed(coding, version.content)

    def add_dictionary(self, name: str, content: bytes, paths: str) -> None:
        """Serve a dictionary for the compression of answers to requests at some paths."""
        self._dictionaries[name] = _Version(_hash(content), content, paths)
        add_dictionary(content)

    def dictionary(self, name: str) -> str:
        """Return the address of a dictionary, empty if there is none."""
        return self.url(name) if name in self._dictionaries else ""

    async def get_response(self, path: str, scope: Scope) -> Response:
        is_text = Path(path).suffix in TEXTS
        version = self._version(path) if is_text else None
        if path in JOINED and version is None:
            raise HTTPException(404)
        if version is not None and scope["method"] in ("GET", "HEAD"):
            response = self._text_response(path, version, scope)
        elif path in JOINED:
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        else:
            response = await super().get_response(path, scope)
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("v", [""])[0]
        found = response.status_code in (200, 304)
        version = (version or self._version(path)) if found and asked else None
        current = version is not None and version.hash == asked
        response.headers["Cache-Control"] = FOR_GOOD if current else "no-cache"
        return response

    def _text_response(self, name: str, version: _Version, scope: Scope) -> Response:
        """Return a text, compressed if the client accepts that. It has an ETag for each coding."""
        coding, content, tag = coding_of(scope), version.content, version.hash
        headers = {"Vary": "Accept-Encoding"}
        if coding is not None:
            content, tag = compressed(coding, content), f"{tag}-{coding.name}"
            headers["Content-Encoding"] = coding.name
        headers["ETag"] = f'"{tag}"'
        if version.paths:
            headers["Use-As-Dictionary"] = f'match="{version.paths}"'
        response = Response(content, headers=headers, media_type=TEXTS[Path(name).suffix])
        if self.is_not_modified(response.headers, Headers(scope=scope)):
            return NotModifiedResponse(response.headers)
        return response

    def _version(self, name: str) -> _Version | None:
        """Return the file as it is now, read again only if one of its sources has changed."""
        if name in self._dictionaries:
            return self._dictionaries[name]
        try:
            return _read(self.folder, name, tuple(self._stamps(name)))
        except OSError:
            return None

    def _stamps(self, name: str) -> Iterator[Stamp]:
        """The files that a file is made of: only itself, unless it is joined.

        This happens at every page, so folders are listed with `scandir`: `glob` takes three times
        as long.
        """
        if name not in JOINED:
            yield _stamp(name, (self.folder / name).stat())
            return
        for first in JOINED[name].first:
            if (self.folder / first).is_file():
                yield _stamp(first, (self.folder / first).stat())
        suffix = Path(name).suffix
        for layer in JOINED[name].layers:
            with suppress(FileNotFoundError), os.scandir(self.folder / layer) as entries:
                for entry in sorted(entries, key=lambda each: each.name):
                    if entry.name.endswith(suffix):
                        yield _stamp(f"{layer}/{entry.name}", entry.stat())


@lru_cache(maxsize=128)  # there are 50, 33 of them fonts
def _read(folder: Path, name: str, stamps: tuple[Stamp, ...]) -> _Version | None:
    """Read a file, once in a process for each state of its sources; None if it has none.

    Raises OSError.
    """
    if not stamps:
        return None
    names = [source for source, *_ in stamps]
    contents = [(folder / source).read_bytes() for source in names]
    joined = name in JOINED
    content = JOINED[name].join(names, contents) if joined else contents[0]
    kept = content if joined or Path(name).suffix in TEXTS else b""
    return _Version(_hash(content), kept)


@lru_cache(maxsize=32)
def compressed(coding: Coding, content: bytes) -> bytes:
    """Compress a file, once in a process for each content."""
    return coding.thoroughly(content)


def _hash(content: bytes) -> str:
    return sha256(content).hexdigest()[:16]


def _stamp(name: str, stat: os.stat_result) -> Stamp:
    return name, stat.st_mtime_ns, stat.st_size


def _join_styles(names: Sequence[str], contents: Sequence[bytes]) -> bytes:
    """Join sheets, those of a folder in one cascade layer. Relative URLs keep their target."""
    parts = [f"@layer {', '.join(LAYERS)};\n"]
    for name, content in zip(names, contents, strict=True):
        folder = name.rpartition("/")[0]
        rules = _RELATIVE.sub(f"url({folder}/", content.decode())
        layered = f"@layer {folder} {{\n{rules}}}\n" if folder in LAYERS else rules
        parts.append(f"/* {name} */\n{layered}")
    return "\n".join(parts).encode()


def _join_scripts(names: Sequence[str], contents: Sequence[bytes]) -> bytes:
    """Join scripts to one module, in which they share what they define; htmx is global as well."""
    files = zip(names, contents, strict=True)
    parts = [f"// {name}\n{content.decode()}" for name, content in files]
    if names[0] == HTMX:
        parts.insert(1, "window.htmx = htmx;")
    return "\n".join(parts).encode()


@dataclass(frozen=True, slots=True)
class _Joined:
    """A file that is joined from all files of some layers with its suffix."""

    join: Callable[[Sequence[str], Sequence[bytes]], bytes]
    layers: Sequence[str] = LAYERS
    first: tuple[str, ...] = ()  # what comes before them, if it is there


JOINED: Mapping[str, _Joined] = {
    "styles.css": _Joined(
        _join_styles, [layer for layer in LAYERS if layer not in APART], (FONTS,)
    ),
    **{f"{layer}.css": _Joined(_join_styles, (layer,)) for layer in APART},
    "script.js": _Joined(_join_scripts),
    "htmx-and-script.js": _Joined(_join_scripts, first=(HTMX,)),
}
