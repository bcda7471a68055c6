"""The numbers that the drawing shows, read from the page and computed from the API's JSON."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

State = dict[str, Any]
Step = dict[str, Any]
Drawing = dict[str, dict[str, str]]  # id of an element -> name of an attribute -> number

# Reads the page's numbers, wherever the drawing puts them, and the markup, for a comparison. Attributes
# are sorted and htmx's marks removed, as a morph adds attributes at the end. The highlight depends on
# the pointer. What concerns the future (undo, redo, the row of iterations) is removed as well: it is
# there after the way back, and was not before. Nothing else may differ.
READ_PAGE = """() => {
  const numbers = {};
  for (const element of document.querySelectorAll("#graph [id], #learning-rate")) {
    const own = Object.entries(element.dataset).filter(([name]) =>
      !name.startsWith("htmx") && name !== "of" && name !== "chosen");
    const drawn = own.length || /^(unit|edge|bias|error)-/.test(element.id);
    if (drawn) numbers[element.id] = Object.fromEntries(own);
  }
  const marked = (name) => [...document.getElementsByClassName(name)].map((element) => element.id);
  const lab = document.getElementById("lab").cloneNode(true);
  for (const kept of lab.querySelectorAll("#travel, #moves .icon")) kept.remove();
  for (const element of lab.querySelectorAll("*")) {
    element.removeAttribute("data-htmx-powered");
    element.classList.remove("lit", "from");
    if (!element.classList.length) element.removeAttribute("class");
    const sorted = [...element.attributes].sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const { name } of sorted) element.removeAttribute(name);
    for (const { name, value } of sorted) element.setAttribute(name, value);
  }
  return {
    markup: lab.outerHTML, numbers, operands: marked("operand"), results: marked("result"),
  };
}"""


@dataclass(frozen=True, slots=True)
class Look:
    """What a page shows at one moment."""

    markup: str
    drawing: Drawing
    operands: list[str]
    results: list[str]

    @classmethod
    def of(cls, read: dict[str, Any]) -> "Look":
        drawing = {
            id: {name: number(text) for name, text in own.items()}
            for id, own in read["numbers"].items()
        }
        return cls(read["markup"], drawing, sorted(read["operands"]), sorted(read["results"]))


def number(value: str | float) -> str:
    """A number with all its digits, from an attribute or from JSON."""
    return repr(float(value))


def drawn(state: State) -> Drawing:
    """What the drawing must show in a state: everything that is known, and nothing else."""
    network, values = state["network"], state["values"]
    drawing: Drawing = {"learning-rate": _known(value=state["learning_rate"])}
    drawing |= _units(state)
    for layer, rows in enumerate(network["weights"]):
        gradients = values["weight_gradients"][layer]
        for i, row in enumerate(rows):
            for j, weight in enumerate(row):
                own = _known(weight=weight, gradient=gradients[i][j])
                drawing[f"edge-{layer}-{i}-{j}"] = own
    for layer, biases in enumerate(network["biases"]):
        for index, bias in enumerate(biases):
            id = f"bias-{layer}" + (f"-{index}" if network["bias"] == "per_unit" else "")
            gradient = values["bias_gradients"][layer][index]
            drawing[id] = _known(value=bias, gradient=gradient)
    shares = {f"error-{k}": value for k, value in enumerate(values["output_errors"])}
    for id, value in (shares | {"error": values["error"]}).items():
        if value is not None:
            drawing[id] = _known(value=value)
    return drawing


def _units(state: State) -> Drawing:
    values, example = state["values"], state["examples"][state["example"]]
    units = {f"unit-0-{i}": _known(out=x) for i, x in enumerate(example["inputs"])}
    last = len(state["network"]["layers"]) - 1
    for layer in range(1, last + 1):
        targets = example["targets"] if layer == last else [None] * 8
        for index, net in enumerate(values["net"][layer - 1]):
            units[f"unit-{layer}-{index}"] = _known(
                net=net,
                out=values["out"][layer - 1][index],
                delta=values["delta"][layer - 1][index],
                target=targets[index],
            )
    return units


def _known(**values: float | str | None) -> dict[str, str]:
    return {name: number(value) for name, value in values.items() if value is not None}


def marks(block: Iterable[Step], last: int) -> tuple[list[str], list[str]]:
    """The ids of the elements that show the operands and the results of a run of steps.

    A result that a later step uses is a result only; but an update uses the weight that it changes.
    `last` is the number of the output layer.
    """
    block = list(block)
    results = {step["at"] for step in block}
    operands = {
        operand["at"]
        for step in block
        for operand in step["operands"]
        if operand["at"] not in results or operand["at"] == step["at"]
    }
    return _element_ids(operands, last), _element_ids(results, last)


def _element_ids(addresses: Iterable[str], last: int) -> list[str]:
    return sorted({_element(*address.split("/"), last=last) for address in addresses})


def _element(kind: str, *indices: str, last: int) -> str:
    names = {"weight": "edge", "weight_gradient": "edge", "bias": "bias", "bias_gradient": "bias"}
    names |= {"output_error": "error", "error": "error", "learning_rate": "learning-rate"}
    prefix = [names.get(kind, "unit"), *([str(last)] if kind == "target" else [])]
    return "-".join((*prefix, *indices))


def block_of(steps: Sequence[Step], before: int, after: int) -> Sequence[Step]:
    """The steps between two cursors; past the end of an iteration, those of the next."""
    return steps[before if before < after else 0 : after]


def changed(state: State, path: tuple[Any, ...], value: float) -> State:
    """What an edit must leave of a state: one number is another, and the iteration restarts."""
    copy: State = json.loads(json.dumps(state))
    part: Any = copy
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = value
    return settings_of(copy) | {"cursor": 0}


def settings_of(state: State) -> State:
    """The part of a state that no step computes, and the cursor."""
    names = ("network", "examples", "learning_rate", "iteration", "previous_error", "cursor")
    return {name: state[name] for name in names}
