"""The lecture script: by the API, by the clicker, and on the page that writes it."""

import json
import re
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest
from starlette.applications import Starlette

from app.sessions.codec import Lecture
from app.sessions.lecture import Question
from app.sessions.service import QuestionOpen, Sessions
from app.web.classroom.scripts import Turn, script_of
from tests.support.lab import Lab
from tests.support.markup import Element, tree
from tests.support.page_client import PageClient, fields_of
from tests.support.session_changes import DECK, key_of, stay

# After which step each section of the walk through the deck comes (slides 0 to 4).
WALK = [0, 2, 4, 8, 10, 12, 15, 19, 21, 25, 29, 30, 34, 42, 55, 76, 77]
MINE: list[dict[str, Any]] = [
    {"title": "First", "note": "Say hello.", "moment": {"iteration": 0, "cursor": 4}},
    {"title": "셋째 반복", "note": "한 줄\n두 줄", "moment": {"iteration": 2, "cursor": 21}},
    {
        "title": "Back again",
        "note": "",
        "moment": {"iteration": 0, "cursor": 19},
        "question": {"kind": "larger", "address": "delta/1/0", "other": "delta/1/1"},
    },
]


async def put(lab: Lab, script: object, **headers: str) -> httpx.Response:
    return await lab.request("PUT", "/script", json=script, headers=headers)


async def stored(lab: Lab) -> list[dict[str, Any]]:
    answer = await lab.request("GET", "/script")
    assert answer.status_code == 200
    script: list[dict[str, Any]] = answer.json()
    return script


# The API.


async def test_the_built_in_script(lab: Lab) -> None:
    """It is the walk through the deck, in both languages, at the same moments."""
    await lab.create()
    english = await stored(lab)
    korean = (await lab.request("GET", "/script", headers={"Accept-Language": "ko"})).json()
    for script in (english, korean):
        assert [each["moment"] for each in script] == [
            {"iteration": 0, "cursor": cursor} for cursor in WALK
        ]
        assert all(each["title"] and each["note"] for each in script)
    assert all(re.search("[가-힣]", each["note"]) for each in korean)
    assert not any(re.search("[가-힣]", each["title"] + each["note"]) for each in english)
    asked = [(each["moment"]["cursor"], each["question"]) for each in english if "question" in each]
    assert asked == [
        (19, {"kind": "number", "address": "delta/2/0"}),
        (21, {"kind": "sign", "address": "weight_gradient/1/0/0"}),
        (34, {"kind": "larger", "address": "delta/1/0", "other": "delta/1/1"}),
    ]


async def test_a_script_is_stored(lab: Lab) -> None:
    """It comes back as it was put, and DELETE brings back the built-in one."""
    await lab.create()
    built_in, state = await stored(lab), await lab.state()
    answer = await put(lab, MINE)
    assert (answer.status_code, answer.json()) == (200, MINE)
    assert await stored(lab) == MINE
    assert await lab.state() == state | {"version": state["version"] + 1}
    assert (await put(lab, [])).json() == [] == await stored(lab)
    answer = await lab.request("DELETE", "/script")
    assert (answer.status_code, answer.json()) == (200, built_in)


async def test_if_match(lab: Lab) -> None:
    """A script is stored for the expected version only."""
    await lab.create()
    before = (await lab.request("GET", "/script")).headers["ETag"]
    await lab.step()
    refused = await put(lab, MINE, **{"If-Match": before})
    assert refused.status_code == 412
    now = (await lab.request("GET", "/script")).headers["ETag"]
    assert (await put(lab, MINE, **{"If-Match": now})).status_code == 200
    refused = await lab.request("DELETE", "/script", headers={"If-Match": now})
    assert refused.status_code == 412
    assert await stored(lab) == MINE


