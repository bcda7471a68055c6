"""Batch updates and the order of examples."""

import json
from random import Random

import pytest

from app.backprop.errors import Invalid
from app.backprop.functions import ERRORS
from app.backprop.network import BIASES, UPDATES
from app.examples.published import DECK
from app.examples.random_network import random_simulation
from app.simulation.iteration import IN_ORDER, order_of
from app.simulation.simulation import Simulation
from app.view.export.session_file import session_json
from app.web.api.schemas.session_import import import_simulation
from tests.support import oracle
from tests.support.oracle import Number, mp
from tests.support.oracle_cases import Json, case_of


def moved(numbers: Number, by: Number, factor: Number) -> Number:
    """numbers + factor · by, nested alike."""
    if isinstance(numbers, list | tuple):
        return [moved(a, b, factor) for a, b in zip(numbers, by, strict=True)]
    return mp.mpf(numbers) + factor * by


def largest_distance(found: Number, right: Number) -> Number:
    if isinstance(found, list | tuple):
        return max((largest_distance(a, b) for a, b in zip(found, right, strict=True)), default=0)
    return abs(mp.mpf(found) - right)


def of_three(update: str, shuffle: int | None = None, **others: str) -> Simulation:
    """A network with three examples."""
    simulation = random_simulation((3, 4, 2), 5, update=update, shuffle=shuffle, **others)  # type: ignore[arg-type]
    rows = [random_simulation((3, 4, 2), seed).examples[0] for seed in (5, 6, 7)]
    return Simulation.of(simulation.network, rows, 0.5, shuffle=shuffle)


@pytest.mark.parametrize("optimiser", ["gradient_descent", "momentum"])
def test_updates_of_random_networks(optimiser: str) -> None:
    """After two passes through two examples the weights are those that central differences give."""
    for seed in range(30):
        drawn = Random(seed)
        layers = [drawn.randint(2, 3), *(drawn.randint(1, 4) for _ in range(drawn.randint(0, 1)))]
        layers.append(drawn.randint(2, 3))
        error, bias, update = (drawn.choice([*known]) for known in (ERRORS, BIASES, UPDATES))
        first, other = (
            random_simulation(
                layers, each, error=error, bias=bias, optimiser=optimiser, update=update
            )
            for each in (seed, seed + 1000)
        )
        examples = [*first.examples, *other.examples]
        simulation = Simulation.of(first.network, examples, 0.5)
        network: Json = case_of(simulation)["network"]
        zeros = {k: moved(network[k], network[k], mp.mpf(-1)) for k in ("weights", "biases")}
        velocities, gathered = dict(zeros), dict(zeros)
        kept = mp.mpf(0.9) if optimiser == "momentum" else mp.mpf(0)
        for iteration in range(4):
            case = {
                "inputs": examples[iteration % 2].inputs,
                "targets": examples[iteration % 2].targets,
            }
            truth = oracle.truth(network, {k: list(row) for k, row in case.items()}, 0.5)
            slopes = {"weights": truth.weight_gradients, "biases": truth.bias_gradients}
            gathered = {k: moved(gathered[k], slopes[k], mp.mpf(1)) for k in zeros}
            if update == "each" or iteration % 2:
                share = mp.mpf(1) / (2 if update == "mean" else 1)
                for k in zeros:
                    mean = moved(zeros[k], gathered[k], share)
                    velocities[k] = moved(mean, velocities[k], kept)
                    network[k] = moved(network[k], velocities[k], mp.mpf(-0.5))
                gathered = dict(zeros)
        shown = simulation.train(4).current_network
        largest = max(abs(number) for number in shown.parameters)
        for k in zeros:
            assert largest_distance(getattr(shown, k), network[k]) <= 1e-12 * largest, seed


def test_the_steps_of_an_iteration() -> None:
    """Every iteration accumulates, and only the last of a pass updates."""
    simulation = of_three("mean")
    kinds = [
        list(dict.fromkeys(s.kind for s in simulation.train(k).step().steps)) for k in range(3)
    ]
    sums = ["weight_sum", "bias_sum"]
    assert [names[-2:] for names in kinds] == [sums, sums, ["weight_update", "bias_update"]]
    assert [len(simulation.train(k).step().steps) for k in range(4)] == [77, 77, 99, 77]
    closing = simulation.train(2).step().steps
    [update] = [step for step in closing if step.result == "weight/1/0/0"]
    assert update.operands == ("weight/1/0/0", "learning_rate", "weight_sum/1/0/0", "example_count")


def test_each_pass_has_an_order_of_its_own() -> None:
    """Each pass has its own permutation, which depends on the seed only."""
    orders = [order_of(7, number, 5) for number in range(20)]
    assert all(sorted(order) == list(range(5)) for order in orders)
    assert len(set(orders)) > 10
    assert orders[0] == (2, 4, 1, 0, 3) == order_of(7, 0, 5)
    unshuffled, simulation = of_three("each").start, of_three("each", 7)
    assert [unshuffled.example_in(k) for k in range(7)] == [0, 1, 2, 0, 1, 2, 0]
    taken = [simulation.train(k).step().example for k in range(1, 6)]
    assert taken == [*order_of(7, 0, 3), *order_of(7, 1, 3)][1:]


def test_weights_and_rates_do_not() -> None:
    """Editing weights or the learning rate keeps the sums."""
    simulation = of_three("mean", 3).train(4).step()
    for changed in (
        simulation.edit_parameter("weight/0/0/0", 0.5),
        simulation.edit(learning_rate=1),
    ):
        assert changed.start.accumulated == simulation.start.accumulated
        assert changed.example == simulation.example
    begun = simulation.edit(learning_rate=0.25)
    assert begun.edit(update="mean", shuffle=3, examples=begun.examples) is begun
    assert begun.edit(update="each").start.accumulated == ()
    assert begun.edit(shuffle=IN_ORDER).start.shuffle is None


@pytest.mark.parametrize(("update", "shuffle"), [("each", 2**53 - 1), ("mean", 5), ("sum", None)])
def test_a_session_file_keeps_the_pass(update: str, shuffle: int | None) -> None:
    """session.json gives back the sums, the order and the start of the pass."""
    simulation = (
        of_three(update, shuffle).train(4).step().edit(examples=DECK.simulation.examples * 3)
    )
    simulation = simulation.train(2).step("unit", 70)
    again, _ = import_simulation(session_json(simulation).encode(), DECK.simulation)
    assert again == simulation
    assert again.train(7) == simulation.train(7)


def test_what_cannot_be() -> None:
    """Invalid updates and files are refused by field."""
    file = json.loads(session_json(of_three("mean").train(1).step()))
    for change, field in (
        ({"pass_from": 2}, "pass_from"),
        ({"pass_from": 1}, "gathered"),
        ({"gathered": {"weights": [], "biases": []}}, "gathered.weights"),
    ):
        with pytest.raises(Invalid) as caught:
            import_simulation(json.dumps(file | change).encode(), DECK.simulation)
        assert caught.value.field == field
