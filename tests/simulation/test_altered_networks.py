"""Altering the network at hand: what has a place keeps its bits, and undo returns the state."""

import os
from collections.abc import Iterator
from random import Random
from struct import pack
from typing import Any

import pytest

from app.backprop.errors import Invalid
from app.backprop.network import Example, Network
from app.examples.presets import PRESETS
from app.simulation import navigation
from app.simulation.navigation import record_command, switch_branch
from app.simulation.simulation import Simulation
from tests.support.alterations import (
    draw,
    expected_parameters,
    naive_changes,
    parameters_by_place,
    random_alteration,
)
from tests.support.deck import DECK, SEVERAL
from tests.support.naive import Iteration
from tests.support.naive_history import NaiveHistory
from tests.support.random_networks import random_network
from tests.support.strategies import bits, naive_bits, packed

ALTERATIONS = int(os.environ.get("BACKSTEP_ALTERATIONS", "300"))


def end(slices: Iterator[Simulation], simulation: Simulation) -> Simulation:
    for simulation in slices:  # noqa: B007  # the last one is the result
        pass
    return simulation


def everything(simulation: Simulation) -> tuple[Any, ...]:
    """The whole state, with every number by its bits."""
    start = simulation.start
    numbers = [*start.state, *start.hyperparameters, start.learning_rate]
    rest = start.iteration, start.pass_start, start.shuffle, start.previous_error
    return simulation.cursor, start.network.shape, packed(numbers), start.examples, rest


def moved(random: Random, simulation: Simulation) -> Simulation:
    """Somewhere in the next iterations."""
    return simulation.train(random.randint(0, 3)).step("unit", random.randint(0, 30))


def test_every_weight_with_a_place_keeps_its_bits_and_undo_returns_the_state() -> None:
    """Over random alterations of random networks: each parameter, undo, Back and redo."""
    random, new, kept = Random(15), 0, 0
    simulation = random_network(random)
    for count in range(ALTERATIONS):
        trains = count % 4 == 0  # compiling a shape takes far longer than anything else here
        if count % 20 == 0:  # otherwise the altered network is altered again
            simulation = random_network(random)
        before = moved(random, simulation) if trains else simulation
        chosen = random_alteration(random, before)
        altered = record_command(before.edit(**chosen.alteration.changes), before)
        shape = altered.network.shape
        now = parameters_by_place(altered.network)
        fresh = parameters_by_place(Network(shape, tuple(draw(shape))))
        for place, old in expected_parameters(before.network, shape, chosen.kept).items():
            expected = fresh[place] if old is None else old
            assert pack("<d", now[place]) == pack("<d", expected), (place, chosen)
            new, kept = new + (old is None), kept + (old is not None)
        assert (altered.iteration, altered.cursor) == (before.iteration, 0)
        undone = end(navigation.undo(altered), altered)
        assert everything(undone) == everything(before)
        assert everything(end(navigation.redo(undone), undone)) == everything(altered)
        if trains:
            assert bits(undone) == bits(before)
            assert everything(altered.back()) == everything(before)
            later = record_command(moved(random, altered), altered)
            if later.moment != altered.moment:
                assert everything(end(navigation.undo(later), later)) == everything(altered)
            there = later.go_to(before.history.edit_count, before.moment)
            assert everything(there) == everything(before)
        simulation = altered
    assert new > 3 * ALTERATIONS
    assert kept > 10 * ALTERATIONS


@pytest.mark.parametrize("seed", range(40))
def test_training_across_alterations(seed: int) -> None:
    """Stepping, training, going back, undo, redo and the other branch agree with the naive history."""
    random = Random(seed)
    simulation = _small(random)
    naive = NaiveHistory(_iteration(simulation))
    for _ in range(40):
        before, place = simulation, naive.place
        move = random.choice(("step", "train", "back", "alter", "alter", "undo", "redo", "other"))
        match move:
            case "undo":
                simulation = end(navigation.undo(simulation), simulation)
                naive.undo()
            case "redo":
                simulation = end(navigation.redo(simulation), simulation)
                naive.redo()
            case "other":
                simulation = end(switch_branch(simulation), simulation)
                naive.returned()
            case "alter":
                simulation = _altered(random, simulation, naive)
            case "train":
                count = random.randint(1, 20)
                simulation = simulation.train(count)
                naive.train(count)
            case _:
                count, by = random.randint(1, 9), random.choice(("unit", "layer", "phase"))
                simulation = getattr(simulation, move)(by, count)
                getattr(naive, move)(by, count)
        if move not in ("undo", "redo"):
            simulation = record_command(simulation, before)
            naive.remember(place)
        assert bits(simulation) == naive_bits(naive.now), (seed, move)


def _altered(random: Random, simulation: Simulation, naive: NaiveHistory) -> Simulation:
    chosen = random_alteration(random, simulation, optimisers=("gradient_descent", "momentum"))
    changes = chosen.alteration.changes
    altered = simulation.edit(**changes)
    if not changes.keys() - {"activations", "draw", "examples"}:
        naive.edit(activations=altered.network.shape.activations, examples=_rows(altered.examples))
        return altered
    now = naive.now.iteration
    told = naive_changes(now, altered.network, chosen.kept, simulation.network)
    naive.edit(**told, examples=_rows(altered.examples), anew=True)
    return altered


