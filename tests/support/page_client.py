"""Somebody at the page without a browser: looks at it, and sends its forms as one would."""

import re
from itertools import pairwise
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urljoin

import httpx

from app.view.panels.registry import PANELS
from app.view.rendering.page_state import PRESS
from app.view.rendering.panel import GROUPS
from tests.support.lab import State
from tests.support.markup import Element, tree

Drawn = dict[tuple[str, str], float]
NETWORK = re.compile(r"/n/([\w-]{22})(?=$|[/?])")
SHOWS = ("data-of", "data-chosen")  # which quantity an element shows: a name and no number


class PageClient:
    """A visitor without JavaScript, or with htmx. `page` is what is seen now."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.client.headers["Accept"] = "text/html,*/*;q=0.8"
        self.page = Element("", {})
        self.address = "/"
        self.id = token_urlsafe(8)
        self.presses = 0
        self._session: str | None = None
        client.event_hooks["response"].append(self._notice)

    async def _notice(self, response: httpx.Response) -> None:
        """Remember the network that an answer is about."""
        named = [response.headers.get(each, "") for each in ("Location", "HX-Replace-Url")]
        for address in (response.request.url.path, *named):
            if found := NETWORK.match(address):
                self._session = found[1]

    @property
    def session(self) -> str | None:
        """The id of the network that the browser was at last; None without its cookie."""
        return self._session if self.client.cookies.get("backstep") else None

    async def look(self, address: str = "/") -> Element:
        """A page by its address, or where that leads."""
        response = await self.client.get(address)
        if response.status_code in (302, 303):
            address = response.headers["Location"]
            response = await self.client.get(address)
        assert response.status_code == 200, response.text
        self.address, self.page = address, tree(response.text)
        return self.page

    async def press(self, text: str) -> Element:
        """Press a button of the page, and go where that leads, by loading the whole page."""
        return await self._follow(await self.post(*self.form(text)))

    async def open_panel(self, name: str) -> Element:
        """Open a panel by the button of its group, and by its tab if that is another's."""
        group = PANELS[name].group
        if name not in self._tabs():
            await self.press(GROUPS[group])
        tab = self._tabs()[name]
        return self.page if tab.get("aria-pressed") == "true" else await self.press(tab.text)

    def _tabs(self) -> dict[str, Element]:
        """The tabs of the open panel's group, by the names of their panels."""
        return {
            each.get("value"): each
            for each in self.page.all("button")
            if each.get("name") == "panel" and "aria-pressed" in each.attributes
        }

    async def type(self, field: str, text: str) -> Element:
        """Type into a field and press Enter."""
        return await self._follow(await self.post(*self.typed(field, text)))

    async def swap(self, text: str) -> Element:
        """Press a button that htmx takes over: the region comes back, and takes its place."""
        return self._swapped(await self.script_press(*self.form(text)))

    async def swap_typed(self, field: str, text: str) -> Element:
        """The same for a field."""
        return self._swapped(await self.script_press(*self.typed(field, text, alone=True)))

    async def post(
        self, address: str, fields: dict[str, str] | None = None, *, htmx: bool = False
    ) -> httpx.Response:
        """A form that is sent; whatever comes back."""
        headers = {"HX-Request": "true"} if htmx else {}
        return await self.client.post(address, data=fields or {}, headers=headers)

    async def script_press(
        self, address: str, fields: dict[str, str] | None = None, *, again: bool = False
    ) -> httpx.Response:
        """A form that the script sends: it says which press this is, or that it is the last one
        `again`, and what the page shows."""
        self.presses += not again
        shown = self.page.id("moves").get("data-change")
        headers = {"HX-Request": "true", PRESS: f"{self.id}.{self.presses}~{shown}"}
        return await self.client.post(address, data=fields or {}, headers=headers)

    def named(self, fields: dict[str, str]) -> dict[str, str]:
        """These fields with the one by which a form of a whole page names its presses."""
        form = fields_of(self.page.id("moves"))
        return fields | form

    def shown(self, response: httpx.Response) -> Element:
        """A page, or a region, whatever the status."""
        self.page = tree(response.text)
        return self.page

    async def state(self) -> State:
        """Where the session stands, by the API, with the browser's cookie alone."""
        response = await self.client.get(f"/api/sessions/{self.session}")
        assert response.status_code == 200, response.text
        state: State = response.json()
        return state

    async def _follow(self, response: httpx.Response) -> Element:
        assert response.status_code == 303, response.text
        return await self.look(response.headers["Location"])

    def _swapped(self, response: httpx.Response) -> Element:
        assert response.status_code == 200, response.text
        region = tree(response.text)
        assert [child["id"] for child in region if child.parent is region] == ["lab"]
        self.page = region
        return region

    def _button(self, text: str) -> Element:
        found = [
            button
            for button in self.page.all("button")
            if text in (button.text, button.get("aria-label"), button.get("title"))
            and button.get("type") != "button"
        ]
        assert len(found) == 1, f"{len(found)} buttons {text!r}"
        assert "disabled" not in found[0].attributes, f"{text!r} is disabled"
        return found[0]

    def form(self, text: str) -> tuple[str, dict[str, str]]:
        """Where the press of a button goes, and what it sends."""
        button = self._button(text)
        form = form_of(button)
        assert form.get("method") == "post"
        fields = fields_of(form)
        if "name" in button.attributes:
            fields[button["name"]] = button.get("value")
        return self._address(button.get("formaction") or form["action"]), fields

    def typed(self, field: str, text: str, *, alone: bool = False) -> tuple[str, dict[str, str]]:
        """What Enter in a field sends: its form, or with the script that field alone."""
        form = form_of(self.page.field(field))
        assert form.get("method") == "post"
        fields = fields_of(form)
        assert field in fields
        return self._address(form["action"]), ({} if alone else fields) | {field: text}

    def _address(self, address: str) -> str:
        return urljoin(f"http://testserver{self.address}", address)


