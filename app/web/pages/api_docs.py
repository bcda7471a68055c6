"""/docs: the OpenAPI document, shown by Swagger UI."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from app.web.http.preferences import preferences_of
from app.web.pages.layout import VARY, layout


async def page(request: Request) -> Response:
    # FastAPI's own page starts Swagger UI with an inline script and loads it from another site.
    swagger_ui = (request.app.state.settings.vendor / "swagger-ui-bundle.js").is_file()
    template = "layout/api_docs.html"
    page = layout(request, template, preferences_of(request), swagger_ui=swagger_ui)
    return HTMLResponse(page, headers=VARY)


routes = [Route("/docs", page)]
