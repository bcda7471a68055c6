"""The pages of those who follow a lecture: by its code, without an account and without a trace.

A page gets each step of the lecturer as an event. What cannot get events asks once a second, and a page
without script has a link that loads it anew. All three show what `_update` returns.
"""

from asyncio import get_running_loop
from collections.abc import Mapping

from markupsafe import Markup
from msgspec.json import encode
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from app.backprop.errors import N_, Invalid
from app.classroom.questions import ahead, read_answer, right_answer, values, verdict
from app.classroom.refusals import AnswersClosed, LectureEnded, NotAsked
from app.classroom.rooms import Room, Showing
from app.sessions.lecture import NUMBER, read_code
from app.sessions.service import Press, QuestionOpen, new_id
from app.simulation.training import stop_training
from app.view.classroom.question_view import choice_text, question_view
from app.view.notation.labels import Translate
from app.view.notation.mistake_sentences import mistake_sentence
from app.view.rendering.languages import translations
from app.view.rendering.page_state import FOLLOWER, PageState, Preferences
from app.view.rendering.templates import render
from app.view.rendering.urls import base_of, url
from app.view.screen.page import Asked, answer_to, simulator_region
from app.view.screen.region_texts import page_title
from app.web.api.dependencies import classroom_in, find_room
from app.web.api.lectures.live import events_of
from app.web.http.event_stream import Event, EventStream
from app.web.http.headers import headers_of
from app.web.http.preferences import preferences_of
from app.web.http.security import forget_follower, read_follower, write_follower
from app.web.pages.browser_session import begin_network, keep_owner, owner_of
from app.web.pages.forms.uploads import read_form
from app.web.pages.layout import VARY, layout

PATH = "/live"
REFRESH_EVERY = "5"  # seconds, without script
NO_COOKIE = N_("Your answer was not counted. Open the lecture again, and allow its cookie.")


async def enter(request: Request) -> Response:
    """Ask for a code, or lead to the lecture of the one in the query."""
    typed = request.query_params.get("code", "")
    if code := read_code(typed):
        return RedirectResponse(url(f"{PATH}/{code}"), 303)
    _ = _translate(request)
    refusal = _("A code has six letters and digits, such as K7Q4XZ.") if typed else ""
    return _entry(request, typed, refusal, 422 if typed else 200)


def _entry(request: Request, typed: str, refusal: str, status: int) -> Response:
    body = layout(
        request, "classroom/enter.html", preferences_of(request), typed=typed[:20], refusal=refusal
    )
    return HTMLResponse(body, status, VARY)


async def follow(request: Request) -> Response:
    """Show what the lecturer shows."""
    code = read_code(request.path_params["code"])
    if code is None or code != request.path_params["code"]:
        return RedirectResponse(url(PATH, {"code": request.path_params["code"]}), 303)
    try:
        room = await _room(request, code)
    except LectureEnded:
        return _ended(request)
    follower = _follower(request, code)
    room.polled_by(follower)
    showing, preferences, query = room.showing, preferences_of(request), request.query_params
    view, page_state = _view_of(preferences, showing), _page_state(showing)
    number, given = _number(query), query.get("answer", "")
    typed = given if number == showing.number else ""
    taken = await _taken(request, room, showing, follower)
    is_refreshed = query.get("refresh") == REFRESH_EVERY
    body = layout(
        request,
        "classroom/follower.html",
        preferences,
        lab=Markup(simulator_region(page_state, view).decode()),
        title=page_title(page_state, view),
        code=code,
        version=showing.version,
        is_paused=showing.is_paused,
        is_asking=showing.question is not None,
        form=Markup(_question_html(showing, preferences, typed, taken)),
        said=Markup(await _said(request, room, number, given)),
        question=showing.number,
        here=url(f"{PATH}/{code}", _kept(query, "question", "answer")),
        refreshed=url(
            f"{PATH}/{code}", _kept(query, "question", "answer") | {"refresh": REFRESH_EVERY}
        ),
        refresh=REFRESH_EVERY if is_refreshed else "",
    )
    response = HTMLResponse(body, 200, VARY)
    write_follower(request, response, code, follower)
    return response