@pytest.mark.parametrize(
    ("place", "change", "field"),
    [
        (0, {"title": " "}, "title"),
        (1, {"title": "x" * 121}, "title"),
        (1, {"title": None}, "title"),
        (2, {"note": "x" * 601}, "note"),
        (2, {"notes": ""}, "notes"),
        (1, {"moment": {"iteration": 0, "cursor": 78}}, "moment.cursor"),
        (1, {"moment": {"iteration": -1, "cursor": 0}}, "moment.iteration"),
        (0, {"moment": {"iteration": 0}}, "moment.cursor"),
        (0, {"moment": {"iteration": 10**9, "cursor": 0}}, "moment.iteration"),
        (0, {"question": {"kind": "guess", "address": "delta/1/0"}}, "question.kind"),
        (0, {"question": {"kind": "sign", "address": "delta/9/0"}}, "question.address"),
        # Known at this moment: net of the first hidden unit.
        (0, {"question": {"kind": "sign", "address": "net/1/0"}}, "question.address"),
        (0, {"question": {"kind": "sign", "address": "weight/0/0/0"}}, "question.address"),
        (0, {"question": {"kind": "larger", "address": "delta/1/0"}}, "question.other"),
    ],
)
async def test_a_field_that_is_wrong(
    lab: Lab, place: int, change: dict[str, Any], field: str
) -> None:
    """The answer names the moment and the field, and nothing is stored."""
    await lab.create()
    await put(lab, MINE)
    script = [{**each, **(change if index == place else {})} for index, each in enumerate(MINE)]
    answer = await put(lab, script)
    assert answer.status_code == 422
    problem = answer.json()
    assert [each["field"] for each in problem["errors"]] == [f"script.{place}.{field}"]
    assert f"moment {place + 1}" in problem["detail"] or field == "notes"
    assert await stored(lab) == MINE


async def test_a_script_that_is_too_large(lab: Lab) -> None:
    """There is a limit to its moments, and to its size, so that a file of it can be read again."""
    await lab.create()
    long = [{**MINE[0], "note": "각" * 600}] * 40
    scripts: tuple[object, ...] = ([MINE[0]] * 61, long, {}, "x")
    for script in scripts:
        answer = await put(lab, script)
        assert answer.status_code in (413, 422)
        if answer.status_code == 422:
            assert [each["field"] for each in answer.json()["errors"]] == ["script"]
    assert (await put(lab, [MINE[0]] * 60)).status_code == 200


