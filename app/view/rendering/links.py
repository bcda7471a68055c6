"""Links to derivations, and the marks by which elements that show the same quantity light up."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

from app.backprop.addresses import address, parse
from app.view.rendering.urls import query

AT = "~"  # between the addresses of a derivation path


def of(at: tuple[str, ...], *addresses: str) -> Markup:
    """Return the attributes of an element that shows quantities, or a layer of one (`delta/1`).

    Elements with the same address light up together. The server marks the explained quantity.
    """
    chosen = at and any(related(at[0], text) for text in addresses)
    return Markup(f' data-of="{" ".join(addresses)}"{" data-chosen" if chosen else ""}')


def related(one: str, other: str) -> bool:
    """Return whether two addresses are equal, or one is a part of the other."""
    return one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/")


def way(before: object, addresses: Sequence[str]) -> Markup:
    """Return the URL of a page whose derivation is open down to the last of these addresses.

    `before` is the URL up to the addresses, escaped, or with placeholders.
    """
    return Markup(f"{before}{AT.join(addresses)}#level-{len(addresses)}")


def focus(before: object, text: str) -> Markup:
    """Return the URL of the page whose formula is about a quantity.

    `before` is the URL up to its address, as for `way`.
    """
    return Markup(f"{before}{text}")


def explain(before: object, text: str) -> Markup:
    """Return the URL of the page that explains a quantity; a parameter opens with its gradient.

    `before` is as for `way`.
    """
    kind, indices = parse(text)
    opened: tuple[str, ...] = (text,)
    if kind in ("weight", "bias"):
        opened += (address(f"{kind}_gradient", *indices),)
    return Markup(f"{before}{AT.join(opened)}#derivation")


def query_of(fields: Mapping[str, str]) -> Markup:
    """Return a query with its question mark, escaped; empty without fields."""
    return escape(query(fields))