async def _taken(request: Request, room: Room, showing: Showing, follower: str) -> str:
    """Return the answer that a follower has given to the open question; empty without one."""
    if showing.question is None:
        return ""
    asked = await classroom_in(request).questions.asked(room.session, showing.number)
    return asked.answers.get(follower, "")


def _kept(query: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: query[name] for name in names if name in query}


async def events(request: Request) -> Response:
    """The steps of the lecturer, as they are taken."""
    room = await _room(request, request.path_params["code"])
    follower = _follower(request, request.path_params["code"])
    preferences, shown = preferences_of(request), ""

    def event() -> Event:
        nonlocal shown
        newest, shown = _event(room, preferences, shown)
        return newest

    return EventStream(events_of(request, room, follower, event))


def _event(room: Room, preferences: Preferences, shown: str) -> tuple[Event, str]:
    """Return the event for pages that show a state, and the name of what they show after it.

    It is made once for all who see the lecture alike.
    """
    key = preferences.language, preferences.digits, shown
    if key not in room.rendered:
        body, to = _update(room, preferences, shown)
        room.rendered[key] = Event(body), to
    found: tuple[Event, str] = room.rendered[key]
    return found


def _update(
    room: Room, preferences: Preferences, shown: str, whole: bool = False
) -> tuple[bytes, str]:
    """Return what differs from the state that a page shows as JSON, and the name of the new state.

    That is a patch, else the whole region. A page that shows nothing yet only gets the name, unless
    it asks for the whole.
    """
    showing = room.showing
    view, page_state = _view_of(preferences, showing), _page_state(showing)
    found = answer_to(Asked(shown), page_state, view, get_running_loop().call_soon)
    said = {
        "version": room.session.version,
        "to": found.shown,
        "paused": showing.is_paused,
        "question": showing.number,
        "form": _question_html(showing, preferences),
    }
    if found.is_patch:
        said |= {"from": shown, "patch": found.body.decode()}
    elif shown or whole:
        said["html"] = found.body.decode()
    return encode(said), found.shown


async def update(request: Request) -> Response:
    """What an event would say, for a page that gets none: 304 if it knows that already."""
    room = await _room(request, request.path_params["code"])
    room.polled_by(_follower(request, room.showing.code))
    etag = f'"{room.session.version}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache", **VARY}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    shown = request.query_params.get("shown", "")
    body, _ = _update(room, preferences_of(request), shown, whole=True)
    return Response(body, 200, headers, "application/json")


async def answer(request: Request) -> Response:
    """Take the answer of a follower; the script gets a sentence, others the page."""
    code, _ = request.path_params["code"], _translate(request)
    form = await read_form(request)
    room = await _room(request, code)
    follower, text, number = _kept_follower(request, code), form.get("answer", ""), _number(form)
    if not follower:  # a new id for each answer would let anybody answer as often as they like
        raise HTTPException(403, NO_COOKIE)
    status, said = 200, _("Your answer is in. You can change it until the answer is shown.")
    try:
        await classroom_in(request).questions.answer(room.session, number, follower, text)
    except AnswersClosed:
        status, said = 409, _("This question is closed. Your answer was not counted.")
    except Invalid as error:
        status, said = 422, error.translated(_)
    if "application/json" in headers_of(request.scope).get("accept", ""):
        return Response(encode({"said": said}), status, media_type="application/json")
    query = {"question": str(number), "answer": text}
    response = RedirectResponse(url(f"{PATH}/{code}", query) + "#question", 303)
    write_follower(request, response, code, follower)
    return response


async def judge(request: Request) -> Response:
    """What is to be said of an answer, once its question is revealed."""
    room = await _room(request, request.path_params["code"])
    query = request.query_params
    html = await _said(request, room, _number(query), query.get("answer", ""))
    return HTMLResponse(html, headers=VARY)


