"""The network that a request is about, its owner, and the presses that change it.

The address decides: `/n/{id}/step` is about the network that it names, and so is every other path
below `/n/{id}`. `/step?preset=deck` is about an example, of which the first press begins a network.
A path that names neither is about the network that was opened last: pages of earlier versions have
such forms.
"""

from contextlib import suppress
from dataclasses import replace
from re import fullmatch
from secrets import token_hex, token_urlsafe

from starlette.requests import Request
from starlette.responses import Response

from app.sessions.codec import CHANGE_ID
from app.sessions.owner_codec import OwnerKey
from app.sessions.owners import Owners
from app.sessions.service import (
    KEY_BYTES,
    Beside,
    Change,
    NotFound,
    Press,
    Session,
    Sessions,
    Taken,
    new_id,
)
from app.simulation.simulation import Simulation
from app.view.rendering.page_state import PRESS
from app.view.rendering.urls import query
from app.web.http.headers import headers_of
from app.web.http.rate_limiting import create_session
from app.web.http.security import read_cookie, write_cookie
from app.web.pages.query import DEFAULT, initial_example

RANDOM_BYTES = 6  # of the id of a page, and of a press on it
NEW_OWNER = "backstep.owner"  # in a scope: who has no cookie yet


def press_of(request: Request, form: dict[str, str]) -> Press:
    """Return the id of a press, and what its page showed; the form loses the field that says so.

    The script sends both in a header. A form without it names its page only, so that it can be sent
    several times: each time is a press of its own.
    """
    sent = headers_of(request.scope).get(PRESS, form.pop(PRESS, ""))
    if not sent:
        return Press()
    id, _, after = sent.partition("~")
    if "." not in id:
        id = f"{id}.{token_hex(RANDOM_BYTES)}"
    return Press(id, after) if fullmatch(CHANGE_ID, id) else Press()


def named_network(request: Request) -> str:
    """Return the id in the address; empty if it names no network."""
    id: str = request.path_params.get("id", "")
    return id


def names_example(request: Request) -> bool:
    """Whether the request comes from a page that shows an example."""
    if named_network(request) or not request.scope["query_string"]:
        return False
    return initial_example(request.query_params) is not None


def owner_of(request: Request) -> OwnerKey:
    """Return the owner in the cookie, else a new one."""
    owner = read_cookie(request) or request.scope.get(NEW_OWNER)
    if owner is None:
        owner = request.scope[NEW_OWNER] = OwnerKey(token_urlsafe(KEY_BYTES))
    return owner


def keep_owner(request: Request, response: Response, refreshed: bool = False) -> None:
    """Set the cookie of a new owner, and of one whose cookie is old or whose time was restarted."""
    cookie = read_cookie(request)
    if refreshed or cookie is None or cookie.session:
        write_cookie(request, response, owner_of(request).key)


async def session_of(request: Request, press: Press | None = None) -> Session | None:
    """Return the network that a request is about, None if it is about an example.

    Of an example, that is the network that presses on the same page as `press` have begun.

    Raises NotFound if the address names a network that the browser cannot open.
    """
    cookie, sessions = read_cookie(request), sessions_in(request)
    if id := named_network(request):
        if cookie is None:
            raise NotFound
        return await sessions.get(id, cookie.key)
    if cookie is None:
        return None
    if not names_example(request):
        return await last_session(request)
    if press is not None:
        with suppress(NotFound):
            return await sessions.get(_begun_by(request, cookie, press), cookie.key)
    return None


async def last_session(request: Request) -> Session | None:
    """Return the network that the browser opened last, None if it has none."""
    cookie = read_cookie(request)
    if cookie is None:
        return None
    await sessions_in(request).count(cookie.key)
    return await owners_in(request).last(cookie)


async def change_session(
    request: Request, change: Change, press: Press, beside: Beside | None = None
) -> Session:
    """Change the network that a request is about; the first change of an example begins one.

    What is stored beside it changes only where the address names the network.
    """
    cookie, sessions = read_cookie(request), sessions_in(request)
    if id := named_network(request):
        if cookie is None:
            raise NotFound
        return await sessions.change(id, cookie.key, change, press, beside)
    example = names_example(request)
    if cookie is not None:
        with suppress(NotFound):
            if example:  # quick presses of one page meet in one network
                id = _begun_by(request, cookie, press)
                return await sessions.change(id, cookie.key, change, press)
            if last := await owners_in(request).last(cookie):
                return await sessions.change(last.id, cookie.key, change, press)
    start = (initial_example(request.query_params) or DEFAULT).simulation
    return await begin_network(
        request, start, change, press, _begun_by(request, owner_of(request), press)
    )


async def begin_network(
    request: Request, simulation: Simulation, change: Change | None, press: Press, id: str
) -> Session:
    """Begin a network of the browser's owner; without saved runs, with those of the one opened last.

    If another press has begun it at the same time, this one changes it.

    Raises:
        TooManyNetworks: if the owner has no room for it.
        RateLimitExceeded, CapacityReached: as `create_session` does.
    """
    owner, owners = owner_of(request), owners_in(request)
    if not simulation.saved_runs and (previous := await owners.last(owner)):
        simulation = replace(simulation, saved_runs=previous.simulation.saved_runs)
    begin = simulation, change, press
    try:
        return await create_session(request, *begin, owners.claim(owner, id))
    except NotFound:  # one that was begun on this page has been deleted
        return await create_session(request, *begin, owners.claim(owner, new_id()))
    except Taken:
        stay: Change = lambda now: now  # noqa: E731
        return await sessions_in(request).change(id, owner.key, change or stay, press)


def _begun_by(request: Request, owner: OwnerKey, press: Press) -> str:
    """Return the id of the network that presses on a page of an example begin.

    Presses of no page, as scripts send them, meet in one network for each example.
    """
    example = initial_example(request.query_params) or DEFAULT
    return owner.network(f"{press.page}{query(example.example_query)}")


def sessions_in(request: Request) -> Sessions:
    """Return the sessions of the application."""
    sessions: Sessions = request.app.state.sessions
    return sessions


def owners_in(request: Request) -> Owners:
    """Return the owners of the application."""
    owners: Owners = request.app.state.owners
    return owners
