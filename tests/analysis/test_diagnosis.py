"""The diagnosis of a student's number.

The wrong numbers are computed here by hand, in lists and loops, for a 2-3-2 network of sigmoids; the
published slips are those of the exercises. For networks of every kind, the results of each procedure
must be recognised, right numbers never called wrong, and chance numbers hardly ever explained.
"""

from collections.abc import Iterator
from decimal import Decimal
from math import exp, isfinite
from random import Random

import pytest

from app.analysis.diagnosis import (
    MOST_CARRIED,
    OF_ANOTHER_UNITS,
    DiagnosedNumber,
    diagnose,
    parse_answer,
)
from app.analysis.misconceptions import (
    MISCONCEPTIONS,
    OF_ANOTHER,
    Misconception,
    Results,
    graph_of,
    key,
    leading_to,
    results,
    values_of,
    wrong_formulas,
)
from app.backprop.conventions import Conventions
from app.backprop.errors import Invalid
from app.backprop.network import Example, Network
from app.backprop.steps import steps_of_kind
from app.examples.published import DECK, MAZUR
from app.simulation.simulation import Simulation
from tests.support.oracle_cases import simulation_of
from tests.support.published_vectors import EXERCISES
from tests.support.random_networks import random_network

# A network, and its iteration by hand.

X, T, LR = (0.9, -0.4), (0.8, 0.1), 0.5
W, B = ((0.3, -0.2, 0.5), (0.7, 0.4, -0.6)), 0.25
V, C = ((0.6, -0.5), (-0.3, 0.8), (0.9, 0.35)), -0.15
NETWORK = Simulation.of(Network.of((2, 3, 2), (W, V), ((B,), (C,))), (Example.of(X, T),), LR)


def sigmoid(net: float) -> float:
    return 1 / (1 + exp(-net))


def dot(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))


NET_H = [dot(X, (W[0][j], W[1][j])) + B for j in range(3)]
OUT_H = [sigmoid(net) for net in NET_H]
NET_O = [dot(tuple(OUT_H), (V[0][k], V[1][k], V[2][k])) + C for k in range(2)]
OUT_O = [sigmoid(net) for net in NET_O]
DELTA_O = [(OUT_O[k] - T[k]) * OUT_O[k] * (1 - OUT_O[k]) for k in range(2)]
BACK = [dot(tuple(DELTA_O), V[j]) for j in range(3)]
DELTA_H = [BACK[j] * OUT_H[j] * (1 - OUT_H[j]) for j in range(3)]
NEW_V = [[V[j][k] - LR * DELTA_O[k] * OUT_H[j] for k in range(2)] for j in range(3)]
EARLY = [dot(tuple(DELTA_O), tuple(NEW_V[j])) * OUT_H[j] * (1 - OUT_H[j]) for j in range(3)]
ONE_PATH = DELTA_O[1] * V[0][1] * OUT_H[0] * (1 - OUT_H[0])

SHEET = Simulation.of(
    NETWORK.start.with_conventions(Conventions(minus_delta=True, thresholds=True)).network,
    NETWORK.examples,
    LR,
)

BY_HAND = [
    ("error_slope/2/0", T[0] - OUT_O[0], "wrong_sign"),
    ("delta/2/0", -DELTA_O[0], "wrong_sign"),
    ("delta/1/2", -DELTA_H[2], "wrong_sign"),
    ("weight/1/0/0", V[0][0] + LR * DELTA_O[0] * OUT_H[0], "added"),
    ("weight/1/0/0", V[0][0] + LR * DELTA_O[0] * OUT_H[0], "wrong_sign"),
    ("delta/2/1", OUT_O[1] - T[1], "slope_left_out"),
    ("delta/1/0", BACK[0], "slope_left_out"),
    ("weight_gradient/0/1/0", BACK[0] * X[1], "slope_left_out"),
    ("activation_slope/1/1", NET_H[1] * (1 - NET_H[1]), "slope_at_net"),
    ("delta/1/1", BACK[1] * NET_H[1] * (1 - NET_H[1]), "slope_at_net"),
    ("out/1/0", NET_H[0], "net_for_out"),
    ("net/2/1", dot(tuple(NET_H), (V[0][1], V[1][1], V[2][1])) + C, "net_for_out"),
    ("weight_gradient/1/2/0", DELTA_O[0] * NET_H[2], "net_for_out"),
    ("delta/1/0", EARLY[0], "updated_weights"),
    ("weight/0/0/0", W[0][0] - LR * EARLY[0] * X[0], "updated_weights"),
    ("error_slope/1/0", DELTA_O[1] * V[0][1], "one_path"),
    ("delta/1/0", ONE_PATH, "one_path"),
    ("weight_gradient/0/0/0", DELTA_H[0] * X[0] * LR, "learning_rate_early"),
    ("weight/0/0/0", W[0][0] - LR * LR * DELTA_H[0] * X[0], "learning_rate_early"),
    ("weight/0/0/0", W[0][0] - DELTA_H[0] * X[0], "learning_rate_forgotten"),
    ("output_error/0", (T[0] - OUT_O[0]) ** 2, "doubled"),
    ("error", sum((T[k] - OUT_O[k]) ** 2 for k in range(2)), "doubled"),
    ("error_slope/2/0", (OUT_O[0] - T[0]) / 2, "halved"),
    ("net/1/1", NET_H[1] - B, "bias_forgotten"),
    ("out/1/1", sigmoid(NET_H[1] - B), "bias_forgotten"),
    ("net/1/1", NET_H[1] + B, "bias_per_input"),
    ("bias_gradient/1", DELTA_O[0], "bias_gradient_of_one"),
    ("bias/0", B, "bias_kept"),
    ("net/1/1", X[0] * W[1][0] + X[1] * W[1][1] + B, "transposed"),
    ("weight_gradient/1/0/1", DELTA_O[0] * OUT_H[1], "transposed"),
    ("delta/1/0", DELTA_H[1], OF_ANOTHER),
    ("weight/0/1/2", W[0][2] - LR * DELTA_H[2] * X[0], OF_ANOTHER),
]


