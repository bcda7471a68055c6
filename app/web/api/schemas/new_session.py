"""The simulation that the body of POST /api/sessions describes."""

from typing import Annotated, Any

from pydantic import Discriminator, Tag

from app.backprop.errors import Invalid
from app.backprop.functions import HYPERPARAMETERS
from app.examples.presets import preset
from app.examples.random_network import random_simulation
from app.simulation.description import hyperparameters_in
from app.simulation.simulation import Simulation
from app.view.export.csv_files import FIELD
from app.web.api.schemas.requests import FromNetwork, FromPreset, FromSeed
from app.web.api.schemas.session_import import (
    FromFile,
    FromLink,
    simulation_of_fields,
    simulation_of_link,
)

FORMS = {
    "form:preset": frozenset(("preset",)),
    "form:seed": frozenset(("layers", "seed")),
    "form:network": frozenset(("network", "examples", "learning_rate")),
    "form:import": frozenset((FIELD,)),
    "form:link": frozenset(("link",)),
}


def form_of(body: Any) -> str | None:
    """Return the form that the fields of a body belong to, None if there is not exactly one."""
    if not isinstance(body, dict):
        return None
    forms = [name for name, fields in FORMS.items() if fields & body.keys()]
    return forms[0] if len(forms) == 1 else None


ONE_FORM = Discriminator(
    form_of,
    custom_error_type="form",
    custom_error_message=(
        'Give exactly one of {"preset"}, {"layers", "seed"}, '
        '{"network", "examples", "learning_rate"}, {"import"} or {"link"}.'
    ),
)
NewSession = Annotated[
    Annotated[FromPreset, Tag("form:preset")]
    | Annotated[FromSeed, Tag("form:seed")]
    | Annotated[FromNetwork, Tag("form:network")]
    | Annotated[FromFile, Tag("form:import")]
    | Annotated[FromLink, Tag("form:link")],
    ONE_FORM,
]


def simulation_of(body: FromPreset | FromSeed | FromNetwork | FromFile | FromLink) -> Simulation:
    """Return the simulation that a body describes.

    Raises:
        Invalid: if its parts do not fit each other, with the field of the body.
    """
    match body:
        case FromPreset():
            return preset(body.preset).simulation
        case FromNetwork():
            return simulation_of_fields(body.fields)
        case FromLink():
            return simulation_of_link(body.link)
        case FromFile():
            try:
                return simulation_of_fields(body.file.fields)
            except Invalid as error:
                raise error.of(f"{FIELD}.{error.field}") from error
    fields = body.fields
    given = hyperparameters_in(fields)
    settings = {name: value for name, value in fields.items() if name not in HYPERPARAMETERS}
    try:
        return random_simulation(**settings, hyperparameters=given)
    except Invalid as error:
        raise without_network_prefix(error) from error


def without_network_prefix(error: Invalid) -> Invalid:
    """Return the error with the name of its field in a body without `network`."""
    return error.of(error.field.removeprefix("network."))
