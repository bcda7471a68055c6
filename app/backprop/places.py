"""What of a network stays in place when its shape is altered.

Units are added and removed at the end of a layer. A weight keeps its place if the layers that it
joins were adjacent before, and a bias if its unit, or its layer where it is shared, was there. All
other parameters are new.
"""

from collections.abc import Sequence
from functools import lru_cache

from app.backprop.errors import Invalid
from app.backprop.network import Shape

# For each layer of the altered network the one that it was before, or None for a new one.
KeptLayers = tuple[int | None, ...]
Places = tuple[int | None, ...]


def default_kept_layers(before: int, after: int) -> KeptLayers:
    """Which layers are kept if only the numbers of layers are known: inputs and outputs, and the
    hidden layers in their order. Those too many are the last ones."""
    same = min(before, after) - 1
    return (*range(same), *[None] * (after - 1 - same), before - 1)


def check_kept_layers(kept: Sequence[int | None], before: Shape, after: Shape) -> None:
    """Raises Invalid unless the inputs and the outputs are kept, and the others in their order."""
    known = [layer for layer in kept if layer is not None]
    ends = (0, before.depth - 1) == (kept[0], kept[-1]) if kept else False
    if not ends or len(kept) != after.depth or known != sorted(set(known)):
        raise Invalid("layers", "the kept layers do not fit the network")


@lru_cache(maxsize=64)
def parameter_places(before: Shape, after: Shape, kept: KeptLayers) -> Places:
    """For each parameter of the altered network the index that it had before; None if it is new.

    A shared bias becomes that of every unit of its layer. Of the biases of units, the first becomes
    the shared one.
    """
    weights = {place: index for index, place in enumerate(before.weight_indices())}
    places: list[int | None] = []
    for layer, source, target in after.weight_indices():
        own, following = kept[layer], kept[layer + 1]
        adjacent = own is not None and following == own + 1
        places.append(weights.get((own, source, target)) if own is not None and adjacent else None)
    first = before.weight_count
    biases = {place: first + index for index, place in enumerate(before.bias_indices())}
    for place in after.bias_indices():
        origin = kept[place[0] + 1]
        if origin is None:
            places.append(None)
            continue
        unit = place[1] if len(place) > 1 else 0
        there = unit < before.layers[origin]
        was = (origin - 1,) if before.bias == "shared" else (origin - 1, unit)
        places.append(biases.get(was) if there else None)
    return tuple(places)
