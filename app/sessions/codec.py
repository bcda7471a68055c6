"""A session as bytes and back: a format byte, a checksum, and MessagePack over the dataclasses.

Floats are kept as their 64 bits, so NaN, infinities and −0.0 come back as they were.

A new field with a default reads from older records as that default. Any other change needs a new
FORMAT and a reader for the old one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import pairwise
from math import inf
from struct import Struct, error
from zlib import crc32

import msgspec

from app.backprop.compiler import compile_iteration
from app.backprop.network import UPDATES, Shape, check_examples, check_momentum
from app.simulation.error_curve import (
    CURVE_POINTS,
    MAX_SAVED_RUNS,
    RUN_POINTS,
    ErrorCurve,
    SavedRun,
)
from app.simulation.history import Edit, History
from app.simulation.iteration import IN_ORDER, IterationState, Moment
from app.simulation.simulation import OUTCOMES, Simulation, TrainingRun
from app.simulation.undo import MOST, PLACE, UndoStack

FORMAT = 2
RENAMED_SINCE_1 = {  # field names of format 1; all else is the same
    "closes": "is_update_iteration",
    "furthest": "end",
    "gathered": "accumulated",
    "goal": "training",
    "line": "branch",
    "lines": "branches",
    "other": "other_branch",
    "over": "outcome",
    "pass_from": "pass_start",
    "past": "undo_stack",
    "runs": "saved_runs",
    "undone": "redo_stack",
}
HEADER = Struct("<BI")  # the format, the checksum of what follows
FLOAT, NUMBER = 8, 4  # bytes
KEY_HASH = sha256().digest_size


class CorruptRecord(Exception):
    """The bytes of a session are damaged, or of a format that is not known here."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What is kept of a session: the SHA-256 of its owner's key, and the simulation."""

    key_hash: bytes
    simulation: Simulation


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Stored)


def encode(stored: Stored) -> bytes:
    """Return the session as bytes, the first of them its format."""
    body = _encoder.encode(stored)
    return HEADER.pack(FORMAT, crc32(body)) + body


def decode(data: bytes) -> Stored:
    """Return the session that `encode` was given, to the bit.

    Raises CorruptRecord for any other bytes: whatever is returned is whole and fits together.
    """
    try:
        format, checksum = HEADER.unpack_from(data)
    except (error, TypeError) as cause:
        raise CorruptRecord("too short to be a session") from cause
    if format not in (1, FORMAT):
        raise CorruptRecord(f"unknown format {format}; this version reads 1 and {FORMAT}")
    body = memoryview(data)[HEADER.size :]
    if crc32(body) != checksum:
        raise CorruptRecord("damaged: the checksum does not fit")
    try:
        stored = _decoder.decode(body) if format == FORMAT else _from_format_1(body)
        _check(stored)
    except (msgspec.MsgspecError, ValueError) as cause:
        raise CorruptRecord(f"not a session: {cause}") from cause
    return stored


def _from_format_1(body: memoryview) -> Stored:
    def renamed(content: object) -> object:
        if isinstance(content, dict):
            return {RENAMED_SINCE_1.get(key, key): renamed(each) for key, each in content.items()}
        return [renamed(each) for each in content] if isinstance(content, list) else content

    return msgspec.convert(renamed(msgspec.msgpack.decode(body)), Stored)


# The decoder has seen to the types, and the checksum to the bits. What follows sees to it that
# the parts fit each other, so that a record written by a mistake is refused here and does not
# come apart later, in the middle of a step. All raise ValueError (Invalid is one).


def _check(stored: Stored) -> None:
    _require(len(stored.key_hash) == KEY_HASH, "the key's hash has another length")
    simulation, history = stored.simulation, stored.simulation.history
    shape = simulation.network.shape
    _check_start(simulation.start, shape, shape.parameter_count)
    inside = 0 <= simulation.cursor <= len(simulation.steps)
    _require(inside, "the cursor is outside the iteration")
    _check_line(history, simulation.moment, shape)
    if history.other_branch is not None:
        line = history.other_branch.branch
        _require(line.end is not None and line.other_branch is None, "a line has no end")
        _check_line(line, line.end or simulation.moment, shape)
    for trail in (simulation.undo_stack, simulation.redo_stack):
        if trail.places:
            _check_trail(trail, shape)
    if simulation.training is not None:
        _check_goal(simulation.training)
    _require(len(simulation.saved_runs) <= MAX_SAVED_RUNS, "too many runs are kept")
    for run in simulation.saved_runs:
        _check_run(run)


def _check_line(history: History, here: Moment, shape: Shape) -> None:
    """All of a line, and that it leads from its beginning over `here` to its end."""
    size, changing = shape.parameter_count, _changing(history)
    steps = _most_steps(shape) if changing else len(compile_iteration(shape).steps)
    _check_start(history.origin, shape, size)
    if history.beginning is not None:
        _check_start(history.beginning, shape, size)
    for edit in history.edits:
        _check_edit(edit, shape, size, steps)
    end, made = history.end or here, history.edit_count
    _require(0 <= end[1] <= steps, "the end is outside its iteration")
    _require(0 <= made <= len(history.edits), "more edits lie ahead than there are")
    _require(history.end is not None or not history.ahead, "what lies ahead has no end")
    following = history.edits[made] if history.ahead else None
    until = end if following is None else (following.iteration, following.cursor)
    _require(history.edited_at <= here[0] and here <= until, "it stands beside its way")
    if changing:
        _check_passes(history, end)
    else:
        _check_checkpoints(history, end[0], [history.first.network.shape.state_count])
    _check_curve(history.curve)
    if history.near is not None:
        _check_curve(history.near)


