"""Passes through all examples: the mean or the sum of E by hand, the order, and what is kept."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable
from random import Random

import pytest

from app.backprop.errors import Invalid
from app.backprop.functions import ERRORS
from app.backprop.network import BIASES, OPTIMISERS, UPDATES, Example, Shape
from app.examples.presets import DECK
from app.examples.random_network import random_simulation
from app.sessions.codec import Stored, decode, encode
from app.simulation.iteration import IN_ORDER, example_of, order_of
from app.simulation.navigation import seek
from app.simulation.permalink import decode_permalink, encode_permalink
from app.simulation.simulation import Simulation
from app.view.export.session_file import session_json
from app.web.api.schemas.session_import import import_simulation
from tests.simulation.test_momentum import largest_distance, moved
from tests.support import oracle
from tests.support.oracle import mp
from tests.support.oracle_simulations import Json, case_of

KEY = b"k" * 32


def of_three(update: str, shuffle: int | None = None, **others: str) -> Simulation:
    """A network with three examples."""
    simulation = random_simulation((3, 4, 2), 5, update=update, shuffle=shuffle, **others)  # type: ignore[arg-type]
    rows = [random_simulation((3, 4, 2), seed).examples[0] for seed in (5, 6, 7)]
    return Simulation.of(simulation.network, rows, 0.5, None, shuffle)


@pytest.mark.parametrize("optimiser", ["gradient_descent", "momentum"])
@pytest.mark.parametrize("update", ["mean", "sum"])
@pytest.mark.parametrize("shuffle", [None, 7])
def test_passes_by_hand(update: str, optimiser: str, shuffle: int | None) -> None:
    """Gradients are central differences in 60 digits; after each pass the weights have moved by
    the mean or the sum of those of all examples, whatever their order."""
    simulation = of_three(update, shuffle, optimiser=optimiser)
    network: Json = case_of(simulation)["network"]
    rate, share = mp.mpf(0.5), mp.mpf(1) / (3 if update == "mean" else 1)
    zeros = {
        kind: moved(network[kind], network[kind], mp.mpf(-1)) for kind in ("weights", "biases")
    }
    velocities = dict(zeros)
    for _ in range(3):
        gathered = dict(zeros)
        for example in simulation.examples:
            given = {"inputs": list(example.inputs), "targets": list(example.targets)}
            truth = oracle.truth(network, given, 0.5)
            slopes = {"weights": truth.weight_gradients, "biases": truth.bias_gradients}
            gathered = {kind: moved(gathered[kind], slopes[kind], mp.mpf(1)) for kind in gathered}
        before = simulation.current_network
        for _iteration in range(2):
            simulation = simulation.update()
            assert simulation.current_network == before
        simulation = simulation.update()
        for kind in velocities:
            kept = mp.mpf(0.9) if optimiser == "momentum" else mp.mpf(0)
            velocities[kind] = moved(
                moved(zeros[kind], gathered[kind], share), velocities[kind], kept
            )
            network[kind] = moved(network[kind], velocities[kind], -rate)
            assert (
                largest_distance(getattr(simulation.current_network, kind), network[kind]) < 1e-12
            )


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_updates_of_a_hundred_networks(optimiser: str) -> None:
    """Of any depth, error, bias and way to update, two passes through two examples end where the
    central differences in 60 digits lead: to 1e-12 of the largest weight."""
    for seed in range(100):
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


@pytest.mark.parametrize("update", ["mean", "sum"])
def test_one_example_is_a_pass(update: str) -> None:
    """Then every iteration closes, and the weights are those without passes."""
    one = random_simulation((3, 4, 2), 3, update=update)
    assert (
        one.train(20).current_network.parameters
        == random_simulation((3, 4, 2), 3).train(20).current_network.parameters
    )


def test_the_steps_of_an_iteration() -> None:
    """All gather; only the last of a pass goes on to update."""
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
    """A permutation, the same for the same seed; without one, as they are given."""
    orders = [order_of(7, number, 5) for number in range(20)]
    assert all(sorted(order) == list(range(5)) for order in orders)
    assert len(set(orders)) > 10
    assert orders[0] == (2, 4, 1, 0, 3) == order_of(7, 0, 5)
    assert [example_of(k, 5, 7) for k in range(5, 10)] == list(orders[1])
    assert [example_of(k, 3) for k in range(7)] == [0, 1, 2, 0, 1, 2, 0]
    simulation = of_three("each", 7)
    taken = [simulation.train(k).step().example for k in range(1, 6)]
    assert taken == [example_of(k, 3, 7) for k in range(1, 6)]


@pytest.mark.parametrize(
    "edited",
    [
        lambda s: s.edit(examples=[*s.examples, Example((1.0, 0.0, 1.0), (0.0, 1.0))]),
        lambda s: s.edit(shuffle=3),
        lambda s: s.edit(update="sum"),
    ],
    ids=["examples", "order", "update"],
)
def test_other_examples_begin_a_pass_anew(edited: Callable[[Simulation], Simulation]) -> None:
    """Nothing is taken twice or left out, and going back finds the pass as it was."""
    simulation = of_three("mean").train(4).step()
    assert any(simulation.start.accumulated)
    changed = edited(simulation)
    assert set(changed.start.accumulated) == {0.0}
    count = len(changed.examples)
    places = [changed.train(k + 1).start.place(4 + k) for k in range(count)]
    assert places == list(range(count))
    assert {changed.train(k + 1).example for k in range(count)} == set(range(count))
    assert changed.train(3).back("phase", 9) == changed.train(1).back("phase", 3)
    assert changed.back() == simulation


def test_weights_and_rates_do_not() -> None:
    """An edit of these keeps what was gathered; nor is it an edit to choose what is chosen."""
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


def test_jumps_find_what_was_gathered() -> None:
    """From checkpoints, bit for bit, across a change of the update as well."""
    each = of_three("each", 5)
    summed = each.train(50).step("unit").edit(update="sum")
    again = summed.train(40).step("unit").edit(update="each")
    last = again.train(30)
    for iteration in (0, 13, 49, 50, 51, 52, 89, 90, 91, 110):
        [*_, found] = seek(last, iteration, 0)
        line = each if iteration < 50 else summed if iteration < 90 else again
        right, _errors = line.start.run(iteration - line.iteration)
        assert (found.start, found.cursor) == (right, 0)
        assert decode(encode(Stored(KEY, found))).simulation == found


@pytest.mark.parametrize("update", ["each", "mean", "sum"])
@pytest.mark.parametrize("shuffle", [None, 2**53 - 1])
def test_it_can_be_kept_and_pointed_at(update: str, shuffle: int | None) -> None:
    """A record, a link and the JSON give back sums, order and where the pass began."""
    simulation = (
        of_three(update, shuffle).train(4).step().edit(examples=DECK.simulation.examples * 3)
    )
    simulation = simulation.train(2).step("unit", 70)
    assert decode(encode(Stored(KEY, simulation))).simulation == simulation
    assert decode_permalink(encode_permalink(simulation)) == simulation
    again, _ = import_simulation(session_json(simulation).encode(), DECK.simulation)
    assert again == simulation
    assert again.train(7) == simulation.train(7)


def test_what_cannot_be() -> None:
    """It is named; and a link whose pass begins with sums is damaged."""
    with pytest.raises(Invalid) as caught:
        Shape((1, 1), ("tanh",), update="never")
    assert caught.value.field == "network.update"
    file = json.loads(session_json(of_three("mean").train(1).step()))
    for change, field in (
        ({"pass_from": 2}, "pass_from"),
        ({"pass_from": 1}, "gathered"),
        ({"gathered": {"weights": [], "biases": []}}, "gathered.weights"),
    ):
        with pytest.raises(Invalid) as caught:
            import_simulation(json.dumps(file | change).encode(), DECK.simulation)
        assert caught.value.field == field


def test_moments_of_the_deck_read_as_before() -> None:
    """They do not speak of passes."""
    text = encode_permalink(DECK.simulation)
    head = urlsafe_b64decode(text + "=" * (-len(text) % 4)).partition(b"\n")[0]
    assert len(json.loads(head)) == 9
