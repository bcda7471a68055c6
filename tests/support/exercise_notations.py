"""Exercises written in the notations that people and programs use: what reading them must give back."""

import re
from collections.abc import Callable
from itertools import pairwise

from app.backprop.network import Network
from app.simulation.simulation import Simulation

ACTIVATIONS = {
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "relu": "ReLU",
    "leaky_relu": "leaky ReLU",
    "identity": "linear",
    "softmax": "softmax",
}
ERRORS = {
    "half_squared": "E = 1/2 sum (t - o)^2",
    "mean_squared": "mean squared error",
    "half_mean_squared": "E = 1/(2n) sum (t - o)^2",
    "huber": "Huber loss",
    "binary_cross_entropy": "binary cross-entropy",
    "cross_entropy": "cross-entropy",
}
OPTIMISERS = {
    "gradient_descent": "gradient descent",
    "momentum": "momentum 0.9",
    "rmsprop": "RMSprop",
    "adam": "Adam",
}
UPDATES = {
    "each": "an update after each example",
    "mean": "batch, mean of the gradients",
    "sum": "batch, sum of the gradients",
}
Rows = tuple[tuple[float, ...], ...]


def number(value: float) -> str:
    return repr(int(value)) if value == int(value) else repr(value)


def rules(simulation: Simulation) -> str:
    """The rules in words; every layer has one activation."""
    shape = simulation.network.shape
    count = len(shape.activations)
    lines = []
    for layer, name in enumerate(shape.activations, 1):
        assert isinstance(name, str)
        place = "output layer" if layer == count else f"hidden layer {layer}"
        lines.append(f"{place}: {ACTIVATIONS[name]}")
    lines += [ERRORS[shape.error], OPTIMISERS[shape.optimiser], UPDATES[shape.update]]
    lines.append(f"learning rate {number(simulation.learning_rate)}")
    if shape.weight_decay:
        lines.append("weight decay 0.01")
    return "\n".join(lines)


def examples(simulation: Simulation) -> str:
    return "\n".join(
        f"x = {listed(example.inputs)}, t = {listed(example.targets)}"
        for example in simulation.examples
    )


def listed(values: tuple[float, ...], brackets: str = "()", separator: str = ", ") -> str:
    return brackets[0] + separator.join(map(number, values)) + brackets[1]


def biases(network: Network, name: Callable[[int], str], brackets: str = "()") -> list[str]:
    if network.shape.bias == "none":
        return ["no bias"]
    written = []
    for layer, row in enumerate(network.biases, 1):
        is_shared = network.shape.bias == "shared"
        value = number(row[0]) if is_shared else listed(row, brackets)
        written.append(f"{name(layer)} = {value}")
    return written


def in_lists(network: Network) -> str:
    written = [
        f"W{layer} = [" + ", ".join(listed(row, "[]") for row in matrix) + "]  (rows are sources)"
        for layer, matrix in enumerate(network.weights, 1)
    ]
    return "\n".join(written + biases(network, lambda layer: f"b{layer}"))


def transposed_lists(network: Network) -> str:
    written = [
        f"W^[{layer}] = np.array(["
        + ", ".join(listed(row, "[]") for row in columns(matrix))
        + "])  (each row a unit)"
        for layer, matrix in enumerate(network.weights, 1)
    ]
    return "\n".join(written + biases(network, lambda layer: f"b^[{layer}]", "[]"))


def in_latex(network: Network) -> str:
    written = [
        rf"\mathbf{{W}}^{{({layer})}} = \begin{{pmatrix}} "
        + r" \\ ".join(" & ".join(map(number, row)) for row in matrix)
        + r" \end{pmatrix}, rows: sources"
        for layer, matrix in enumerate(network.weights, 1)
    ]
    return "\n".join(written + biases(network, lambda layer: rf"b^{{({layer})}}"))


def in_matlab(network: Network) -> str:
    written = [
        f"W{layer} = ["
        + "; ".join(" ".join(map(number, row)) for row in matrix)
        + "]; % rows: sources"
        for layer, matrix in enumerate(network.weights, 1)
    ]
    return "\n".join(written + biases(network, lambda layer: f"b{layer}", "[]"))


def in_tables(network: Network) -> str:
    written = [
        f"W{layer}:\n"
        + "\n".join("\t".join(map(number, row)) for row in matrix)
        + "\n(rows: sources)"
        for layer, matrix in enumerate(network.weights, 1)
    ]
    return "\n".join(written + biases(network, lambda layer: f"b{layer}"))


