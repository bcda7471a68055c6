"""The page as a response: all of it, or only the region that a change replaces."""

from asyncio import get_running_loop
from collections.abc import Collection
from dataclasses import replace
from functools import partial
from secrets import token_hex
from time import perf_counter

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app.backprop.errors import N_
from app.sessions.codec import MOST_CHANGES, Lecture
from app.sessions.service import Practising, Press, QuestionOpen, Session
from app.sessions.stores.base import AnswerLost
from app.view.panels.registry import panel_named
from app.view.rendering.languages import translations
from app.view.rendering.links import AT
from app.view.rendering.page_state import (
    CLASS,
    NO_LECTURE,
    OWNER,
    PageState,
    Preferences,
    ShownLecture,
    ShownQuestion,
)
from app.view.rendering.urls import base_of, url
from app.view.screen.derivation import known_path
from app.view.screen.page import Asked, RegionAnswer, answer_to, simulator_region
from app.view.screen.region_texts import page_title
from app.web.api import check_queue
from app.web.api.dependencies import join_link, public_address
from app.web.http.headers import headers_of
from app.web.http.preferences import preferences_of
from app.web.http.problems import PRACTISING
from app.web.http.security import read_follower
from app.web.pages.browser_session import (
    RANDOM_BYTES,
    last_session,
    named_network,
    session_of,
)
from app.web.pages.forms import fields
from app.web.pages.layout import layout
from app.web.pages.query import (
    DEFAULT,
    MOST_TYPED,
    derivation_path,
    focus,
    initial_example,
    query_field,
    typed_number,
)

# Headers: the confirmed state that the page shows, and the one that it went ahead to (`Asked`).
SHOWN, AHEAD = "shown", "ahead"
PATCH = {"HX-Reswap": "patch show:none"}  # `patches.js` applies the answer
# Seconds after an answer and between the slices of what is made then, for other requests.
PAUSE = 0.002

LAYOUTS = {OWNER: "layout/page.html", CLASS: "classroom/projector.html"}

APPLIED = N_("Your last press was applied.")
NOT_APPLIED = N_("Your last press was not applied. Please press again.")
NO_QUANTITY = N_(
    "This network has no quantity “%(name)s”. Its name in the address may be misspelt, or belong to "
    "another network."
)
OUTDATED = N_(
    "Another tab or device changed this network. This is its newest state; your last press was not "
    "applied."
)
OUTDATED_ENTRY = N_("Another tab or device changed this network. Send this again to apply it.")


PRESENT = "present"  # ends the path of the projector's page
AUDIENCE = "audience"  # in the query of a form: the page that it is on, if that is not the owner's
SPEAKER = "speaker"  # the owner's own window beside the projector


def page_of_session(session: Session) -> PageState:
    return PageState(
        session.simulation,
        changes=session.changes,
        network=session.id,
        number=session.number,
        version=session.version,
        before=session.before,
        lecture=_shown_lecture(session.lecture),
        is_practising=session.is_practising,
    )


async def requested_page(request: Request) -> PageState:
    """Return the network or the example that the URL names, else the network opened last, else the
    deck."""
    return await current_page(request, None)


async def page_with_all(request: Request) -> PageState:
    """The same for an answer that has values of steps still to be taken.

    Raises QuestionOpen, Practising while some of them are hidden.
    """
    page_state = await requested_page(request)
    if page_state.lecture.question:
        raise QuestionOpen
    if page_state.is_practising:
        raise Practising
    return page_state


async def current_page(request: Request, press: Press | None) -> PageState:
    """Return the network that a press would change, else the example."""
    session = await session_of(request, press)
    if session is not None:
        return page_of_session(session)
    return initial_example(request.query_params) or DEFAULT


async def page_around(request: Request) -> PageState:
    """Return the network that the path names, else the one opened last, whatever the query is."""
    if named_network(request):
        return await current_page(request, None)
    session = await last_session(request)
    return page_of_session(session) if session else DEFAULT


