"""The cookie of a browser that follows a lecture: its code, and an anonymous id for its answers."""

from starlette.requests import Request
from starlette.responses import Response

from app.sessions.lecture import CODE
from app.view.rendering.urls import url
from app.web.http.security import cookies, set_cookie

NAME = "backstep_follower"
SECONDS = 24 * 60 * 60  # as long as a lecture may take


def read_follower(request: Request) -> tuple[str, str]:
    """Return the code of the lecture and the id, both empty without a cookie. Neither is checked."""
    code, _, follower = cookies(request).get(NAME, "").partition("~")
    return (code, follower) if CODE.fullmatch(code) else ("", "")


def write_follower(request: Request, response: Response, code: str, follower: str) -> None:
    set_cookie(request, response, NAME, f"{code}~{follower}", SECONDS)


def forget_follower(response: Response) -> None:
    response.delete_cookie(NAME, path=url("/"))
