"""Somebody at work with the API: begins a session, and moves it by the names of the moves."""

from typing import Any

import httpx

State = dict[str, Any]


class Lab:
    """One owner and the session begun last. Each move returns the state that it led to."""

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
        """A new session; of the deck's network if nothing else is said."""
        response = await self.client.post("/api/sessions", json=body or {"preset": "deck"})
        assert response.status_code == 201, response.text
        created = response.json()
        self.id, self.key = created["id"], created["key"]
        state: State = created["state"]
        return state

    async def request(
        self, method: str, path: str = "", *, headers: dict[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        """Any request about the session, with its key; whatever comes back."""
        merged = self.authorization | (headers or {})
        return await self.client.request(method, self.path + path, headers=merged, **more)

    async def state(self) -> State:
        return await self._answered("GET")

    async def step(self, **how: Any) -> State:
        return await self._answered("POST", "/step", json=how)

    async def back(self, **how: Any) -> State:
        return await self._answered("POST", "/back", json=how)

    async def forward(self) -> State:
        return await self._answered("POST", "/forward")

    async def backward(self) -> State:
        return await self._answered("POST", "/backward")

    async def update(self) -> State:
        return await self._answered("POST", "/update")

    async def train(self, iterations: int) -> State:
        return await self._answered("POST", "/train", json={"iterations": iterations})

    async def reset(self) -> State:
        return await self._answered("POST", "/reset")

    async def seek(self, iteration: int, cursor: int = 0) -> State:
        return await self._answered(
            "POST", "/seek", json={"iteration": iteration, "cursor": cursor}
        )

    async def undo(self) -> State:
        return await self._answered("POST", "/undo")

    async def redo(self) -> State:
        return await self._answered("POST", "/redo")

    async def return_(self) -> State:
        return await self._answered("POST", "/return")

    async def travel(self) -> State:
        """How far one may travel."""
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