async def respond(request: Request, page_state: PageState, preferences: Preferences) -> Response:
    """Return the region to htmx, and redirect another browser to the page."""
    page_state = _for_audience(request, page_state)
    if "hx-request" in headers_of(request.scope) or _is_of_speaker(request, page_state):
        return await page_of(request, page_state, preferences)
    return RedirectResponse(address_of(with_derivation(request, page_state)), 303)


def _is_of_speaker(request: Request, page_state: PageState) -> bool:
    """Whether a form stands in the speaker's window."""
    return bool(page_state.network) and query_field(request, AUDIENCE) == SPEAKER


def _for_audience(request: Request, page_state: PageState) -> PageState:
    """Return the page for those who look at the page that a form is on."""
    is_for_class = page_state.network and query_field(request, AUDIENCE) == CLASS
    return replace(page_state, audience=CLASS) if is_for_class else page_state


def outcome_page(request: Request, press: Press, error: AnswerLost) -> Response:
    """Answer a press of which it is not known whether it was applied. Without the script, the answer
    is an address that will say so, and can be loaded again without harm."""
    if "hx-request" in request.headers:  # the script sends the same press again
        raise error
    asked = {**request.query_params, "change": press.id, "after": press.after or ""}
    id = named_network(request)
    return RedirectResponse(url(base_of(id) if id else "/", asked), 303)


def with_outcome(request: Request, page_state: PageState) -> PageState:
    """Say whether the press that an `outcome_page` names was applied, if that is still known."""
    asked, changes = request.query_params, page_state.changes
    if asked.get("change") in changes:
        return replace(page_state, notice=APPLIED)
    if "change" in asked and (asked.get("after") in changes or len(changes) < MOST_CHANGES):
        return replace(page_state, notice=NOT_APPLIED)
    return page_state


def address_of(page_state: PageState) -> str:
    """Return the URL of the page that shows this."""
    query = dict(page_state.example_query)
    if page_state.audience == CLASS:
        return url(f"{page_state.base}/{PRESENT}")
    if page_state.derivation_path:
        query["at"] = AT.join(page_state.derivation_path)
    elif page_state.focus:
        query["focus"] = page_state.focus
    return url(page_state.base or "/", query)


def with_derivation(request: Request, page_state: PageState) -> PageState:
    """Add the derivation or the focus that the request names, if the network has the quantity."""
    asked, shape = derivation_path(request), page_state.simulation.shape
    refused = page_state.form_error
    if asked:
        path = known_path(shape, asked)
        if len(path) < len(asked):
            page_state = _without_quantity(request, page_state, asked[len(path)])
        if refused and not refused.field.startswith(fields.DERIVATION):  # shown in a panel
            return replace(page_state, focus="".join(path[:1]))
        return replace(page_state, derivation_path=path, typed_number=typed_number(request))
    if chosen := focus(request):
        path = known_path(shape, (chosen,))
        if not path:
            page_state = _without_quantity(request, page_state, chosen)
        return replace(page_state, focus="".join(path))
    return page_state


def _without_quantity(request: Request, page_state: PageState, name: str) -> PageState:
    """Say that there is no such quantity, where an address is opened and a press has nothing to say."""
    if request.method == "POST" or "hx-request" in request.headers or page_state.notice:
        return page_state
    _ = translations(preferences_of(request).language).gettext
    shown = name if len(name) <= MOST_TYPED else f"{name[: MOST_TYPED - 1]}…"
    return replace(page_state, notice=_(NO_QUANTITY) % {"name": shown})