def names(diagnosis: DiagnosedNumber) -> list[str]:
    return [mistake.name for mistake in diagnosis.mistakes]


@pytest.mark.parametrize(("address", "number", "name"), BY_HAND)
def test_a_number_by_hand_is_recognised(address: str, number: float, name: str) -> None:
    for cursor in (0, len(NETWORK.steps)):
        diagnosis = diagnose(NETWORK.seek(cursor), address, parse_answer(f"{number:.6f}"))
        assert not diagnosis.is_right
        assert name in names(diagnosis), (number, names(diagnosis))


@pytest.mark.parametrize(("address", "number", "name"), BY_HAND)
def test_a_number_by_hand_is_recognised_with_the_signs_of_a_sheet(
    address: str, number: float, name: str
) -> None:
    """Of the same network with Err and thresholds: the same mistakes give the same numbers, or their
    negatives."""
    kind = address.partition("/")[0]
    number = -number if kind == "delta" or kind.startswith("bias") else number
    diagnosis = diagnose(SHEET, address, parse_answer(f"{number:.6f}"))
    assert not diagnosis.is_right
    assert name in names(diagnosis), (number, names(diagnosis))


def test_a_threshold_that_is_added() -> None:
    diagnosis = diagnose(SHEET, "net/1/1", parse_answer(f"{NET_H[1] - 2 * B:.6f}"))
    assert names(diagnosis)[0] == "threshold_added"


def test_every_misconception_of_one_example_is_tried_by_hand() -> None:
    """The others need several examples, a momentum, the mean of the squares or a threshold."""
    others = {"outputs_forgotten", "sum_for_mean", "old_value_forgotten", "threshold_added"}
    assert {name for _, _, name in BY_HAND} | others == {each.name for each in MISCONCEPTIONS}


def test_the_mean_of_the_squares() -> None:
    network = Network.of((2, 3, 2), (W, V), ((B,), (C,)), error="mean_squared")
    simulation = Simulation.of(network, (Example.of(X, T),), LR)
    for address, number, name in [
        ("error_slope/2/0", 2 * (OUT_O[0] - T[0]), "outputs_forgotten"),
        ("error_slope/2/0", (OUT_O[0] - T[0]) / 2, "halved"),
        ("error", sum((T[k] - OUT_O[k]) ** 2 for k in range(2)), "outputs_forgotten"),
    ]:
        assert name in names(diagnose(simulation, address, parse_answer(f"{number:.6f}")))


def test_the_mean_over_a_pass() -> None:
    """Both examples are the same, so the mean of the gradients is the gradient of one."""
    network = Network.of((2, 3, 2), (W, V), ((B,), (C,)), update="mean")
    simulation = Simulation.of(network, (Example.of(X, T),) * 2, LR).train(1).step("unit")
    wrong = W[0][0] - LR * 2 * DELTA_H[0] * X[0]
    diagnosis = diagnose(simulation, "weight/0/0/0", parse_answer(f"{wrong:.6f}"))
    assert "sum_for_mean" in names(diagnosis)


