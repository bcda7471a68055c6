"""The page with the list of a browser's networks, and what can be done with them there."""

import time
from dataclasses import replace
from secrets import token_hex

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from app.backprop.errors import MOST_LETTERS, N_, Invalid
from app.sessions.owner_codec import MOST_NETWORKS, OwnerKey
from app.sessions.owners import Listed, NetworkList
from app.sessions.service import (
    REPEATABLE,
    NotFound,
    Press,
    Session,
    TooManyOwners,
    new_id,
)
from app.simulation.navigation import extract_other_branch
from app.simulation.training import stop_training
from app.view.notation.labels import Translate
from app.view.rendering.languages import translations
from app.view.rendering.page_state import Preferences
from app.view.rendering.urls import base_of, url
from app.view.screen.network_list import NetworkRow, network_row, numbered_title
from app.view.screen.other_branch import name_of_kept_branch, other_branch_id
from app.web.http.preferences import preferences_of
from app.web.http.security import read_cookie
from app.web.pages.browser_session import (
    RANDOM_BYTES,
    begin_network,
    keep_owner,
    named_network,
    owner_of,
    owners_in,
    sessions_in,
)
from app.web.pages.forms.uploads import read_form
from app.web.pages.layout import VARY, layout
from app.web.pages.page_response import OUTDATED, page_of, page_of_session

PATH = "/networks"
ROW = "network-"  # begins the id of a row of the list
NEARLY_ALL = 90  # networks, from which on the list says how many there may be
DAY = 86_400  # seconds
UNKNOWN = N_("There is no network with this id and this key.")
TOO_MANY_OWNERS = N_("This network is in as many lists as it can be.")
DAMAGED = N_("A network that cannot be read")


async def my_networks(request: Request) -> Response:
    """Show the list. A browser without networks has an empty one."""
    return await _list(request)


async def join(request: Request) -> Response:
    """Add a network by its id and its key."""
    form = await read_form(request)
    id, key = form.get("id", "").strip(), form.get("key", "").strip()
    _, owner = _translate(request), owner_of(request)
    try:
        await owners_in(request).join(owner, id, key)
    except NotFound:
        return await _list(request, 422, joining=id, refusal=_(UNKNOWN))
    except TooManyOwners:
        return await _list(request, 422, joining=id, refusal=_(TOO_MANY_OWNERS))
    return _back(request)


async def rename(request: Request) -> Response:
    """Give a network another name. An open page of it is not outdated by that."""
    id, name = named_network(request), (await read_form(request)).get("name", "")
    try:
        await sessions_in(request).change(
            id, _owner(request).key, lambda simulation: simulation.rename(name), REPEATABLE
        )
    except Invalid as error:
        refusal = error.translated(_translate(request))
        return await _list(request, 422, renaming=id, typed=name, refusal=refusal)
    return _back(request)


async def duplicate(request: Request) -> Response:
    """Begin a network that is as another one is now, with all of its history."""
    id, form, _ = named_network(request), await read_form(request), _translate(request)
    session = await sessions_in(request).get(id, _owner(request).key)
    simulation = stop_training(session.simulation)
    copy = _("%(name)s (copy)")
    title = numbered_title(simulation, session.number, _)
    name = copy % {"name": title[: MOST_LETTERS - len(copy % {"name": ""})]}
    # A form that is sent twice makes one copy.
    place = _owner(request).network(f"copy {form.get('list', token_hex())} {id}")
    begin = replace(simulation, name=name), None, Press()
    return _back(request, await begin_network(request, *begin, place))


async def keep_branch(request: Request) -> Response:
    """Begin a network that is the other branch of another one, which stays as it is."""
    id, form, _ = named_network(request), await read_form(request), _translate(request)
    session = await sessions_in(request).get(id, _owner(request).key)
    simulation, branch = session.simulation, other_branch_id(session.simulation)
    if not branch or form.get("branch") != branch:  # that of the page is another one
        page_state = replace(page_of_session(session), notice=OUTDATED)
        return await page_of(request, page_state, preferences_of(request), 409)
    title = numbered_title(simulation, session.number, _)
    simulation = replace(simulation, name=name_of_kept_branch(simulation, title, _))
    # A form that is sent twice keeps the branch once, unless that network was changed since.
    place = _owner(request).network(f"branch {branch} {id}")
    begin = simulation, extract_other_branch, Press()
    kept = await begin_network(request, *begin, place)
    if kept.version > 1:
        kept = await begin_network(request, *begin, new_id())
    return _back(request, kept)


async def delete(request: Request) -> Response:
    """Delete a network, for good after a day."""
    await owners_in(request).remove(_owner(request), named_network(request))
    return _back(request)


async def take_back(request: Request) -> Response:
    """Undo that."""
    await owners_in(request).take_back(_owner(request), named_network(request))
    return _back(request)


async def _list(request: Request, status: int = 200, **shown: str) -> Response:
    owner, preferences = read_cookie(request), preferences_of(request)
    _, now = _translate(request), time.time()
    found, refreshed = NetworkList(), False
    if owner is not None:
        refreshed = await owners_in(request).visit(owner)
        found = await owners_in(request).list(owner)

    def rows(listed: tuple[Listed, ...]) -> list[NetworkRow]:
        return [_row(each, now, preferences, _) for each in listed]

    body = layout(
        request,
        "layout/networks.html",
        preferences,
        networks=rows(found.networks),
        removed=rows(found.removed),
        most=MOST_NETWORKS,
        nearly_all=len(found.networks) >= NEARLY_ALL,
        days=max(1, request.app.state.settings.session_ttl // DAY),
        longest=MOST_LETTERS,
        list=token_hex(RANDOM_BYTES),
        **{"joining": None, "renaming": "", "typed": "", "refusal": "", **shown},
    )
    response = HTMLResponse(body, status, VARY)
    if owner is not None:
        keep_owner(request, response, refreshed)
    return response


def _row(listed: Listed, now: float, preferences: Preferences, _: Translate) -> NetworkRow:
    if listed.session is None:
        return NetworkRow(listed.id, url(base_of(listed.id)), _(DAMAGED))
    return network_row(page_of_session(listed.session), listed.changed, now, preferences, _)


def _back(request: Request, begun: Session | None = None) -> Response:
    """Lead to the list; in it, to a network that was begun."""
    fragment = f"#{ROW}{begun.id}" if begun else ""
    response = RedirectResponse(url(PATH) + fragment, 303)
    keep_owner(request, response)
    return response


def _owner(request: Request) -> OwnerKey:
    """Return the owner in the cookie. Raises NotFound: nobody else has a network."""
    owner = read_cookie(request)
    if owner is None:
        raise NotFound
    return owner


def _translate(request: Request) -> Translate:
    return translations(preferences_of(request).language).gettext


routes: list[Route] = [
    Route(PATH, my_networks),
    Route(f"{PATH}/join", join, methods=["POST"]),
]
network_routes: list[Route] = [
    Route(base_of("{id}/name"), rename, methods=["POST"]),
    Route(base_of("{id}/duplicate"), duplicate, methods=["POST"]),
    Route(base_of("{id}/keep-branch"), keep_branch, methods=["POST"]),
    Route(base_of("{id}/delete"), delete, methods=["POST"]),
    Route(base_of("{id}/restore"), take_back, methods=["POST"]),
]