def _rows(examples: tuple[Example, ...]) -> tuple[tuple[list[float], list[float]], ...]:
    return tuple((list(each.inputs), list(each.targets)) for each in examples)


def _small(random: Random) -> Simulation:
    """A random network of the kinds that the naive one knows."""
    while True:
        simulation = random_network(random)
        shape = simulation.network.shape
        plain = all(isinstance(names, str) for names in shape.activations)
        if plain and shape.optimiser in ("gradient_descent", "momentum") and not shape.weight_decay:
            return simulation


def _iteration(simulation: Simulation) -> Iteration:
    network = simulation.network
    weights = tuple([list(row) for row in matrix] for matrix in network.weights)
    biases = [list(row) for row in network.biases]
    moving = network.shape.optimiser == "momentum"
    still = tuple([[0.0] * len(row) for row in matrix] for matrix in weights)
    return Iteration(
        network.shape.layers,
        tuple(str(name) for name in network.shape.activations),
        network.shape.bias,
        weights,
        biases,
        _rows(simulation.examples),
        simulation.learning_rate,
        rule=network.shape.error,
        velocities=still if moving else None,
        bias_velocities=[[0.0] * len(row) for row in biases] if moving else None,
        update=network.shape.update,
    ).anew()


# What does not fit, and what else changes.


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"layers": (3, 9, 2)}, "network.layers.1"),
        ({"layers": (3,)}, "network.layers"),
        ({"layers": ()}, "network.layers"),
        ({"layers": (4, 4, 2)}, "examples.0.inputs"),
        ({"layers": (3, 4, 1)}, "examples.0.targets"),
        ({"error": "cross_entropy"}, "network.activations.1"),
        ({"error": "none"}, "network.error"),
        ({"bias": "none", "biases": [[1.0]]}, "network.biases"),
        ({"layers": (3, 5, 2), "weights": DECK.network.weights}, "network.weights.0.0"),
        ({"layers": (3, 4, 2), "kept_layers": (0, 2, 1)}, "layers"),
        ({"layers": (3, 4, 2), "kept_layers": (1, None, 2)}, "layers"),
        ({"optimiser": "adam", "hyperparameters": {"momentum": 0.5}}, "momentum"),
    ],
)
def test_an_edit_adapts_nothing_unasked(changes: dict[str, Any], field: str) -> None:
    """What does not fit is refused by its field."""
    with pytest.raises(Invalid) as caught:
        DECK.edit(**changes)
    assert caught.value.field == field


def test_what_the_optimiser_keeps() -> None:
    """It stays with its weight; another optimiser begins at 0, with its usual hyperparameters."""
    adam = DECK.edit(optimiser="adam")
    assert adam.start.hyperparameter_values == {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}
    trained = adam.train(3).step("unit", 77)
    wider = trained.edit(layers=(3, 5, 2))
    old, new = trained.start.kept["first_moment"], wider.start.kept["first_moment"]
    assert [row[:4] for row in new.weights[0]] == list(old.weights[0])
    assert [row[4] for row in new.weights[0]] == [0.0] * 3
    assert new.biases == old.biases
    assert wider.start.optimiser_state[-1] == trained.start.optimiser_state[-1] > 0
    apart = trained.edit(bias="per_unit").start.kept["first_moment"]
    assert apart.weights == old.weights
    assert {number for row in apart.biases for number in row} == {0.0}
    other = trained.edit(optimiser="momentum", hyperparameters={"momentum": 0.5})
    assert set(other.start.optimiser_state) == {0.0}
    assert other.start.hyperparameter_values == {"momentum": 0.5}


def test_a_pass_begins_anew() -> None:
    """With batch updates, sums of another network's gradients are of no use."""
    summing = SEVERAL.edit(update="sum").train(4).step()
    altered = summing.edit(bias="none")
    assert set(altered.start.accumulated) == {0.0}
    assert altered.start.pass_start == altered.iteration == 4
    assert altered.train(2).step().network.parameters == altered.network.parameters
    assert altered.train(3).step().network.parameters != altered.network.parameters


def test_starting_over_keeps_the_alteration() -> None:
    """The first iteration with the altered network: old weights as at first, new ones as drawn."""
    altered = DECK.train(10).edit(layers=(3, 5, 2), draw=draw, optimiser="momentum").train(10)
    over = altered.start_over()
    assert over.iteration == 0
    assert over.network.shape == altered.network.shape
    assert over.network.parameters == DECK.edit(layers=(3, 5, 2), draw=draw).network.parameters
    assert everything(over.back()) == everything(DECK)


def test_alterations_that_were_forgotten() -> None:
    """With very many, the oldest are forgotten; everything since stays exact, and starting over
    begins with the altered network."""
    simulation, random = DECK, Random(3)
    for count in range(120):
        bias = ("per_unit", "shared")[count % 2]
        hidden = 4 + count % 3
        simulation = simulation.train(2).edit(layers=(3, hidden, 2), bias=bias, draw=draw)
    history = simulation.history
    assert history.forgotten
    assert history.altered_origin is not None
    back = simulation
    for _ in range(len(history.edits)):
        while back.cursor or back.iteration > back.history.edited_at:
            back = back.back("phase", random.randint(1, 4))
        back = back.back()
    assert back.history.edit_count == 0
    assert simulation.start_over().network.shape == simulation.network.shape
    assert simulation.reset().network == DECK.network
    assert PRESETS["deck"].simulation.start == simulation.reset().start
