"""The projector's page of a network, and the speaker's window beside it.

Both begin a network where an example is shown. What their forms change is changed by the routes of
the page; `audience` in their queries says whom the answer is for.
"""

from dataclasses import replace
from ipaddress import ip_address

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from app.backprop.errors import Invalid
from app.classroom.questions import ahead, check_question, revealed
from app.classroom.refusals import NotAsked
from app.sessions.lecture import Question
from app.sessions.service import NotFound, Session
from app.simulation.simulation import Simulation
from app.view.classroom.qr import qr_svg
from app.view.classroom.question_view import question_view
from app.view.classroom.speaking import moment_next, moment_now
from app.view.rendering.languages import translations
from app.view.rendering.page_state import CLASS, PageState, ShownBar
from app.view.rendering.templates import render
from app.view.rendering.urls import base_of, url
from app.view.screen.region_texts import page_title
from app.web.api.dependencies import classroom_in, join_link
from app.web.api.schemas.script_file import script_of
from app.web.classroom.answer_summary import chart_of
from app.web.classroom.lan_addresses import reachable_addresses
from app.web.http.preferences import preferences_of
from app.web.pages.browser_session import (
    change_session,
    keep_owner,
    press_of,
    session_of,
)
from app.web.pages.forms.uploads import read_form
from app.web.pages.layout import VARY, layout
from app.web.pages.network_routes import under_network
from app.web.pages.page_response import (
    PRESENT,
    SPEAKER,
    page_of,
    page_of_session,
)

SCRIPT = "script"  # ends the path of the page that edits the script
MOST_BARS = 5  # of the answers on the projector: the right ones, and the most frequent


async def present(request: Request) -> Response:
    """Show a network as the class sees it."""
    session = await _session(request)
    page_state = await class_page(request, session)
    return await page_of(request, page_state, preferences_of(request))


async def class_page(request: Request, session: Session) -> PageState:
    """Return what the class sees: with its answers, while the step that was asked for is shown."""
    page_state = replace(page_of_session(session), audience=CLASS)
    lecture, simulation = session.lecture, session.simulation
    if lecture is None or lecture.question or not lecture.questions:
        return page_state
    try:
        asked = await classroom_in(request).questions.asked(session, lecture.questions)
    except NotAsked:  # withdrawn
        return page_state
    shown = revealed(asked.simulation, asked.question, lecture.by)
    if asked.tally is None or shown.iteration != simulation.iteration:
        return page_state
    if shown.cursor != simulation.cursor:
        return page_state
    preferences = preferences_of(request)
    _ = translations(preferences.language).gettext
    chart = chart_of(asked, _, preferences.shown_digits)
    bars = tuple(
        ShownBar(each.label, each.example, each.count, each.share, each.is_right)
        for each in chart.bars[:MOST_BARS]
    )
    return replace(page_state, lecture=page_state.lecture._replace(bars=bars))


async def speak(request: Request) -> Response:
    """Show what the speaker needs beside the projector."""
    session = await _session(request)
    preferences = preferences_of(request)
    language, digits = preferences.language, preferences.shown_digits
    _ = translations(language).gettext
    lecture, simulation = session.lecture, session.simulation
    pins, place = script_of(session, language), lecture.pin if lecture else 0
    code = lecture.code if lecture else ""
    pin = pins[place - 1] if 0 < place <= len(pins) else None
    pinned = pin.question if pin and _can_ask(simulation, pin.question) else None
    page_state = page_of_session(session)
    asked = page_state.lecture.question
    shape = ahead(simulation).shape
    is_local = _is_loopback(request) and not request.app.state.settings.public_url
    link = join_link(request, code) if code else ""
    title = page_title(page_state, preferences)
    region = render(
        "classroom/speaker_region.html",
        language,
        base=page_state.base,
        title=title,
        version=session.version,
        state=url(f"/api/sessions/{session.id}"),
        change=session.changes[-1] if session.changes else "",
        now=moment_now(simulation, preferences.by, _, digits),
        coming=moment_next(simulation, preferences.by, _, digits),
        at_beginning=simulation.at_beginning,
        pin=pin,
        pinned=pinned,
        pinned_text=pinned and question_view(_, shape, 0, pinned.kind, pinned.addresses).text,
        next_pin=pins[place] if place < len(pins) else None,
        place=place,
        count=len(pins),
        code=code,
        address=link.partition("://")[2],
        qr=qr_svg(link) if link else "",
        is_paused=lecture is not None and lecture.paused is not None,
        is_practising=session.is_practising,
        question=asked and question_view(_, shape, 0, asked.kind, asked.addresses).text,
        is_local=is_local,
        reachable=await reachable_addresses(request) if is_local else (),
    )
    if "hx-request" in request.headers:
        return HTMLResponse(region, headers=VARY)
    body = layout(
        request,
        "classroom/speaker.html",
        preferences,
        base=page_state.base,
        title=title,
        lab=Markup(region),
    )
    return HTMLResponse(body, headers=VARY)


async def open_page(request: Request) -> Response:
    """Lead to a page of a network; of an example, begin a network."""
    form = await read_form(request)
    session = await change_session(request, lambda simulation: simulation, press_of(request, form))
    name = request.scope["path"].rpartition("/")[2]
    response = RedirectResponse(url(f"{base_of(session.id)}/{name}"), 303)
    if session.key is not None:
        keep_owner(request, response)
    return response


async def _session(request: Request) -> Session:
    session = await session_of(request)
    if session is None:
        raise NotFound
    return session


def _can_ask(simulation: Simulation, question: Question | None) -> bool:
    """Whether the values of a pinned question are still to come; the network may be another one now."""
    if question is None:
        return False
    try:
        check_question(simulation, question)
    except Invalid:
        return False
    return True


def _is_loopback(request: Request) -> bool:
    """Whether the page was opened at an address that no other device reaches."""
    host = request.url.hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


_pages = [
    *(Route(f"/{name}", open_page, methods=["POST"]) for name in (PRESENT, SPEAKER, SCRIPT)),
    Route(f"/{PRESENT}", present),
    Route(f"/{SPEAKER}", speak),
]
routes = _pages[:3]
network_routes = under_network(_pages)
