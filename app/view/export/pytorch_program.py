"""The same training in PyTorch: only the forward pass is written out, autograd does the rest.

Weight matrices are those of the deck, a row for each source: x @ W. (`nn.Linear` stores the
transpose.)
"""

from collections.abc import Iterator
from dataclasses import replace

from app.analysis.rounding import RoundedIteration
from app.backprop.addresses import layer_letter
from app.backprop.compiler import Numbers
from app.backprop.expressions import POWER, Expression, Mention, tokens
from app.backprop.functions import ACTIVATIONS, ERRORS, OPTIMISERS
from app.backprop.network import Network, Shape
from app.simulation.simulation import Simulation
from app.view.export.matrix_program import (
    comment,
    finite,
    parameter_literals,
    parameter_names,
    rows_literal,
)
from app.view.export.numpy_program import (
    COUNT_LINE,
    example_at,
    last_of_pass_line,
    rounding_notes,
    training_program,
)
from app.view.notation.labels import Translate
from app.view.notation.notations import NUMPY
from app.view.notation.numpy_lines import NUMBER_NAMES, SHARE, bias_variable

_TORCH = replace(
    NUMPY, functions={"sqrt": ("torch.sqrt(", 0, ")")}, constant=lambda value: f"{value:g}"
)
# The same rule as in `steps.SETTLED`, with slope 0 where it takes effect.
_SETTLE = (
    "def settle(net, size, kinked=True):",
    f"    zero = (net.abs() <= {SHARE} * size) & size.isfinite() & kinked",
    "    return torch.where(zero, torch.zeros_like(net), net)",
    "",
    "",
)


def pytorch_program(
    simulation: Simulation, _: Translate, board: RoundedIteration | None = None
) -> str:
    """The program, from the start of the current iteration on. It prints what run.py prints."""
    imports = [
        *([] if finite(simulation) else ["from math import inf, nan"]),
        "",
        "import torch",
        "",
        "torch.set_default_dtype(torch.float64)  " + comment(_("doubles, as Backstep has")),
    ]
    body = [
        "",
        "",
        *(_SETTLE if any(step.settles for step in simulation.steps) else ()),
        "def error_of(x, target):",
        *(f"    {line}" for line in _forward_lines(simulation)),
        "",
        "",
        COUNT_LINE,
        "for k in range(iteration, iteration + count):",
        f"    E = error_of(*examples[{example_at(simulation, 'k')}])  "
        + comment(_("the forward pass")),
        "    E.backward()  " + comment(_("the backward pass: every gradient")),
        *_update_lines(simulation, _),
        "    print(k, E.item())",
    ]
    names = parameter_names(simulation.shape)
    return training_program(
        *(simulation, _, "run_pytorch.py", rounding_notes(_, board)),
        imports=imports,
        array=_tensor,
        start=_start_lines(simulation),
        body=body,
        prints=(f'print("{name} =", {name}.tolist())' for name in names),
    )


def _tensor(numbers: Numbers) -> str:
    return f"torch.tensor({rows_literal((numbers,))})"


def _start_lines(simulation: Simulation) -> Iterator[str]:
    """lr, the parameters, the other hyperparameters, what the optimiser keeps for each parameter,
    and the gradients that the pass has accumulated: autograd adds to them."""
    start, network = simulation.start, simulation.network
    yield f"lr = {simulation.learning_rate!r}"
    parameters = parameter_literals(network)
    for name, literal in parameters.items():
        yield f"{name} = torch.tensor({literal}, requires_grad=True)"
    yield f"parameters = [{', '.join(parameters)}]"
    for name, value in start.hyperparameter_values.items():
        yield f"{NUMBER_NAMES[name]} = {value!r}"
    for rule in network.shape.kept_rules:
        yield f"{rule.title} = ["
        literals = parameter_literals(start.kept[rule.name]).values()
        yield from (f"    torch.tensor({literal})," for literal in literals)
        yield "]"
    if network.shape.counts_updates:
        yield f"t = {start.optimiser_state[-1]!r}"
    if any(start.accumulated):
        sums = parameter_literals(Network(network.shape, start.accumulated))
        for name, literal in sums.items():
            yield f"{name}.grad = torch.tensor({literal})"


