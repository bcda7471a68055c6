"""Random networks of every kind that the tables of functions allow, with numbers of one decimal."""

from random import Random

from app.backprop.functions import ACTIVATIONS, ERRORS, HYPERPARAMETERS, OPTIMISERS
from app.backprop.network import BIASES, UPDATES, Example, Network, Shape
from app.simulation.simulation import Simulation


def random_network(random: Random) -> Simulation:
    """A simulation of a random shape, with activations per unit, several examples and any update.

    The sums of one-decimal numbers are 0 by hand now and then, where doubles leave a rest.
    """
    error = random.choice(sorted(ERRORS))
    layers = tuple(random.randint(1, 4) for _ in range(random.randint(2, 4)))
    if error == "cross_entropy":
        layers = (*layers[:-1], random.randint(2, 4))
    shape = Shape(
        layers,
        _activations(random, layers, error),
        error,
        random.choice(BIASES),
        random.choice(sorted(OPTIMISERS)),
        random.choice(UPDATES),
        weight_decay="weight_decay" in HYPERPARAMETERS and random.random() < 0.3,
    )
    most = random.choice((3, 10, 30))
    parameters = tuple(_tenths(random, most) for _ in range(shape.parameter_count))
    most = random.choice((1, 3, 10))
    examples = tuple(
        Example(
            tuple(_tenths(random, most) for _ in range(layers[0])),
            _targets(random, shape),
        )
        for _ in range(random.randint(1, 3))
    )
    return Simulation.of(Network(shape, parameters), examples, random.choice((0.5, 0.1, 0.03)))


def _tenths(random: Random, most: int) -> float:
    return random.randint(-most, most) / 10


def _activations(
    random: Random, layers: tuple[int, ...], error: str
) -> tuple[str | tuple[str, ...], ...]:
    names = sorted(name for name, rule in ACTIVATIONS.items() if not rule.per_layer)
    rows: list[str | tuple[str, ...]] = [
        random.choice(names)
        if random.random() < 0.5
        else tuple(random.choice(names) for _ in range(units))
        for units in layers[1:]
    ]
    needed = ERRORS[error].activation
    if needed is not None:
        rows[-1] = needed
    return tuple(rows)


def _targets(random: Random, shape: Shape) -> tuple[float, ...]:
    count = shape.layers[-1]
    if ACTIVATIONS[shape.activation(shape.depth - 1)].per_layer:
        chosen = random.randrange(count)
        return tuple(float(unit == chosen) for unit in range(count))
    return tuple(random.randint(0, 10) / 10 for _ in range(count))
