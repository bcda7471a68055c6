"""The page. Plain Starlette routes: what FastAPI adds for an API would cost half of a step.

Every change is a form's post. A browser with htmx gets the changed region back; any other is sent
on to the page. A visit alone stores nothing: the first change begins a session.
"""

from dataclasses import replace
from time import perf_counter
from urllib.parse import parse_qsl, urlencode

from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from app.backprop.network import Invalid
from app.sessions.service import Outcome
from app.sessions.stores.base import AnswerLost
from app.simulation.simulation import Simulation
from app.simulation.training import given_up
from app.view.notation.labels import Translate
from app.view.rendering.languages import translations
from app.view.rendering.links import AT
from app.view.rendering.page_state import Refused, Visit, Wishes
from app.view.screen.derivation import known_way
from app.view.screen.page import lab
from app.web.api import check_queue as checking
from app.web.http.metrics import Metrics
from app.web.http.middleware import bodyless
from app.web.http.security import write_cookie
from app.web.pages import training_stream as training
from app.web.pages import travel_moves
from app.web.pages.browser_session import changed, kept_session, lost, session_of, settled
from app.web.pages.forms import example_edits as example_moves
from app.web.pages.forms import fields as entries
from app.web.pages.forms import pasted_matrix, sliding
from app.web.pages.forms.uploads import decoded, sent
from app.web.pages.layout import shell
from app.web.pages.query import (
    DEFAULT,
    Start,
    chosen,
    instead,
    remember,
    start_of,
    way_of,
    wishes_of,
)
from app.web.pages.training_stream import Form, Move

MOVES: dict[str, Move] = {
    "step": lambda simulation, wishes, form, _: simulation.step(wishes.by),
    "back": lambda simulation, wishes, form, _: simulation.back(wishes.by),
    "forward": lambda simulation, wishes, form, _: simulation.forward(),
    "backward": lambda simulation, wishes, form, _: simulation.backward(),
    "update": lambda simulation, wishes, form, _: simulation.update(),
    "reset": lambda simulation, wishes, form, _: simulation.reset(),
    **travel_moves.MOVES,
    **training.MOVES,
    "edit": lambda simulation, wishes, form, _: _edit(simulation, form, _),
    "paste": lambda simulation, wishes, form, _: pasted_matrix.pasted(simulation, form, _),
    "examples/add": lambda simulation, wishes, form, _: example_moves.added(simulation, form, _),
    "examples/remove": lambda simulation, wishes, form, _: example_moves.removed(
        simulation, form, _
    ),
    "passes": lambda simulation, wishes, form, _: example_moves.passes(simulation, form, _),
    "examples/replace": lambda simulation, wishes, form, _: example_moves.replaced(
        simulation, form, _
    ),
}
PANEL_OF = {  # what is typed into, by the first part of its field: a refusal is said beside it
    "weight": "matrices",
    "bias": "matrices",
    "matrix": "matrices",
    "block": "matrices",
    "example": "data",
    "examples": "data",
    "learning_rate": "data",
    "momentum": "data",
    "shuffle": "data",
    "iterations": "error",
    "below": "error",
}


async def home(request: Request) -> Response:
    """The page of what is looked at."""
    response = await page_of(request, await looked_at(request), wishes_of(request))
    settled(request, response)
    return response


async def looked_at(request: Request) -> Visit:
    """The example that the address names, else the browser's session, else the deck's example."""
    start = start_of(request.query_params)
    if start is None:
        session = await session_of(request)
        if session is not None:
            return Visit(session.simulation)
    return _looking(request, start or DEFAULT)


async def move(request: Request) -> Response:
    """One change, made by its name, and what there is to see then."""
    name = request.scope["path"][1:]
    wishes, form = wishes_of(request), await _form(request)
    translate = translations(wishes.language).gettext
    press = (name, wishes.by, form)

    def change(simulation: Simulation) -> Outcome:
        here = simulation if name in training.MOVES else given_up(simulation)
        return MOVES[name](here, wishes, form, translate)

    try:
        session = await changed(request, _metrics(request).timing(name, change), press)
    except AnswerLost as error:
        return await lost(request, error, press)
    except Invalid as error:
        if error.field not in form:
            raise
        return await _refused(request, wishes, error, form)
    session = await training.further(request, session)
    response = await _answer(request, Visit(session.simulation), wishes)
    if session.key is not None:
        write_cookie(request, response, session.id, session.key)
        # The address named the example that it began from.
        shown = _explaining(request, Visit(session.simulation))
        response.headers["HX-Replace-Url"] = _address(shown)
    return response


