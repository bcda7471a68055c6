"""What a class is asked, what it answers, and how its answers are told apart.

The open question is kept with the network, which does not change meanwhile. Its answers have a record of
their own. It holds one answer for each follower until the question is revealed, and then only counts.
"""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field, replace
from zlib import crc32

import msgspec
from cachetools import LRUCache

from app.analysis.diagnosis import Mistake, diagnose, parse_answer
from app.analysis.misconceptions import key, values_of
from app.backprop.errors import N_, Invalid
from app.classroom.refusals import AnswersClosed, NotAsked
from app.classroom.rooms import Rooms
from app.sessions.codec import Lecture, Stored, seal, unseal
from app.sessions.lecture import NUMBER, SIGN, Question
from app.sessions.service import (
    ATTEMPTS,
    Conflict,
    Press,
    QuestionOpen,
    Session,
    Sessions,
)
from app.sessions.stores.base import Store
from app.simulation.simulation import Simulation

FORMAT = 1
MOST_ANSWERS = 20_000
LONGEST = 40  # characters of an answer
POSITIVE, NEGATIVE, ZERO = "+", "-", "0"
SIGNS = {  # what may be sent for each
    "+": POSITIVE, "positive": POSITIVE, "1": POSITIVE,
    "-": NEGATIVE, "−": NEGATIVE, "negative": NEGATIVE, "-1": NEGATIVE,
    "0": ZERO, "zero": ZERO,
}  # fmt: skip
EQUAL = "equal"
RIGHT, UNEXPLAINED = "right", "unexplained"


@dataclass(frozen=True, slots=True)
class Bar:
    """How many answers are alike: right, of one recognised mistake, or unexplained."""

    kind: str
    count: int
    example: str = ""  # one of them, as it was given; by it the mistake can be told again


@dataclass(frozen=True, slots=True)
class Tally:
    """The answers to a question once it is revealed."""

    bars: tuple[Bar, ...]  # the right ones first, then the most frequent

    @property
    def answers(self) -> int:
        return sum(bar.count for bar in self.bars)

    def count(self, kind: str) -> int:
        return sum(bar.count for bar in self.bars if bar.kind == kind)

    @property
    def mistakes(self) -> tuple[Bar, ...]:
        return tuple(bar for bar in self.bars if bar.kind not in (RIGHT, UNEXPLAINED))


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question, the state of the network that it is about, and its answers."""

    number: int  # among those of its network, from 1
    question: Question
    simulation: Simulation
    answers: dict[str, str] = field(default_factory=dict)  # by follower, until it is revealed
    tally: Tally | None = None  # since it is revealed


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said of an answer."""

    is_right: bool
    mistakes: tuple[Mistake, ...] = ()

    @property
    def kind(self) -> str:
        if self.is_right:
            return RIGHT
        return self.mistakes[0].name if self.mistakes else UNEXPLAINED


def ahead(simulation: Simulation) -> Simulation:
    """The state of the iteration whose values are still to come: at the end of one, of the next."""
    return simulation.step("unit") if simulation.finished else simulation


def check_question(simulation: Simulation, question: Question) -> None:
    """Raise Invalid unless the quantities of a question are computed by steps still to be taken."""
    cursor = 0 if simulation.finished else simulation.cursor
    position = ahead(simulation).compiled.position
    for address in question.addresses:
        if address not in position:
            raise Invalid("address", N_("No step of this iteration computes this quantity."))
        if position[address] < cursor:
            raise Invalid("address", N_("This value is shown already. Ask for one still to come."))


def revealed(simulation: Simulation, question: Question, by: str) -> Simulation:
    """Take the steps that compute the quantities of a question."""
    coming = ahead(simulation)
    last = max(coming.compiled.position[address] for address in question.addresses)
    while (simulation.iteration, simulation.cursor) <= (coming.iteration, last):
        simulation = simulation.step(by)
    return simulation


def values(asked: AskedQuestion) -> tuple[float, ...]:
    """The true values of the quantities."""
    simulation = ahead(asked.simulation)
    found = values_of(simulation)
    position = simulation.compiled.position
    return tuple(found[key(simulation.steps[position[each]])] for each in asked.question.addresses)


