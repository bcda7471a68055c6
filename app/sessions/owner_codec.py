"""Owners: their keys, and what is kept of each as a format byte, a checksum and MessagePack.

A session and an owner's record cannot be taken for each other: the checksums begin differently.
"""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Annotated
from zlib import crc32

import msgspec

from app.sessions.codec import CorruptRecord, seal, unseal

FORMAT = 1
MOST_NETWORKS = 100  # of an owner
MOST_REMOVED = 10  # that are remembered, to take them back
SALT = b"owner"
ID_BYTES = 16
PREFIX = "owner:"  # of the id of a record; no id of a session begins with it


class TooManyNetworks(Exception):
    """The owner has as many networks as there may be; nothing was changed."""


@dataclass(frozen=True, slots=True)
class OwnerKey:
    """The secret of an owner."""

    key: str = field(repr=False)
    # The only network of an owner whose browser comes from a version without lists.
    session: str = ""

    @property
    def id(self) -> str:
        """The id of the owner's record."""
        return PREFIX + _short(sha256(b"backstep.owner\0" + _bytes(self.key)).digest())

    def network(self, page: str) -> str:
        """The id of the network that presses on a page begin: quick ones meet in one."""
        return _short(hmac.digest(_bytes(self.key), page.encode(), "sha256"))


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
    return seal(_encoder.encode(record), FORMAT, _checksum)


def decode_owner(data: bytes) -> OwnerRecord:
    """Decode the bytes of `encode_owner`. Raises CorruptRecord for any other bytes."""
    _, body = unseal(data, FORMAT, _checksum)
    try:
        record = _decoder.decode(body)
    except msgspec.MsgspecError as cause:
        raise CorruptRecord(f"not the record of an owner: {cause}") from cause
    if len(set(record.ids)) != len(record.entries):
        raise CorruptRecord("the record of an owner has a network twice")
    return record


def _checksum(body: bytes | memoryview, format: int) -> int:
    return crc32(body, crc32(SALT, format))


def _short(digest: bytes) -> str:
    """Return 128 bits as an id."""
    return urlsafe_b64encode(digest[:ID_BYTES]).rstrip(b"=").decode()


def _bytes(key: str) -> bytes:
    return key.encode("utf-8", "replace")