def _update_lines(simulation: Simulation, _: Translate) -> Iterator[str]:
    """The update; with batch updates only after all examples, whose gradients autograd adds up."""
    indent = "    "
    if simulation.network.shape.accumulates:
        yield last_of_pass_line(simulation, _)
        indent *= 2
    for line in ("with torch.no_grad():", *_step_lines(simulation, _)):
        yield indent + line


def _step_lines(simulation: Simulation, _: Translate) -> Iterator[str]:
    """The update of all parameters, printed from the rules of the optimiser."""
    shape = simulation.network.shape
    optimiser = OPTIMISERS[shape.optimiser]
    divisor = " / len(examples)" if shape.update == "mean" else ""
    if optimiser.counts_updates:
        yield "    t += 1"
    yield "    for index, parameter in enumerate(parameters):"
    yield f"        g = parameter.grad{divisor}"
    if shape.weight_decay:
        weights = shape.depth - 1
        yield f"        if index < {weights}:  " + comment(_("the weights, not the biases"))
        yield f"            g = g + {NUMBER_NAMES['weight_decay']} * parameter"
    names = {"gradient": "g", **{rule.name: rule.code for rule in optimiser.rules}}
    for rule in optimiser.rules:
        kept = f"{rule.title}[index]"
        value = _torch(rule.value, {**names, "before": kept})
        target = f"{rule.code} = {kept}" if rule.is_kept else rule.code
        yield f"        {target} = {value}"
    yield f"        parameter -= lr * {_torch(optimiser.change, names, POWER)}  " + comment(
        _("the update")
    )
    yield "        parameter.grad = None"


def _torch(formula: Expression, names: dict[str, str], rank: int = 0) -> str:
    """A rule of the optimiser in PyTorch."""
    names = {**NUMBER_NAMES, **names}
    written = tokens(formula, _TORCH, rank)
    return "".join(names[t.address] if isinstance(t, Mention) else t for t in written)


def _forward_lines(simulation: Simulation) -> Iterator[str]:
    """net and out of every layer, and E."""
    shape = simulation.shape
    source = "x"
    for layer in range(1, shape.depth):
        before, here = (layer_letter(i, shape.depth).lower() for i in (layer - 1, layer))
        name, sign = bias_variable(shape, layer), "-" if shape.named.thresholds else "+"
        bias = "" if shape.bias == "none" else f" {sign} {name}"
        net, line = f"net_{here}", f"{source} @ W_{before}{here}"
        units = range(shape.layers[layer])
        kinked = [ACTIVATIONS[shape.activation(layer, unit)].kinked for unit in units]
        if any(kinked):
            size = f"{source}.abs() @ W_{before}{here}.abs()"
            size += "" if shape.bias == "none" else f" + abs({name})"
            where = "" if all(kinked) else f", torch.tensor({kinked})"
            yield f"{net} = settle({line}{bias}, {size}{where})"
        else:
            yield f"{net} = {line}{bias}"
        source = f"out_{here}"
        yield f"{source} = {_activation(shape, layer, net)}"
    net = source.replace("out_", "net_")
    yield f"return {ERRORS[shape.error].pytorch.format(out=source, net=net)}"


def _activation(shape: Shape, layer: int, net: str) -> str:
    """The activation function of a layer, or a column for each unit."""
    names = shape.activations[layer - 1]
    if isinstance(names, str):
        return ACTIVATIONS[names].pytorch.format(net=net)
    columns = (
        ACTIVATIONS[name].pytorch.format(net=f"{net}[:, {unit}]") for unit, name in enumerate(names)
    )
    return f"torch.stack([{', '.join(columns)}], dim=1)"
