"""Addresses name the quantities of a network.

An address is a kind and zero-based indices, such as `delta/1/0` or `weight/0/2/3`. The first index
is the layer, counted from the inputs. A weight or bias has the index of the layer it leads *from*;
every other quantity has the index of its own layer.
"""

HIDDEN_LETTERS = "HKL"  # the deck has one hidden layer, H; deeper networks add K and L
COUNTS = ("example_count", "update_count", "update_count_before")  # whole numbers


def address(kind: str, *indices: int) -> str:
    """Return the address of a quantity: `address("delta", 1, 0) == "delta/1/0"`."""
    return "/".join((kind, *map(str, indices)))


def parse(text: str) -> tuple[str, tuple[int, ...]]:
    """Split an address into kind and indices; raises ValueError for an invalid index."""
    kind, *rest = text.split("/")
    if not all(part.isascii() and part.isdigit() for part in rest):
        raise ValueError(f"not an address: {text!r}")
    return kind, tuple(int(part) for part in rest)


def layer_letter(layer: int, depth: int) -> str:
    """The deck's letter for a layer (slide 1): I, H (then K and L in deeper networks), O."""
    if layer == 0:
        return "I"
    return "O" if layer == depth - 1 else HIDDEN_LETTERS[layer - 1]
