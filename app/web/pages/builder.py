"""The builder's form leads to the URL of the network, or back to the form with an error."""

from collections.abc import Sequence
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from app.backprop.errors import Invalid
from app.view.panels.network_builder import HIDDEN
from app.view.rendering.languages import translations
from app.view.rendering.page_state import BuilderForm, FormError
from app.view.rendering.urls import url
from app.web.http.preferences import preferences_of
from app.web.pages.network_query import build_network, network_fields
from app.web.pages.network_routes import under_network
from app.web.pages.page_response import page_around, page_of


async def build(request: Request) -> Response:
    """Redirect to the network's URL, or return the form with what was typed and the error."""
    preferences = replace(preferences_of(request), panel="network")
    try:
        asked, _simulation = build_network(request.query_params)
    except Invalid as error:
        message = error.sentence(translations(preferences.language).gettext)
        refused = FormError(error.field.removeprefix("network."), "", message)
        page_state = replace(
            await page_around(request), form_error=refused, builder_form=_typed(request)
        )
        return await page_of(request, page_state, preferences, 422)
    return RedirectResponse(url("/", asked), 303)


def _typed(request: Request) -> BuilderForm:
    """Return the form's fields; a query from elsewhere is spread over them."""
    query = request.query_params
    asked = network_fields(query)
    layers = query.getlist("layers")
    activations = query.getlist("activations")
    if len(layers) != HIDDEN + 2:
        sizes = asked.get("layers", "").split("-")
        layers = [sizes[0], *_filled(sizes[1:-1], HIDDEN), sizes[-1]]
        names = asked.get("activations", "").split(",")
        activations = [*_filled(names[:-1], HIDDEN), names[-1]]
    return BuilderForm(tuple(layers), tuple(_filled(activations, HIDDEN + 1)), asked)


def _filled(texts: Sequence[str], count: int) -> list[str]:
    return [*texts, *[""] * count][:count]


routes: list[Route] = [Route("/build", build)]
network_routes = under_network(routes)
