"""Whatever an address asks to have explained: the page comes, and opens what of it there is."""

from urllib.parse import urlencode

import pytest
from httpx import AsyncClient
from hypothesis import HealthCheck, given, settings
from hypothesis import example as also
from hypothesis import strategies as st

from app.examples.presets import DECK
from app.view.screen.derivation import known_path, quantities
from tests.support.derivation_markup import levels, links, opened, way_of
from tests.support.markup import tree
from tests.support.page_client import Guest

SHAPE = DECK.simulation.network.shape


async def test_another_network_has_other_quantities(guest: Guest) -> None:
    """A way that the network does not have is cut: the page is there, with what is left of it."""
    page = await guest.look("/?preset=mazur&at=weight/0/2/3")
    assert opened(page) == ()
    page = await guest.look("/?preset=mazur&at=net/1/0~weight/0/2/0")
    assert opened(page) == ("net/1/0",)


ANY = settings(
    deadline=None,
    derandomize=True,
    max_examples=80,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
TEXTS = st.one_of(
    st.text(max_size=40),
    st.lists(st.sampled_from([*sorted(quantities(SHAPE)), "", "x", "delta/1"]), max_size=5).map(
        "~".join
    ),
)


@ANY
@given(TEXTS)
@also('"><script>alert(1)</script>')
@also("'onmouseover='alert(1)")
@also("\ue000short:99999\ue001")
@also("weight/0/0/0~\ue000query\ue001")
@also("~".join(["weight/0/0/0"] * 1000))
@also("\x00")
async def test_anything_may_be_asked(client: AsyncClient, text: str) -> None:
    """Whatever stands after `at`, the page comes, opens what of it there is and repeats the rest
    nowhere."""
    query = urlencode({"at": text}, errors="replace")
    response = await client.get(f"/?{query}", headers={"Accept": "text/html"})
    assert response.status_code == 200
    page = tree(response.text)
    way = known_path(SHAPE, tuple(text.split("~")))
    assert opened(page) == way[:64]
    scripts = [each.get("src") for each in page.all("script")]
    assert all(source.startswith("/static/") for source in scripts)
    for element in page:
        assert not any(name.startswith("on") for name in element.attributes)
    for link in links(page):
        known = way_of(link)
        assert known_path(SHAPE, known) == known


@pytest.mark.parametrize(
    "query", ["at=%ff", "at=%ED%A0%80", "at", "at=", "at=error&at=x", "at=x&at=error"]
)
async def test_odd_queries(client: AsyncClient, query: str) -> None:
    """Bytes that are no text, nothing at all, or two: a page all the same, and for the API, too."""
    response = await client.get(f"/?{query}", headers={"Accept": "text/html"})
    assert response.status_code == 200
    response = await client.post(f"/step?{query}", headers={"Accept": "text/html"})
    assert response.status_code == 303


async def test_the_longest_way(guest: Guest) -> None:
    """The deepest network's longest way opens, down to the inputs."""
    layers = "8-8-8-8-8"
    way = ["weight/0/0/0", "weight_gradient/0/0/0"]
    for layer in range(1, 4):
        way += [f"delta/{layer}/0", f"error_slope/{layer}/0"]
    way += ["delta/4/0", "error_slope/4/0"]
    for layer in range(4, 0, -1):
        way += [f"out/{layer}/0", f"net/{layer}/0"]
    way += ["out/0/7"]
    page = await guest.look(f"/?layers={layers}&seed=1&at={'~'.join(way)}")
    assert opened(page) == tuple(way)
    assert [level.text for level in levels(page)][-1].endswith("given.Change it:")