def fields_of(form: Element) -> dict[str, str]:
    """The inputs of a form, in it and elsewhere, with their values."""
    name, elsewhere = form.get("id"), form.root.all("input")
    named = [each for each in elsewhere if name and each.get("form") == name]
    return {field["name"]: field.get("value") for field in (*form.all("input"), *named)}


def form_of(element: Element) -> Element:
    """The form that an element belongs to."""
    if name := element.get("form"):
        return element.root.id(name)
    while element.tag != "form":
        assert element.parent is not None, "not in a form"
        element = element.parent
    return element


def drawn(page: Element) -> Drawn:
    """The numbers of the drawing, as a program reads them."""
    return {
        (element["id"], name): float(text or "")
        for element in page
        if element.get("id").startswith(("unit-", "edge-", "bias-"))
        for name, text in element.attributes.items()
        if name.startswith("data-") and name not in SHOWS
    }


def expected(state: State) -> Drawn:
    """The same numbers, as the API gives them."""
    network, values = state["network"], state["values"]
    example = state["examples"][state["example"]]
    known: dict[tuple[str, str], Any] = {}
    for unit, number in enumerate(example["inputs"]):
        known[f"unit-0-{unit}", "data-out"] = number
    for kind in ("net", "out", "delta"):
        for layer, row in enumerate(values[kind], 1):
            for unit, number in enumerate(row):
                known[f"unit-{layer}-{unit}", f"data-{kind}"] = number
    for unit, number in enumerate(example["targets"]):
        known[f"unit-{len(network['layers']) - 1}-{unit}", "data-target"] = number
    for layer, (sources, targets) in enumerate(pairwise(network["layers"])):
        for i in range(sources):
            for j in range(targets):
                id = f"edge-{layer}-{i}-{j}"
                known[id, "data-weight"] = network["weights"][layer][i][j]
                known[id, "data-gradient"] = values["weight_gradients"][layer][i][j]
        for j in range(len(network["biases"][layer]) if network["biases"] else 0):
            id = f"bias-{layer}" + (f"-{j}" if network["bias"] == "per_unit" else "")
            known[id, "data-value"] = network["biases"][layer][j]
            known[id, "data-gradient"] = values["bias_gradients"][layer][j]
    return {key: float(number) for key, number in known.items() if number is not None}
