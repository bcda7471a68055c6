"""The contract of Store, kept by every kind of store."""

import asyncio
import random

import pytest

from app.sessions.stores.base import Record, Store, open_store

LONG = 60.0
SHORT = 0.4  # nothing takes that long
PAST_SHORT = 0.45


async def test_a_new_record_is_version_1(store: Store) -> None:
    """What was created is read back as version 1."""
    assert await store.create("a", b"one", LONG)
    assert await store.get("a") == Record(1, b"one")


async def test_an_unknown_id_is_none(store: Store) -> None:
    """An id never created reads as None, cannot be replaced and cannot be deleted."""
    assert await store.get("a") is None
    assert not await store.replace("a", 1, b"two", LONG)
    assert not await store.delete("a")
    assert await store.get("a") is None


async def test_create_leaves_an_existing_record_alone(store: Store) -> None:
    """A second create of one id returns False and changes nothing."""
    await store.create("a", b"one", LONG)
    assert not await store.create("a", b"other", LONG)
    assert await store.get("a") == Record(1, b"one")


async def test_replace_counts_versions(store: Store) -> None:
    """Each replace from the version that stands makes the next one."""
    await store.create("a", b"1", LONG)
    for version in range(1, 6):
        assert await store.replace("a", version, b"%d" % (version + 1), LONG)
    assert await store.get("a") == Record(6, b"6")


@pytest.mark.parametrize("version", [0, 1, 3, -1, 2**40])
async def test_replace_from_another_version_changes_nothing(store: Store, version: int) -> None:
    """A replace from any version but the one that stands returns False and changes nothing."""
    await store.create("a", b"one", LONG)
    await store.replace("a", 1, b"two", LONG)
    assert not await store.replace("a", version, b"lost", LONG)
    assert await store.get("a") == Record(2, b"two")


async def test_replace_with_the_same_bytes_is_a_version(store: Store) -> None:
    """Equal bytes are a new version nonetheless."""
    await store.create("a", b"one", LONG)
    assert await store.replace("a", 1, b"one", LONG)
    assert await store.get("a") == Record(2, b"one")


async def test_records_do_not_touch_each_other(store: Store) -> None:
    """A change to one id leaves every other id as it was."""
    await store.create("a", b"a", LONG)
    await store.create("b", b"b", LONG)
    await store.replace("a", 1, b"aa", LONG)
    await store.delete("a")
    assert await store.get("b") == Record(1, b"b")


async def test_delete_forgets(store: Store) -> None:
    """A deleted record is absent, deletes once only, and its id begins at version 1 again."""
    await store.create("a", b"one", LONG)
    await store.replace("a", 1, b"two", LONG)
    assert await store.delete("a")
    assert not await store.delete("a")
    assert await store.get("a") is None
    assert await store.create("a", b"new", LONG)
    assert await store.get("a") == Record(1, b"new")


@pytest.mark.parametrize("size", [0, 1, 4095, 4096, 40_000, 1_000_000])
async def test_any_bytes_come_back(store: Store, size: int) -> None:
    """Bytes of every value and of any length come back as they were."""
    data = random.Random(size).randbytes(size)
    await store.create("a", data, LONG)
    assert await store.get("a") == Record(1, data)
    await store.replace("a", 1, data[::-1], LONG)
    assert await store.get("a") == Record(2, data[::-1])


@pytest.mark.parametrize("id", ["a'; DROP TABLE sessions; --", "%", "*", "é", "한", " ", "A" * 500])
async def test_any_text_is_an_id(store: Store, id: str) -> None:
    """An id is only ever a name: nothing in it is interpreted."""
    await store.create("a", b"a", LONG)
    assert await store.get(id) is None
    assert await store.create(id, b"one", LONG)
    assert await store.get(id) == Record(1, b"one")
    assert await store.get("a") == Record(1, b"a")


async def test_an_expired_record_is_absent_at_once(store: Store) -> None:
    """Past its expiry a record is not read, replaced or deleted, swept or not."""
    await store.create("a", b"one", SHORT)
    assert await store.get("a") == Record(1, b"one")
    await asyncio.sleep(PAST_SHORT)
    assert await store.get("a") is None
    assert not await store.replace("a", 1, b"two", LONG)
    assert not await store.delete("a")


async def test_the_id_of_an_expired_record_is_free(store: Store) -> None:
    """A record can be created where one has expired, at version 1."""
    await store.create("a", b"one", LONG)
    await store.replace("a", 1, b"two", SHORT)
    await asyncio.sleep(PAST_SHORT)
    assert await store.create("a", b"new", LONG)
    assert await store.get("a") == Record(1, b"new")


