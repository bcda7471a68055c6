"""The marking of a working.

Workings are made here, step by step: each step is computed from the numbers before it, as they stand on
paper, as they were before they were rounded, or as a mix of both, and then rounded. No line of them may
be called wrong, and of a working with one mistake only its own line.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from math import exp, inf, isfinite
from random import Random

import pytest

from app.analysis.diagnosis import parse_answer
from app.analysis.misconceptions import (
    MISCONCEPTIONS,
    OF_ANOTHER,
    UPDATED_WEIGHTS,
    StepFormula,
    graph_of,
    key,
    values_of,
    wrong_formulas,
)
from app.backprop.conventions import CONSECUTIVE, Conventions
from app.backprop.network import Example, Network
from app.backprop.steps import steps_of_kind
from app.examples.published import MAZUR
from app.exercises.answers import AnswerLine, read_working
from app.exercises.marking import (
    AMBIGUOUS,
    FOLLOW_ON,
    IS_GIVEN,
    MOST_EXPLAINED,
    NO_NUMBER,
    RIGHT,
    UNKNOWN,
    UNREAD,
    WRONG,
    MarkedLine,
    MarkedWorking,
    mark,
)
from app.exercises.name_book import WorkingConventions
from app.simulation.simulation import Simulation
from tests.support.oracle_cases import simulation_of
from tests.support.published_vectors import EXERCISES
from tests.support.random_networks import random_network

NETWORKS = int(os.environ.get("BACKSTEP_WORKINGS", "120"))
ON_PAPER, CARRIED, MIXED = "on paper", "carried", "mixed"

Write = Callable[[float], str]


def networks(seed: int, count: int) -> Iterator[tuple[Simulation, Random]]:
    """Networks of every kind, with finite numbers; some after one or more updates, and some with the
    signs of a sheet."""
    random = Random(seed)
    while count:
        simulation = random_network(random)
        signs = Conventions(minus_delta=count % 4 == 1, thresholds=count % 3 == 1)
        if signs.has_signs:
            start = simulation.start.with_conventions(signs)
            simulation = Simulation.of(
                start.network, start.examples, start.learning_rate, start.hyperparameter_values
            )
        if random.random() < 0.3:
            simulation = simulation.train(random.randint(1, 3)).step("unit")
        if all(map(isfinite, values_of(simulation).values())):
            count -= 1
            yield simulation, random


def writer(random: Random) -> Write:
    """So many decimals, or so many significant digits."""
    form = f".{random.randint(3, 8)}{random.choice('fg')}"
    return lambda value: format(value, form)


class Working:
    """A working of one iteration, in the order of the steps, of which some are not written down."""

    def __init__(
        self,
        simulation: Simulation,
        random: Random,
        write: Write,
        way: str,
        *,
        share: float = 1.0,
        wrong: Mapping[str, StepFormula | float] | None = None,
    ) -> None:
        self.exact = dict(simulation.reading())
        self.paper = dict(simulation.reading())
        self.lines: list[AnswerLine] = []
        self.index: dict[str, int] = {}
        for name, right in graph_of(simulation.shape).formulas.items():
            step, other = right.step, (wrong or {}).get(name)
            if isinstance(other, float):
                value = other
            else:
                value = (other or right).compute(self.operands(random, way))
            written = random.random() < share or bool(other)
            self.exact[name] = value
            self.paper[name] = float(write(value)) if written else value
            if written:
                self.index[name] = len(self.lines)
                self.lines.append(AnswerLine(step.result, write(value), is_address=True))

    def operands(self, random: Random, way: str) -> Mapping[str, float]:
        if way == MIXED:
            return {n: random.choice((v, self.exact[n])) for n, v in self.paper.items()}
        return self.paper if way == ON_PAPER else self.exact


# Networks of every kind: their workings are shared out among the chunks, which run side by side.

CHUNKS = 10


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_networks_of_every_kind(chunk: int) -> None:
    """Workings with no mistake and with one, of all steps and of some, in any digits."""
    planted = 0
    for simulation, random in networks(chunk, NETWORKS // CHUNKS):
        write = writer(random)
        without_a_mistake(simulation, random, write)
        way, share = random.choice((CARRIED, ON_PAPER)), random.choice((1.0, 0.5))
        planted += with_a_mistake(simulation, random, write, way, share)
    assert planted > 0.85 * NETWORKS / CHUNKS


def without_a_mistake(simulation: Simulation, random: Random, write: Write) -> None:
    """True values, rounded as they are written down, are right. Whoever goes on with the numbers on
    paper, or with some of them, is not wrong in a last digit."""
    values = values_of(simulation)
    working = Working(simulation, random, write, CARRIED, share=random.choice((1.0, 0.5)))
    marked = mark(simulation, working.lines)
    assert {line.verdict for line in marked.lines} <= {RIGHT}
    assert [line.right for line in marked.lines] == [values[name] for name in working.index]
    assert marked.first_wrong is None
    # Where a mean of squares is 0 on paper, a gradient from the calculator would be divided by ε.
    has_root = simulation.shape.optimiser in ("rmsprop", "adam")
    way = ON_PAPER if has_root else random.choice((ON_PAPER, MIXED))
    marked = mark(simulation, Working(simulation, random, write, way).lines)
    assert {line.verdict for line in marked.lines} <= {RIGHT, FOLLOW_ON}
    assert marked.first_wrong is None


def with_a_mistake(
    simulation: Simulation, random: Random, write: Write, way: str, share: float
) -> bool:
    """It is found at its line. What follows from it is follow-on, or right where it makes no
    difference, and nothing else is wrong."""
    plan = planned(simulation, random, write, way)
    if plan is None:
        return False
    name, wrong, misconception = plan
    working = Working(simulation, random, write, way, share=share, wrong={name: wrong})
    if not all(map(isfinite, working.exact.values())):
        return False
    marked = mark(simulation, working.lines)
    made_at = working.index[name]
    assert marked.first_wrong == made_at, (name, marked.lines[made_at])
    after = users_of(simulation, name)
    for other, index in working.index.items():
        line = marked.lines[index]
        if index != made_at:
            assert line.verdict in (RIGHT, FOLLOW_ON), (name, line)
        if way == CARRIED and other not in after:
            assert line.verdict == RIGHT, (name, line)
    named = {mistake.name for mistake in marked.lines[made_at].mistakes}
    if misconception and is_telling(simulation, name, working.lines[made_at].answer, misconception):
        assert misconception in named, (name, marked.lines[made_at])
    return True


Plan = tuple[str, StepFormula | float, str]


def planned(simulation: Simulation, random: Random, write: Write, way: str) -> Plan | None:
    """A result, how it is computed wrongly, and the name of the misconception, if it is one.

    Its number differs from the right one, and from what follows from the others, by some units.
    """
    values, graph = values_of(simulation), graph_of(simulation.shape)
    right = Working(simulation, random, write, way)
    before = {**values, **(right.paper if way == ON_PAPER else right.exact)}
    for attempt in range(60):
        misconception = random.choice(MISCONCEPTIONS)
        kinds = misconception.kinds if attempt < 30 else ()  # then a plain slip
        names = [n for n, each in graph.formulas.items() if not kinds or each.step.kind in kinds]
        if not names or (kinds and misconception is UPDATED_WEIGHTS):  # they are not known yet
            continue
        name, kind = random.choice(names), ""
        wrong: StepFormula | float = values[name] * random.choice((10.0, 0.1, -1.0, 1.1)) + 0.0
        if kinds and random.random() < 0.9:
            formulas = wrong_formulas(graph, misconception, name)
            if not formulas:
                continue
            kind, wrong = misconception.name, random.choice(formulas)
        number = wrong if isinstance(wrong, float) else wrong.compute(before)
        unit = float(parse_answer(write(number)).half_unit) * 2 if isfinite(number) else 1.0
        others = (values[name], right.exact[name], right.paper[name])
        least = 5 * unit + rounding_explains(graph.formulas[name], before, write)
        if isfinite(number) and all(abs(number - other) > least for other in others):
            return name, wrong, kind
    return None


def rounding_explains(right: StepFormula, before: Mapping[str, float], write: Write) -> float:
    """How far a result moves, at most, if each operand moves by two units of its last digit."""
    value, total = right.compute(before), 1e-9
    for text in set(right.step.operands):
        unit = 2 * float(parse_answer(write(before[text])).half_unit)
        moved = (right.compute({**before, text: before[text] + by}) for by in (2 * unit, -2 * unit))
        total += max(abs(other - value) for other in moved)
    return total if isfinite(total) else inf


def users_of(simulation: Simulation, name: str) -> set[str]:
    """What is computed from a result, directly or not."""
    found = {name}
    for step in simulation.steps:
        if found & set(step.operands):
            found.add(key(step))
    return found


def is_telling(simulation: Simulation, name: str, answer: str, misconception: str) -> bool:
    """Whether a number has the digits that a misconception needs to be named."""
    if misconception != OF_ANOTHER:
        return parse_answer(answer).units >= 1
    step, values = graph_of(simulation.shape).formulas[name].step, values_of(simulation)
    layer = [values[key(each)] for each in steps_of_kind(simulation.shape, step.kind, step.layer)]
    unit = 2 * float(parse_answer(answer).half_unit)
    return min(max(layer) - min(layer), abs(float(answer))) > 11 * unit


# Single workings.


def marked(
    simulation: Simulation, text: str, conventions: WorkingConventions | None = None
) -> MarkedWorking:
    return mark(simulation, read_working(text), conventions)


def verdicts(working: MarkedWorking) -> list[str]:
    return [line.verdict for line in working.lines]


def names(line: MarkedLine) -> list[str]:
    return [mistake.name for mistake in line.mistakes]


def sheet(exercise: str, decimals: int = 4) -> tuple[Simulation, list[AnswerLine]]:
    """An exercise, and its true values."""
    simulation = simulation_of(EXERCISES[exercise])
    lines = [
        AnswerLine(step.result, f"{values_of(simulation)[key(step)]:.{decimals}f}", True)
        for step in simulation.steps
    ]
    return simulation, lines


@pytest.mark.parametrize("decimals", [4, 5, 6])
@pytest.mark.parametrize(
    ("exercise", "address", "printed", "expected"),
    [
        ("textbook-3-2-1", "delta/2/0", "0.1312", ["wrong_sign"]),
        ("textbook-3-2-1", "delta/2/0", "0.1311", ["wrong_sign", "cut"]),
        ("textbook-3-2-1", "delta/2/0", "-0.1311", ["cut"]),
        ("relu-sigmoid", "out/2/0", "0.6449", ["cut"]),
        ("relu-sigmoid", "output_error/0", "0.0631", ["cut"]),
        ("relu-sigmoid", "error", "0.0631", ["cut"]),
    ],
)
def test_published_slips_are_found(
    exercise: str, address: str, printed: str, expected: list[str], decimals: int
) -> None:
    """In a working that is right, the slip is the first wrong line, and it is named."""
    simulation, lines = sheet(exercise, decimals)
    index = [line.name for line in lines].index(address)
    lines[index] = AnswerLine(address, printed, is_address=True)
    working = mark(simulation, lines)
    assert working.first_wrong == index
    assert names(working.lines[index])[: len(expected)] == expected
    assert set(verdicts(working)) == {RIGHT, WRONG}


def test_the_error_that_follows_from_a_slip() -> None:
    """0.0631 follows from what 0.6449 may have been rounded from, and is not wrong once more."""
    simulation, lines = sheet("relu-sigmoid")
    for address, printed in (
        ("out/2/0", "0.6449"),
        ("output_error/0", "0.0631"),
        ("error", "0.0631"),
    ):
        index = [line.name for line in lines].index(address)
        lines[index] = AnswerLine(address, printed, is_address=True)
    working = mark(simulation, lines)
    assert [line.address for line in working.lines if line.verdict == WRONG] == ["out/2/0"]


TEXTBOOK = (
    "net4 = -0.7, O4 = 0.332, net5 = 0.1, O5 = 0.525, net6 = -0.105, O6 = 0.474, Err6 = 0.1311, "
    "Err5 = -0.0065, Err4 = -0.0087, w46 = -0.261, w56 = -0.138, w14 = 0.192, w15 = -0.306, "
    "w24 = 0.4, w25 = 0.1, w34 = -0.508, w35 = 0.194, θ6 = 0.218, θ5 = 0.194, θ4 = -0.408"
)


def test_the_textbook_by_its_own_names() -> None:
    """Units and weights are numbered through. Err has the other sign, which is found at the first
    of them; the others follow from it, and the weights are right."""
    simulation = simulation_of(EXERCISES["textbook-3-2-1"])
    working = marked(simulation, TEXTBOOK)
    assert working.conventions.numbering == CONSECUTIVE
    assert working.first_wrong == 6
    assert names(working.lines[6]) == ["wrong_sign"]
    others = verdicts(working)[:6] + verdicts(working)[7:]
    assert others == [RIGHT] * 6 + [FOLLOW_ON] * 2 + [RIGHT] * 11


def test_the_textbook_by_its_own_conventions() -> None:
    """Where Err is −δ, all is right; 0.1311 follows from the rounded 0.474."""
    simulation = simulation_of(EXERCISES["textbook-3-2-1"])
    working = marked(simulation, TEXTBOOK, WorkingConventions(CONSECUTIVE, minus_delta=True))
    assert working.first_wrong is None
    assert verdicts(working) == [RIGHT] * 6 + [FOLLOW_ON] + [RIGHT] * 13
    assert working.lines[6].right == pytest.approx(0.131169, abs=1e-6)


def test_a_mistake_made_with_own_numbers() -> None:
    """A second mistake is found and named, although it is made with numbers that are wrong."""
    working = marked(
        MAZUR.simulation,
        "net_h1 = 0.2775, out_h1 = 0.5689, net_h2 = 0.3925, out_h2 = 0.5969, net_o1 = 1.0962, "
        "out_o1 = 0.7495, δ_o1 = -0.1388, dE/dw5 = -0.0790, new w5 = 0.4395",
    )
    assert [line.name for line in (each.line for each in working.lines)][6] == "δ_o1"
    assert verdicts(working) == [
        *(WRONG, FOLLOW_ON, RIGHT, RIGHT, FOLLOW_ON, FOLLOW_ON),
        *(WRONG, FOLLOW_ON, FOLLOW_ON),
    ]
    assert names(working.lines[0]) == []
    assert names(working.lines[6]) == ["wrong_sign"]
    assert working.lines[6].own == pytest.approx(0.13884, abs=1e-5)


def test_only_some_quantities_are_written() -> None:
    """What lies between is computed: from net to the new weight, and on from a wrong one."""
    right = marked(MAZUR.simulation, "net_h1 = 0.3775, w5 = 0.3589, E = 0.2984, w1 = 0.1498")
    assert verdicts(right) == [RIGHT] * 4
    out_h1, out_h2 = 1 / (1 + exp(-0.4775)), 1 / (1 + exp(-0.3925))
    out_o1 = 1 / (1 + exp(-(0.4 * out_h1 + 0.45 * out_h2 + 0.6)))
    out_o2 = 1 / (1 + exp(-(0.5 * out_h1 + 0.55 * out_h2 + 0.6)))
    error = (0.01 - out_o1) ** 2 / 2 + (0.99 - out_o2) ** 2 / 2
    w5 = 0.4 - 0.5 * (out_o1 - 0.01) * out_o1 * (1 - out_o1) * out_h1
    text = f"net_h1 = 0.4775, E = {error:.4f}, w5 = {w5:.4f}, E = 0.2984"
    wrong = marked(MAZUR.simulation, text)
    assert verdicts(wrong) == [WRONG, FOLLOW_ON, FOLLOW_ON, RIGHT]


def test_a_slip_of_the_pen() -> None:
    """Whoever writes a wrong number and goes on with the right one has one wrong line."""
    working = marked(
        MAZUR.simulation,
        "net_h1 = 0.7375, out_h1 = 0.5933, net_h2 = 0.3925, out_h2 = 0.5969, net_o1 = 1.1059",
    )
    assert verdicts(working) == [WRONG, RIGHT, RIGHT, RIGHT, RIGHT]


def test_changes_and_given_numbers() -> None:
    """Δw5 is what is added to w5. What is copied from the exercise is not marked."""
    working = marked(
        MAZUR.simulation,
        "x1 = 0.05\nt1 = 0.01\nw5 = 0.40\nb1 = 0.35\nlr = 0.5\nE = 0.2984\nΔw5 = -0.0411\n"
        "Δw6 = 0.0413\nnew w5 = 0.3589\nw6 = 0.45",
    )
    assert verdicts(working) == [UNREAD] * 5 + [RIGHT, RIGHT, WRONG, RIGHT, WRONG]
    assert {line.reason for line in working.lines[:5]} == {IS_GIVEN}
    assert working.lines[6].right == pytest.approx(-0.041084, abs=1e-6)
    assert "added" in names(working.lines[7])


def test_what_cannot_be_read() -> None:
    working = marked(MAZUR.simulation, "net_h3 = 0.5; out_h1 = 0.5 + 0.1; net_h1 = 1,250")
    assert [line.reason for line in working.lines] == [UNKNOWN, NO_NUMBER, AMBIGUOUS]
    assert working.first_wrong is None
    for address in ("out/0/0", "weight/0/9/9", "delta", "x", ""):
        [line] = mark(MAZUR.simulation, [AnswerLine(address, "1", is_address=True)]).lines
        assert (line.verdict, line.reason, line.address) == (UNREAD, UNKNOWN, address)


def test_as_many_decimals_as_asked_for() -> None:
    lines = [AnswerLine("out/1/0", "0.593", True), AnswerLine("out/1/0", "0.5932", True)]
    assert verdicts(mark(MAZUR.simulation, lines)) == [RIGHT, WRONG]
    assert verdicts(mark(MAZUR.simulation, lines, decimals=4)) == [WRONG, WRONG]
    assert verdicts(mark(MAZUR.simulation, lines, decimals=2)) == [RIGHT, RIGHT]


def test_thresholds_and_halved_means() -> None:
    """θ = −b, and E = 1/2n Σ: the sheet's numbers are those of the network, times −1 and ½."""
    network = Network.of((1, 1), [[[0.5]]], [[0.25]], bias="per_unit", activations=["identity"],
                         error="mean_squared")  # fmt: skip
    simulation = Simulation.of(network, (Example.of((2.0,), (2.0,)),), 0.1)
    # net = 1.25, so E = 0.5625, ∂E/∂net = −1.5, and the new b is 0.25 + 0.15.
    text = "E = 0.28125, δ_o1 = -0.75, ∂E/∂w1 = -1.5, ∂E/∂θ1 = 0.75, θ1 = -0.40"
    working = marked(simulation, text, WorkingConventions(thresholds=True, halved_mean=True))
    assert verdicts(working) == [RIGHT] * 5
    assert [line.right for line in working.lines] == [0.28125, -0.75, -1.5, 0.75, -0.4]
    assert verdicts(marked(simulation, text)) == [WRONG, WRONG, FOLLOW_ON, WRONG, WRONG]


