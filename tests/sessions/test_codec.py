"""A session as bytes: every bit comes back, and nothing else is taken for one."""

import json
import re
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any
from zlib import crc32

import msgspec
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app.backprop.network import Example
from app.examples.presets import PRESETS
from app.sessions.codec import (
    FORMAT,
    HEADER,
    MOST_CHANGES,
    CorruptRecord,
    Stored,
    decode,
    encode,
)
from app.sessions.service import Session
from app.simulation.error_curve import pack_numbers
from app.simulation.navigation import can_undo, record_command, switch_branch, undo
from app.simulation.saved_runs import save_run
from app.simulation.simulation import Simulation
from app.simulation.training import start_training
from app.web.api.schemas.serialize import encode_state, values_of
from app.web.api.schemas.session_import import import_simulation, simulation_of_link
from tests.support.alterations import draw, random_alteration
from tests.support.random_networks import random_network
from tests.support.strategies import Move, Setting, bits, packed, walks

RECORDS = Path(__file__).parent / "records"
OLD_RECORDS = [
    old for path in sorted(RECORDS.glob("format-*.json")) for old in json.loads(path.read_text())
]
NEW_RECORDS = json.loads((RECORDS / "format-2.json").read_text())
KEY_HASH = bytes(range(32))
DECK = PRESETS["deck"].simulation
NAN, INFINITY = float("nan"), float("inf")


def through_bytes(simulation: Simulation) -> Simulation:
    """Return the simulation after being stored."""
    return decode(encode(Stored(KEY_HASH, simulation))).simulation


def body_of(stored: Stored) -> Any:
    """Return what is kept, as plain maps and lists."""
    return msgspec.msgpack.decode(encode(stored)[HEADER.size :])


def record_of(body: Any) -> bytes:
    """Return a record with a checksum that fits, whatever the body is."""
    raw = msgspec.msgpack.encode(body)
    return HEADER.pack(FORMAT, crc32(raw, FORMAT)) + raw


def changed(body: Any, place: Sequence[str | int], value: object) -> Any:
    """Set what is at a place in nested maps and lists."""
    at = body
    for key in place[:-1]:
        at = at[key]
    at[place[-1]] = value
    return body


@pytest.fixture(scope="module")
def long() -> Simulation:
    """The deck after 100,000 iterations, and a step."""
    return DECK.train(100_000).step()


@pytest.fixture(scope="module")
def eventful() -> Simulation:
    """A simulation with edits of every kind, checkpoints between them, a curve, a kept run, and a
    goal."""
    made = (
        DECK.train(40)
        .edit(learning_rate=0.25, activations=("tanh", "sigmoid"))
        .train(40)
        .edit(examples=[Example((1.0, 2.0, 3.0), (0.0, 1.0)), Example((0.0, 0.0, 0.0), (1.0, 1.0))])
        .edit(biases=((0.5,), (0.25,)))
        .train(40)
    )
    return start_training(save_run(made), 50, 0.125)


def test_the_goal_and_the_runs_come_back(eventful: Simulation) -> None:
    """Neither counts where simulations are compared, so this is asked by itself."""
    back = decode(encode(Stored(KEY_HASH, eventful))).simulation
    assert (back.training, back.saved_runs) == (eventful.training, eventful.saved_runs)
    assert back.training is not None
    assert back.saved_runs


def test_a_new_session_is_at_most_a_kilobyte_and_a_half() -> None:
    """A stored 3-4-2 session is at most 1.5 KB right after its creation, and in its iteration; the
    ids of its last changes add 240 bytes."""
    ids = tuple(f"tEnLeTeR.{number}" for number in range(10, 26))
    for cursor in range(len(DECK.steps) + 1):
        simulation = DECK.step(by="unit", count=cursor)
        assert len(encode(Stored(KEY_HASH, simulation, ids[:1]))) <= 1_540
        assert len(encode(Stored(KEY_HASH, simulation, ids))) <= 1_780


def test_a_long_session_is_at_most_40_kilobytes(long: Simulation) -> None:
    """A stored 3-4-2 session is at most 40 KB after 100,000 iterations."""
    assert len(encode(Stored(KEY_HASH, long))) <= 40_000


def test_a_long_session_comes_back(long: Simulation) -> None:
    """The long session goes on, back and to its start as if it had never been stored."""
    again = through_bytes(long)
    assert bits(again) == bits(long)
    assert bits(again.train(20)) == bits(long.train(20))
    assert bits(again.back(by="phase", count=90_000)) == bits(long.back(by="phase", count=90_000))
    assert again.errors() == long.errors()
    assert again.reset() == DECK