def with_arrows(network: Network) -> str:
    """w1 = 0.1 (x1->h1) in any order; the units of a second hidden layer are g1, g2, …"""
    labels = unit_labels(network)
    written = []
    for layer, matrix in enumerate(network.weights):
        for i, row in enumerate(matrix):
            for j, value in enumerate(row):
                written.append((labels[layer][i], labels[layer + 1][j], value))
    text = ", ".join(
        f"w{place} = {number(value)} ({a}->{b})" for place, (a, b, value) in enumerate(written, 1)
    )
    return f"{text}\n{unit_biases(network, labels)}"


def unit_biases(network: Network, labels: list[list[str]]) -> str:
    shape = network.shape
    if shape.bias == "none":
        return "no biases"
    if shape.bias == "shared":
        return ", ".join(f"b{k} = {number(row[0])}" for k, row in enumerate(network.biases, 1))
    return ", ".join(
        f"b_{labels[layer + 1][unit]} = {number(value)}"
        for layer, row in enumerate(network.biases)
        for unit, value in enumerate(row)
    )


def unit_labels(network: Network) -> list[list[str]]:
    letters = ["x", *"hgf"[: network.shape.depth - 2], "o"]
    return [
        [f"{letter}{unit}" for unit in range(1, size + 1)]
        for letter, size in zip(letters, network.shape.layers, strict=True)
    ]


def numbered_units(network: Network) -> str:
    """w14 = 0.2: all units are numbered, from the inputs on."""
    numbers, first = [], 1
    for size in network.shape.layers:
        numbers.append([str(unit) for unit in range(first, first + size)])
        first += size
    weights = [
        f"w_{{{numbers[layer][i]},{numbers[layer + 1][j]}}} = {number(value)}"
        for layer, matrix in enumerate(network.weights)
        for i, row in enumerate(matrix)
        for j, value in enumerate(row)
    ]
    thresholds = [
        f"b_{{{numbers[layer + 1][unit]}}} = {number(value)}"
        for layer, row in enumerate(network.biases)
        for unit, value in enumerate(row)
    ]
    return " ".join(weights) + "\n" + (" ".join(thresholds) or "no bias")


def numbered_weights(network: Network) -> str:
    """w1 to wn without arrows, first all into the first unit."""
    values = [
        matrix[i][j]
        for matrix in network.weights
        for j in range(len(matrix[0]))
        for i in range(len(matrix))
    ]
    text = " ".join(f"w{place}={number(value)}" for place, value in enumerate(values, 1))
    return f"layers {network.shape.text}\n{text}\n" + "\n".join(
        biases(network, lambda layer: f"b{layer}")
    )


def state_dict(network: Network) -> str:
    entries = []
    for layer, matrix in enumerate(network.weights):
        rows = ",\n        ".join(listed(row, "[]") for row in columns(matrix))
        entries.append(f"('{2 * layer}.weight', tensor([{rows}]))")
        if network.biases:
            entries.append(f"('{2 * layer}.bias', tensor({listed(network.biases[layer], '[]')}))")
    return "OrderedDict([" + ", ".join(entries) + "])" + ("" if network.biases else "\nno bias")


def scikit_learn(network: Network) -> str:
    matrices = ", ".join(
        "array([" + ", ".join(listed(row, "[]") for row in matrix) + "])"
        for matrix in network.weights
    )
    intercepts = ", ".join(f"array({listed(row, '[]')})" for row in network.biases)
    tail = f"intercepts_ = [{intercepts}]" if network.biases else "no bias"
    return f"coefs_ = [{matrices}]\n{tail}"


def columns(matrix: Rows) -> Rows:
    return tuple(zip(*matrix, strict=True))


# Each notation, and whether it can write shared biases.
NOTATIONS: dict[str, tuple[Callable[[Network], str], bool]] = {
    "lists": (in_lists, True),
    "transposed lists": (transposed_lists, True),
    "LaTeX": (in_latex, True),
    "MATLAB": (in_matlab, True),
    "tables": (in_tables, True),
    "arrows": (with_arrows, True),
    "numbered units": (numbered_units, False),
    "numbered weights": (numbered_weights, True),
    "state_dict": (state_dict, False),
    "scikit-learn": (scikit_learn, False),
}


def has_wide_layer(network: Network) -> bool:
    """Whether a shared bias is shared at all."""
    return any(size > 1 for _before, size in pairwise(network.shape.layers))


def with_decimal_commas(text: str) -> str:
    """Return the same text with decimal commas, and semicolons between the numbers of a list."""
    return re.sub(r"(?<=\d)\.(?=\d)", ",", re.sub(r", (?=-?\d)", "; ", text))


def write(simulation: Simulation, notation: str) -> str:
    """Return a simulation as the text of an exercise."""
    weights = NOTATIONS[notation][0](simulation.network)
    return f"{examples(simulation)}\n{weights}\n{rules(simulation)}\n"
