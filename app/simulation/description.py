"""The fields of a network and of its state at the start of an iteration, as plain values.

A session.json, the requests and the responses of the API have these fields. `IterationState` and the
classes that it consists of hold their rules.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import inf, isfinite, nan
from typing import Any

from app.backprop.conventions import DECK, Conventions
from app.backprop.errors import N_, Invalid
from app.backprop.functions import HYPERPARAMETERS, OPTIMISERS
from app.backprop.network import Example, Network, Shape, flat_biases, flat_weights
from app.simulation.iteration import IterationState, check_state

Fields = dict[str, Any]

NOT_FINITE = {"NaN": nan, "Infinity": inf, "-Infinity": -inf}  # JSON has no such numbers
# What an optimiser keeps for each parameter, nested like these.
KEPT = {rule.title for optimiser in OPTIMISERS.values() for rule in optimiser.kept}


def describe(start: IterationState) -> Fields:
    """Return the fields of a state. Those that its rules do not need are left out."""
    shape, kept = start.network.shape, start.kept
    fields: Fields = {
        "network": describe_network(start.network),
        "examples": [describe_example(example) for example in start.examples],
        "learning_rate": start.learning_rate,
        **start.hyperparameter_values,
        **{rule.title: _nested(kept[rule.name]) for rule in shape.kept_rules},
    }
    if shape.counts_updates:
        fields["updates"] = int(start.optimiser_state[-1])
    if shape.accumulates:
        fields["gathered"] = _nested(Network(shape, start.accumulated))
        fields["pass_from"] = start.pass_start
    if start.shuffle is not None:
        fields["shuffle"] = start.shuffle
    return fields | {"iteration": start.iteration, "previous_error": start.previous_error}


def describe_network(network: Network) -> Fields:
    shape = network.shape
    return {
        "layers": shape.layers,
        "activations": shape.activations,
        "error": shape.error,
        "bias": shape.bias,
        **({} if shape.optimiser == "gradient_descent" else {"optimiser": shape.optimiser}),
        **({"update": shape.update} if shape.accumulates else {}),
        **({"conventions": describe_conventions(shape.named)} if shape.conventions else {}),
        **_nested(network),
    }


def describe_conventions(conventions: Conventions) -> Fields:
    """Return what differs from the deck's; `names` by address."""
    fields: Fields = {}
    if conventions.numbering != DECK:
        fields["numbering"] = conventions.numbering
    fields |= {name: True for name in ("minus_delta", "thresholds") if getattr(conventions, name)}
    if conventions.names:
        fields["names"] = {at: name for name, at in conventions.names}
    return fields


def conventions_in(fields: Mapping[str, Any]) -> Conventions:
    """Return the conventions that some fields describe. Raises Invalid."""
    names = tuple((name, at) for at, name in fields.get("names", {}).items())
    given = {name: each for name, each in fields.items() if name != "names"}
    return Conventions(**given, names=names)


def describe_example(example: Example) -> Fields:
    return {"inputs": example.inputs, "targets": example.targets}


def _nested(network: Network) -> Fields:
    """One number for each parameter."""
    return {"weights": network.weights, "biases": network.biases}


def restore(fields: Mapping[str, Any]) -> IterationState:
    """Return the state that some fields describe; those left out have their first values.

    Raises Invalid, with the field, if one does not fit, or has a number that cannot be entered.
    """
    given = hyperparameters_in(fields)
    own = dict(fields["network"])
    if own.get("conventions") is not None:
        own["conventions"] = conventions_in(own["conventions"])
    network = Network.of(**own, weight_decay="weight_decay" in given)
    examples = examples_of(fields["examples"])
    first = IterationState.first(
        network, examples, fields["learning_rate"], given, fields.get("shuffle")
    )
    shape = network.shape
    used = [rule.title for rule in shape.kept_rules] + ["updates"] * shape.counts_updates
    used += ["gathered"] * shape.accumulates
    for title in (*sorted(KEPT), "updates", "gathered"):
        if title in fields and title not in used:
            raise Invalid(title, N_("this network does not use it"))
    state = [number for rule in shape.kept_rules for number in _flat(shape, rule.title, fields)]
    start = replace(
        first,
        optimiser_state=(*state, *[float(fields.get("updates", 0))] * shape.counts_updates),
        accumulated=_flat(shape, "gathered", fields) if shape.accumulates else (),
        iteration=fields.get("iteration", 0),
        previous_error=fields.get("previous_error"),
        pass_start=fields.get("pass_from", 0),
    )
    check_state(start, entered=True)
    return start


def examples_of(rows: Iterable[Mapping[str, Any]]) -> tuple[Example, ...]:
    return tuple(Example.of(row["inputs"], row["targets"]) for row in rows)


def hyperparameters_in(fields: Mapping[str, Any]) -> dict[str, float]:
    """Return the hyperparameters among some fields.

    A weight decay of 0 means that there is none, except in a saved state: there it can be changed.
    """
    given = {name: fields[name] for name in HYPERPARAMETERS if name in fields}
    if "iteration" not in fields and given.get("weight_decay") == 0:
        del given["weight_decay"]
    return given


def _flat(shape: Shape, field: str, fields: Mapping[str, Any]) -> tuple[float, ...]:
    """Return nested numbers as a flat tuple; all 0 if they are not given."""
    if field not in fields:
        return (0.0,) * shape.parameter_count
    nested = fields[field]
    try:
        return flat_weights(shape, nested["weights"]) + flat_biases(shape, nested.get("biases", ()))
    except Invalid as error:
        raise error.of(error.field.replace("network", field)) from error


def as_json(content: Any) -> Any:
    """Return the content with the strings "NaN", "Infinity" and "-Infinity" for these numbers, and 0
    for −0."""
    match content:
        case float():
            return content + 0.0 if isfinite(content) else _NAMES.get(content, "NaN")
        case dict():
            return {name: as_json(part) for name, part in content.items()}
        case list() | tuple():
            return [as_json(part) for part in content]
    return content


_NAMES = {inf: "Infinity", -inf: "-Infinity"}
