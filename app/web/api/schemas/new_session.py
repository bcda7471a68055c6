"""What a body asks for, as the simulator's own values."""

from typing import Annotated, Any

from pydantic import Discriminator, Tag

from app.backprop.errors import Invalid
from app.backprop.network import Example, Network
from app.examples.presets import preset
from app.examples.random_network import random_simulation
from app.simulation.simulation import Simulation
from app.view.export.csv_files import FIELD
from app.web.api.schemas import requests as schemas
from app.web.api.schemas.requests import FromNetwork, FromPreset, FromSeed
from app.web.api.schemas.session_import import (
    FromFile,
    FromLink,
    inside,
    simulation_of_file,
    simulation_of_link,
)

FORMS = {
    **schemas.FORMS,
    "form:import": frozenset((FIELD,)),
    "form:link": frozenset(("link",)),
}


def _form(body: Any) -> str | None:
    """The one form of which the body has a field; None where there is not exactly one."""
    if not isinstance(body, dict):
        return None
    meant = [name for name, fields in FORMS.items() if fields & body.keys()]
    return meant[0] if len(meant) == 1 else None


NewSession = Annotated[
    Annotated[FromPreset, Tag("form:preset")]
    | Annotated[FromSeed, Tag("form:seed")]
    | Annotated[FromNetwork, Tag("form:network")]
    | Annotated[FromFile, Tag("form:import")]
    | Annotated[FromLink, Tag("form:link")],
    Discriminator(
        _form,
        custom_error_type="form",
        custom_error_message=(
            'give exactly one of {"preset"}, {"layers", "seed"}, '
            '{"network", "examples", "learning_rate"}, {"import"} or {"link"}'
        ),
    ),
]


def simulation_of(body: FromPreset | FromSeed | FromNetwork | FromFile | FromLink) -> Simulation:
    """What a new session begins with.

    Raises:
        Invalid: naming the field of the body, where its parts do not fit each other.
    """
    match body:
        case FromPreset():
            return preset(body.preset).simulation
        case FromNetwork():
            network = _network(body.network)
            momentum = body.momentum if "momentum" in body.model_fields_set else None
            examples = examples_of(body.examples)
            rate = body.learning_rate
            return Simulation.of(network, examples, rate, momentum, body.shuffle)
        case FromLink():
            return simulation_of_link(body.link)
        case FromFile():
            try:
                return simulation_of_file(body.file)
            except Invalid as error:
                raise inside(FIELD, error) from error
    try:
        return random_simulation(
            body.layers,
            body.seed,
            activations=body.activations or None,
            bias=body.bias,
            init=body.init,
            error=body.error,
            optimiser=body.optimiser,
            update=body.update,
            shuffle=body.shuffle,
        )
    except Invalid as error:
        raise without_network_prefix(error) from error


def _network(body: schemas.NewNetwork) -> Network:
    return Network.of(
        body.layers,
        body.weights,
        body.biases,
        activations=body.activations or None,
        bias=body.bias,
        error=body.error,
        optimiser=body.optimiser,
        update=body.update,
    )


def examples_of(body: list[schemas.NewExample]) -> list[Example]:
    """The examples that a body gives."""
    return [Example(tuple(example.inputs), tuple(example.targets)) for example in body]


def without_network_prefix(error: Invalid) -> Invalid:
    """The field as it is named where a body has no `network` around it."""
    return error.of(error.field.removeprefix("network."))