@hypothesis_settings(max_examples=60, deadline=None)
@given(walks(length=25, wild=True, longest=50))
def test_any_walk_can_be_stored_at_every_moment(walk: tuple[Setting, list[Move]]) -> None:
    """A walk that is stored and read after each move is the walk that never was, to the bit."""
    setting, moves = walk
    kept = stored = setting.simulation()
    finite = True
    for move in moves:
        kept, stored = move.of(kept), through_bytes(move.of(stored))
        assert bits(stored) == bits(kept)
        finite = finite and not any(number != number for number in kept.trace())
        if finite:  # the sign of a nan may be another each time
            assert encode(Stored(KEY_HASH, stored)) == encode(Stored(KEY_HASH, kept))


def test_a_session_whose_first_edits_were_forgotten_comes_back() -> None:
    """A history that no longer reaches its origin is stored with both its beginnings."""
    simulation = DECK
    for number in range(700):
        simulation = simulation.train(1).edit(learning_rate=0.1 + number / 1000)
    assert simulation.history.beginning is not None
    again = through_bytes(simulation)
    assert bits(again) == bits(simulation)
    assert bits(again.back(count=1_000_000)) == bits(simulation.back(count=1_000_000))


def test_the_ids_of_changes_come_back() -> None:
    """As many as are kept, as long as they may be."""
    stored = Stored(KEY_HASH, DECK, tuple(chr(33 + number) * 64 for number in range(MOST_CHANGES)))
    assert decode(encode(stored)) == stored


@pytest.mark.parametrize("number", [NAN, INFINITY, -INFINITY, 5e-324, 1e308])
def test_every_float_comes_back_to_the_bit(number: float) -> None:
    """What divergence leaves behind, and what rounding cannot, is stored as it is."""
    weights = [[list(row) for row in matrix] for matrix in DECK.network.weights]
    weights[0][1][2] = number
    simulation = DECK.edit(weights=weights, learning_rate=number).train(40).step()
    again = through_bytes(simulation)
    assert bits(again) == bits(simulation)
    before, after = simulation.back(count=10_000), again.back(count=10_000)
    assert packed(after.network.parameters) == packed(before.network.parameters)


def test_a_nan_with_a_payload_comes_back() -> None:
    """Even the bits of a nan that nobody looks at are kept."""
    (number,) = memoryview(b"\x01\x23\x45\x67\x89\xab\xf8\xff").cast("d")
    edited = DECK.edit(learning_rate=number)
    assert (
        pack_numbers([through_bytes(edited).learning_rate]) == b"\x01\x23\x45\x67\x89\xab\xf8\xff"
    )


@pytest.mark.parametrize("data", [b"", b"\x01", b"\x01\0\0\0", b"\x01\0\0\0\0"])
def test_too_few_bytes_are_refused(data: bytes) -> None:
    """A record cut off within its header is refused."""
    with pytest.raises(CorruptRecord):
        decode(data)


@pytest.mark.parametrize("format", [0, FORMAT + 1, 255])
def test_an_unknown_format_is_refused_by_its_number(format: int) -> None:
    """A record of another format is not guessed at; the error says which format it is."""
    data = encode(Stored(KEY_HASH, DECK))
    with pytest.raises(CorruptRecord, match=f"unknown format {format}"):
        decode(bytes([format]) + data[1:])


def test_every_flipped_bit_is_noticed() -> None:
    """No bit of a record can change without the record being refused."""
    data = encode(Stored(KEY_HASH, DECK.step()))
    for place in range(len(data)):
        for bit in range(8):
            damaged = bytearray(data)
            damaged[place] ^= 1 << bit
            with pytest.raises(CorruptRecord):
                decode(bytes(damaged))


def test_every_cut_is_noticed() -> None:
    """A record that is cut short, or has something after it, is refused."""
    data = encode(Stored(KEY_HASH, DECK.step()))
    for length in range(len(data)):
        with pytest.raises(CorruptRecord):
            decode(data[:length])
    with pytest.raises(CorruptRecord):
        decode(data + b"\0")


@hypothesis_settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200), st.booleans())
def test_any_other_bytes_are_refused(raw: bytes, sealed: bool) -> None:
    """Whatever the bytes, even under a checksum that fits: refused, and in one way."""
    with pytest.raises(CorruptRecord):
        decode(HEADER.pack(FORMAT, crc32(raw, FORMAT)) + raw if sealed else raw)


