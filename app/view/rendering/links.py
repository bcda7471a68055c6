"""Addresses of pages that explain something, and the marks by which what shows the same lights up."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlencode

from markupsafe import Markup, escape

from app.backprop.addresses import address, parse
from app.simulation.permalink import encode_permalink
from app.simulation.simulation import Simulation

AT = "~"  # between the addresses of a way down, in a link
OPEN = "/open/"


def of(at: tuple[str, ...], *addresses: str) -> Markup:
    """Marks an element that shows quantities, or a whole layer of one (`delta/1`): all that show
    the same light up together. The one that is explained is lit by the server."""
    chosen = at and any(related(at[0], text) for text in addresses)
    return Markup(f' data-of="{" ".join(addresses)}"{" data-chosen" if chosen else ""}')


def related(one: str, other: str) -> bool:
    """Whether two addresses are the same, or one is a whole that the other is a part of."""
    return one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/")


def way(query: object, addresses: Sequence[str]) -> Markup:
    """The address of the page on which a derivation is open so far down, at its last level.

    The query is what comes before the addresses, escaped, or the hole for it.
    """
    return Markup(f"/{query}{AT.join(addresses)}#level-{len(addresses)}")


def explain(query: object, text: str) -> Markup:
    """The address of the page that explains a quantity: a parameter together with its gradient.

    The query is as for `way`.
    """
    kind, indices = parse(text)
    opened: tuple[str, ...] = (text,)
    if kind in ("weight", "bias"):
        opened += (address(f"{kind}_gradient", *indices),)
    return Markup(f"/{query}{AT.join(opened)}#derivation")


def query_of(fields: Mapping[str, str]) -> Markup:
    """The query of an address, escaped; empty where nothing is to be said."""
    return escape("?" + urlencode(fields, safe="/~")) if fields else Markup("")


def link_of(simulation: Simulation, at: Sequence[str] = ()) -> str:
    """The path that opens a copy of this moment on any server, and in it what is explained."""
    return (
        OPEN + encode_permalink(simulation) + (f"?at={quote(AT.join(at), safe='/~')}" if at else "")
    )
