"""The networks of a browser that posts the page's forms."""

import httpx


async def begin(client: httpx.AsyncClient, page: str) -> httpx.Response:
    """Press Step on a page of the deck, which begins a network; again on the same page, the same one."""
    headers = {"HX-Request": "true", "Press": f"{page}.1~"}
    return await client.post("/step?preset=deck", headers=headers)


def id_of(answer: httpx.Response) -> str:
    """The network that an answer leads to."""
    return str(answer.headers["HX-Replace-Url"]).removeprefix("/n/")


async def listed(client: httpx.AsyncClient) -> list[str]:
    """The networks in the browser's list."""
    return [each["id"] for each in (await client.get("/api/networks")).json()["networks"]]
