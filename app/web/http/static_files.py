"""Static files: always asked for anew by their plain name, and never again by their content."""

from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qs

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app.view.rendering.urls import url

FOR_GOOD = "public, max-age=31536000, immutable"


class HashedStaticFiles(StaticFiles):
    """The files of a folder, with an ETag each.

    `url` names a file with a hash of its content. What is asked for under that name may be kept
    for good, since another content has another name.
    """

    def __init__(self, folder: Path, prefix: str = "/static") -> None:
        super().__init__(directory=folder, check_dir=False)
        self.folder = folder
        self.prefix = prefix
        self._hashes: dict[str, tuple[tuple[int, int], str]] = {}
        self._names: dict[str, tuple[str, ...]] = {}

    def url(self, name: str) -> str:
        """The address of a file: `/static/base/api_docs.css?v=…`; without a hash if there is no such file."""
        content = self._hash(name)
        return url(f"{self.prefix}/{name}", {"v": content} if content else None)

    def names(self, pattern: str) -> tuple[str, ...]:
        """The files that match a pattern such as `panels/*.css`, in order; looked up once."""
        if pattern not in self._names:
            found = sorted(self.folder.glob(pattern))
            self._names[pattern] = tuple(str(path.relative_to(self.folder)) for path in found)
        return self._names[pattern]

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("v", [""])[0]
        found = response.status_code in (200, 304)
        current = found and asked and asked == self._hash(path)
        response.headers["Cache-Control"] = FOR_GOOD if current else "no-cache"
        return response

    def _hash(self, name: str) -> str | None:
        """The beginning of the content's SHA-256, read again only when the file has changed."""
        try:
            stat = (self.folder / name).stat()
            stamp = (stat.st_mtime_ns, stat.st_size)
            if name not in self._hashes or self._hashes[name][0] != stamp:
                content = (self.folder / name).read_bytes()
                self._hashes[name] = (stamp, sha256(content).hexdigest()[:16])
        except OSError:
            return None
        return self._hashes[name][1]