def _most_steps(shape: Shape) -> int:
    """How many steps an iteration can have, however the update was chosen before."""
    return len(compile_iteration(replace(shape, update=UPDATES[-1])).steps)


def _changing(history: History) -> bool:
    """Whether iterations of the line differ in what they take and keep."""
    return history.first.network.shape.accumulates or any(edit.update for edit in history.edits)


def _check_passes(history: History, end: Moment) -> None:
    """Where not all iterations are alike: each edit, and the end, inside its own, and checkpoints
    of what was kept then."""
    start, sizes = history.first, [history.first.network.shape.state_count]
    for edit in history.edits:
        inside = edit.iteration >= start.pass_start and edit.cursor <= start.steps_in(
            edit.iteration
        )
        _require(inside, "an edit was outside its iteration")
        start = edit.apply(start)
        sizes.append(start.network.shape.state_count)
    inside = end[0] >= start.pass_start and end[1] <= start.steps_in(end[0])
    _require(inside, "the end is outside its iteration")
    _check_checkpoints(history, end[0], sizes)


def _check_trail(trail: UndoStack, shape: Shape) -> None:
    count, rest = divmod(len(trail.places), PLACE.size)
    _require(rest == 0 and count <= MOST, "what can be undone has another size")
    kinds = trail.places[:: PLACE.size]
    fits = kinds.count(1) == len(trail.branches) and kinds.count(0) == count - len(trail.branches)
    _require(fits, "what can be undone lacks a line")
    for line in trail.branches:
        for edit in line.edits:
            _check_edit(edit, shape, shape.parameter_count, _most_steps(shape))


def _check_start(start: IterationState, shape: Shape, size: int) -> None:
    """One network through all times: an edit changes activations, but nothing else of a shape."""
    was = start.network.shape
    same = was.layers == shape.layers and was.bias == shape.bias and was.error == shape.error
    same = same and was.optimiser == shape.optimiser and was.is_update_iteration
    _require(same, "the network had another shape")
    _require(len(start.network.parameters) == size, "parameters are missing or too many")
    _require(len(start.velocities) == shape.velocity_count, "velocities are missing or too many")
    _require(0.0 <= start.momentum < 1.0, "the momentum is out of range")
    _require(len(start.accumulated) == was.accumulated_count, "sums are missing or too many")
    _require(0 <= start.pass_start <= start.iteration, "a pass begins after its iteration")
    _require(start.shuffle is None or start.shuffle >= 0, "the seed is negative")
    check_examples(shape, start.examples)
    _require(start.iteration >= 0, "an iteration is negative")


def _check_edit(edit: Edit, shape: Shape, size: int, steps: int) -> None:
    _require(0 <= edit.cursor <= steps, "an edit was outside its iteration")
    known = all(0 <= index < size for index, _ in edit.parameters)
    _require(known, "an edit changed a parameter that is not there")
    if edit.examples is not None:
        check_examples(shape, edit.examples)
    if edit.momentum is not None:
        check_momentum(shape, edit.momentum)
    if edit.activations is not None:
        replace(shape, activations=edit.activations)
    if edit.update is not None:
        replace(shape, update=edit.update)
    _require(edit.shuffle is None or edit.shuffle >= IN_ORDER, "the seed is negative")


def _check_checkpoints(history: History, iteration: int, sizes: Sequence[int]) -> None:
    """Each lies between the edit that it is said to come after and the next one, or the end.

    `sizes` are those after each edit, or the one that never changed."""
    edited = [history.first.iteration, *(edit.iteration for edit in history.edits), iteration]
    _require(edited == sorted(edited), "edits are out of order")
    reach = list(pairwise(edited))
    for point in history.checkpoints:
        # Spelt out: a long session has 64 of them, at every step.
        if not 0 <= point.edits < len(reach):
            raise ValueError("a checkpoint does not fit the session")
        size = sizes[point.edits if len(sizes) > 1 else 0]
        if len(point.parameters) != size * FLOAT:
            raise ValueError("a checkpoint does not fit the session")
        early, late = reach[point.edits]
        if not early <= point.iteration <= late:
            raise ValueError("a checkpoint is out of order")


def _check_curve(curve: ErrorCurve) -> None:
    points, rest = divmod(len(curve.packed), FLOAT)
    _require(rest == 0 and points <= CURVE_POINTS, "the curve has another size")
    _require(curve.stride > 0, "the curve does not advance")


def _check_goal(goal: TrainingRun) -> None:
    _require(0 <= goal.begun < goal.until, "a goal lies behind its beginning")
    _require(not goal.outcome or goal.outcome in OUTCOMES, "a goal has an end that is not known")
    _require(goal.below is None or 0 < goal.below < inf, "a goal has a bound that E cannot meet")


def _check_run(run: SavedRun) -> None:
    points, rest = divmod(len(run.errors), FLOAT)
    _require(rest == 0 and 0 < points <= RUN_POINTS, "a run has another size")
    _require(len(run.iterations) == points * NUMBER, "a run has other iterations than errors")


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)
