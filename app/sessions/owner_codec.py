"""Encodes what is kept of an owner: a format byte, a checksum, and MessagePack.

A session and an owner's record cannot be taken for each other: the checksums begin differently.
"""

from dataclasses import dataclass
from struct import Struct, error
from typing import Annotated
from zlib import crc32

import msgspec

from app.sessions.codec import CorruptRecord, NewerFormat

FORMAT = 1
MOST_NETWORKS = 100  # of an owner
MOST_REMOVED = 10  # that are remembered, to take them back
HEADER = Struct("<BI")  # the format, and the checksum
SALT = b"owner"


@dataclass(frozen=True, slots=True)
class Entry:
    """A network in the list of an owner."""

    id: str
    opened: int  # when, in Unix seconds


@dataclass(frozen=True, slots=True)
class OwnerRecord:
    """The networks of an owner, the one opened last at the end."""

    entries: Annotated[tuple[Entry, ...], msgspec.Meta(max_length=MOST_NETWORKS)] = ()
    # The ids of those deleted last, the latest at the end.
    removed: Annotated[tuple[str, ...], msgspec.Meta(max_length=MOST_REMOVED)] = ()
    begun: int = 0  # how many networks there ever were, which numbers them
    visited: int = 0  # when the time of all networks was restarted last, in Unix seconds

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(entry.id for entry in self.entries)


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(OwnerRecord)


def encode_owner(record: OwnerRecord) -> bytes:
    body = _encoder.encode(record)
    return HEADER.pack(FORMAT, _checksum(body, FORMAT)) + body


def decode_owner(data: bytes) -> OwnerRecord:
    """Decode the bytes of `encode_owner`. Raises CorruptRecord for any other bytes."""
    try:
        format, checksum = HEADER.unpack_from(data)
    except (error, TypeError) as cause:
        raise CorruptRecord("too short to be the record of an owner") from cause
    if format > FORMAT:
        raise NewerFormat(f"unknown format {format} of an owner's record")
    body = memoryview(data)[HEADER.size :]
    if _checksum(body, format) != checksum:
        raise CorruptRecord("damaged record of an owner: wrong checksum")
    try:
        record = _decoder.decode(body)
    except msgspec.MsgspecError as cause:
        raise CorruptRecord(f"not the record of an owner: {cause}") from cause
    if len(set(record.ids)) != len(record.entries):
        raise CorruptRecord("the record of an owner has a network twice")
    return record


def _checksum(body: bytes | memoryview, format: int) -> int:
    return crc32(body, crc32(SALT, format))
