"""Who a request comes from, and what a browser may load.

A session belongs to whoever has its key. A program sends it as a bearer token; a browser holds
one session, as a signed cookie `id.key`. The signature makes an altered cookie no cookie at all.
"""

import hashlib
import hmac
import os
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from itsdangerous import BadSignature, Signer
from starlette.requests import Request, cookie_parser
from starlette.responses import Response

from app.sessions.service import NotFound
from app.settings import Settings
from app.view.rendering.urls import url

COOKIE = "backstep"
LONGEST_COOKIE = 256
COOKIES = "backstep.cookies"  # in a scope: those of the request, by name
LONGEST_HEADER = 1024  # letters of what is remembered


def headers(settings: Settings) -> dict[str, str]:
    """What every answer carries."""
    return {
        "Content-Security-Policy": content_security_policy(settings),
        "X-Content-Type-Options": "nosniff",
        # Not no-referrer: browsers then send "Origin: null" with our own forms.
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }


def content_security_policy(settings: Settings) -> str:
    """Everything from this server alone, but htmx where it is not vendored."""
    scripts = "'self'"
    if not settings.htmx_vendored:
        address = urlsplit(settings.htmx_url)
        if address.netloc:
            scripts += f" {address.scheme}://{address.netloc}"
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {scripts}",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'self'",
            "manifest-src 'self'",
        )
    )


def signer(secret: str) -> Signer:
    """Signs and checks cookies with a key made of the server's secret: once, not at every cookie."""
    key = hmac.digest(secret.encode(), b"backstep.session", "sha256")
    return Signer(key, key_derivation="none", digest_method=hashlib.sha256)


def read_cookie(request: Request) -> tuple[str, str] | None:
    """The (id, key) of the session that the browser holds, None where it holds none of ours."""
    cookie = cookies(request).get(COOKIE)
    if cookie is None or len(cookie) > LONGEST_COOKIE:
        return None
    return _unsigned(request.app.state.signer, cookie)


def cookies(request: Request) -> Mapping[str, str]:
    """All cookies that a request brings, by name. A browser brings the same with every step."""
    scope = request.scope  # which all that looks at one request shares; it is asked five times
    found: Mapping[str, str] | None = scope.get(COOKIES)
    if found is None:
        header = "; ".join(request.headers.getlist("cookie"))
        found = _parsed(header) if len(header) <= LONGEST_HEADER else cookie_parser(header)
        scope[COOKIES] = found
    return found


@lru_cache(maxsize=2048)
def _parsed(header: str) -> Mapping[str, str]:
    return cookie_parser(header)


@lru_cache(maxsize=4096)
def _unsigned(signer: Signer, cookie: str) -> tuple[str, str] | None:
    try:
        text = signer.unsign(cookie).decode()
    except (BadSignature, UnicodeError):
        return None
    id, _, key = text.partition(".")
    return id, key


def write_cookie(request: Request, response: Response, id: str, key: str) -> None:
    """Gives the browser a session to hold, for as long as an unused session is kept."""
    response.set_cookie(
        COOKIE,
        request.app.state.signer.sign(f"{id}.{key}").decode(),
        max_age=request.app.state.settings.session_ttl,
        path=url("/"),
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def owner_key(request: Request, id: str) -> str:
    """The key that a request brings for a session: a bearer token, else the browser's cookie.

    Raises:
        NotFound: where it brings none.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    held = read_cookie(request)
    if held is None or held[0] != id:
        raise NotFound
    return held[1]


def load_secret(settings: Settings) -> str:
    """The server's secret: as set, else from the file beside the database, made at first start.

    Raises:
        OSError: where the file can be neither read nor made.
    """
    if settings.secret is not None:
        return settings.secret
    path = settings.data / "secret"
    if not path.exists():
        _make_secret(path)
    return path.read_text().strip()


def _make_secret(path: Path) -> None:
    """Writes it aside and links it into place: whole or not at all, and the first one stays.

    Two processes that start together so agree on one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".secret-")  # mode 0600
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32))
        with suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        os.unlink(temporary)