async def test_moments_before_the_first(lab: Lab) -> None:
    """A network that begins in a later iteration has none of the earlier moments."""
    await lab.create()
    await lab.train(5)
    file = (await lab.request("GET", "/export/session.json")).json()
    begun = await lab.client.post("/api/sessions", json={"import": file})
    id, key = begun.json()["id"], begun.json()["key"]
    answer = await lab.client.put(
        f"/api/sessions/{id}/script", json=MINE, headers={"Authorization": f"Bearer {key}"}
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "script.0.moment.iteration"


# The clicker.


class Clicker:
    """Somebody with a network in a browser, who presses the clicker."""

    def __init__(self, visitor: PageClient) -> None:
        self.visitor = visitor

    @property
    def path(self) -> str:
        return f"/n/{self.visitor.session}/script"

    async def begin(self, script: list[dict[str, Any]] | None = None) -> None:
        await self.visitor.look("/?preset=deck")
        await self.visitor.swap("Step")
        await self.visitor.look(f"/n/{self.visitor.session}")
        if script is not None:
            await self.store(script)

    async def store(self, script: list[dict[str, Any]]) -> None:
        answer = await self.visitor.client.put(
            f"/api/sessions/{self.visitor.session}/script", json=script
        )
        assert answer.status_code == 200, answer.text

    async def press(self, name: str, **fields: str) -> tuple[int, int]:
        answer = await self.visitor.script_press(f"{self.path}/{name}", fields)
        assert answer.status_code == 200
        await self.visitor.look(f"/n/{self.visitor.session}")
        return await self.moment()

    async def moment(self) -> tuple[int, int]:
        state = await self.visitor.state()
        return state["iteration"], state["cursor"]


@pytest.fixture
def clicker(visitor: PageClient) -> Clicker:
    return Clicker(visitor)


async def test_paging_through_the_walk(clicker: Clicker) -> None:
    """From the first moment to the last and back, each once."""
    await clicker.begin()
    assert [await clicker.press("next") for _ in WALK] == [(0, cursor) for cursor in WALK]
    assert await clicker.press("next") == (0, 77)
    back = [await clicker.press("previous") for _ in WALK[1:]]
    assert back == [(0, cursor) for cursor in reversed(WALK[:-1])]
    assert await clicker.press("previous") == (0, 0)


async def test_steps_in_between(clicker: Clicker) -> None:
    """After single steps, Next goes on in the script, and Previous first returns to where it was."""
    await clicker.begin(MINE)
    assert await clicker.press("next") == (0, 4)
    await clicker.visitor.swap("Step")
    assert await clicker.moment() == (0, 8)
    assert await clicker.press("next") == (2, 21)
    await clicker.visitor.swap("Step")
    assert await clicker.press("previous") == (2, 21)
    assert await clicker.press("previous") == (0, 4)
    # Even onto the very moment of the next one.
    assert await clicker.press("go", pin="2") == (2, 21)
    await clicker.visitor.post(
        f"/n/{clicker.visitor.session}/seek", {"iteration": "1", "cursor": "19"}
    )
    await clicker.visitor.look(f"/n/{clicker.visitor.session}")
    assert await clicker.press("next") == (0, 19)
    assert await clicker.press("next") == (0, 19)


async def test_a_press_is_made_once_and_undone(clicker: Clicker) -> None:
    """A press that is sent again is the same press; Undo leads back to the moment before it."""
    await clicker.begin(MINE)
    visitor = clicker.visitor
    assert await clicker.press("go", pin="2") == (2, 21)
    for again in (False, True, True):
        answer = await visitor.script_press(f"{clicker.path}/next", {}, again=again)
        assert answer.status_code == 200
        assert await clicker.moment() == (0, 19)
    await visitor.look(f"/n/{visitor.session}")
    await visitor.swap("Undo")
    assert await clicker.moment() == (2, 21)


async def test_an_outdated_page(clicker: Clicker) -> None:
    """After a change elsewhere a press is refused, and the page shows the newest state."""
    await clicker.begin(MINE)
    await clicker.visitor.client.post(f"/api/sessions/{clicker.visitor.session}/step")
    now = await clicker.moment()
    answer = await clicker.visitor.script_press(f"{clicker.path}/next")
    assert answer.status_code == 409
    assert "Another tab or device changed this network" in answer.text
    assert await clicker.moment() == now


async def test_a_script_that_changes_outdates_no_page(clicker: Clicker) -> None:
    """The lecturer may edit the script beside the lecture."""
    await clicker.begin(MINE)
    assert await clicker.press("next") == (0, 4)
    await clicker.store([MINE[2]])
    answer = await clicker.visitor.script_press(f"{clicker.path}/next")
    assert answer.status_code == 200
    assert await clicker.moment() == (0, 19)


async def test_a_network_that_changed(clicker: Clicker) -> None:
    """A moment that an altered network lacks leads to the nearest one, and the page says so."""
    await clicker.begin([{**MINE[0], "moment": {"iteration": 0, "cursor": 70}}])
    altered = await clicker.visitor.client.patch(
        f"/api/sessions/{clicker.visitor.session}", json={"layers": [3, 1, 2], "bias": "none"}
    )
    assert altered.status_code == 200
    steps = (
        await clicker.visitor.client.get(f"/api/sessions/{clicker.visitor.session}/steps")
    ).json()
    count = len(steps["steps"])
    assert count < 70
    answer = await clicker.visitor.post(f"{clicker.path}/next")
    assert answer.status_code == 200
    assert "This is the nearest moment" in answer.text
    assert await clicker.moment() == (0, count)


async def test_where_there_is_nothing(clicker: Clicker) -> None:
    """At the ends of the script, and without one, nothing moves, and the page says why."""
    await clicker.begin(MINE[:1])
    await clicker.press("next")
    for name, sentence in (("next", "last moment"), ("previous", "first moment")):
        answer = await clicker.visitor.post(f"{clicker.path}/{name}")
        assert sentence in answer.text
    assert "no such moment" in (await clicker.visitor.post(f"{clicker.path}/go", {"pin": "9"})).text
    await clicker.store([])
    for name in ("next", "previous"):
        assert "script is empty" in (await clicker.visitor.post(f"{clicker.path}/{name}")).text
    assert await clicker.moment() == (0, 4)


async def test_an_open_question(app: Starlette) -> None:
    """While the class is asked, the clicker stays where it is."""
    sessions: Sessions = app.state.sessions
    session = await sessions.create(DECK)
    key, asked = key_of(session), Question("sign", ("delta/2/0",))
    lecture = Lecture("ABCDEF", question=asked)
    await sessions.rewrite(session.id, key, lambda stored, _: replace(stored, lecture=lecture))
    turn = Turn(script_of(session, "en"), lecture)
    with pytest.raises(QuestionOpen):
        await sessions.change(session.id, key, turn.next, beside=turn.noted)
    assert (await sessions.get(session.id, key)).simulation.moment == (0, 0)


async def test_two_clickers_at_once(app: Starlette) -> None:
    """What is noted beside a network that stays where it is counts as a change, too."""
    sessions: Sessions = app.state.sessions
    session = await sessions.create(DECK)
    key = key_of(session)
    changed = await sessions.change(
        session.id, key, stay, beside=lambda stored, _: replace(stored, lecture=Lecture(pin=3))
    )
    assert changed.version == 2
    assert changed.lecture is not None
    assert changed.lecture.pin == 3
    same = await sessions.change(session.id, key, stay, beside=lambda stored, _: stored)
    assert same.version == 2


# The page.


def titles(page: Element) -> list[str]:
    return [each.text for each in page.all("h2")]


class Writer(Clicker):
    """Somebody who writes a script, without JavaScript."""

    async def look(self, query: str = "") -> Element:
        return await self.visitor.look(self.path + query)

    async def send(self, name: str, number: int = 0, **fields: str) -> httpx.Response:
        """Send a form of the page, with its hidden fields."""
        page, action = self.visitor.page, f"{self.path}/{name}"
        forms = [form for form in page.all("form") if form["action"] == action]
        if number:
            forms = [form for form in forms if fields_of(form)["pin"] == str(number)]
        answer = await self.visitor.post(action, fields_of(forms[0]) | fields)
        if answer.status_code == 303:
            await self.visitor.look(urljoin(self.path, answer.headers["Location"]))
        else:
            self.visitor.page = tree(answer.text)
        return answer

    async def script(self) -> list[dict[str, Any]]:
        answer = await self.visitor.client.get(f"{self.path}/backstep-script.json")
        assert answer.headers["Content-Disposition"].endswith('"backstep-script.json"')
        script: list[dict[str, Any]] = json.loads(answer.text)
        return script


@pytest.fixture
def writer(visitor: PageClient) -> Writer:
    return Writer(visitor)


async def test_pinning(writer: Writer) -> None:
    """The moment shown gets a title, a note and a question, and its place in time."""
    await writer.begin()
    page = await writer.look()
    assert len(titles(page)) == len(WALK)
    await writer.send("pin", title="", note="Ask why.\r\nWait.", kind="number", address="delta/2/1")
    script = await writer.script()
    assert len(script) == len(WALK) + 1
    assert script[3] == {
        "title": "net of the hidden layer",
        "note": "Ask why.\nWait.",
        "moment": {"iteration": 0, "cursor": 4},
        "question": {"kind": "number", "address": "delta/2/1"},
    }
    assert titles(writer.visitor.page)[3] == "net of the hidden layer"
    # Sent twice, it is there once. Without fields, it is the present moment.
    answer = await writer.visitor.post(f"{writer.path}/pin", {"title": "Here"})
    again = await writer.visitor.post(f"{writer.path}/pin", {"title": "Here"})
    assert answer.headers["Location"] == again.headers["Location"]
    assert [each["title"] for each in await writer.script()].count("Here") == 1


async def test_pinning_from_the_network(writer: Writer) -> None:
    """With htmx the page stays, and says that it is done."""
    await writer.begin()
    answer = await writer.visitor.script_press(f"{writer.path}/pin")
    assert answer.status_code == 200
    assert "Pinned to the lecture script." in answer.text
    assert await writer.moment() == (0, 4)


async def test_editing_moving_and_deleting(writer: Writer) -> None:
    """Each form changes its pin alone; Undo brings back what was deleted."""
    await writer.begin(MINE)
    await writer.look("?edit=2")
    await writer.send("edit", 2, title=" Two\nlines ", note="", kind="sign", address="delta/1/3")
    two = {
        "title": "Two lines",
        "note": "",
        "moment": MINE[1]["moment"],
        "question": {"kind": "sign", "address": "delta/1/3"},
    }
    assert await writer.script() == [MINE[0], two, MINE[2]]
    await writer.send("order", 1)  # its first form moves it up: nowhere
    await writer.look()
    await writer.send("order", 1, to="3")
    assert await writer.script() == [two, MINE[2], MINE[0]]
    await writer.send("delete", 2)
    assert await writer.script() == [two, MINE[0]]
    await writer.send("restore")
    assert await writer.script() == [two, MINE[2], MINE[0]]
    await writer.send("built-in")
    assert len(await writer.script()) == len(WALK)
    await writer.send("restore")
    assert await writer.script() == [two, MINE[2], MINE[0]]


async def test_the_clicker_follows_its_pin(writer: Writer) -> None:
    """Wherever the pin gone to last is moved, Next leads to the one after it."""
    await writer.begin(MINE)
    assert await writer.press("next") == (0, 4)
    await writer.look()
    await writer.send("order", 1, to="2")  # second, first, third
    await writer.visitor.look(f"/n/{writer.visitor.session}")
    assert await writer.press("next") == (0, 19)
    assert await writer.press("previous") == (0, 4)
    await writer.look()
    await writer.send("delete", 2)  # second, third
    await writer.visitor.look(f"/n/{writer.visitor.session}")
    assert await writer.press("next") == (0, 19)


async def test_files(writer: Writer) -> None:
    """A script is exported as people can read it, and imported into another network."""
    await writer.begin(MINE)
    text = (await writer.visitor.client.get(f"{writer.path}/backstep-script.json")).text
    assert "셋째 반복" in text
    assert text.count("\n") > 20
    await writer.begin()
    await writer.look()
    answer = await writer.visitor.client.post(
        f"{writer.path}/import", files={"file": ("backstep-script.json", text.encode())}
    )
    assert answer.status_code == 200
    assert "Moments: 3" in answer.text
    assert await writer.script() == MINE


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Choose a file, or paste a script."),
        ('[\n  {"title": "x",\n  "moment" }]', "line 3, column"),
        ("{}", "lecture script: must be a list"),
        ("[{}]", "title of moment 1: is required"),
        (json.dumps([MINE[0], MINE[1] | {"title": ""}]), "title of moment 2: must have 1 to 120"),
        (json.dumps([MINE[0] | {"moment": {"iteration": 0, "cursor": 99}}]), "step of moment 1"),
    ],
)
async def test_a_bad_file(writer: Writer, text: str, sentence: str) -> None:
    """The page says where it is wrong, shows the text again, and nothing is lost."""
    await writer.begin(MINE)
    await writer.look()
    answer = await writer.send("import", text=text)
    assert answer.status_code == 422
    assert sentence in writer.visitor.page.id("refusal").text
    shown = [each.text for each in writer.visitor.page.all("textarea") if each["name"] == "text"]
    assert shown == [" ".join(text.split())]
    assert await writer.script() == MINE


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"title": "x" * 121}, "1 to 120 characters"),
        ({"note": "x" * 601}, "at most 600 characters"),
        ({"kind": "sign"}, "Choose what the question is about."),
        ({"kind": "sign", "address": "out/0/0"}, "a later step"),
        ({"kind": "larger", "address": "delta/1/0", "other": "delta/1/0"}, "two different ones"),
        ({"cursor": "78"}, "step: must be an integer from 0 to 77"),
    ],
)
async def test_a_bad_pin(writer: Writer, fields: dict[str, str], sentence: str) -> None:
    """The page says which field is wrong, and keeps what was typed."""
    await writer.begin(MINE)
    await writer.look()
    answer = await writer.send("pin", 0, **{"title": "Mine", "note": "My note"} | fields)
    assert answer.status_code == 422
    assert sentence in writer.visitor.page.id("refusal").text
    assert (fields.get("note") or "My note") in answer.text
    assert await writer.script() == MINE


async def test_two_tabs(writer: Writer) -> None:
    """A form of an earlier script changes nothing."""
    await writer.begin(MINE)
    page = await writer.look()
    await writer.store(MINE[::-1])
    writer.visitor.page = page
    answer = await writer.send("delete", 1)
    assert answer.status_code == 409
    assert "in another tab" in answer.text
    assert await writer.script() == MINE[::-1]
