"""The same training in PyTorch: only the forward pass is written out, autograd does the rest.

Weight matrices are those of the deck, a row for each source: x @ W. (`nn.Linear` stores the
transpose.)
"""

from collections.abc import Iterator

from app.backprop.addresses import layer_letter
from app.backprop.network import Network
from app.simulation.simulation import Simulation
from app.view.export.matrix_program import comment, parameter_literals, parameter_names
from app.view.export.numpy_program import (
    ITERATIONS,
    example_at,
    finite,
    is_last_of_pass,
    opening,
    order_lines,
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
    # From net, since the logarithm loses digits if out is near 0 or 1.
    "binary_cross_entropy": (
        "torch.nn.functional.binary_cross_entropy_with_logits({net}, target, reduction='sum')"
    ),
    "cross_entropy": "-(target * torch.log_softmax({net}, dim=1)).sum()",
}


def pytorch_program(simulation: Simulation, _: Translate) -> str:
    """The program, from the start of the current iteration on. It prints what run.py prints."""
    names = parameter_names(simulation.shape)
    imports = [
        *([] if finite(simulation) else ["from math import inf, nan"]),
        "",
        "import torch",
        "",
        "torch.set_default_dtype(torch.float64)  " + comment(_("doubles, as Backstep has")),
    ]
    lines = [
        *opening(simulation, _, "run_pytorch.py", imports, "torch.tensor"),
        *_parameter_lines(simulation),
        f"parameters = [{', '.join(names)}]",
        *_velocity_lines(simulation),
        *_accumulated_lines(simulation, _),
        f"iteration = {simulation.iteration}",
        *order_lines(simulation, _),
        "",
        "",
        "def error_of(x, target):",
        *(f"    {line}" for line in _forward_lines(simulation)),
        "",
        "",
        f"count = int(sys.argv[1]) if len(sys.argv) > 1 else {ITERATIONS}",
        "for k in range(iteration, iteration + count):",
        f"    E = error_of(*examples[{example_at(simulation, 'k')}])  "
        + comment(_("the forward pass")),
        "    E.backward()  " + comment(_("the backward pass: every gradient")),
        *_update_lines(simulation, _),
        "    print(k, E.item())",
        "",
        comment(_("What it has learned, with all digits")),
        *(f'print("{name} =", {name}.tolist())' for name in names),
    ]
    return "\n".join(lines) + "\n"


def _parameter_lines(simulation: Simulation) -> Iterator[str]:
    network = simulation.network
    yield f"lr = {simulation.learning_rate!r}"
    names = parameter_names(network.shape)
    for name, literal in zip(names, parameter_literals(network), strict=True):
        yield f"{name} = torch.tensor({literal}, requires_grad=True)"


def _velocity_lines(simulation: Simulation) -> Iterator[str]:
    """mu and the velocities, one for each parameter."""
    start = simulation.start
    if start.velocities:
        yield f"mu = {start.momentum!r}"
        yield "velocities = ["
        moving = Network(start.network.shape, start.velocities)
        yield from (f"    torch.tensor({literal})," for literal in parameter_literals(moving))
        yield "]"


def _accumulated_lines(simulation: Simulation, _: Translate) -> Iterator[str]:
    """The gradients that the pass has accumulated: autograd adds to them."""
    start = simulation.start
    if any(start.accumulated):
        sums = parameter_literals(Network(start.network.shape, start.accumulated))
        for name, literal in zip(parameter_names(simulation.shape), sums, strict=True):
            yield f"{name}.grad = torch.tensor({literal})"


def _update_lines(simulation: Simulation, _: Translate) -> Iterator[str]:
    """The update; with batch updates only after all examples, whose gradients autograd adds up."""
    lines = ["with torch.no_grad():", *_step_lines(simulation, _)]
    if simulation.network.shape.accumulates:
        yield f"    if {is_last_of_pass(simulation, 'k')}:  " + comment(
            _("the last example of a pass")
        )
        yield from (f"        {line}" for line in lines)
    else:
        yield from (f"    {line}" for line in lines)


def _step_lines(simulation: Simulation, _: Translate) -> Iterator[str]:
    """The update of all parameters: with momentum it is that of torch.optim.SGD(momentum=…)."""
    divisor = " / len(examples)" if simulation.network.shape.update == "mean" else ""
    if simulation.start.velocities:
        yield "    for parameter, v in zip(parameters, velocities):"
        yield f"        v.mul_(mu).add_(parameter.grad{divisor})  " + comment(_("the velocity"))
        yield "        parameter -= lr * v  " + comment(_("the update"))
    else:
        gradient = f"(parameter.grad{divisor})" if divisor else "parameter.grad"
        yield "    for parameter in parameters:"
        yield f"        parameter -= lr * {gradient}  " + comment(_("the update"))
    yield "        parameter.grad = None"


def _forward_lines(simulation: Simulation) -> Iterator[str]:
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