@hypothesis_settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32))
def test_what_gets_past_the_checksum_is_refused_or_works(eventful: Simulation, seed: int) -> None:
    """A record with some bytes wrong under a checksum that fits is refused, or can be used."""
    random = Random(seed)
    raw = bytearray(encode(Stored(KEY_HASH, eventful))[HEADER.size :])
    for _ in range(random.randint(1, 3)):
        raw[random.randrange(len(raw))] = random.randrange(256)
    try:
        simulation = decode(HEADER.pack(FORMAT, crc32(raw, FORMAT)) + raw).simulation
    except CorruptRecord:
        return
    if simulation.iteration < 10_000 and simulation.history.first.iteration < 10_000:
        walk(simulation)


def walk(simulation: Simulation) -> None:
    """Go through all that a visitor can do."""
    for moved in (simulation.train(20).step(), simulation.back(count=7), simulation.reset()):
        bits(moved)
        values_of(moved)
        moved.errors()
    bits(simulation.edit(learning_rate=0.1).back(count=2))
    bits(simulation.back(by="phase", count=1_000))


NETWORK = ("simulation", "start", "network")
ORIGIN = ("simulation", "history", "origin")
EDIT = ("simulation", "history", "edits", 0)
POINT = ("simulation", "history", "checkpoints", 0)
CURVE = ("simulation", "history", "curve")
GOAL = ("simulation", "training")
RUN = ("simulation", "saved_runs", 0)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("key_hash",), b"short"),
        (("key_hash",), "x" * 32),
        (("changes",), ["a"] * 17),
        (("changes",), ["a", ""]),
        (("changes",), ["x" * 65]),
        (("changes",), [1]),
        (("simulation",), None),
        (("simulation", "cursor"), -1),
        (("simulation", "cursor"), 78),
        (("simulation", "cursor"), 1.5),
        (("simulation", "start", "iteration"), -1),
        (("simulation", "start", "iteration"), 100),
        (("simulation", "start", "learning_rate"), "0.5"),
        (("simulation", "start", "examples"), []),
        (("simulation", "start", "examples", 0, "inputs"), [1.0]),
        (("simulation", "start", "examples", 1, "targets"), [1.0, 0.0, 0.0]),
        ((*NETWORK, "parameters"), [0.0] * 25),
        ((*NETWORK, "parameters"), [None] * 26),
        ((*NETWORK, "shape", "layers"), [3, 4]),
        ((*NETWORK, "shape", "layers"), [3, 4, 9]),
        ((*NETWORK, "shape", "layers"), [3, 2, 4]),
        ((*NETWORK, "shape", "activations"), ["tanh", "__import__"]),
        ((*NETWORK, "shape", "bias"), "per_unit"),
        ((*NETWORK, "shape", "error"), "none"),
        ((*NETWORK, "shape", "optimiser"), "adam"),
        ((*NETWORK, "shape", "optimiser"), "momentum"),
        (("simulation", "start", "hyperparameters"), [0.9]),
        (("simulation", "start", "optimiser_state"), [0.0]),
        (("simulation", "start", "accumulated"), [0.0]),
        (("simulation", "start", "pass_start"), 1),
        (("simulation", "start", "shuffle"), -1),
        ((*ORIGIN, "previous_error"), 0.5),
        ((*EDIT, "hyperparameters"), [["momentum", 0.5]]),
        ((*EDIT, "hyperparameters"), [["none", 0.5]]),
        ((*NETWORK, "shape", "is_update_iteration"), False),
        ((*NETWORK, "shape", "activations"), [["tanh", "relu"], "sigmoid"]),
        ((*ORIGIN, "network", "shape", "layers"), [4, 3, 2]),
        ((*ORIGIN, "network", "parameters"), []),
        ((*ORIGIN, "examples"), [{"inputs": [1.0], "targets": [1.0]}]),
        ((*ORIGIN, "iteration"), 50),
        (("simulation", "history", "beginning"), {}),
        ((*EDIT, "iteration"), 81),
        ((*EDIT, "iteration"), -1),
        ((*EDIT, "cursor"), 78),
        ((*EDIT, "parameters"), [[26, 0.5]]),
        ((*EDIT, "parameters"), [[-1, 0.5]]),
        ((*EDIT, "parameters"), [[0.5, 0.5]]),
        ((*EDIT, "activations"), ["tanh"]),
        ((*EDIT, "examples"), [{"inputs": [1.0], "targets": [1.0]}]),
        ((*POINT, "edits"), -1),
        ((*POINT, "edits"), 4),
        ((*POINT, "edits"), 3),
        ((*POINT, "iteration"), 41),
        ((*POINT, "parameters"), b"\0" * 207),
        ((*CURVE, "stride"), 0),
        ((*CURVE, "packed"), b"\0" * 9),
        ((*CURVE, "packed"), b"\0" * 8 * 513),
        ((*GOAL, "until"), 80),
        ((*GOAL, "outcome"), "soon"),
        ((*GOAL, "below"), 0.0),
        ((*GOAL, "below"), -1.0),
        ((*RUN, "errors"), b""),
        ((*RUN, "errors"), b"\0" * 8 * 129),
        ((*RUN, "iterations"), b"\0" * 3),
        ((*RUN, "shape", "layers"), [3, 4, 9]),
        (("simulation", "saved_runs"), None),
    ],
)
def test_parts_that_do_not_fit_are_refused(
    eventful: Simulation, place: tuple[str | int, ...], value: object
) -> None:
    """A record whose parts do not fit each other is refused whole, checksum or not."""
    body = body_of(Stored(KEY_HASH, eventful))
    assert decode(record_of(body)).simulation == eventful
    with pytest.raises(CorruptRecord, match="not a session"):
        decode(record_of(changed(body, place, value)))


