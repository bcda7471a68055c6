"""Addresses of pages that explain something, and the marks by which what shows the same lights up."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

from app.backprop.addresses import address, parse
from app.simulation.permalink import encode_permalink
from app.simulation.simulation import Simulation
from app.view.rendering.urls import query, url

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


def way(before: object, addresses: Sequence[str]) -> Markup:
    """The address of the page on which a derivation is open so far down, at its last level.

    `before` is the query up to the addresses, escaped, or the placeholder for it.
    """
    return Markup(f"{url('/')}{before}{AT.join(addresses)}#level-{len(addresses)}")


def explain(before: object, text: str) -> Markup:
    """The address of the page that explains a quantity: a parameter together with its gradient.

    `before` is as for `way`.
    """
    kind, indices = parse(text)
    opened: tuple[str, ...] = (text,)
    if kind in ("weight", "bias"):
        opened += (address(f"{kind}_gradient", *indices),)
    return Markup(f"{url('/')}{before}{AT.join(opened)}#derivation")


def query_of(fields: Mapping[str, str]) -> Markup:
    """The query of an address, escaped; empty where nothing is to be said."""
    return escape(query(fields))


def link_of(simulation: Simulation, at: Sequence[str] = ()) -> str:
    """The path that opens a copy of this moment on any server, and in it what is explained."""
    return url(OPEN + encode_permalink(simulation), {"at": AT.join(at)} if at else None)
