"""Derivations, followed down to what is given."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.backprop.functions import HYPERPARAMETERS
from app.backprop.network import Shape
from app.examples.published import DECK
from app.simulation.simulation import Simulation
from app.view.rendering.numbers import exact
from app.view.rendering.placeholder_numbers import numbers_of
from app.view.rendering.step_view import Quantity, StepView
from app.view.screen.derivation import (
    FormulaPiece,
    Level,
    Term,
    chain,
    known_path,
    levels,
    operands_at,
    quantities,
    step_at,
)
from tests.support.formula_evaluator import evaluate_text
from tests.support.networks import FEW, SHAPES, simulation_of
from tests.support.oracle_cases import ERRORS
from tests.support.strategies import Setting, settings_of

often = settings(deadline=None, derandomize=True, max_examples=50)
Way = tuple[str, ...]


def same(one: float | None, other: float | None) -> bool:
    """Whether two numbers are equal, or both NaN."""
    return one == other or (one != one and other != other)


def pieces_of(row: Iterable[Term]) -> list[FormulaPiece]:
    """The pieces of a row, its terms after each other."""
    return [piece for term in row for piece in term]


@dataclass
class Reader:
    """Somebody who opens derivations at one moment and knows every number from elsewhere.

    `old` are the numbers that the iteration reads from outside; `made`, those that it has made.
    """

    simulation: Simulation
    old: dict[str, float]
    made: dict[str, float]

    @classmethod
    def of(cls, simulation: Simulation) -> "Reader":
        taken = simulation.steps[: simulation.cursor]
        made = {step.result: value for step, value in zip(taken, simulation.trace(), strict=False)}
        return cls(simulation, simulation.reading(), made)

    @property
    def shape(self) -> Shape:
        return self.simulation.shape

    def open(self, way: Way) -> tuple[Level, ...]:
        step_view = StepView(self.shape, self.simulation.cursor, "unit")
        return levels(step_view, way, lambda text: text)

    def number(self, quantity: Quantity | None) -> float | None:
        """What stands at a place of the page."""
        return None if quantity is None else numbers_of(self.simulation)[quantity.slot]

    def expected(self, way: Way) -> float | None:
        """The number at the end of a way: further down a weight is the old one."""
        text = way[-1]
        if len(way) > 1 and text in self.old:
            return self.old[text]
        if text in self.made or step_at(self.shape, way):
            return self.made.get(text)
        return self.old[text]

    def check(self, way: Way) -> None:
        """The last level of a derivation: its numbers, and that its rows come to its value."""
        level = self.open(way)[-1]
        value = self.expected(way)
        assert level.way == way
        assert level.address == way[-1]
        assert same(self.number(level.value), value), way
        for pieces in map(pieces_of, level.rows):
            operands = [piece for piece in pieces if piece.address]
            for piece in operands:
                known = self.old.get(piece.address, self.made.get(piece.address))
                assert same(self.number(piece.value), known), (way, piece.address)
            if value is not None:
                line = "".join(self.printed(piece) for piece in pieces)
                right = pytest.approx(value, rel=1e-12, abs=1e-12, nan_ok=True)
                assert evaluate_text(line) == right, (way, line)
        assert bool(level.rows) != bool(level.given), way
        assert bool(level.after) == (value is None), way

    def printed(self, piece: FormulaPiece) -> str:
        """A piece with all digits; a negative number in parentheses, if it is not leading."""
        if not piece.address:
            return piece.text
        value = self.number(piece.value)
        assert value is not None
        value = value or 0.0  # −0 is written as 0 is
        return f"({exact(value)})" if value < 0 and not piece.leading else exact(value)

    def every_level(self) -> Iterator[Way]:
        """A way to every quantity, and to every one that is read, found from all roots at once."""
        ways: list[Way] = [(text,) for text in sorted(quantities(self.shape))]
        seen: set[str] = set()
        for way in ways:  # it grows meanwhile
            yield way
            fresh = dict.fromkeys(operands_at(self.shape, way)).keys() - seen
            seen |= fresh
            ways += [(*way, text) for text in sorted(fresh)]

    def every_way(self, way: Way) -> Iterator[Way]:
        """The whole tree below a way."""
        yield way
        for text in dict.fromkeys(operands_at(self.shape, way)):
            yield from self.every_way((*way, text))


@often
@given(
    # With softmax, e^net as displayed must not be 0.
    st.one_of(settings_of(wild=True, errors=ERRORS[:-1]), settings_of(errors=ERRORS[-1:])),
    st.integers(0, 3),
    st.just(-1) | st.integers(0, 10**6),
    st.integers(0, 10**6),
)
def test_every_number_of_any_network(
    setting: Setting, iterations: int, place: int, seed: int
) -> None:
    """Every level of any network has the right numbers, and its formula gives its value."""
    simulation, naive = setting.simulation().train(iterations), setting.naive()
    cursor = place % (len(simulation.steps) + 1)
    naive.train(iterations=iterations)
    iteration = naive.now.iteration
    simulation = simulation.seek(cursor) if cursor or not iterations else simulation
    taken = iteration.calculations[: simulation.cursor]
    reader = Reader.of(simulation)
    assert repr(reader.made) == repr({each.address: each.value for each in taken})
    for way in reader.every_level():
        reader.check(way)
    random = Random(seed)
    for _ in range(5):
        descend(reader, random)


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape(name: str) -> None:
    """At the end of an iteration of any shape every level has the right numbers."""
    reader = Reader.of(simulation_of(SHAPES[name]).update())
    for way in reader.every_level():
        reader.check(way)


def descend(reader: Reader, random: Random) -> Way:
    """A way from anywhere down to what was given, each level checked."""
    way: Way = (random.choice(sorted(quantities(reader.shape))),)
    while following := operands_at(reader.shape, way):
        reader.check(way)
        way = (*way, random.choice(following))
    reader.check(way)
    given = step_at(reader.shape, way) is None
    assert (
        given or not reader.open(way)[-1].rows[0][0][0].address
    )  # the slope of identity reads none
    return way


def test_the_chain_rule() -> None:
    """∂E/∂w shows the factors of the chain rule, and each can be opened."""
    reader = Reader.of(DECK.simulation.update())
    way = ("weight/0/0/0", "weight_gradient/0/0/0")
    first, second = map(pieces_of, reader.open(way)[-1].rows)
    assert [piece.address for piece in first if piece.address] == [
        "error_slope/1/0",
        "activation_slope/1/0",
        "out/0/0",
    ]
    assert [piece.address for piece in second if piece.address] == ["delta/1/0", "out/0/0"]
    step = step_at(reader.shape, way)
    assert step is not None
    for factor in chain(reader.shape, step):
        assert known_path(reader.shape, (*way, factor)) == (*way, factor)
        reader.check((*way, factor))


def test_a_weight_is_its_update_first_and_the_old_one_below() -> None:
    """A weight is the new one first, and the old one below."""
    reader = Reader.of(DECK.simulation.update())
    new, old = reader.open(("weight/1/0/0", "weight/1/0/0"))
    assert new.slide == 2
    assert reader.number(new.value) == reader.simulation.current_network.weights[1][0][0]
    assert reader.number(old.value) == reader.simulation.network.weights[1][0][0] == 0.7
    assert (old.rows, old.slide, old.after) == ((), None, "")
    assert old.given.startswith("The weight at the start of this iteration")


@pytest.mark.parametrize("name", FEW)
def test_what_is_not_known_yet(name: str) -> None:
    """An unknown quantity says which step computes it."""
    begun = simulation_of(SHAPES[name])
    for position, step in enumerate(begun.steps):
        way = (step.result,)
        reader = Reader.of(begun.seek(position))
        [before] = reader.open(way)
        reader.check(way)
        assert before.value is None
        assert before.after == f"computed in step {position + 1} of {len(begun.steps)}"
        reader = Reader.of(begun.seek(position + 1))
        [after] = reader.open(way)
        assert after.after == ""
        assert reader.number(after.value) == begun.trace()[position]


@pytest.mark.parametrize("name", FEW)
def test_slides_and_words(name: str) -> None:
    """A step's level has a slide, a title, a reason and a NumPy line."""
    reader = Reader.of(simulation_of(SHAPES[name]))
    for text in quantities(reader.shape):
        [level] = reader.open((text,))
        step = step_at(reader.shape, (text,))
        assert bool(level.title) == bool(level.why) == bool(level.code) == (step is not None)
        if step is None:
            assert level.slide is None
            continue
        last = step.layer == reader.shape.depth - 1
        assert level.slide == (1 if step.phase == "forward" else 2 if last else 3)


