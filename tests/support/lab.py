"""A client of the API that owns one session."""

from functools import partialmethod
from typing import Any

import httpx

State = dict[str, Any]


class Lab:
    """The owner of the session created last. Each command returns the new state."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.id = ""
        self.key = ""

    @property
    def path(self) -> str:
        return f"/api/sessions/{self.id}"

    @property
    def authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}

    async def create(self, **body: Any) -> State:
        """Create a session, by default of the preset `deck`."""
        response = await self.client.post("/api/sessions", json=body or {"preset": "deck"})
        assert response.status_code == 201, response.text
        created = response.json()
        self.id, self.key = created["id"], created["key"]
        state: State = created["state"]
        return state

    async def request(
        self, method: str, path: str = "", *, headers: dict[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        """Send any request about the session, with its key."""
        merged = self.authorization | (headers or {})
        return await self.client.request(method, self.path + path, headers=merged, **more)

    async def state(self) -> State:
        return await self._answered("GET")

    async def _command(self, name: str, **body: Any) -> State:
        return await self._answered("POST", f"/{name}", json=body or None)

    step = partialmethod(_command, "step")
    back = partialmethod(_command, "back")
    forward = partialmethod(_command, "forward")
    backward = partialmethod(_command, "backward")
    update = partialmethod(_command, "update")
    start_over = partialmethod(_command, "start-over")
    reset = partialmethod(_command, "reset")
    undo = partialmethod(_command, "undo")
    redo = partialmethod(_command, "redo")
    return_ = partialmethod(_command, "return")

    async def train(self, iterations: int) -> State:
        return await self._answered("POST", "/train", json={"iterations": iterations})

    async def seek(self, iteration: int, cursor: int = 0) -> State:
        return await self._answered(
            "POST", "/seek", json={"iteration": iteration, "cursor": cursor}
        )

    async def travel(self) -> State:
        return await self._answered("GET", "/travel")

    async def edit(self, **changes: Any) -> State:
        return await self._answered("PATCH", json=changes)

    async def steps(self) -> list[dict[str, Any]]:
        answer = await self._answered("GET", "/steps")
        steps: list[dict[str, Any]] = answer["steps"]
        return steps

    async def errors(self, points: int = 500) -> list[list[float]]:
        answer = await self._answered("GET", f"/errors?points={points}")
        curve: list[list[float]] = answer["points"]
        return curve

    async def delete(self) -> None:
        response = await self.request("DELETE")
        assert response.status_code == 204, response.text

    async def _answered(self, method: str, path: str = "", **more: Any) -> State:
        response = await self.request(method, path, **more)
        assert response.status_code == 200, response.text
        answer: State = response.json()
        return answer
