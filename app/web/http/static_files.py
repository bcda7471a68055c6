"""Static files, cached for good under a name that contains a hash of their content."""

from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qs

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app.view.rendering.urls import url

FOR_GOOD = "public, max-age=31536000, immutable"


class HashedStaticFiles(StaticFiles):
    """Serves the files of a folder, mounted at `/static`.

    `url` adds a hash of the content to the address of a file. A browser may cache that address for
    good, because changed content gets another one. It revalidates the plain address each time.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, check_dir=False)
        self.folder = folder
        self._hashes: dict[str, tuple[tuple[int, int], str]] = {}
        self._names: dict[str, tuple[str, ...]] = {}

    def url(self, name: str) -> str:
        """Return the address of a file, with a hash of its content unless it is missing."""
        content = self._hash(name)
        return url(f"/static/{name}", {"v": content} if content else None)

    def names(self, pattern: str) -> tuple[str, ...]:
        """The files that match a pattern such as `panels/*.css`, in order; looked up once."""
        if pattern not in self._names:
            found = sorted(self.folder.glob(pattern))
            self._names[pattern] = tuple(str(path.relative_to(self.folder)) for path in found)
        return self._names[pattern]

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        version = parse_qs(scope["query_string"].decode("latin-1")).get("v", [""])[0]
        found = response.status_code in (200, 304)
        current = found and version and version == self._hash(path)
        response.headers["Cache-Control"] = FOR_GOOD if current else "no-cache"
        return response

    def _hash(self, name: str) -> str | None:
        """Return a prefix of the content's SHA-256, cached until the file changes."""
        try:
            stat = (self.folder / name).stat()
            stamp = (stat.st_mtime_ns, stat.st_size)
            if name not in self._hashes or self._hashes[name][0] != stamp:
                content = (self.folder / name).read_bytes()
                self._hashes[name] = (stamp, sha256(content).hexdigest()[:16])
        except OSError:
            return None
        return self._hashes[name][1]
