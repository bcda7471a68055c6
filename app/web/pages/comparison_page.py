"""The page that compares right and wrong updates step by step. It stores nothing."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from app.view.panels.comparison import compare
from app.view.rendering.languages import translations
from app.view.rendering.numbers import digits, ordinal
from app.view.rendering.urls import url
from app.web.http.preferences import preferences_of
from app.web.pages.layout import VARY, layout
from app.web.pages.network_routes import under_network
from app.web.pages.page_response import page_with_all

MOST_DIGITS = 3


async def comparison_page(request: Request) -> Response:
    """Show the iteration after the number of steps that `step` says."""
    page_state, preferences = await page_with_all(request), preferences_of(request)
    translate = translations(preferences.language).gettext
    # An invalid text counts as 0.
    step = digits(request.query_params.get("step", "0"), MOST_DIGITS) or 0
    runs = compare(page_state.simulation, step, translate)
    start = page_state.example_query

    def at(step: int) -> str:
        return url(f"{page_state.base}/beside", {**start, "step": str(step)}) + (
            "#now" if step else ""
        )

    body = layout(
        request,
        "layout/comparison.html",
        preferences,
        runs=runs,
        iteration=ordinal(page_state.simulation.iteration),
        home=url(page_state.base or "/", start),
        begin=at(0),
        back=at(max(0, runs.step - 1)),
        on=at(min(runs.steps, runs.step + 1)),
        end=at(runs.steps),
    )
    return HTMLResponse(body, headers=VARY)


routes: list[BaseRoute] = [Route("/beside", comparison_page)]
network_routes = under_network(routes)