async def _refused(request: Request, wishes: Wishes, error: Invalid, form: Form) -> Response:
    """Why an entry was not taken, said beside it: in the drawing, the derivation or its panel."""
    visit, field = await _visit(request), error.field
    typed = form[field]
    place, plain = entries.placed(visit.simulation, field)
    if place == entries.DRAWN and "hx-request" in request.headers:
        headers = {"HX-Retarget": "#editing-refusal", "HX-Reswap": "textContent"}
        return HTMLResponse(escape(error.message), 422, headers)
    if place == entries.GIVEN and field.partition("/")[2] in way_of(request):
        return await refusal(request, wishes, Refused(field, typed, error.message))
    panel = PANEL_OF.get(plain.partition("/")[0])
    if panel is None:
        raise error
    refused = Refused(plain, typed, error.message, form.get("update", ""))
    return await refusal(request, replace(wishes, panel=panel), refused)


async def view(request: Request) -> Response:
    """A choice of how to see it: kept by the browser; nothing is stored."""
    wishes = chosen(wishes_of(request), await _form(request))
    response = await _answer(request, await _visit(request), wishes)
    remember(request, response, wishes)
    return response


async def _visit(request: Request) -> Visit:
    session = await session_of(request)
    if session is not None:
        return Visit(session.simulation)
    return _looking(request, start_of(request.query_params) or DEFAULT)


async def kept_visit(request: Request) -> Visit:
    """What is looked at where the address names nothing that can be: the session, or the deck."""
    session = await kept_session(request)
    return Visit(session.simulation) if session else _looking(request, DEFAULT)


def _looking(request: Request, start: Start) -> Visit:
    return Visit(start.simulation, {**start.query, **instead(request)})


async def refusal(request: Request, wishes: Wishes, refused: Refused) -> Response:
    """The page as it was, with what was typed still in its field, and why it was not taken."""
    visit = replace(await _visit(request), refused=refused)
    response = await _answer(request, visit, wishes, redirect=False)
    response.status_code = 422
    return response


async def _answer(
    request: Request, visit: Visit, wishes: Wishes, *, redirect: bool = True
) -> Response:
    visit = _explaining(request, visit)
    response: Response
    if "hx-request" in request.headers:
        response = HTMLResponse(await _drawn(request, visit, wishes))
    elif redirect:
        response = RedirectResponse(_address(visit), 303)
    else:
        response = await page_of(request, visit, wishes)
    settled(request, response)
    return response


def _address(visit: Visit) -> str:
    """Where the page is that shows this: what a link to it says."""
    query = {name: text for name, text in visit.start.items() if name != "instead"}
    if visit.at:
        query["at"] = AT.join(visit.at)
    return "/" + ("?" + urlencode(query, safe="/~") if query else "")


def _explaining(request: Request, visit: Visit) -> Visit:
    """With the quantity that the request asks about, if the network has it."""
    asked = way_of(request)
    if not asked:
        return visit
    return replace(visit, at=known_way(visit.simulation.shape, asked))


async def page_of(request: Request, visit: Visit, wishes: Wishes) -> Response:
    """The page, or, for a link that htmx follows, the region of it that changes."""
    visit = _explaining(request, visit)
    headers = {"Vary": "Cookie, Accept-Language, HX-Request"}
    if "hx-request" in request.headers and request.method == "GET":
        headers["HX-Push-Url"] = _address(visit)
        return HTMLResponse(await _drawn(request, visit, wishes), headers=headers)
    # Rendered, and escaped, by our templates.
    region = Markup((await _drawn(request, visit, wishes)).decode())
    return HTMLResponse(shell(request, "page.html", wishes, lab=region), headers=headers)


async def _drawn(request: Request, visit: Visit, wishes: Wishes) -> bytes:
    """The region, and how long it took; a gradient check has its turn before."""
    await checking.ahead(request, visit.simulation, wishes)
    if wishes.panel == "home":  # which shows whole addresses
        visit = replace(visit, site=str(request.base_url).rstrip("/"))
    begun = perf_counter()
    region = lab(visit, wishes)
    _metrics(request).drawn(perf_counter() - begun)
    return region


def _metrics(request: Request) -> Metrics:
    metrics: Metrics = request.app.state.metrics
    return metrics


async def _form(request: Request) -> Form:
    """The fields of a form, each once; what is no text of a form has none."""
    if bodyless(request.headers):  # most moves are a press and no more
        return {}
    if request.headers.get("content-type", "").startswith("multipart/"):
        return {name: decoded(content) for name, content in (await sent(request)).items()}
    body = await request.body()
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def _edit(simulation: Simulation, form: Form, _: Translate) -> Simulation:
    if len(form) != 1:
        raise Invalid("field", "one field at a time")
    [(field, text)] = form.items()
    if field.startswith(sliding.PREFIX):
        return sliding.slid(simulation, field, text)
    return entries.edited(simulation, field, text, _)


routes: list[Route] = [
    Route("/", home),
    Route("/view", view, methods=["POST"]),
    Route("/training/events", training.events),
    *(Route(f"/{name}", move, methods=["POST"]) for name in MOVES),
]