ADDRESSES = sorted(quantities(DECK.simulation.shape))


@often
@given(
    st.lists(
        st.one_of(
            st.sampled_from(ADDRESSES),
            st.text(max_size=20),
            st.from_regex(r"(weight|delta|out|bias|error|[a-z]+)(/-?\d{1,3}){0,4}", fullmatch=True),
        ),
        max_size=6,
    )
)
def test_any_way_is_cut_at_what_is_unknown(texts: list[str]) -> None:
    """A path is cut at its first unknown address."""
    way = tuple(texts)
    shape = DECK.simulation.shape
    kept = known_path(shape, way)
    assert way[: len(kept)] == kept
    assert known_path(shape, kept) == kept
    rest = way[len(kept) :]
    if rest:
        assert rest[0] not in (operands_at(shape, kept) if kept else ADDRESSES)
    reader = Reader.of(DECK.simulation.forward())
    for end in range(1, len(kept) + 1):
        reader.check(kept[:end])


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_what_can_be_changed_has_a_field(shape: Shape) -> None:
    """Exactly the quantities that a person chooses have a field."""
    step_view = StepView(shape, 0, "layer")
    found = {text for text in step_view.compiled.inputs if levels(step_view, (text,), str)[0].entry}
    kinds = {text.partition("/")[0] for text in found}
    assert kinds <= {"weight", "bias", "out", "target", "learning_rate", *HYPERPARAMETERS}
    typed = [t for t in step_view.compiled.inputs if "_before" not in t and t != "example_count"]
    assert found == set(typed)
