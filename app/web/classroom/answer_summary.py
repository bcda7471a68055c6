"""The answers to the questions that were revealed, as a page and as CSV."""

import csv
from io import StringIO

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from app.classroom.questions import AskedQuestion, ahead, right_answer, values
from app.sessions.lecture import NUMBER
from app.view.classroom.answer_chart import AnswerChart, answer_chart
from app.view.notation.labels import Translate
from app.view.rendering.digits import Digits
from app.view.rendering.languages import translations
from app.view.rendering.urls import base_of
from app.web.api.dependencies import classroom_in
from app.web.http.preferences import preferences_of
from app.web.pages.browser_session import session_of
from app.web.pages.layout import VARY, layout


async def summary(request: Request) -> Response:
    """All questions that were revealed, with their answers."""
    session = await session_of(request)
    assert session is not None
    preferences = preferences_of(request)
    _, digits = translations(preferences.language).gettext, preferences.shown_digits
    asked = await classroom_in(request).questions.all_revealed(session)
    body = layout(
        request,
        "classroom/summary.html",
        preferences,
        charts=[chart_of(each, _, digits) for each in asked],
        base=base_of(session.id),
    )
    return HTMLResponse(body, headers=VARY)


def chart_of(asked: AskedQuestion, _: Translate, digits: Digits) -> AnswerChart:
    """Return a question that is revealed as a chart."""
    question, simulation = asked.question, ahead(asked.simulation)
    right = values(asked)[0] if question.kind == NUMBER else right_answer(asked)
    bars = asked.tally.bars if asked.tally else ()
    counts = [(bar.kind, bar.count, bar.example) for bar in bars]
    about = asked.number, question.kind, question.addresses
    return answer_chart(_, digits, simulation, *about, right, counts)


async def table(request: Request) -> Response:
    """The same as CSV: a line for each kind of answer."""
    session = await session_of(request)
    assert session is not None
    file = StringIO()
    writer = csv.writer(file)
    writer.writerow(
        "question kind quantity other iteration step value other_value outcome count example".split()
    )
    for each in await classroom_in(request).questions.all_revealed(session):
        writer.writerows(_rows(each))
    headers = {"Content-Disposition": 'attachment; filename="backstep-questions.csv"'}
    return Response(file.getvalue(), 200, headers, "text/csv; charset=utf-8")


def _rows(asked: AskedQuestion) -> list[tuple[object, ...]]:
    one, other = (*asked.question.addresses, "")[:2]
    value, other_value = (*map(repr, values(asked)), "")[:2]
    moment = asked.simulation.iteration, asked.simulation.cursor
    about = (asked.number, asked.question.kind, one, other, *moment, value, other_value)
    bars = asked.tally.bars if asked.tally else ()
    return [(*about, bar.kind, bar.count, bar.example) for bar in bars] or [(*about, "", 0, "")]


routes: list[Route] = []
network_routes: list[Route] = [
    Route(base_of("{id}/summary"), summary),
    Route(base_of("{id}/questions.csv"), table),
]