def test_the_old_velocity() -> None:
    network = Network.of((2, 3, 2), (W, V), ((B,), (C,)), optimiser="momentum")
    simulation = Simulation.of(network, (Example.of(X, T),), LR).train(1).step("unit")
    gradient = values_of(simulation)["weight_gradient/0/0/0"]
    diagnosis = diagnose(simulation, "weight_velocity/0/0/0", parse_answer(f"{gradient:.6f}"))
    assert names(diagnosis) == ["old_value_forgotten"]


# Published slips.


def test_mazur() -> None:
    """The slip in the best known example: δ of the hidden layer from the updated weights."""
    simulation = MAZUR.simulation
    slip = diagnose(simulation, "weight/0/0/0", parse_answer("0.1498176386"))
    assert names(slip) == ["updated_weights"]
    assert slip.mistakes[0].step.result == "error_slope/1/0"
    assert diagnose(simulation, "weight/0/0/0", parse_answer("0.1497807161")).is_right


@pytest.mark.parametrize(
    ("name", "address", "number", "expected"),
    [
        ("textbook-3-2-1", "delta/2/0", "0.1311", ["wrong_sign", "cut"]),
        ("relu-sigmoid", "out/2/0", "0.6449", ["cut"]),
        ("relu-sigmoid", "output_error/0", "0.0631", ["cut"]),
        ("relu-sigmoid", "error", "0.0631", ["cut"]),
    ],
)
def test_published_slips(name: str, address: str, number: str, expected: list[str]) -> None:
    assert (
        names(diagnose(simulation_of(EXERCISES[name]), address, parse_answer(number))) == expected
    )


# The digits of an answer.


@pytest.mark.parametrize(
    ("given", "decimals", "right"),
    [
        ("0.5930", None, True),
        ("0.59300", None, False),
        (0.593, 5, False),
        ("0.59", None, True),
        ("0.60", None, False),
        ("0.6", None, True),
        ("1", None, True),
        (0.593, None, True),
        ("5.930e-1", None, True),
        ("0,593", None, True),
    ],
)
def test_as_many_digits_as_are_given_count(
    given: str | float, decimals: int | None, right: bool
) -> None:
    """Half a unit of the last digit, zeros at the end included."""
    network = Network.of((1, 1), [[[1.0]]], activations=["identity"], bias="none")
    simulation = Simulation.of(network, (Example.of((0.59303,), (0.0,)),), LR)
    assert diagnose(simulation, "net/1/0", parse_answer(given, decimals)).is_right is right


@pytest.mark.parametrize("given", ["", "one", "nan", "inf", "1_0", "0x1", "1e9999", "9" * 50])
def test_what_is_no_number_is_refused(given: str) -> None:
    with pytest.raises(Invalid, match="answer"):
        parse_answer(given)


@pytest.mark.parametrize("address", ["out/0/0", "target/0", "learning_rate", "delta/9/0", "x"])
def test_only_what_a_step_computes_can_be_diagnosed(address: str) -> None:
    with pytest.raises(KeyError):
        diagnose(NETWORK, address, parse_answer("0.5"))


def test_the_right_value_is_no_mistake() -> None:
    """A mistake that makes no difference is not named: here net is out already."""
    network = Network.of((1, 2, 1), [[[1.0, 2.0]], [[0.3], [0.4]]], bias="none",
                         activations=["relu", "sigmoid"])  # fmt: skip
    simulation = Simulation.of(network, (Example.of((0.7,), (1.0,)),), LR)
    cut = str(Decimal(values_of(simulation)["out/2/0"]))[:6]
    assert names(diagnose(simulation, "out/2/0", parse_answer(cut))) in (["cut"], [])


def test_rounding_on_the_way() -> None:
    """Every number of the forward pass rounded to two decimals, half up."""

    def two(number: float) -> float:
        return float(Decimal(repr(number)).quantize(Decimal("0.01"), "ROUND_HALF_UP"))

    hidden = [two(sigmoid(two(net))) for net in NET_H]
    net = two(dot(tuple(hidden), (V[0][0], V[1][0], V[2][0])) + C)
    out = two(sigmoid(net))
    diagnosis = diagnose(NETWORK, "out/2/0", parse_answer(f"{out:.4f}"))
    assert [(each.name, each.decimals) for each in diagnosis.mistakes] == [("rounded", 2)]


@pytest.mark.parametrize("number", ["0." + "1" * 34, "1e-300", "-0.00", "1e300", "-1e-300"])
@pytest.mark.parametrize("large", [False, True])
def test_any_number_of_digits(number: str, large: bool) -> None:
    """Decimals round at 28 digits, which must neither fail nor make a wrong number right."""
    network = Network.of((1, 1), [[[1e6]]], activations=["identity"], bias="none")
    diverging = Simulation.of(network, (Example.of((1e6,), (0.0,)),), 1e6).train(3)
    for address in ("net/1/0", "weight/0/0/0") if large else ("net/2/0", "weight/0/0/0"):
        diagnosis = diagnose(diverging if large else NETWORK, address, parse_answer(number))
        assert not diagnosis.is_right
        assert "cut" not in names(diagnosis)


