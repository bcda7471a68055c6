"""Security headers, and the key that a request brings for a session.

A session belongs to anyone who has its key. A program sends the key as a bearer token; a browser has
the key of an owner, who has many sessions, in a signed cookie. A cookie with an invalid signature is
ignored.
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

from app.sessions.lecture import CODE
from app.sessions.owner_codec import OwnerKey
from app.sessions.service import NotFound
from app.settings import Settings
from app.view.rendering.urls import url

COOKIE = "backstep"
FOLLOWER_COOKIE = "backstep_follower"  # the code of a lecture, and an anonymous id for answers
FOLLOWER_SECONDS = 24 * 60 * 60  # as long as a lecture may take
LONGEST_COOKIE = 256
COOKIES = "backstep.cookies"  # in a scope: the parsed cookies of the request
LONGEST_HEADER = 1024  # characters of a header that is cached


# What a browser heeds in a document alone, and not in an answer that a script reads: 0.4 kB.
OF_DOCUMENTS = ("Content-Security-Policy", "Cross-Origin-Opener-Policy", "Permissions-Policy")


def headers(settings: Settings, ancestors: str = "'none'") -> dict[str, str]:
    """Return the headers of every response; an answer to htmx needs none of those of documents.

    `ancestors` are the pages that may show a document in a frame; empty for any.
    """
    return {
        "Content-Security-Policy": content_security_policy(settings, ancestors),
        "X-Content-Type-Options": "nosniff",
        # With no-referrer, browsers would send "Origin: null" with our own forms.
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }


def content_security_policy(settings: Settings, ancestors: str) -> str:
    """Allow this server only, and the address of htmx if it is not vendored."""
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
            # Not even * would allow slides that were opened as a file.
            *([f"frame-ancestors {ancestors}"] if ancestors else ()),
            "manifest-src 'self'",
        )
    )


def signer(secret: str) -> Signer:
    """Return the signer of cookies. Its key is derived from the server's secret, once."""
    key = hmac.digest(secret.encode(), b"backstep.session", "sha256")
    return Signer(key, key_derivation="none", digest_method=hashlib.sha256)


def read_cookie(request: Request) -> OwnerKey | None:
    """Return the owner whose key is in the cookie, None if there is no valid one."""
    cookie = cookies(request).get(COOKIE)
    if cookie is None or len(cookie) > LONGEST_COOKIE:
        return None
    return _unsign(request.app.state.signer, cookie)


def cookies(request: Request) -> Mapping[str, str]:
    """Return the cookies of a request by name.

    They are read five times per request, so the scope caches them. A browser sends the same header
    with every step, so parsing is cached, too.
    """
    scope = request.scope
    found: Mapping[str, str] | None = scope.get(COOKIES)
    if found is None:
        sent = [text for name, text in scope["headers"] if name == b"cookie"]
        header = b"; ".join(sent).decode("latin-1")
        found = _parse(header) if len(header) <= LONGEST_HEADER else cookie_parser(header)
        scope[COOKIES] = found
    return found


_parse = lru_cache(maxsize=2048)(cookie_parser)


@lru_cache(maxsize=4096)
def _unsign(signer: Signer, cookie: str) -> OwnerKey | None:
    try:
        text = signer.unsign(cookie).decode()
    except (BadSignature, UnicodeError):
        return None
    # Before there were lists, a cookie held one session, `id.key`. Its key is now that of an owner.
    session, _, key = text.rpartition(".")
    return OwnerKey(key, session)


def write_cookie(request: Request, response: Response, key: str) -> None:
    """Set the cookie of an owner, for as long as unused networks are kept."""
    state = request.app.state
    text = state.signer.sign(key).decode()
    set_cookie(request, response, COOKIE, text, state.settings.session_ttl)


def set_cookie(request: Request, response: Response, name: str, text: str, seconds: int) -> None:
    """Set a cookie that only the server reads."""
    response.set_cookie(
        name,
        text,
        max_age=seconds,
        path=url("/"),
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def read_follower(request: Request) -> tuple[str, str]:
    """Return the lecture that a browser follows and its anonymous id there, both empty if it follows
    none. Neither is checked."""
    code, _, follower = cookies(request).get(FOLLOWER_COOKIE, "").partition("~")
    return (code, follower) if CODE.fullmatch(code) else ("", "")


def write_follower(request: Request, response: Response, code: str, follower: str) -> None:
    set_cookie(request, response, FOLLOWER_COOKIE, f"{code}~{follower}", FOLLOWER_SECONDS)


def forget_follower(response: Response) -> None:
    response.delete_cookie(FOLLOWER_COOKIE, path=url("/"))


def owner_key(request: Request) -> str:
    """Return the key that a request brings for its session: a bearer token, else the cookie's.

    Raises:
        NotFound: if it brings none.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    cookie = read_cookie(request)
    if cookie is None:
        raise NotFound
    return cookie.key


def load_secret(settings: Settings) -> str:
    """Return the secret in the settings, else the one in a file, which is created if missing.

    Raises:
        OSError: if the file can be neither read nor created.
    """
    if settings.secret is not None:
        return settings.secret
    path = settings.data / "secret"
    if not path.exists():
        _create_secret(path)
    return path.read_text().strip()


def _create_secret(path: Path) -> None:
    """Write a temporary file and link it to `path`, unless another process did so first.

    The file is so always complete, and processes that start together agree on one secret.
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
