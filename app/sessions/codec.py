"""Encodes sessions as a format byte, a checksum, and MessagePack over the dataclasses.

Floats are stored as their 64 bits, so NaN, infinities and −0.0 survive.

A new field must have a default, which older records then get. A field that is gone is ignored in
older records. Any other change needs a new FORMAT and a reader for the old one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import pairwise
from math import inf
from struct import Struct, error
from typing import Annotated, Any, Self
from zlib import crc32

import msgspec

from app.backprop.compiler import compile_iteration
from app.backprop.errors import checked_name
from app.backprop.network import Shape, as_entered, check_examples, check_hyperparameter
from app.backprop.places import check_kept_layers
from app.sessions.lecture import CODE, MOST_PINS, Question, Script
from app.sessions.practice import Practice
from app.simulation.error_curve import (
    CURVE_POINTS,
    MAX_SAVED_RUNS,
    RUN_POINTS,
    ErrorCurve,
    SavedRun,
    pack_numbers,
    unpack_numbers,
)
from app.simulation.history import Edit, History
from app.simulation.iteration import IN_ORDER, Moment, check_state
from app.simulation.simulation import OUTCOMES, Simulation, TrainingRun
from app.simulation.undo import MOST, PLACE, UndoStack

FORMAT = 5
CHANGE_ID = "^[!-~]{1,64}$"  # what the id of a change may be
MOST_CHANGES = 16  # ids that a session keeps
MOST_OWNERS = 8  # besides the first one
RENAMED = {  # the field names of format 1 that differ
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
HEADER = Struct("<BI")  # the format, and the checksum
FLOAT, NUMBER = 8, 4  # bytes
KEY_HASH = sha256().digest_size


class CorruptRecord(Exception):
    """The bytes of a session are damaged or of an unknown format."""


class NewerFormat(CorruptRecord):
    """The record was written by a newer version, which this one leaves as it is."""


Checksum = Callable[[bytes | memoryview, int], int]  # of the content, and of the format
Changes = Annotated[
    tuple[Annotated[str, msgspec.Meta(pattern=CHANGE_ID)], ...],
    msgspec.Meta(max_length=MOST_CHANGES),
]


@dataclass(frozen=True, slots=True)
class Lecture:
    """A network as something to show to a class: prepared, or shared with followers."""

    code: str = ""  # by which followers find it; empty if it is not shared
    until: int = 0  # when sharing ends by itself, in Unix seconds
    by: str = "layer"  # the granularity that the lecturer sees
    # What followers see meanwhile if the lecturer has paused, and its version.
    paused: Simulation | None = None
    paused_at: int = 0
    question: Question | None = None  # the open one; its values are hidden from everybody
    questions: int = 0  # how many were asked
    pin: int = 0  # which pin of the script was gone to last, from 1; 0 for none
    script: Annotated[Script, msgspec.Meta(max_length=MOST_PINS)] | None = (
        None  # None: the built-in one
    )

    def __post_init__(self) -> None:
        if self.code and not CODE.fullmatch(self.code):
            raise ValueError("not a code")

    def shown(self, simulation: Simulation) -> Simulation:
        """What followers see while the network is at this state."""
        return self.paused or simulation

    def ended(self) -> Self:
        """The same, no longer shared."""
        return replace(self, code="", paused=None, question=None)


@dataclass(frozen=True, slots=True)
class Stored:
    """The stored content of a session."""

    key_hash: bytes  # SHA-256 of its owner's key
    simulation: Simulation
    changes: Changes = ()  # the ids of its last changes, the newest last; none in format 3
    # `changed`, `others`, `number`, `removed`: not in formats before 5.
    changed: int = 0  # when it was changed last, in Unix seconds; 0 if that is not known
    others: Annotated[
        tuple[bytes, ...], msgspec.Meta(max_length=MOST_OWNERS)
    ] = ()  # further hashes
    number: int = 0  # which one of its first owner's networks it was, from 1; 0 if not known
    removed: bool = False  # whether its owner has deleted it; it can be taken back for a while
    lecture: Lecture | None = None  # None until it is prepared or shared; not before lectures
    practice: Practice | None = None  # None until somebody practises; not before there was practice


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Stored)


def encode(stored: Stored) -> bytes:
    """Encode a session."""
    return seal(_encoder.encode(stored), FORMAT, _checksum)


def decode(data: bytes) -> Stored:
    """Decode the bytes of `encode`, and check that the parts of the session are consistent.

    Raises CorruptRecord for any other bytes.
    """
    format, body = unseal(data, FORMAT, _checksum)
    try:
        if format > 2:
            stored = _decoder.decode(body)
        else:
            stored = msgspec.convert(_converted(msgspec.msgpack.decode(body)), Stored)
        _check(stored)
    except (msgspec.MsgspecError, ValueError) as cause:
        raise CorruptRecord(f"not a session: {cause}") from cause
    return stored


def seal(body: bytes, format: int, checksum: Checksum) -> bytes:
    """Put the format and the checksum before the content of a record."""
    return HEADER.pack(format, checksum(body, format)) + body


def unseal(data: bytes, newest: int, checksum: Checksum) -> tuple[int, memoryview]:
    """Return the format and the content of a record. Raises CorruptRecord, NewerFormat."""
    try:
        format, expected = HEADER.unpack_from(data)
    except (error, TypeError) as cause:
        raise CorruptRecord("too short to be a record") from cause
    if not 1 <= format <= newest:
        kind = NewerFormat if format else CorruptRecord
        raise kind(f"unknown format {format}; this version reads 1 to {newest}")
    body = memoryview(data)[HEADER.size :]
    if checksum(body, format) != expected:
        raise CorruptRecord("damaged: wrong checksum")
    return format, body


def _checksum(body: bytes | memoryview, format: int) -> int:
    """The checksum, which in formats 1 and 2 did not cover the format."""
    return crc32(body, format if format > 2 else 0)


def _converted(value: Any) -> Any:
    """Convert format 1, whose names differ, or 2, in which the momentum was the only hyperparameter.

    In both, a number could be −0.
    """
    if isinstance(value, list):
        return [_converted(each) for each in value]
    if isinstance(value, float):
        return value + 0.0
    if not isinstance(value, dict):
        return value
    fields = {RENAMED.get(key, key): _converted(each) for key, each in value.items()}
    if isinstance(numbers := fields.get("parameters"), bytes):  # a checkpoint
        fields["parameters"] = pack_numbers(as_entered(unpack_numbers(numbers)))
    if "momentum" in fields:
        momentum = fields.pop("momentum")
        velocities = fields.pop("velocities", None)
        if velocities is not None:  # the start of an iteration
            fields["optimiser_state"] = velocities
            fields["hyperparameters"] = [momentum] if velocities else []
        elif momentum is not None:  # an edit or a saved run
            fields["hyperparameters"] = [["momentum", momentum]]
    return fields


# The checksum protects the bits, and the decoder checks the types. The following checks that the
# parts are consistent, so that a record written by a faulty version fails here, and not later in
# the middle of a step. All of them raise ValueError (Invalid is one).


def _check(stored: Stored) -> None:
    for hash in (stored.key_hash, *stored.others):
        _require(len(hash) == KEY_HASH, "wrong length of a key hash")
    _require(stored.changed >= 0 and stored.number >= 0, "a time or a number is negative")
    simulation, history = stored.simulation, stored.simulation.history
    _require(checked_name(simulation.name) == simulation.name, "not a name")
    check_state(simulation.start)
    inside = 0 <= simulation.cursor <= len(simulation.steps)
    _require(inside, "the cursor is outside the iteration")
    here = _check_branch(history, simulation.moment)
    _check_shape(simulation.network.shape, here)
    if history.other_branch is not None:
        branch = history.other_branch.branch
        _require(branch.end is not None and branch.other_branch is None, "a branch has no end")
        _check_branch(branch, branch.end or simulation.moment)
        _check_shape(branch.origin.network.shape, history.origin.network.shape)
    for stack in (simulation.undo_stack, simulation.redo_stack):
        if stack.places:
            _check_stack(stack)
    if simulation.training is not None:
        _check_training(simulation.training)
    _require(len(simulation.saved_runs) <= MAX_SAVED_RUNS, "too many saved runs")
    for run in simulation.saved_runs:
        _check_run(run)


def _check_branch(history: History, here: Moment) -> Shape:
    """Checks a branch: `here` must lie between its last edit and the next one, or its end.

    Returns:
        The network's shape at `here`, without the activations and the update that edits have set.
    """
    shape = history.first.network.shape
    check_state(history.origin)
    if history.beginning is not None:
        check_state(history.beginning)
    # Whether its iterations differ in their steps.
    varies = shape.accumulates or any(edit.update or edit.shape for edit in history.edits)
    altered = history.altered_origin
    if altered is None:
        _check_shape(history.origin.network.shape, shape)
    else:
        check_state(altered)
        _check_shape(altered.network.shape, shape)
    if not varies:
        size, steps = shape.parameter_count, len(compile_iteration(shape).steps)
        for edit in history.edits:
            _check_edit(edit, shape, size, steps)
    end, edits = history.end or here, history.edit_count
    _require(0 <= edits <= len(history.edits), "more edits are ahead than there are")
    _require(history.end is not None or not history.ahead, "edits are ahead, but no end")
    next_edit = history.edits[edits] if history.ahead else None
    until = end if next_edit is None else (next_edit.iteration, next_edit.cursor)
    _require(history.edited_at <= here[0] and here <= until, "the moment is not on its branch")
    if varies:
        shape = _check_each(history, end)
    else:
        _require(0 <= end[1] <= steps, "the end is outside its iteration")
        _check_checkpoints(history, end[0], [shape.state_count])
    _check_curve(history.curve)
    if history.near is not None:
        _check_curve(history.near)
    return shape


def _check_each(history: History, end: Moment) -> Shape:
    """Checks the edits, the end and the checkpoints against the steps of their own iterations.

    Returns:
        The network's shape after the edits that come before the current moment.
    """
    start = history.first
    shapes = [start.network.shape]
    for edit in history.edits:
        _require(edit.iteration >= start.pass_start, "an edit is outside its iteration")
        shape = start.network.shape
        _check_edit(edit, shape, shape.parameter_count, start.steps_in(edit.iteration))
        start = edit.apply(start)
        if edit.shape is not None:
            check_examples(start.network.shape, start.examples)
        shapes.append(start.network.shape)
    inside = end[0] >= start.pass_start and 0 <= end[1] <= start.steps_in(end[0])
    _require(inside, "the end is outside its iteration")
    _check_checkpoints(history, end[0], [shape.state_count for shape in shapes])
    return shapes[history.edit_count]


def _check_stack(stack: UndoStack) -> None:
    count, rest = divmod(len(stack.places), PLACE.size)
    _require(rest == 0 and count <= MOST, "wrong size of the undo stack")
    flags = stack.places[:: PLACE.size]
    fits = flags.count(1) == len(stack.branches) and flags.count(0) == count - len(stack.branches)
    _require(fits, "the undo stack lacks a branch")


def _check_shape(own: Shape, shape: Shape) -> None:
    """Checks a shape against that of the branch, of which an edit can change activations and update."""
    same = own == shape or shape == replace(own, activations=shape.activations, update=shape.update)
    _require(same, "the network had another shape")


def _check_edit(edit: Edit, shape: Shape, size: int, steps: int) -> None:
    """Checks an edit of a network with a shape and so many parameters, in an iteration of so many
    steps."""
    _require(0 <= edit.cursor <= steps, "an edit is outside its iteration")
    if edit.shape is not None:
        _require(edit.shape.is_update_iteration, "an edit alters the network for one iteration")
        _require(edit.shape.update == shape.update, "an edit changes the updates twice")
        check_kept_layers(edit.kept_layers, shape, edit.shape)
        shape, size = edit.shape, edit.shape.parameter_count
    known = all(0 <= index < size for index, _ in edit.parameters)
    _require(known, "an edit changes an unknown parameter")
    if edit.examples is not None:
        check_examples(shape, edit.examples)
    for name, value in edit.hyperparameters:
        _require(name in shape.hyperparameters, "an edit changes an unknown hyperparameter")
        check_hyperparameter(name, value)
    if edit.activations is not None:
        replace(shape, activations=edit.activations)
    if edit.update is not None:
        replace(shape, update=edit.update)
    _require(edit.shuffle is None or edit.shuffle >= IN_ORDER, "the seed is negative")


def _check_checkpoints(history: History, iteration: int, sizes: Sequence[int]) -> None:
    """Checks that each checkpoint lies between its edit and the next one, or the end.

    `sizes` has the size of the state after each edit, or the only one if it never changes.
    """
    edited = [history.first.iteration, *(edit.iteration for edit in history.edits), iteration]
    _require(edited == sorted(edited), "edits are out of order")
    ranges = list(pairwise(edited))
    for checkpoint in history.checkpoints:
        # Without `_require`, for speed: a long session has 64 of them, at every step.
        if not 0 <= checkpoint.edits < len(ranges):
            raise ValueError("a checkpoint does not fit the session")
        size = sizes[checkpoint.edits if len(sizes) > 1 else 0]
        if len(checkpoint.parameters) != size * FLOAT:
            raise ValueError("a checkpoint does not fit the session")
        first, last = ranges[checkpoint.edits]
        if not first <= checkpoint.iteration <= last:
            raise ValueError("a checkpoint is out of order")


def _check_curve(curve: ErrorCurve) -> None:
    points, rest = divmod(len(curve.packed), FLOAT)
    _require(rest == 0 and points <= CURVE_POINTS, "wrong size of the curve")
    _require(curve.stride > 0, "the curve does not advance")


def _check_training(training: TrainingRun) -> None:
    _require(0 <= training.begun < training.until, "a training ends before it begins")
    _require(training.outcome in ("", *OUTCOMES), "a training has an unknown outcome")
    _require(training.below is None or 0 < training.below < inf, "a training has a wrong bound")


def _check_run(run: SavedRun) -> None:
    points, rest = divmod(len(run.errors), FLOAT)
    _require(rest == 0 and 0 < points <= RUN_POINTS, "wrong size of a saved run")
    _require(
        len(run.iterations) == points * NUMBER,
        "a saved run has more iterations than errors, or fewer",
    )


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)
