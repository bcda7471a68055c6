"""The form that makes sheets for a class, and the links on them.

Names come and go in the body of one request: nothing keeps them, and no log has them.
"""

from collections.abc import Mapping
from dataclasses import replace

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from app.backprop.errors import N_, Invalid, check_choice
from app.exercises.variants import DECIMALS, USUAL_DECIMALS, Structure, variant
from app.simulation.permalink import encode_permalink
from app.view.exercises.class_sheets import (
    ALL,
    LONGEST_NAME,
    MOST_SHEETS,
    ONE_OF_EACH,
    QUESTIONS,
    SheetOrder,
    calculation_count,
    consecutive_seeds,
    kind_count,
    names_in,
)
from app.view.exercises.sheet_files import PRINTED
from app.view.exercises.variant_links import DECIMALS as DECIMALS_FIELD
from app.view.exercises.variant_links import PATH, conventions_of_link
from app.view.notation.labels import Translate, digit_choices
from app.view.rendering.digits import DIGITS
from app.view.rendering.languages import translations
from app.view.rendering.links import query_of
from app.view.rendering.numbers import digits
from app.view.rendering.page_state import PageState
from app.view.rendering.urls import url
from app.view.screen.network_list import numbered_title
from app.web.api.dependencies import public_address
from app.web.api.exercises.sheets import sheets_response
from app.web.http.preferences import preferences_of
from app.web.pages.forms.uploads import read_form
from app.web.pages.layout import VARY, layout
from app.web.pages.network_query import build_network
from app.web.pages.network_routes import under_network
from app.web.pages.page_response import requested_page
from app.web.pages.query import as_meant

SEED_DIGITS = 8
FIRST_SEED = 1000  # that the form proposes
# What the buttons make: a format, and whether it is printed with answers.
MADE = {
    "blank": (PRINTED, False),
    "answers": (PRINTED, True),
    **{name: (name, False) for name in ("csv", "moodle", "gift")},
}
GIVEN = {
    0: N_("whole numbers"),
    1: N_("one decimal"),
    2: N_("two decimals"),
}
QUESTION_WORDS = {
    ONE_OF_EACH: N_("%(count)s: one of each kind and layer"),
    ALL: N_("%(count)s: every calculation"),
}

Form = Mapping[str, str]


async def form_page(request: Request) -> Response:
    """Show the form."""
    return _page(request, await requested_page(request), {})


async def make_sheets(request: Request) -> Response:
    """Return what the form asks for, or the form with an error."""
    page_state, form = await requested_page(request), await read_form(request)
    format, answers = MADE.get(form.get("make", ""), MADE["blank"])
    try:
        order = _order(request, page_state, form)
        return await sheets_response(request, order, format, answers=answers)
    except Invalid as error:
        return _page(request, page_state, form, error)


def _order(request: Request, page_state: PageState, form: Form) -> SheetOrder:
    """What the form asks for. Raises Invalid."""
    names = names_in(form.get("names", "").splitlines(), "line.%s")
    count = len(names) or _whole("count", form.get("count", ""), 3)
    given = form.get("given", "")
    check_choice("given", given, [str(each) for each in DECIMALS])
    check_choice("digits", form.get("digits", ""), DIGITS)
    check_choice("questions", form.get("questions", ""), QUESTIONS)
    return SheetOrder(
        Structure.of(page_state.simulation, int(given)),
        consecutive_seeds(_whole("seed", form.get("seed", ""), SEED_DIGITS), count),
        names,
        DIGITS[form["digits"]],
        form["questions"],
        "links" in form,
        preferences_of(request).language,
        public_address(request),
    )


def _whole(field: str, text: str, most: int) -> int:
    number = digits(text.strip(), most)
    if number is None:
        text = N_("Enter a whole number of at most %(most)s digits.")
        raise Invalid(field, text, most=most)
    return number


def _page(
    request: Request, page_state: PageState, form: Form, error: Invalid | None = None
) -> Response:
    preferences = preferences_of(request)
    _ = translations(preferences.language).gettext
    place, refusal = _refusal(error, _) if error else ("", "")
    structure = Structure.of(page_state.simulation)
    counts = {ALL: calculation_count(structure), ONE_OF_EACH: kind_count(structure)}
    body = layout(
        request,
        "exercises/sheets_form.html",
        preferences,
        network=numbered_title(page_state.simulation, page_state.number, _),
        shape=structure.shape.text,
        back=Markup(url(page_state.base or "/")) + query_of(page_state.example_query),
        action=Markup(url(f"{page_state.base}/sheets")) + query_of(page_state.example_query),
        typed=form,
        place=place,
        refusal=refusal,
        first_seed=FIRST_SEED,
        most=MOST_SHEETS,
        longest=LONGEST_NAME,
        given={str(count): _(GIVEN[count]) for count in DECIMALS},
        usual=str(USUAL_DECIMALS),
        digit_choices=digit_choices(_),
        questions={
            name: _(text) % {"count": counts[name]} for name, text in QUESTION_WORDS.items()
        },
    )
    return HTMLResponse(body, 422 if error else 200, VARY)


def _refusal(error: Invalid, _: Translate) -> tuple[str, str]:
    """The field at which an error is shown, and what it says."""
    field, _dot, index = error.field.partition(".")
    if field == "line":
        line = _("Line %(number)s") % {"number": int(index) + 1}
        return "names", f"{line}: {error.translated(_)}"
    return "names" if field == "seeds" else field, error.translated(_)


async def open_variant(request: Request) -> Response:
    """Open the network of a sheet: the page shows a copy, as of a permalink."""
    query = as_meant(request.query_params)
    _asked, simulation = build_network(query)
    decimals = digits(query.get(DECIMALS_FIELD, str(USUAL_DECIMALS)), 1)
    structure = Structure.of(simulation, -1 if decimals is None else decimals)
    shape = replace(structure.shape, conventions=conventions_of_link(query))
    structure = replace(structure, shape=shape)
    seed = int(query.get("seed", "0"))
    _ = translations(preferences_of(request).language).gettext
    named = variant(structure, seed).rename(_("Sheet %(seed)s") % {"seed": seed})
    return RedirectResponse(url("/", {"moment": encode_permalink(named)}), 302, VARY)


routes: list[Route] = [
    Route("/sheets", form_page),
    Route("/sheets", make_sheets, methods=["POST"]),
    Route(PATH, open_variant),
]
network_routes = under_network(routes[:2])
