"""What a body asks for, as the simulator's own values."""

from app.backprop.network import Example, Invalid, Network
from app.backprop.presets import preset, random_simulation
from app.backprop.simulation import Simulation
from app.web import schemas


def simulation_of(body: schemas.FromPreset | schemas.FromSeed | schemas.FromNetwork) -> Simulation:
    """What a new session begins with.

    Raises:
        Invalid: naming the field of the body, where its parts do not fit each other.
    """
    match body:
        case schemas.FromPreset():
            return preset(body.preset).simulation
        case schemas.FromNetwork():
            network = _network(body.network)
            momentum = body.momentum if "momentum" in body.model_fields_set else None
            examples = examples_of(body.examples)
            return Simulation.of(network, examples, body.learning_rate, momentum)
    try:
        return random_simulation(
            body.layers,
            body.seed,
            activations=body.activations or None,
            bias=body.bias,
            error=body.error,
            optimiser=body.optimiser,
        )
    except Invalid as error:
        raise outside_network(error) from error


def _network(body: schemas.NewNetwork) -> Network:
    return Network.of(
        body.layers,
        body.weights,
        body.biases,
        activations=body.activations or None,
        bias=body.bias,
        error=body.error,
        optimiser=body.optimiser,
    )


def examples_of(body: list[schemas.NewExample]) -> list[Example]:
    """The examples that a body gives."""
    return [Example(tuple(example.inputs), tuple(example.targets)) for example in body]


def outside_network(error: Invalid) -> Invalid:
    """The field as it is named where a body has no `network` around it."""
    return error.within("network.")
