"""Imports: a session.json, a permalink or a table of parameters.

An error names the field, and nothing is changed.
"""

import re
from collections.abc import Mapping
from math import isfinite
from typing import Annotated, Any

from fastapi.exceptions import RequestValidationError
from pydantic import BeforeValidator, Field, ValidationError, WithJsonSchema
from pydantic_core import PydanticCustomError, from_json

from app.backprop.errors import N_, Invalid
from app.examples.published import DECK
from app.simulation.description import NOT_FINITE, restore
from app.simulation.history import History
from app.simulation.permalink import decode_permalink, encode_permalink
from app.simulation.simulation import Simulation
from app.view.export.csv_files import FIELD, with_parameters
from app.view.export.session_file import FORMAT, OPEN, session_json
from app.web.api.schemas import requests
from app.web.api.schemas.requests import Body, Iteration, error_message, example

LONGEST_LINK = 20_000  # characters
NO_LINK = N_("This is no link to a simulation. Such a link is under Share, and contains /open/.")
_ROUNDING = re.compile(r"[?&]rounding=([\w.]*\w)", re.ASCII)
_LINK = re.compile(rf"(?:{OPEN}|[?&]moment=)([\w-]*)", re.ASCII)


def _to_number(value: Any) -> Any:
    if isinstance(value, str) and value in NOT_FINITE:
        return NOT_FINITE[value]
    if isinstance(value, float) and not isfinite(value):
        raise PydanticCustomError("number", "not a finite number")
    return value


SavedNumber = Annotated[
    float,
    Field(strict=True),
    BeforeValidator(_to_number),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"enum": list(NOT_FINITE)}]}),
    error_message(N_('must be a number, "NaN", "Infinity" or "-Infinity"')),
]


class SavedNumbers(Body):
    """One number for each parameter, such as its velocity."""

    weights: requests.Weights[SavedNumber]
    biases: requests.Biases[SavedNumber] = Field(default_factory=list)


class SavedNetwork(requests.NetworkSettings, SavedNumbers):
    """The network at the start of the iteration. After training, its numbers have no limits."""


class SessionFile(requests.state_fields(SavedNumbers)):  # type: ignore[misc]
    """A session.json: a simulation without its history."""

    backstep: Annotated[
        int,
        Field(strict=True, ge=FORMAT, le=FORMAT, description="the version of the format"),
        error_message(N_("must be %(format)s, the supported format version"), format=FORMAT),
    ]
    network: SavedNetwork
    examples: requests.Examples
    learning_rate: requests.LearningRate
    pass_from: Annotated[
        Iteration, Field(description="the iteration that passes are counted from")
    ] = 0
    shuffle: requests.Shuffle = None
    name: requests.Name = ""
    # It is the page's, and no part of the simulation.
    rounding: requests.RoundingField = Field(default_factory=str)
    iteration: Iteration
    cursor: Annotated[int, requests.Whole(0, 10**6)]
    previous_error: SavedNumber | None = Field(default=None, description="null in iteration 0")


class FromFile(Body):
    """Start from a session.json."""

    model_config = example(**{FIELD: from_json(session_json(DECK.simulation))})

    file: SessionFile = Field(alias="import")


class FromLink(Body):
    """Start from a permalink, made by any Backstep server."""

    model_config = example(link=OPEN + encode_permalink(DECK.simulation))

    link: Annotated[
        str,
        Field(max_length=LONGEST_LINK, description="/open/…, with or without the origin"),
        error_message(f"must be a link of at most {LONGEST_LINK:,} characters"),
    ]


def simulation_of_fields(fields: Mapping[str, Any]) -> Simulation:
    """Return the simulation that some fields describe, with an empty history. Raises Invalid."""
    start = restore(fields)
    simulation = Simulation(start, 0, History.starting_at(start), name=fields.get("name", ""))
    return simulation.seek(fields.get("cursor", 0))


def simulation_of_link(link: str) -> Simulation:
    """Return the simulation of a permalink, whatever stands around it. Raises Invalid."""
    try:
        found = _LINK.search(link)
        return decode_permalink(found[1] if found else "")
    except (Invalid, ValueError) as error:
        if isinstance(error, Invalid) and error.field != "moment":
            raise
        raise Invalid("link", N_("This link is damaged.")) from error


def begins_network(text: str) -> bool:
    """Whether a text is meant to be a session.json or a link, and not a table."""
    return _is_session_file(text) or _is_link(text)


def _is_session_file(text: str) -> bool:
    return text.strip().lstrip("\ufeff").lstrip()[:1] in ("{", "[")


def _is_link(text: str) -> bool:
    in_object = text.strip().lstrip("\ufeff").lstrip()[:1] == "{"  # where a name may have anything
    return not in_object and ("://" in text or _LINK.search(text) is not None)


def rounding_in(text: str) -> str:
    """Return the rounding that a valid session.json or link carries, by its name; empty if none."""
    if _is_session_file(text):
        rounding: str = from_json(text.strip().lstrip("\ufeff")).get("rounding", "")
        return rounding
    found = _ROUNDING.search(text) if _is_link(text) else None
    return found[1] if found else ""


def import_simulation(content: bytes, current: Simulation) -> tuple[Simulation, bool]:
    """Import a file or pasted text.

    Returns:
        The simulation, and whether it is a new one; a table changes the parameters of `current`.

    Raises:
        Invalid: if the content is invalid.
        RequestValidationError: if a field of the JSON is.
    """
    text = content.decode("utf-8-sig", "replace").strip()
    if not text:
        raise Invalid(FIELD, N_("Choose a file or paste its text."))
    if _is_link(text):
        if not _LINK.search(text):
            raise Invalid(FIELD, NO_LINK)
        return simulation_of_link(text), True
    if not _is_session_file(text):
        return with_parameters(current, text), False
    try:
        file = SessionFile.model_validate(from_json(text, allow_inf_nan=False))
    except ValidationError as error:
        raise RequestValidationError(
            [{**each, "loc": ("body", *each["loc"])} for each in error.errors(include_url=False)]
        ) from error
    except ValueError as error:
        why = str(error).encode("ascii", "replace").decode()[:200]
        if why.startswith("EOF"):
            raise Invalid(FIELD, N_("The file ends too early.")) from error
        raise Invalid(FIELD, N_("This is not valid JSON: %(why)s"), why=why) from error
    return simulation_of_fields(file.fields), True
