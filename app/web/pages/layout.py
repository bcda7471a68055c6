"""The layout of every page, and the problem page."""

from dataclasses import asdict

from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from app.backprop.errors import N_
from app.view.rendering.languages import translations
from app.view.rendering.page_state import Preferences
from app.view.rendering.templates import environment
from app.view.rendering.urls import EMBED, base_of, url
from app.web.http.preferences import preferences_of
from app.web.http.problems import Problem

VARY = {"Vary": "Cookie, Accept-Language"}  # of a page in the visitor's language

_TITLES = {
    400: N_("Invalid request"),
    403: N_("Not allowed"),
    404: N_("Page not found"),
    405: N_("Method not supported"),
    408: N_("Request timed out"),
    409: N_("Changed at the same time"),
    413: N_("Too much data"),
    422: N_("Invalid input"),
    429: N_("Too many requests"),
    500: N_("Server error"),
    503: N_("Temporarily unavailable"),
}
_SENTENCES = {
    404: N_(
        "There is no page at this address. It may be misspelt, or a part of it is missing. Your "
        "networks are kept."
    ),
    413: N_(
        "This is more than the 64 KB that the server accepts. Nothing was changed. Choose a smaller "
        "file, or paste less at a time."
    ),
    503: N_("Sessions are temporarily unavailable. Nothing was lost. Please try again shortly."),
}

_TEMPORARY = {408, 429, 500, 503}  # the same request may succeed later


async def problem_page(request: Request, problem: Problem) -> Response:
    """Return a problem as a page, or for htmx as a notice that leaves the page as it is."""
    _ = translations(preferences_of(request).language).gettext
    message = _(_SENTENCES.get(problem.status, problem.detail))
    if problem.page_message:
        message = _(problem.page_message)
    elif problem.invalid:
        message = problem.invalid[0].sentence(_)
    headers, link = dict(problem.headers), _link(request, problem)
    if "hx-request" in request.headers:
        headers |= {"HX-Retarget": "#notice", "HX-Reswap": "textContent"}
        content = escape(message)  # htmx reads it as HTML
        if link:
            path, text = link
            headers["HX-Reswap"] = "innerHTML"
            content += Markup(' <a href="%s">%s</a>') % (url(path), _(text))
        return HTMLResponse(content, problem.status, headers)
    body = layout(
        request,
        "layout/problem.html",
        preferences_of(request),
        status=problem.status,
        title=_(problem.page_title or _TITLES.get(problem.status, problem.title)),
        message=message,
        link=link,
        is_framed=request.scope["path"].startswith(EMBED),
        temporary=problem.status in _TEMPORARY and request.method in ("GET", "HEAD"),
    )
    return HTMLResponse(body, problem.status, headers)


def _link(request: Request, problem: Problem) -> tuple[str, str] | None:
    """The link of a problem, if the address names the network that it needs."""
    if problem.page_link is None:
        return None
    path, text = problem.page_link
    id = request.path_params.get("id", "")
    if "{base}" in path and not id:
        return None
    return path.replace("{base}", base_of(id)), text


def dictionary_name(language: str) -> str:
    """The name of the static file that compresses answers in a language."""
    return f"dictionary.{language}.txt"


def layout(request: Request, template: str, preferences: Preferences, **context: object) -> str:
    settings, assets = request.app.state.settings, request.app.state.assets
    return (
        environment(preferences.language)
        .get_template(template)
        .render(
            **asdict(preferences),
            asset=assets.url,
            dictionary=assets.dictionary(dictionary_name(preferences.language)),
            htmx=settings.htmx_url,
            htmx_integrity="" if settings.htmx_vendored else settings.htmx_integrity,
            **context,
        )
    )
