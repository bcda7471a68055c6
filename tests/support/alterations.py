"""Random alterations of a network, and the long way round to what each parameter then is."""

from dataclasses import replace
from random import Random
from typing import Any, NamedTuple, cast

from app.analysis.alteration import Alteration, plan_alteration
from app.backprop.errors import Invalid
from app.backprop.functions import ACTIVATIONS, ERRORS, OPTIMISERS
from app.backprop.network import BIASES, Network, Shape
from app.simulation.edits import Changes
from app.simulation.simulation import Simulation
from tests.support.naive import Iteration, Matrix

Kept = list[int | None]


class Chosen(NamedTuple):
    """What was chosen, which layers are kept, and what it comes to."""

    changes: Changes
    kept: Kept
    alteration: Alteration


def draw(shape: Shape) -> list[float]:
    """Numbers that tell where they are: no two alike, none 0, none that training gives."""
    return [1000.0 + index for index in range(shape.parameter_count)]


def random_alteration(
    random: Random, simulation: Simulation, *, optimisers: tuple[str, ...] = tuple(OPTIMISERS)
) -> Chosen:
    """One to three choices, with all that they force."""
    while True:
        shape = simulation.network.shape
        changes: dict[str, Any] = {"draw": draw}
        kept: Kept = list(range(shape.depth))
        names = random.sample(
            ("layers", "error", "bias", "optimiser", "outputs"), random.randint(1, 3)
        )
        if "layers" in names:
            changes["layers"], kept = random_layers(random, shape.layers)
            changes["kept_layers"] = tuple(kept)
        if "error" in names:
            changes["error"] = random.choice(sorted(ERRORS))
        if "bias" in names:
            changes["bias"] = random.choice(BIASES)
        if "optimiser" in names:
            changes["optimiser"] = random.choice(optimisers)
        if "outputs" in names:
            plain = [name for name, row in sorted(ACTIVATIONS.items()) if not row.per_layer]
            count = len(changes.get("layers", shape.layers)) - 1
            outputs = random.choice(sorted(ACTIVATIONS))
            changes["activations"] = (*(random.choice(plain) for _ in range(count - 1)), outputs)
        try:
            chosen = cast(Changes, changes)
            alteration = plan_alteration(simulation.start, chosen)
            if alteration.changes:
                return Chosen(chosen, kept, alteration)
        except Invalid as error:
            assert "at least two outputs" in error.message, error  # noqa: PT017


def random_layers(random: Random, layers: tuple[int, ...]) -> tuple[tuple[int, ...], Kept]:
    """Units and hidden layers are added and removed here and there."""
    kept: Kept = [0]
    for layer in range(1, len(layers)):
        if random.random() < 0.2 and len(kept) < 4:
            kept.append(None)
        if layer == len(layers) - 1 or random.random() < 0.8:
            kept.append(layer)
    while len(kept) > 5:
        del kept[-2]
    sizes = (
        random.randint(1, 4)
        if layer is None
        else max(1, layers[layer] + random.choice((0, 0, -1, 1)))
        for layer in kept
    )
    return tuple(min(size, 5) for size in sizes), kept


def parameters_by_place(network: Network) -> dict[tuple[Any, ...], float]:
    """Every weight by (layer, from, to), every bias by (layer, unit), 0 for the unit if shared."""
    weights = {
        (layer, source, target): value
        for layer, matrix in enumerate(network.weights, 1)
        for source, row in enumerate(matrix)
        for target, value in enumerate(row)
    }
    biases = {
        (layer, unit): value
        for layer, row in enumerate(network.biases, 1)
        for unit, value in enumerate(row)
    }
    return weights | biases


def expected_parameters(
    before: Network, after: Shape, kept: Kept
) -> dict[tuple[Any, ...], float | None]:
    """The same of an altered network: None where it is new."""
    old = parameters_by_place(before)
    expected: dict[tuple[Any, ...], float | None] = {}
    for layer in range(1, after.depth):
        own, left = kept[layer], kept[layer - 1]
        adjacent = own is not None and left is not None and own - left == 1
        for source in range(after.layers[layer - 1]):
            for target in range(after.layers[layer]):
                value = old.get((own, source, target)) if adjacent else None
                expected[layer, source, target] = value
        units = {"none": 0, "shared": 1, "per_unit": after.layers[layer]}[after.bias]
        for unit in range(units):
            there = own is not None and unit < before.shape.layers[own]
            unit_before = 0 if before.shape.bias == "shared" else unit
            expected[layer, unit] = old.get((own, unit_before)) if there else None
    return expected


def naive_changes(now: Iteration, altered: Network, kept: Kept, before: Network) -> dict[str, Any]:
    """What changes of a naive iteration, whose optimiser is gradient descent or momentum."""
    shape = altered.shape
    places = expected_parameters(before, shape, kept)
    drawn = parameters_by_place(replace(altered, parameters=tuple(draw(shape))))

    def nested(known: dict[tuple[Any, ...], float | None]) -> tuple[tuple[Matrix, ...], Matrix]:
        rows = zip(shape.layers, shape.layers[1:], strict=False)
        weights = tuple(
            [
                [_known(known[layer, source, target], 0.0) for target in range(after)]
                for source in range(ahead)
            ]
            for layer, (ahead, after) in enumerate(rows, 1)
        )
        counts = dict(enumerate(shape.bias_counts, 1)) if shape.bias != "none" else {}
        biases = [[_known(known[layer, i], 0.0) for i in range(counts[layer])] for layer in counts]
        return weights, biases

    values = {place: drawn[place] if old is None else old for place, old in places.items()}
    weights, biases = nested(dict(values))
    moving = shape.optimiser == "momentum"
    velocities, bias_velocities = None, None
    if moving:
        was: dict[tuple[Any, ...], float | None] = dict.fromkeys(places)
        if now.velocities is not None and now.bias_velocities is not None:
            still = replace(before, parameters=tuple(_flat(now.velocities, now.bias_velocities)))
            was = expected_parameters(still, shape, kept)
            if before.shape.bias != shape.bias:
                was = {place: old if len(place) == 3 else None for place, old in was.items()}
        velocities, bias_velocities = nested(was)
    return {
        "layers": shape.layers,
        "activations": shape.activations,
        "bias": shape.bias,
        "rule": shape.error,
        "weights": weights,
        "biases": biases,
        "velocities": velocities,
        "bias_velocities": bias_velocities,
        "momentum": now.momentum if now.velocities is not None and moving else 0.9,
    }


def _known(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value


def _flat(matrices: tuple[Matrix, ...], rows: Matrix) -> list[float]:
    return [w for matrix in matrices for row in matrix for w in row] + [
        b for row in rows for b in row
    ]
