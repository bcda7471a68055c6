"""What stands between two layers: plain lines, or what the step has to do with their weights."""

from app.view.rendering.step_view import StepView

LINES = "lines"  # the step does not speak about these weights
WEIGHTS = "weights"  # each line ends at its weight, left of the unit that receives it
PRODUCTS = "products"  # the same, with the products that the unit in focus adds up
FACTORS = "factors"  # factors (1) and (2) stand left of the units
GRADIENTS = "gradients"  # ∂ beside each weight, which has not changed
MOVES = "moves"  # the old weight, the direction of its move, and the new weight
RETURN = "return"  # ribbons from the units after, each ending at the old weight


def gaps_of(step_view: StepView) -> tuple[str, ...]:
    """What stands after each layer but the last."""
    count = step_view.shape.depth - 1
    if not step_view.block:
        return (WEIGHTS,) * count
    last = step_view.block[-1]
    if step_view.by == "phase":
        return ({"forward": WEIGHTS, "backward": GRADIENTS, "update": MOVES}[last.phase],) * count
    found = [LINES] * count
    before = last.layer - 1
    match last.kind:
        case "net":
            found[before] = PRODUCTS
        case "out":
            found[before] = WEIGHTS
        case "error":
            pass
        case "error_slope" | "activation_slope" | "delta":
            is_output = last.layer == count
            fused = step_view.shape.has_fused_delta(last.layer)
            if not fused and (is_output or last.kind != "error_slope"):
                found[before] = FACTORS
            if not is_output:
                found[last.layer] = RETURN
        case "weight_update" | "bias_update":
            found[before] = MOVES
        case _:
            found[before] = GRADIENTS
    return tuple(found)
