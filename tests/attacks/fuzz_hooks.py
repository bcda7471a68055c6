"""What schemathesis does before each call where it is to have the key: it names a session that is
there, and brings its key.

schemathesis loads this by the name that `fuzz` gives it. It knows the server from the environment.
"""

import os
import re
from typing import Any
from uuid import uuid4

import requests
import schemathesis

from app.sessions.codec import CHANGE_ID

SERVER = os.environ["FUZZED_SERVER"]


class Owner:
    """The session that requests are about: a new one where the last was ended."""

    def __init__(self) -> None:
        self.begin()

    id: str
    key: str

    def begin(self) -> None:
        created = requests.post(
            f"{SERVER}/api/sessions", json={"preset": "deck"}, timeout=30
        ).json()
        self.id, self.key = created["id"], created["key"]


if os.environ.get("FUZZED_WITH_KEY"):
    owner = Owner()

    @schemathesis.auth(refresh_interval=None)
    class Key:
        """The owner's key; not in a hook, so that probes without it are without it."""

        def get(self, case: Any, context: Any) -> str:
            return owner.key

        def set(self, case: Any, data: str, context: Any) -> None:
            case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}

    @schemathesis.hook
    def before_call(context: Any, case: Any, kwargs: Any) -> None:
        """Name the session, where a request names one. A valid Idempotency-Key becomes another one: a
        change that was made is done, whatever is wrong with a request that repeats it."""
        if "id" in (case.path_parameters or {}):
            case.path_parameters["id"] = owner.id
        key = (case.headers or {}).get("Idempotency-Key")
        if isinstance(key, str) and re.fullmatch(CHANGE_ID, key):
            case.headers["Idempotency-Key"] = uuid4().hex

    @schemathesis.check
    def hidden_from_strangers(context: Any, response: Any, case: Any) -> None:
        """What the owner is given, does not exist for a stranger (404): neither 401 nor 403, which
        would tell that it does."""
        if "id" in (case.path_parameters or {}) and response.status_code < 300:
            asked = response.request
            again = requests.request(
                asked.method,
                asked.url,
                data=asked.body,
                headers={"Content-Type": asked.headers.get("Content-Type", "application/json")},
                timeout=30,
            )
            assert again.status_code == 404, again.text

    @schemathesis.hook
    def after_call(context: Any, case: Any, response: Any) -> None:
        """Begin another where this request has ended it."""
        if case.method.upper() == "DELETE" and response.status_code == 204:
            owner.begin()
