"""An iteration as on a blackboard: each result is rounded once, as it is written down.

Operands are the decimals on the board. Within a step nothing is rounded: its expression is evaluated
with 34 digits, and the result is rounded to so many decimal places or significant digits. The rounded
parameters, and what the optimiser keeps, are carried to the next iteration.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from decimal import Decimal, localcontext
from functools import lru_cache
from math import isfinite

from app.analysis.decimal_functions import DECIMAL_FUNCTIONS
from app.analysis.misconceptions import key, values_of
from app.backprop.compiler import compile_in, compile_iteration, flat
from app.backprop.errors import N_, Invalid
from app.backprop.network import Shape
from app.backprop.rounding_rule import CONTEXT, MOST_ROUNDED, ROUNDINGS, ZERO, Rounding
from app.backprop.steps import Step
from app.simulation.history import Edit
from app.simulation.iteration import IterationState
from app.simulation.simulation import Simulation

STATES_EVERY = 32  # iterations; of those between, the state is computed again

Decimals = tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class RoundedIteration:
    """What is on the board after an iteration."""

    start: IterationState  # its state, with the numbers on the board as floats
    state: Decimals  # the numbers of this state
    results: Decimals  # what is written down for each step, in order
    rounding: Rounding

    @property
    def shape(self) -> Shape:
        return self.start.shape

    @property
    def steps(self) -> tuple[Step, ...]:
        return compile_iteration(self.shape).steps

    @property
    def values(self) -> dict[str, Decimal]:
        """All numbers on the board by key (see `misconceptions.key`), those given included."""
        inputs = compile_iteration(self.shape).inputs
        given = dict(zip(inputs, map(given_number, self.start.inputs), strict=True))
        given.update(zip(_state_names(self.shape), self.state, strict=True))
        return given | {key(s): n for s, n in zip(self.steps, self.results, strict=True)}

    @property
    def next_state(self) -> Decimals:
        """The numbers that the next iteration starts from."""
        return _next_state(self.shape, self.state, self.results)


def given_number(value: float) -> Decimal:
    """A number as it was given: 0.1 is a tenth, and not the double next to it."""
    return Decimal(repr(value + 0.0))


def rounded_iterations(start: IterationState, rounding: Rounding) -> Iterator[RoundedIteration]:
    """The iterations from a state on, without an end. The state itself is not rounded."""
    state = tuple(map(given_number, start.state))
    while True:
        rounded = _rounded(start, state, rounding)
        yield rounded
        start, state = _after(rounded)


def rounded_iteration(simulation: Simulation, rounding: Rounding) -> RoundedIteration:
    """The current iteration, if all results were rounded since the beginning of the simulation.

    An edit sets the numbers that it changes; the others stay as they are on the board.

    Raises Invalid after more than 1,000 iterations.
    """
    history = simulation.history
    edits = history.edits[: history.edit_count]
    if not can_round(simulation):
        text = N_("Only the first %(most)s iterations can be rounded.")
        raise Invalid("rounding", text, most=f"{MOST_ROUNDED:,}")
    return _board(history.first, edits, rounding).at(simulation.iteration)


def board_of(simulation: Simulation, name: str) -> RoundedIteration | None:
    """The current iteration by the name of a rounding; None if that is empty, or the iteration is not
    one of those that are rounded."""
    rounding = ROUNDINGS.get(name)
    return rounded_iteration(simulation, rounding) if rounding and can_round(simulation) else None


@dataclass(frozen=True, slots=True)
class SimulationOnBoard(Simulation):
    """A simulation whose numbers are those on the board. It is for reading: its moves round nothing."""

    board: RoundedIteration | None = None

    def trace(self) -> tuple[float, ...]:
        assert self.board is not None
        return tuple(map(float, self.board.results))


def on_board(simulation: Simulation, board: RoundedIteration) -> SimulationOnBoard:
    """The simulation with the numbers on the board of its current iteration."""
    kept = {each.name: getattr(simulation, each.name) for each in fields(Simulation)}
    return SimulationOnBoard(**(kept | {"start": board.start}), board=board)


def can_round(simulation: Simulation) -> bool:
    """Whether the current iteration is one of those that are rounded."""
    return simulation.iteration - simulation.history.first.iteration < MOST_ROUNDED


def deviations(simulation: Simulation, rounded: RoundedIteration) -> dict[str, float]:
    """How far rounding has carried each number of the current iteration, by key: the number on the
    board less the one that is not rounded. A number that is not finite is missing."""
    exact = values_of(simulation)
    with localcontext(CONTEXT):
        return {
            name: float(number - Decimal(exact[name]))
            for name, number in rounded.values.items()
            if number.is_finite() and isfinite(exact[name])
        }


class _Board:
    """The iterations after some edits; it remembers some of the states on the way."""

    def __init__(self, start: IterationState, state: Decimals, rounding: Rounding) -> None:
        self.rounding = rounding
        self.states = {start.iteration: (start, state)}

    def at(self, iteration: int) -> RoundedIteration:
        states = self.states
        begin = max(number for number in states if number <= iteration)
        start, state = states[begin]
        rounded = _rounded(start, state, self.rounding)
        for number in range(begin + 1, iteration + 1):
            start, state = _after(rounded)
            rounded = _rounded(start, state, self.rounding)
            if number % STATES_EVERY == 0 or number == iteration:
                self.states = {**self.states, number: (start, state)}
        return rounded


@lru_cache(maxsize=16)
def _board(first: IterationState, edits: tuple[Edit, ...], rounding: Rounding) -> _Board:
    if not edits:
        return _Board(first, tuple(map(given_number, first.state)), rounding)
    *before, edit = edits
    on_board = _board(first, tuple(before), rounding).at(edit.iteration)
    known = dict(zip(on_board.start.state, on_board.state, strict=True))
    start = edit.apply(on_board.start)
    state = tuple(known.get(number, given_number(number)) for number in start.state)
    return _Board(start, state, rounding)


def _rounded(start: IterationState, state: Decimals, rounding: Rounding) -> RoundedIteration:
    example, settings = (
        tuple(map(given_number, numbers))
        for numbers in (flat(start.examples[start.example]), start.settings)
    )
    with localcontext(CONTEXT):
        run = _compiled(start.shape)
        results = run(state, example, settings, *DECIMAL_FUNCTIONS.values(), rounding.write)
    return RoundedIteration(start, state, results, rounding)


def _after(rounded: RoundedIteration) -> tuple[IterationState, Decimals]:
    """The start of the next iteration."""
    start, state = rounded.start, rounded.next_state
    error = rounded.results[compile_iteration(rounded.shape).position["error"]]
    return start.at(tuple(map(float, state)), start.iteration + 1, float(error)), state


@lru_cache(maxsize=64)
def _state_names(shape: Shape) -> tuple[str, ...]:
    """The addresses of the numbers of a state: parameters, what the optimiser keeps, and sums."""
    compiled = compile_iteration(shape)
    return tuple(n for n in compiled.inputs if n in compiled.parameters or "_before" in n)


def _next_state(shape: Shape, state: Decimals, results: Decimals) -> Decimals:
    position = compile_iteration(shape).position

    def after(name: str, number: Decimal) -> Decimal:
        if "_sum_before" in name and shape.is_update_iteration:
            return ZERO
        index = position.get(name.replace("_before", ""))
        return number if index is None else results[index]

    return tuple(map(after, _state_names(shape), state))


@lru_cache(maxsize=64)
def _compiled(shape: Shape) -> Callable[..., Decimals]:
    return compile_in(shape, tuple(DECIMAL_FUNCTIONS), given_number, is_written=True)