def read_answer(question: Question, text: str) -> str:
    """Return an answer as it is kept. Raises Invalid."""
    text = text.strip()
    if question.kind == NUMBER:
        if len(text) > LONGEST:
            raise Invalid("answer", N_("Enter a number, such as −0.25."))
        parse_answer(text)
        return text
    if question.kind == SIGN:
        if text not in SIGNS:
            raise Invalid("answer", N_("Choose positive, negative or zero."))
        return SIGNS[text]
    if text not in (*question.addresses, EQUAL):
        raise Invalid("answer", N_("Choose one of the two quantities."))
    return text


def right_answer(asked: AskedQuestion) -> str:
    """The right one of the answers to a question with choices."""
    one, *others = values(asked)
    if asked.question.kind == SIGN:
        return POSITIVE if one > 0 else NEGATIVE if one < 0 else ZERO
    (other,) = others
    return EQUAL if one == other else asked.question.addresses[one < other]


# By the record of the question and the answer.
_verdicts: LRUCache[tuple[str, str], Verdict] = LRUCache(20_000)


def _verdict(record: str, asked: AskedQuestion, text: str) -> Verdict:
    if (record, text) not in _verdicts:
        _verdicts[record, text] = _judge(asked, text)
    return _verdicts[record, text]


def _judge(asked: AskedQuestion, text: str) -> Verdict:
    if asked.question.kind != NUMBER:
        return Verdict(text == right_answer(asked))
    found = diagnose(ahead(asked.simulation), asked.question.addresses[0], parse_answer(text))
    return Verdict(found.is_right, found.mistakes)


class Questions:
    """The questions to the classes of this server.

    All methods raise StoreUnavailable, and those of a lecturer what `Sessions.change` raises.
    """

    def __init__(self, store: Store, sessions: Sessions, rooms: Rooms, ttl: float) -> None:
        self._store, self._sessions, self._rooms, self._ttl = store, sessions, rooms, ttl
        # Answers that are still to be written, all together, by question.
        self._waiting: dict[str, dict[str, str]] = defaultdict(dict)
        self._turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def ask(self, id: str, key: str, question: Question) -> Session:
        """Ask for values still to come, which nobody gets to see until `reveal`.

        Raises QuestionOpen, Invalid.
        """

        def asked(stored: Stored, version: int) -> Stored:
            lecture = stored.lecture or Lecture()
            if lecture.question:
                raise QuestionOpen
            check_question(stored.simulation, question)
            lecture = replace(lecture, question=question, questions=lecture.questions + 1)
            return replace(stored, lecture=lecture)

        return await self._sessions.rewrite(id, key, asked)

    async def withdraw(self, id: str, key: str) -> Session:
        """Give up the open question and its answers."""
        session = await self._sessions.look(id, key)
        if session.lecture and session.lecture.question:
            await self._store.delete(_record(id, session.lecture.questions))

        def withdrawn(stored: Stored, version: int) -> Stored:
            if stored.lecture is None or stored.lecture.question is None:
                return stored
            return replace(stored, lecture=replace(stored.lecture, question=None))

        return await self._sessions.rewrite(id, key, withdrawn)

    async def reveal(self, id: str, key: str, press: Press | None = None) -> Session:
        """Count the answers to the open question, and take the step that computes its values.

        Without an open question nothing is changed.
        """
        session = await self._sessions.get(id, key)
        lecture = session.lecture
        if lecture is None or lecture.question is None:
            return session
        question, by = lecture.question, lecture.by
        await self._close(session)

        def closed(stored: Stored, version: int) -> Stored:
            return replace(stored, lecture=replace(stored.lecture or Lecture(), question=None))

        return await self._sessions.change(
            id, key, lambda simulation: revealed(simulation, question, by), press, closed
        )

    async def answer(self, session: Session, number: int, follower: str, text: str) -> None:
        """Take the answer of a follower, in place of an earlier one. Raises Invalid, AnswersClosed.

        Answers that come together are written together.
        """
        lecture = session.lecture
        if lecture is None or lecture.questions != number or lecture.question is None:
            raise AnswersClosed
        record = _record(session.id, number)
        waiting = self._waiting[record]
        waiting[follower] = read_answer(lecture.question, text)
        async with self._turns[record]:
            try:
                if follower in waiting:  # else it was written together with another one
                    await self._write(record, session, waiting)
            except BaseException:
                waiting.pop(follower, None)
                raise
            finally:
                if not waiting:
                    self._waiting.pop(record, None)
                    self._turns.pop(record, None)

    async def asked(self, session: Session, number: int) -> AskedQuestion:
        """Return a question of a network. Raises NotAsked."""
        record = await self._store.get(_record(session.id, number))
        if record is not None:
            return _decode(record.data)
        return _opened(session, number)

    async def all_revealed(self, session: Session) -> list[AskedQuestion]:
        """Return the questions that were revealed, the first one first."""
        found = []
        for number in range(1, (session.lecture.questions if session.lecture else 0) + 1):
            if record := await self._store.get(_record(session.id, number)):
                found.append(_decode(record.data))
        return [asked for asked in found if asked.tally is not None]

    async def _write(self, record: str, session: Session, waiting: dict[str, str]) -> None:
        for _ in range(ATTEMPTS):
            number = session.lecture.questions if session.lecture else 0
            stored, taken = await self._store.get(record), dict(waiting)
            asked = _decode(stored.data) if stored else _opened(session, number)
            if asked.tally is not None:
                raise AnswersClosed
            answers = asked.answers | taken
            if len(answers) > MOST_ANSWERS:
                raise AnswersClosed
            data = _encode(replace(asked, answers=answers))
            if stored is None:
                written = await self._store.create(record, data, self._ttl)
            else:
                written = await self._store.replace(record, stored.version, data, self._ttl)
            if written:
                for follower, text in taken.items():
                    if waiting.get(follower) == text:
                        del waiting[follower]
                self._rooms.answered(session.id, len(answers))
                return
        raise Conflict

    async def _close(self, session: Session) -> None:
        """Replace the answers to the open question by their counts, once."""
        number = session.lecture.questions if session.lecture else 0
        record = _record(session.id, number)
        for _ in range(ATTEMPTS):
            stored = await self._store.get(record)
            asked = _decode(stored.data) if stored else _opened(session, number)
            if asked.tally is not None:
                return
            tally = await _tally(record, asked)
            data = _encode(replace(asked, answers={}, tally=tally))
            if stored is None:
                written = await self._store.create(record, data, self._ttl)
            else:
                written = await self._store.replace(record, stored.version, data, self._ttl)
            if written:
                return
        raise Conflict