@pytest.fixture(scope="module")
def travelled(eventful: Simulation) -> Simulation:
    """One that has branched, undone, and stands behind what it can return to."""
    eventful = replace(eventful, training=None)
    branched = record_command(eventful.back("phase", 100).edit(learning_rate=0.75), eventful)
    on = record_command(branched.train(30).edit(biases=((1.0,), (2.0,))).train(900), branched)
    back = record_command(on.back("phase", 2_700), on)
    *_, undone = undo(record_command(back.step(), back))
    assert undone.history.ahead == 0
    *_, undone = undo(undone)
    return record_command(undone.back("phase", 2_820), undone)


def test_a_session_with_its_other_line_comes_back(travelled: Simulation) -> None:
    """What lies ahead, the line that was left, and what can be undone are stored as they are."""
    again = through_bytes(travelled)
    assert (again.history, again.undo_stack, again.redo_stack) == (
        travelled.history,
        travelled.undo_stack,
        travelled.redo_stack,
    )
    assert travelled.history.ahead
    assert travelled.history.near
    for change in (switch_branch, undo):
        *_, there = change(again)
        *_, expected = change(travelled)
        assert bits(there) == bits(expected)
    assert again.errors() == travelled.errors()


def test_a_record_of_before_there_was_travelling_is_read(eventful: Simulation) -> None:
    """A record without what lies ahead, other lines and what can be undone is one without these."""
    body = body_of(Stored(KEY_HASH, eventful))
    for name in ("undo_stack", "redo_stack"):
        del body["simulation"][name]
    for name in ("ahead", "end", "near", "number", "forgotten", "other_branch"):
        del body["simulation"]["history"][name]
    old = decode(record_of(body)).simulation
    assert bits(old) == bits(eventful)
    assert (old.history, old.undo_stack) == (eventful.history, eventful.undo_stack)
    assert not can_undo(old)
    assert bits(old.back(count=9).edit(learning_rate=0.5)) == bits(
        eventful.back(count=9).edit(learning_rate=0.5)
    )


HISTORY = ("simulation", "history")
LINE = (*HISTORY, "other_branch", "branch")


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ((*HISTORY, "ahead"), -1),
        ((*HISTORY, "ahead"), 99),
        ((*HISTORY, "ahead"), 0),
        ((*HISTORY, "end"), None),
        ((*HISTORY, "end"), [5, 0]),
        ((*HISTORY, "end"), [100_000, 78]),
        ((*HISTORY, "near", "stride"), 0),
        ((*LINE, "end"), None),
        ((*LINE, "end"), [0, 3]),
        ((*LINE, "curve", "packed"), b"\0" * 9),
        ((*LINE, "edits", 0, "parameters"), [[26, 0.5]]),
        (("simulation", "undo_stack", "places"), b"\0" * 16),
        (("simulation", "undo_stack", "places"), b"\1" * 30),
        (("simulation", "undo_stack", "places"), b"\0" * 15 * 65),
    ],
)
def test_parts_of_a_way_that_do_not_fit_are_refused(
    travelled: Simulation, place: tuple[str | int, ...], value: object
) -> None:
    """So is a record of which what lies ahead, the other line or what can be undone does not."""
    body = body_of(Stored(KEY_HASH, travelled))
    assert decode(record_of(body)).simulation == travelled
    with pytest.raises(CorruptRecord, match="not a session"):
        decode(record_of(changed(body, place, value)))


