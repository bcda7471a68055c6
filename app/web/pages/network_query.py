"""Networks that a URL describes.

`/?layers=3-8-2&activations=tanh,sigmoid&bias=per_unit&init=xavier&seed=7` describes all of it. The
activations of the units of a layer, if they differ, are joined: `relu/tanh/tanh,sigmoid`. The builder's
form has a field for each layer and sends empty ones for layers that do not exist.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from math import nan
from typing import Any

from starlette.datastructures import QueryParams

from app.backprop.errors import N_, Invalid, check_range
from app.backprop.functions import ERRORS, HYPERPARAMETERS
from app.backprop.network import LARGEST, Example
from app.examples.random_network import random_simulation
from app.simulation.description import hyperparameters_in
from app.simulation.simulation import Simulation
from app.text.typed_numbers import NotANumber, read_number
from app.view.panels.network_builder import LONGEST, UNITS_MARK, examples_text
from app.view.rendering.numbers import digits

MOST_DIGITS = 9
NAMES = ("error", "optimiser", "bias", "init")  # fields that are the name of a choice
FIELDS = (
    *("layers", "seed", "activations", *NAMES),
    *("learning_rate", *HYPERPARAMETERS, "examples"),
)


Query = Mapping[str, str]


def network_fields(query: Query) -> dict[str, str]:
    """Return the fields of a query that describe a network, those of several layers joined."""
    asked = {name: query[name] for name in FIELDS if name in query}
    if not isinstance(query, QueryParams):
        return asked
    layers, activations = query.getlist("layers"), query.getlist("activations")
    if len(layers) > 1:
        sizes = [size.strip() for size in layers]
        if len(activations) == len(sizes) - 1:
            pairs = zip(sizes[1:], activations, strict=True)
            asked["activations"] = ",".join(name for size, name in pairs if size)
        asked["layers"] = "-".join(size for size in sizes if size)
    return asked


def build_network(query: Query) -> tuple[dict[str, str], Simulation]:
    """Return the fields that describe a network in a URL, and the simulation of it.

    It has the given examples if they fit, else one example of random numbers.

    Raises:
        Invalid: naming the field.
    """
    asked = {"layers": "3-4-2", "seed": "0"} | network_fields(query)
    if not is_number(asked["seed"]):
        raise Invalid(
            "seed", N_("must be a whole number of at most %(most)s digits"), most=MOST_DIGITS
        )
    sizes = asked["layers"].split("-")
    if not all(is_number(size) for size in sizes):
        raise Invalid("layers", N_("Enter the units of each layer, such as 3-4-2."))
    layers = [int(size) for size in sizes]
    names = _activations(asked.get("activations", ""), len(layers) - 1)
    row = ERRORS.get(asked.get("error", ""))
    only = row.activation if row else None
    if names and only:
        names[-1] = only
        texts = (each if isinstance(each, str) else UNITS_MARK.join(each) for each in names)
        asked["activations"] = ",".join(texts)
    examples = _examples(asked.pop("examples", ""), layers)
    given = {name: _number(asked, name) for name in HYPERPARAMETERS if asked.get(name)}
    given = hyperparameters_in(given)
    for name in HYPERPARAMETERS.keys() - given:
        asked.pop(name, None)
    words: dict[str, Any] = {name: asked[name] for name in NAMES if name in asked}
    build = partial(
        random_simulation,
        layers,
        int(asked["seed"]),
        activations=names,
        learning_rate=_number(asked, "learning_rate") if "learning_rate" in asked else 0.5,
        hyperparameters=given,
        **words,
    )
    try:
        simulation = build(examples=examples)
    except Invalid as error:
        if examples is None or not error.field.startswith("examples."):
            raise
        examples, simulation = None, build()
    if examples is not None:
        asked["examples"] = examples_text(examples)
    return asked, simulation


def is_number(text: str) -> bool:
    return digits(text, MOST_DIGITS) is not None


def _activations(text: str, count: int) -> list[str | list[str]] | None:
    """Return the names of the activations; a single one is for all layers."""
    names = [
        each.split(UNITS_MARK) if UNITS_MARK in each else each
        for each in (text.split(",") if text else ())
    ]
    return names * count if len(names) == 1 else names or None


def _number(query: Query, field: str) -> float:
    try:
        value = read_number(query[field])
    except NotANumber as error:
        if error.is_explained:
            raise error.of(field) from None
        value = nan  # refused with the range
    check_range(field, (value,), 0.0, LARGEST)
    return value


def _examples(text: str, layers: Sequence[int]) -> list[Example] | None:
    """Return the examples in a text, None if there are none."""
    if not text or len(text) > LONGEST:
        return None
    try:
        rows = [[read_number(number) for number in row.split(",")] for row in text.split("_")]
    except NotANumber:
        raise Invalid(
            "examples", N_("Give each example as a row of numbers, such as 0,1,1_1,1,0.")
        ) from None
    check_range("examples", (number for row in rows for number in row), -LARGEST, LARGEST)
    return [Example.of(row[: layers[0]], row[layers[0] :]) for row in rows]