# Networks of every kind.


def quantities(seed: int, networks: int, each: int) -> Iterator[tuple[Simulation, str, float]]:
    """Some quantities of random networks: (simulation, address, true value)."""
    random = Random(seed)
    for _ in range(networks):
        simulation = random_network(random)
        if random.random() < 0.5:
            simulation = simulation.train(random.randint(1, 3))
        values = values_of(simulation)
        steps = [step for step in simulation.steps if isfinite(values[key(step)])]
        for step in random.sample(steps, min(each, len(steps))):
            yield simulation, step.result, values[key(step)]


def test_right_answers_are_never_called_wrong() -> None:
    for simulation, address, value in quantities(1, 60, 8):
        for digits in range(2, 13):
            for text in (f"{value:.{digits}f}", f"{value:.{digits}g}"):
                diagnosis = diagnose(simulation, address, parse_answer(text))
                assert diagnosis.is_right, (address, text, value)
                assert not diagnosis.mistakes


def spread(simulation: Simulation, name: str) -> float:
    """The distance between the smallest and the largest value of a layer."""
    step, values = graph_of(simulation.shape).formulas[name].step, values_of(simulation)
    layer = [values[key(each)] for each in steps_of_kind(simulation.shape, step.kind, step.layer)]
    return max(layer) - min(layer)


def test_what_a_misconception_gives_is_recognised() -> None:
    """With four decimals, made at the step itself; a number of few digits says less."""
    seen = set()
    for simulation, address, _value in quantities(2, 90, 8):
        graph, values = graph_of(simulation.shape), values_of(simulation)
        name = key(simulation.steps[simulation.compiled.position[address]])
        for misconception in MISCONCEPTIONS:
            least = 1
            if misconception.name == OF_ANOTHER:
                least = OF_ANOTHER_UNITS if spread(simulation, name) > 0.002 else 10**9
            for formula in wrong_formulas(graph, misconception, name):
                wrong = Results(graph, values, {name: formula}, [name])[name]
                diagnosis = diagnose(simulation, address, parse_answer(f"{wrong:.4f}"))
                if isfinite(wrong) and not diagnosis.is_right and round(abs(wrong) * 1e4) >= least:
                    assert misconception.name in names(diagnosis), (address, wrong)
                    seen.add(misconception.name)
    assert seen == {each.name for each in MISCONCEPTIONS} - {"threshold_added"}


@pytest.mark.parametrize("misconception", MISCONCEPTIONS[:-1], ids=lambda each: each.name)
def test_what_follows_from_a_misconception_is_recognised(misconception: Misconception) -> None:
    """Made wherever it can be in the deck, it is named in every number that follows from it."""
    deck = DECK.simulation
    wrong, values = results(deck, misconception), values_of(deck)
    graph = graph_of(deck.shape)
    for name, formula in graph.formulas.items():
        step, distances = formula.step, leading_to(graph, name)
        made = distances.keys() & wrong.changes.keys()
        same_way = all(
            (graph.formulas[at].step.phase == "forward") == (step.phase == "forward") for at in made
        )
        near = same_way and max((distances[at] for at in made), default=0) <= MOST_CARRIED
        if near and abs(wrong[name] - values[name]) > 1e-7:
            diagnosis = diagnose(deck, step.result, parse_answer(f"{wrong[name]:.8f}"))
            assert misconception.name in names(diagnosis), (name, wrong[name])


def test_chance_numbers_are_hardly_ever_explained() -> None:
    """Of 1,000 numbers of four decimals, from twice the range of the layer, at most 10."""
    random = Random(3)
    explained = 0
    drawn = chance_numbers(random)
    for _ in range(1_000):
        simulation, address, number = next(drawn)
        explained += bool(diagnose(simulation, address, parse_answer(f"{number:.4f}")).mistakes)
    assert explained <= 10


def chance_numbers(random: Random) -> Iterator[tuple[Simulation, str, float]]:
    for simulation, address, _value in quantities(random.randrange(100), 500, 6):
        values = values_of(simulation)
        asked = simulation.steps[simulation.compiled.position[address]]
        layer = [
            values[key(step)]
            for step in simulation.steps
            if (step.kind, step.layer) == (asked.kind, asked.layer)
        ]
        reach = 2 * max(map(abs, layer))
        if isfinite(reach):
            yield simulation, address, random.uniform(-reach, reach)