async def test_a_write_pushes_the_expiry_forward(store: Store) -> None:
    """A replaced record lives for its whole ttl from then on."""
    await store.create("a", b"one", SHORT)
    await store.replace("a", 1, b"two", LONG)
    await asyncio.sleep(PAST_SHORT)
    assert await store.get("a") == Record(2, b"two")


async def test_a_refused_write_does_not_push_the_expiry_forward(store: Store) -> None:
    """Neither a create of an existing id nor a replace of another version prolongs a record."""
    await store.create("a", b"one", SHORT)
    await store.create("a", b"two", LONG)
    await store.replace("a", 9, b"two", LONG)
    await asyncio.sleep(PAST_SHORT)
    assert await store.get("a") is None


async def test_a_touch_pushes_the_expiry_forward(store: Store) -> None:
    """Touched records live for their whole ttl from then on, and keep version and bytes."""
    ids = [f"id{number}" for number in range(25)]
    for id in (*ids, "other"):
        await store.create(id, b"one", SHORT)
    assert await store.touch([*ids, "unknown"], LONG) == 25
    assert await store.touch([], LONG) == 0
    await asyncio.sleep(PAST_SHORT)
    assert await store.get("other") is None
    for id in ids:
        assert await store.get(id) == Record(1, b"one")
    assert await store.replace(ids[0], 1, b"two", LONG)


async def test_a_touch_can_shorten(store: Store) -> None:
    """The new ttl counts, whatever the one before was, and an expired record stays absent."""
    await store.create("a", b"one", LONG)
    assert await store.touch(["a"], SHORT) == 1
    await asyncio.sleep(PAST_SHORT)
    assert await store.get("a") is None
    assert await store.touch(["a"], LONG) == 0
    assert await store.get("a") is None


async def test_sweeping_leaves_what_lives(store: Store) -> None:
    """After a sweep, or in a moment, no expired record is counted; every other is as it was."""
    for number in range(250):
        await store.create(f"short{number}", b"x", SHORT)
        await store.create(f"long{number}", b"%d" % number, LONG)
    await asyncio.sleep(PAST_SHORT)
    await store.sweep()
    async with asyncio.timeout(20):
        while await store.count() > 250:  # those that a store has still to drop by itself
            assert await store.sweep() == 0
    assert await store.count() == 250
    assert await store.sweep() == 0
    for number in range(250):
        assert await store.get(f"long{number}") == Record(1, b"%d" % number)
        assert await store.get(f"short{number}") is None


async def test_count_follows_creation_and_deletion(store: Store) -> None:
    """The count is that of the records held."""
    assert await store.count() == 0
    await store.create("a", b"", LONG)
    await store.create("b", b"", LONG)
    assert await store.count() == 2
    await store.delete("a")
    assert await store.count() == 1


async def test_check_is_silent_and_leaves_no_record(store: Store) -> None:
    """A store that works passes its check, again and again, and holds nothing more for it."""
    await store.check()
    await store.check()
    assert await store.count() == 0


async def test_records_outlive_the_store(store_url: str) -> None:
    """A store that is closed and opened again holds what it held."""
    first = await open_store(store_url)
    await first.create("a", b"one", LONG)
    await first.replace("a", 1, b"two", LONG)
    await first.close()
    second = await open_store(store_url)
    assert await second.get("a") == Record(2, b"two")
    await second.close()


async def test_another_process_sees_every_write(store: Store, other: Store) -> None:
    """What one handle has written, another reads, and its compare-and-set goes by it."""
    await store.create("a", b"one", LONG)
    assert await other.get("a") == Record(1, b"one")
    assert await other.replace("a", 1, b"two", LONG)
    assert not await store.replace("a", 1, b"lost", LONG)
    assert await store.get("a") == Record(2, b"two")
    assert await store.delete("a")
    assert await other.get("a") is None


async def test_of_many_writers_one_wins_each_version(store: Store, other: Store) -> None:
    """Whoever replaces one version at the same time, exactly one of them succeeds."""
    await store.create("a", b"", LONG)
    for version in range(1, 20):
        writers = [(store, other)[number % 2] for number in range(10)]
        won = await asyncio.gather(
            *(w.replace("a", version, b"%d" % n, LONG) for n, w in enumerate(writers))
        )
        assert won.count(True) == 1
        assert await store.get("a") == Record(version + 1, b"%d" % won.index(True))


async def test_of_many_creators_one_wins(store: Store, other: Store) -> None:
    """Whoever creates one id at the same time, exactly one of them succeeds."""
    creators = [(store, other)[number % 2] for number in range(10)]
    won = await asyncio.gather(*(c.create("a", b"%d" % n, LONG) for n, c in enumerate(creators)))
    assert won.count(True) == 1
    assert await store.get("a") == Record(1, b"%d" % won.index(True))