async def page_of(
    request: Request, page_state: PageState, preferences: Preferences, status: int = 200
) -> Response:
    """Return the page, or only its region for a link or a form that htmx follows.

    Lead to the speaker's window what was pressed there: htmx follows a redirect, too.
    """
    if _is_of_speaker(request, page_state):
        return RedirectResponse(url(f"{page_state.base}/{SPEAKER}"), 303)
    page_state = with_derivation(request, _for_audience(request, page_state))
    if page_state.audience:  # who looks on sees no panel
        preferences = replace(preferences, panel="")
    elif page_state.is_practising or page_state.lecture.question:
        page_state, preferences = _without_hidden(page_state, preferences)
    headers = {"Vary": "Cookie, Accept-Language, HX-Request, Shown, Ahead"}
    if "hx-request" in headers_of(request.scope):
        if request.method == "GET" and not page_state.audience:
            headers["HX-Push-Url"] = address_of(page_state)
        elif page_state.network and not named_network(request):
            # The URL still names the example that the network was begun from.
            headers["HX-Replace-Url"] = address_of(page_state)
        answer = await _render(request, page_state, preferences)
        return HTMLResponse(answer.body, status, headers | PATCH if answer.is_patch else headers)
    page_state = replace(page_state, page=token_hex(RANDOM_BYTES))
    # Escaped by our own templates.
    html = (await _render(request, page_state, preferences)).body
    lab, title = Markup(html.decode()), page_title(page_state, preferences)
    code, _ = read_follower(request)
    back = url(f"/live/{code}") if code else ""
    shown = {"lab": lab, "title": title, "base": page_state.base, "back_to_lecture": back}
    page = layout(request, LAYOUTS[page_state.audience], preferences, **shown)
    return HTMLResponse(page, status, headers)


def _hidden_in(page_state: PageState) -> Collection[str]:
    """The addresses of the values that the class is asked for, or of all that come next in practice."""
    if question := page_state.lecture.question:
        return question.addresses
    simulation = page_state.simulation
    return {step.result for step in simulation.steps[simulation.cursor :]}


def _without_hidden(
    page_state: PageState, preferences: Preferences
) -> tuple[PageState, Preferences]:
    """Close what could show, or give away, hidden values."""
    if panel_named(preferences.panel).looks_ahead:
        preferences = replace(preferences, panel="")
        if page_state.is_practising:
            page_state = replace(page_state, notice=page_state.notice or PRACTISING)
    path, hidden = page_state.derivation_path, _hidden_in(page_state)
    if any(address in hidden for address in path):
        path = ()
    return replace(page_state, derivation_path=path, typed_number=None), preferences


def _shown_lecture(lecture: Lecture | None) -> ShownLecture:
    """Return what of a lecture its projector and its followers are shown."""
    if lecture is None:
        return NO_LECTURE
    asked = lecture.question
    question = ShownQuestion(asked.kind, asked.addresses) if asked else None
    return ShownLecture(code=lecture.code, is_paused=lecture.paused is not None, question=question)


async def _render(
    request: Request, page_state: PageState, preferences: Preferences
) -> RegionAnswer:
    """Render and time the region, after a gradient check if the panel shows one.

    If the script says what its page shows, the answer may be a patch.
    """
    await check_queue.prepare_check(request, page_state.simulation, preferences)
    if code := page_state.lecture.code:
        link = join_link(request, code)
        address = link.partition("://")[2].removesuffix(code)
        shown = page_state.lecture._replace(link=link, address=address)
        page_state = replace(page_state, lecture=shown)
    if panel_named(preferences.panel).shows_link:
        page_state = replace(page_state, base_url=public_address(request))
    begun = perf_counter()
    headers = headers_of(request.scope)
    if "hx-request" in headers:
        ahead = headers.get(AHEAD) if request.scope["path"].endswith("/step") else None
        asked = Asked(headers.get(SHOWN, ""), ahead)
        later = partial(get_running_loop().call_later, PAUSE)
        answer = answer_to(asked, page_state, preferences, later)
    else:
        answer = RegionAnswer(simulator_region(page_state, preferences), False)
    request.app.state.metrics.record_render(perf_counter() - begun)
    return answer