@pytest.fixture(scope="module")
def altered() -> Simulation:
    """One whose network was altered several times, with another branch and a way back."""
    random, simulation = Random(4), DECK.train(20)
    for _ in range(3):
        changes = random_alteration(random, simulation).alteration.changes
        simulation = (
            record_command(simulation.edit(**changes), simulation).train(25).step("unit", 9)
        )
    left = record_command(simulation.back("phase", 80), simulation)
    changes = random_alteration(random, left).alteration.changes
    there = record_command(left.edit(**changes).train(40), left)
    return record_command(there.back("phase", 20), there)


def test_altered_networks_come_back(altered: Simulation) -> None:
    """Every state on both branches is as it was, and undo and redo lead where they led."""
    again = through_bytes(altered)
    assert again.history == altered.history
    assert altered.history.edits[0].shape is not None
    assert altered.history.other_branch is not None
    for change in (switch_branch, undo):
        *_, there = change(again)
        *_, expected = change(altered)
        assert bits(through_bytes(there)) == bits(expected)
    here = again
    while not here.at_beginning:
        here = through_bytes(here.back("phase", 7))
    assert bits(here) == bits(DECK)


@pytest.mark.parametrize("seed", range(20))
def test_any_alteration_can_be_stored_at_every_moment(seed: int) -> None:
    """A session with alterations is read back after every command, and goes on alike."""
    random = Random(seed)
    simulation = random_network(random)
    for _ in range(25):
        before, move = (
            simulation,
            random.choice(("alter", "alter", "train", "back", "undo", "over")),
        )
        match move:
            case "alter":
                changes = random_alteration(random, simulation).alteration.changes
                simulation = simulation.edit(**changes)
            case "train":
                simulation = simulation.train(random.randint(1, 30)).step(
                    "unit", random.randint(0, 9)
                )
            case "back":
                simulation = simulation.back("layer", random.randint(1, 30))
            case "over":
                simulation = simulation.start_over()
            case _ if can_undo(simulation):
                *_, simulation = undo(simulation)
        if move != "undo":
            simulation = record_command(simulation, before)
        stored = through_bytes(simulation)
        assert bits(stored) == bits(simulation)
        assert stored.history == simulation.history
        simulation = stored


def test_a_session_that_forgot_alterations_comes_back() -> None:
    """So does one that has forgotten its first alterations, within its size."""
    simulation = DECK
    for count in range(150):
        simulation = simulation.train(20).edit(layers=(3, 4 + count % 3, 2))
    assert simulation.history.altered_origin is not None
    data = encode(Stored(KEY_HASH, simulation))
    assert len(data) <= 40_000
    again = decode(data).simulation
    assert bits(again.start_over()) == bits(simulation.start_over())
    body = body_of(Stored(KEY_HASH, simulation))
    body["simulation"]["history"]["altered_origin"] = body["simulation"]["history"]["origin"]
    body["simulation"]["history"]["altered_origin"]["network"]["shape"]["bias"] = "none"
    with pytest.raises(CorruptRecord, match="not a session"):
        decode(record_of(body))


