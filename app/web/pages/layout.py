"""The layout of every page, and the problem page."""

from dataclasses import asdict

from markupsafe import escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from app.view.notation.labels import Translate
from app.view.rendering.languages import translations
from app.view.rendering.page_state import Preferences
from app.view.rendering.templates import environment
from app.web.http.preferences import preferences_of
from app.web.http.problems import Problem

VARY = {"Vary": "Cookie, Accept-Language"}  # of a page in the visitor's language


async def problem_page(request: Request, problem: Problem) -> Response:
    """Return a problem as a page, or for htmx as a notice that leaves the page as it is."""
    _ = translations(preferences_of(request).language).gettext
    message = _sentences(_).get(problem.status, problem.detail)
    if problem.invalid:
        message = problem.invalid[0].sentence(_)
    elif problem.page_message:
        message = _(problem.page_message)
    headers = dict(problem.headers)
    if "hx-request" in request.headers:
        headers |= {"HX-Retarget": "#notice", "HX-Reswap": "textContent"}
        return HTMLResponse(escape(message), problem.status, headers)  # htmx reads it as HTML
    body = layout(
        request,
        "layout/problem.html",
        preferences_of(request),
        title=_titles(_).get(problem.status, problem.title),
        message=message,
    )
    return HTMLResponse(body, problem.status, headers)


def layout(request: Request, template: str, preferences: Preferences, **context: object) -> str:
    settings, assets = request.app.state.settings, request.app.state.assets
    return (
        environment(preferences.language)
        .get_template(template)
        .render(
            **asdict(preferences),
            asset=assets.url,
            panel_styles=assets.names("panels/*.css"),
            panel_scripts=assets.names("panels/*.js"),
            fonts=(settings.vendor / "fonts.css").is_file(),
            htmx=settings.htmx_url,
            htmx_integrity="" if settings.htmx_vendored else settings.htmx_integrity,
            **context,
        )
    )


def _titles(_: Translate) -> dict[int, str]:
    return {
        400: _("Invalid request"),
        403: _("Not allowed"),
        404: _("Page not found"),
        408: _("Request timed out"),
        422: _("Invalid input"),
        413: _("Too much data"),
        429: _("Too many requests"),
        503: _("Temporarily unavailable"),
    }


def _sentences(_: Translate) -> dict[int, str]:
    return {
        404: _("There is no page at this address."),
        503: _("Sessions are temporarily unavailable. Nothing was lost. Please try again shortly."),
    }