async def copy(request: Request) -> Response:
    """Begin a network of one's own at this very moment of the lecture."""
    code = request.path_params["code"]
    showing = (await _room(request, code)).showing
    if showing.question is not None:
        raise QuestionOpen
    begin = stop_training(showing.simulation), None, Press()
    # A form that is sent twice makes one copy, unless that was changed since.
    place = owner_of(request).network(f"live {code} {showing.version}")
    session = await begin_network(request, *begin, place)
    if session.version > 1:
        session = await begin_network(request, *begin, new_id())
    response = RedirectResponse(url(base_of(session.id)), 303)
    keep_owner(request, response)
    write_follower(request, response, code, _follower(request, code))
    return response


def _ended(request: Request) -> Response:
    _ = _translate(request)
    response = _entry(request, "", _("This lecture has ended, or its code is misspelt."), 404)
    forget_follower(response)
    return response


async def _room(request: Request, code: str) -> Room:
    return await find_room(request, code, bool(_kept_follower(request, code)))


def _kept_follower(request: Request, code: str) -> str:
    """Return the id in the cookie if it is one of this lecture."""
    kept, follower = read_follower(request)
    is_own = kept == code and classroom_in(request).followers.is_valid(follower, code)
    return follower if is_own else ""


def _follower(request: Request, code: str) -> str:
    return _kept_follower(request, code) or classroom_in(request).followers.new(code)


def _number(fields: Mapping[str, str]) -> int:
    text = fields.get("question", "")
    return int(text) if text.isdecimal() and len(text) < 6 else 0


def _translate(request: Request) -> Translate:
    return translations(preferences_of(request).language).gettext


def _view_of(own: Preferences, showing: Showing) -> Preferences:
    """How followers see a step: in their own language and digits, and as far as the lecturer's go."""
    return Preferences(by=showing.by, language=own.language, digits=own.digits)


def _page_state(showing: Showing) -> PageState:
    return PageState(
        showing.simulation,
        network=showing.code,
        audience=FOLLOWER,
        version=showing.version,
        before=showing.before,
    )


def _question_html(
    showing: Showing, preferences: Preferences, typed: str = "", taken: str = ""
) -> str:
    """Return the form for an answer to the open question; empty without one.

    `typed` is what was sent last, which may have been refused, and `taken` what counts.
    """
    question = showing.question
    if question is None:
        return ""
    _ = translations(preferences.language).gettext
    refusal = ""
    if typed:
        try:
            read_answer(question, typed)
        except Invalid as error:
            refusal = error.translated(_)
    shape = ahead(showing.simulation).shape
    view = question_view(_, shape, showing.number, question.kind, question.addresses)
    return render(
        "classroom/question_form.html",
        preferences.language,
        question=view,
        given=typed or taken,
        is_taken=bool(taken),
        refusal=refusal,
        action=url(f"{PATH}/{showing.code}/answers"),
    )


async def _said(request: Request, room: Room, number: int, text: str) -> str:
    """Return what is to be said of an answer as HTML; nothing before its question is revealed."""
    preferences = preferences_of(request)
    _, digits = translations(preferences.language).gettext, preferences.shown_digits
    try:
        asked = await classroom_in(request).questions.asked(room.session, number)
        if asked.tally is None:
            return ""
        found = verdict(room.session, asked, text)
    except (NotAsked, Invalid):
        return ""
    simulation, question = ahead(asked.simulation), asked.question
    shape = simulation.shape
    view = question_view(_, shape, number, question.kind, question.addresses)
    is_number = question.kind == NUMBER
    step = simulation.steps[simulation.compiled.position[question.addresses[0]]]
    return render(
        "classroom/verdict.html",
        preferences.language,
        question=view,
        given=text.replace("-", "−") if is_number else choice_text(_, shape, text),
        right=digits.short(values(asked)[0])
        if is_number
        else choice_text(_, shape, right_answer(asked)),
        is_right=found.is_right,
        mistakes=[mistake_sentence(_, shape, step, each) for each in found.mistakes],
    )


routes: list[Route] = [
    Route(PATH, enter),
    Route(f"{PATH}/{{code}}", follow),
    Route(f"{PATH}/{{code}}/events", events),
    Route(f"{PATH}/{{code}}/update", update),
    Route(f"{PATH}/{{code}}/verdict", judge),
    Route(f"{PATH}/{{code}}/answers", answer, methods=["POST"]),
    Route(f"{PATH}/{{code}}/copy", copy, methods=["POST"]),
]