ALTERATION = (*HISTORY, "edits", 0)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ((*ALTERATION, "shape"), None),
        ((*ALTERATION, "shape", "layers"), [3, 9, 2]),
        ((*ALTERATION, "shape", "layers"), [3, 4, 4, 4, 4, 2]),
        ((*ALTERATION, "shape", "layers"), [4, 5, 2]),
        ((*ALTERATION, "shape", "error"), "none"),
        ((*ALTERATION, "shape", "error"), "binary_cross_entropy"),
        ((*ALTERATION, "shape", "optimiser"), "momentum"),
        ((*ALTERATION, "shape", "update"), "mean"),
        ((*ALTERATION, "shape", "is_update_iteration"), False),
        ((*ALTERATION, "kept_layers"), []),
        ((*ALTERATION, "kept_layers"), [0, 1]),
        ((*ALTERATION, "kept_layers"), [0, 2, 1]),
        ((*ALTERATION, "kept_layers"), [1, None, 2]),
        ((*ALTERATION, "kept_layers"), [0, 0, 2]),
        ((*ALTERATION, "kept_layers"), [0, 7, 2]),
        ((*ALTERATION, "parameters"), [[27, 0.5], [99, 0.5]]),
        ((*ALTERATION, "hyperparameters"), [["momentum", 0.5]]),
        ((*ALTERATION, "cursor"), 78),
        ((*HISTORY, "checkpoints", 0, "edits"), 1),
        ((*HISTORY, "checkpoints", -1, "edits"), 0),
        ((*HISTORY, "end"), [60, 10_000]),
    ],
)
def test_an_alteration_that_does_not_fit_is_refused(
    place: tuple[str | int, ...], value: object
) -> None:
    """A record with an altered network whose parts do not fit each other is refused whole."""
    wider = DECK.train(40).step().edit(layers=(3, 5, 2), draw=draw).train(40)
    body = body_of(Stored(KEY_HASH, wider))
    assert decode(record_of(body)).simulation == wider
    with pytest.raises(CorruptRecord, match="not a session"):
        decode(record_of(changed(body, place, value)))


def test_a_field_that_is_missing_is_refused(eventful: Simulation) -> None:
    """Only what has a default may be absent."""
    body = body_of(Stored(KEY_HASH, eventful))
    del body["simulation"]["cursor"]
    with pytest.raises(CorruptRecord):
        decode(record_of(body))


def test_a_record_from_before_momentum_is_read(eventful: Simulation) -> None:
    """What it does not say is as it was then: gradient descent, which keeps nothing."""
    body = body_of(Stored(KEY_HASH, eventful))
    assert decode(
        record_of(_without(body, {"optimiser", "hyperparameters", "optimiser_state"}))
    ) == Stored(KEY_HASH, eventful)


def _without(body: Any, fields: set[str]) -> Any:
    if isinstance(body, dict):
        return {name: _without(part, fields) for name, part in body.items() if name not in fields}
    return [_without(part, fields) for part in body] if isinstance(body, list) else body


def test_a_beginning_of_another_shape_is_refused(eventful: Simulation) -> None:
    """The earliest moment that going back can reach has the network's shape as well."""
    history = replace(eventful.history, beginning=PRESETS["mazur"].simulation.start)
    data = encode(Stored(KEY_HASH, replace(eventful, history=history)))
    with pytest.raises(CorruptRecord, match="another shape"):
        decode(data)


@pytest.mark.parametrize("old", OLD_RECORDS, ids=lambda old: str(old["name"]))
def test_a_record_of_the_format_before(old: dict[str, Any]) -> None:
    """It opens at the state that the version which wrote it showed, and walks on and back."""
    stored = decode(b64decode(old["record"]))
    simulation = stored.simulation
    assert list(stored.changes) == old.get("changes", [])
    assert (stored.changed, stored.others, stored.number, stored.removed) == (0, (), 0, False)
    assert json.loads(encode_state(Session("", 1, simulation))) == old["state"] | {"name": ""}
    assert bits(through_bytes(simulation)) == bits(simulation)
    assert bits(simulation.step("unit", 7).back("unit", 7)) == bits(simulation)
    simulation.back("unit", 100)
    assert can_undo(simulation) == bool(len(simulation.undo_stack))
    assert not re.search(r"-0\.0\b", repr(simulation))


@pytest.mark.parametrize("old", NEW_RECORDS, ids=lambda old: str(old["name"]))
def test_what_the_version_before_exported(old: dict[str, Any]) -> None:
    """Its links and files open at the state that it showed."""
    linked = simulation_of_link(old["link"])
    imported, own = import_simulation(old["file"].encode(), DECK)
    assert own
    for simulation in (linked, imported):
        assert json.loads(encode_state(Session("", 1, simulation))) == old["state"] | {"name": ""}
        simulation.train(20).back("unit", 50)


def test_saved_runs_and_edits_of_the_format_before() -> None:
    """The momentum of an edit and of a saved run is one of the hyperparameters."""
    records = {old["name"]: decode(b64decode(old["record"])).simulation for old in NEW_RECORDS}
    edits = records["edits of momentum"].history.edits
    assert [dict(edit.hyperparameters) for edit in edits] == [{"momentum": 0.5}, {"momentum": 0.0}]
    training = records["saved runs and a training"]
    momenta = [dict(run.hyperparameters) for run in training.saved_runs]
    assert momenta == [{"momentum": 0.9}, {"momentum": 0.75}]
    assert training.training is not None