def verdict(session: Session, asked: AskedQuestion, text: str) -> Verdict:
    """Judge an answer to a question that is revealed. Raises Invalid."""
    record, text = _record(session.id, asked.number), read_answer(asked.question, text)
    return _verdict(record, asked, text)


async def _tally(record: str, asked: AskedQuestion) -> Tally:
    """Count the answers, and let others have their turn in between: a diagnosis takes milliseconds."""
    counts: dict[str, int] = defaultdict(int)
    examples: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for text in asked.answers.values():
        kind = _verdict(record, asked, text).kind
        if asked.question.kind != NUMBER and kind != RIGHT:
            kind = text  # a wrong choice is a bar of its own
        counts[kind] += 1
        examples[kind][text] += 1
        await asyncio.sleep(0)
    bars = [
        Bar(kind, count, max(examples[kind], key=lambda text: examples[kind][text]))
        for kind, count in counts.items()
    ]
    return Tally(tuple(sorted(bars, key=lambda bar: (bar.kind != RIGHT, -bar.count))))


def _opened(session: Session, number: int) -> AskedQuestion:
    lecture = session.lecture
    if lecture is None or lecture.question is None or lecture.questions != number:
        raise NotAsked
    return AskedQuestion(number, lecture.question, session.simulation)


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(AskedQuestion)


def _encode(asked: AskedQuestion) -> bytes:
    return seal(_encoder.encode(asked), FORMAT, crc32)


def _decode(data: bytes) -> AskedQuestion:
    return _decoder.decode(unseal(data, FORMAT, crc32)[1])


def _record(id: str, number: int) -> str:
    return f"question.{id}.{number}"
