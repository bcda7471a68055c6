"""Ids of followers: anonymous, made by the server, and valid for one lecture.

An id is a random number with a signature over it and the code, so nothing about it is stored, and
nobody can invent one.
"""

import hmac
import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256
from re import compile

RANDOM_BYTES = 9
SIGNATURE_BYTES = 12
FOLLOWER = compile(r"[\w-]{12}\.[\w-]{16}")


class Followers:
    """Makes ids of followers, and recognises them."""

    def __init__(self, secret: str) -> None:
        self._key = hmac.digest(secret.encode(), b"backstep.follower", "sha256")

    def new(self, code: str) -> str:
        random = secrets.token_urlsafe(RANDOM_BYTES)
        return f"{random}.{self._signature(random, code)}"

    def is_valid(self, follower: str, code: str) -> bool:
        """Whether an id was made here for this lecture."""
        if not FOLLOWER.fullmatch(follower):
            return False
        random, _, signature = follower.partition(".")
        return hmac.compare_digest(signature, self._signature(random, code))

    def _signature(self, random: str, code: str) -> str:
        digest = hmac.digest(self._key, f"{code}.{random}".encode(), sha256)
        return urlsafe_b64encode(digest[:SIGNATURE_BYTES]).decode()
