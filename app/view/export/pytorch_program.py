"""The same training in PyTorch: the forward pass alone is written, and autograd does the rest.

Weights lie as in the deck, rows the source: x @ W. (`nn.Linear` keeps the transpose.)
"""

from collections.abc import Iterator

from app.backprop.addresses import layer_letter
from app.backprop.network import Network
from app.simulation.simulation import Simulation
from app.view.export.matrix_program import comment, listed
from app.view.export.numpy_program import (
    ITERATIONS,
    closes_at,
    example_at,
    examples_given,
    finite,
    head,
    order_given,
    order_imports,
    parameter_names,
)
from app.view.notation.labels import Translate

ACTIVATIONS = {
    "sigmoid": "torch.sigmoid({net})",
    "tanh": "torch.tanh({net})",
    "relu": "torch.relu({net})",
    "identity": "{net}",
    "softmax": "torch.softmax({net}, dim=1)",
}
ERRORS = {
    "half_squared": "((target - {out}) ** 2 / 2).sum()",
    "mean_squared": "((target - {out}) ** 2).mean()",
    # From net: the logarithm of an out that is nearly 0 or 1 has few digits.
    "binary_cross_entropy": (
        "torch.nn.functional.binary_cross_entropy_with_logits({net}, target, reduction='sum')"
    ),
    "cross_entropy": "-(target * torch.log_softmax({net}, dim=1)).sum()",
}


def pytorch_program(simulation: Simulation, _: Translate) -> str:
    """The program from the start of the present iteration on. It prints what run.py prints."""
    names = ", ".join(parameter_names(simulation))
    lines = [
        *(f"# {line}" for line in head(simulation, _, "run_pytorch.py")),
        "import sys",
        *order_imports(simulation),
        *([] if finite(simulation) else ["from math import inf, nan"]),
        "",
        "import torch",
        "",
        "torch.set_default_dtype(torch.float64)  " + comment(_("doubles, as Backstep has")),
        "",
        comment(_("The examples, x and target: each iteration takes the next")),
        *examples_given(simulation, "torch.tensor"),
        "",
        comment(
            _("What iteration %(iteration)s begins with") % {"iteration": simulation.iteration}
        ),
        *_given(simulation),
        f"parameters = [{names}]",
        *_velocities(simulation),
        *_gathered(simulation, _),
        f"iteration = {simulation.iteration}",
        *order_given(simulation, _),
        "",
        "",
        "def error_of(x, target):",
        *(f"    {line}" for line in _forward(simulation)),
        "",
        "",
        f"count = int(sys.argv[1]) if len(sys.argv) > 1 else {ITERATIONS}",
        "for k in range(iteration, iteration + count):",
        f"    E = error_of(*examples[{example_at(simulation, 'k')}])  "
        + comment(_("the forward pass")),
        "    E.backward()  " + comment(_("the backward pass: every gradient")),
        *_updates(simulation, _),
        "    print(k, E.item())",
        "",
        comment(_("What it has learned, with all digits")),
        *(f'print("{name} =", {name}.tolist())' for name in parameter_names(simulation)),
    ]
    return "\n".join(lines) + "\n"


def _given(simulation: Simulation) -> Iterator[str]:
    network = simulation.network
    yield f"lr = {simulation.learning_rate!r}"
    for name, written in zip(parameter_names(simulation), _written(network), strict=True):
        yield f"{name} = torch.tensor({written}, requires_grad=True)"


def _written(network: Network) -> Iterator[str]:
    """Every matrix and bias."""
    shared = network.shape.bias == "shared"
    yield from (listed(matrix) for matrix in network.weights)
    yield from (repr(row[0]) if shared else listed((row,)) for row in network.biases)


def _velocities(simulation: Simulation) -> Iterator[str]:
    """mu and the velocities before, one for each parameter."""
    start = simulation.start
    if start.velocities:
        yield f"mu = {start.momentum!r}"
        yield "velocities = ["
        moving = Network(start.network.shape, start.velocities)
        yield from (f"    torch.tensor({written})," for written in _written(moving))
        yield "]"


def _gathered(simulation: Simulation, _: Translate) -> Iterator[str]:
    """What the pass has gathered before: autograd adds to it."""
    start = simulation.start
    if any(start.accumulated):
        sums = _written(Network(start.network.shape, start.accumulated))
        for name, written in zip(parameter_names(simulation), sums, strict=True):
            yield f"{name}.grad = torch.tensor({written})"


def _updates(simulation: Simulation, _: Translate) -> Iterator[str]:
    """The update; after all examples, where autograd first adds up their gradients."""
    lines = ["with torch.no_grad():", *_update(simulation, _)]
    if simulation.network.shape.accumulates:
        told = comment(_("the last example of a pass"))
        yield f"    if {closes_at(simulation, 'k')}:  {told}"
        yield from (f"        {line}" for line in lines)
    else:
        yield from (f"    {line}" for line in lines)


def _update(simulation: Simulation, _: Translate) -> Iterator[str]:
    """What is done with the gradients: with momentum what torch.optim.SGD(momentum=…) does."""
    shared = " / len(examples)" if simulation.network.shape.update == "mean" else ""
    if simulation.start.velocities:
        yield "    for parameter, v in zip(parameters, velocities):"
        yield f"        v.mul_(mu).add_(parameter.grad{shared})  " + comment(_("the velocity"))
        yield "        parameter -= lr * v  " + comment(_("the update"))
    else:
        slope = f"(parameter.grad{shared})" if shared else "parameter.grad"
        yield "    for parameter in parameters:"
        yield f"        parameter -= lr * {slope}  " + comment(_("the update"))
    yield "        parameter.grad = None"


def _forward(simulation: Simulation) -> Iterator[str]:
    """net and out of every layer, and E."""
    shape = simulation.shape
    source = "x"
    for layer, activation in enumerate(shape.activations, 1):
        before, here = (layer_letter(i, shape.depth).lower() for i in (layer - 1, layer))
        bias = "" if shape.bias == "none" else f" + b{layer}"
        yield f"net_{here} = {source} @ W_{before}{here}{bias}"
        source = f"out_{here}"
        yield f"{source} = {ACTIVATIONS[activation].format(net=f'net_{here}')}"
    net = source.replace("out_", "net_")
    yield f"return {ERRORS[shape.error].format(out=source, net=net)}"