def test_of_many_wrong_lines_only_the_first_are_explained() -> None:
    """All are marked; looking for mistakes takes some milliseconds each."""
    lines = [AnswerLine("delta/2/0", "-0.1385", is_address=True)] * (MOST_EXPLAINED + 1)
    working = mark(MAZUR.simulation, lines)
    assert verdicts(working) == [WRONG] * len(lines)
    assert [bool(line.mistakes) for line in working.lines] == [True] * MOST_EXPLAINED + [False]


def test_nothing_is_right_because_of_a_number_that_is_too_large() -> None:
    """What follows from it is not finite, or has no digit left at the others."""
    network = Network.of((1, 1, 1), [[[1.0]], [[1e6]]], bias="none", activations=["identity"] * 2)
    simulation = Simulation.of(network, (Example.of((1.0,), (0.0,)),), 0.1)
    lines = [("net/1/0", "1e300"), ("net/2/0", "5"), ("out/1/0", "1e308"), ("net/2/0", "5")]
    working = mark(simulation, [AnswerLine(*line, is_address=True) for line in lines])
    assert verdicts(working) == [WRONG, WRONG, WRONG, WRONG]


@pytest.mark.parametrize("answer", ["1e300", "-1e300", "1e-300", "0", "0.00", "9" * 20])
def test_any_numbers(answer: str) -> None:
    """Whatever the first lines are, the others are marked."""
    for simulation, _ in networks(7, 10):
        lines = [AnswerLine(step.result, answer, is_address=True) for step in simulation.steps]
        assert len(mark(simulation, lines).lines) == len(lines)
