"""Training that one process goes on with, and another one stops."""

import asyncio

from tests.deploy.conftest import Fleet
from tests.support.app_server import client_of

PATIENCE = 120  # seconds after which a test that hangs is ended; none is decided by it


async def test_stopped_by_the_other_process(fleet: Fleet) -> None:
    """Whoever listens to one hears that it was stopped by the other, and what was done is kept."""
    one, other = fleet.servers
    htmx = {"HX-Request": "true"}
    async with asyncio.timeout(PATIENCE), client_of(one.url) as here, client_of(other.url) as there:
        begun = await here.post(
            "/train?layers=8-8-8-8-8&seed=3", data={"iterations": "100000"}, headers=htmx
        )
        assert begun.status_code == 200
        there.cookies.set("backstep", here.cookies["backstep"])
        said: list[str] = []
        async with here.stream("GET", "/training/events") as events:
            async for line in events.aiter_lines():
                said.append(line)
                if sum(each.startswith("data:") for each in said) == 2:
                    stopped = await there.post("/train/stop", headers=htmx)
                    assert "All that was done is kept." in stopped.text
        assert said.count("event: over") == 1
        id = here.cookies["backstep"].partition(".")[0]
        states = [(await each.get(f"/api/sessions/{id}")).json() for each in (here, there)]
        assert states[0] == states[1]
        assert 0 < states[0]["iteration"] < 99_999
        assert f'"done":{states[0]["iteration"] + 1},' in said[said.index("event: over") + 1]
