"""Presses on the page: each is made once, and none on a network that something else has changed."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from starlette.applications import Starlette

from app.examples.published import DECK
from app.sessions.codec import MOST_CHANGES
from app.sessions.stores.base import AnswerLost, StoreUnavailable
from app.view.export.csv_files import parameters_csv
from app.view.export.session_file import session_json
from app.view.panels.registry import PANELS
from app.view.rendering.page_state import PRESS
from tests.support.page_client import PageClient, drawn, expected

SAID = {
    "applied": ("Your last press was applied.", "마지막으로 누른 버튼이 적용되었습니다."),
    "not applied": (
        "Your last press was not applied.",
        "마지막으로 누른 버튼이 적용되지 않았습니다.",
    ),
    "outdated": ("Another tab or device changed this network.", "다른 탭이나 기기에서"),
}


@pytest.fixture
async def at_work(visitor: PageClient) -> PageClient:
    """Somebody who has pressed Step once: the session stands at version 1, cursor 1."""
    await visitor.post("/view", {"by": "unit"})
    await visitor.look()
    await visitor.press("Step")
    return visitor


@contextmanager
def losing(app: Starlette, *, made: bool) -> Iterator[None]:
    """Let a change be lost, after or before it is made, and the store be away from then on."""
    replace: Callable[..., Awaitable[bool]] = app.state.store.replace
    get: Callable[..., Awaitable[Any]] = app.state.store.get
    lost = False

    async def losing_replace(*change: Any) -> bool:
        nonlocal lost
        lost = True
        if made:
            assert await replace(*change)
        raise AnswerLost("the wire is cut")

    async def losing_get(id: str) -> Any:
        if lost:
            raise StoreUnavailable("the wire is cut")
        return await get(id)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app.state.store, "replace", losing_replace)
        patch.setattr(app.state.store, "get", losing_get)
        yield


async def stands(visitor: PageClient) -> tuple[int, int]:
    """Version and cursor of the session."""
    state = await visitor.state()
    return state["version"], state["cursor"]


def notice(visitor: PageClient) -> str:
    return visitor.page.id("notice").text


# Lost answers.


@pytest.mark.parametrize("made", [True, False], ids=["made", "not made"])
@pytest.mark.parametrize("times", [1, 3])
async def test_the_same_press_again(
    app: Starlette, at_work: PageClient, made: bool, times: int
) -> None:
    """With the script, a press that is sent again after its answer was lost is made once."""
    press = at_work.form("Step")
    with losing(app, made=made):
        lost = await at_work.script_press(*press)
        assert (lost.status_code, lost.headers["Retry-After"]) == (503, "5")
        assert lost.headers["HX-Retarget"] == "#notice"
    for _ in range(times):
        assert (await at_work.script_press(*press, again=True)).status_code == 200
        assert await stands(at_work) == (2, 2)
    assert (await at_work.script_press(*press)).status_code == 200
    assert await stands(at_work) == (3, 3)


@pytest.mark.parametrize("made", [True, False])
async def test_another_press_is_another(app: Starlette, at_work: PageClient, made: bool) -> None:
    """Another press is made as well, and is not outdated."""
    with losing(app, made=made):
        await at_work.script_press(*at_work.form("Step"))
    await at_work.swap("Forward")
    assert await stands(at_work) == (2 + made, 15)


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("made", [True, False], ids=["made", "not made"])
async def test_without_the_script_the_page_says_what_has_become_of_it(
    app: Starlette, at_work: PageClient, made: bool, language: str
) -> None:
    """The answer is an address that says whether the press was applied, once the store answers; to
    load it again does no harm."""
    await at_work.post("/view", {"language": language})
    with losing(app, made=made):
        answer = await at_work.post(*at_work.form("Step"))
        assert answer.status_code == 303
        address = answer.headers["Location"]
        for _ in range(2):
            away = await at_work.client.get(address)
            assert (away.status_code, away.headers["Retry-After"]) == (503, "5")
    for _ in range(3):
        await at_work.look(address)
        text = SAID["applied" if made else "not applied"][language == "ko"]
        assert notice(at_work).startswith(text)
        assert await stands(at_work) == (1 + made, 1 + made)
    await at_work.press("Step" if language == "en" else "다음")
    assert notice(at_work) == ""
    assert await stands(at_work) == (2 + made, 2 + made)


async def test_what_became_of_it_is_forgotten(app: Starlette, at_work: PageClient) -> None:
    """After many more changes the page that is loaded again says nothing."""
    with losing(app, made=True):
        address = (await at_work.post(*at_work.form("Step"))).headers["Location"]
    for _ in range(MOST_CHANGES):
        await at_work.post("/step")
    await at_work.look(address)
    assert notice(at_work) == ""


async def test_a_table_whose_answer_is_lost(app: Starlette, at_work: PageClient) -> None:
    """So it is with a table of parameters, and an open derivation stays open."""
    with losing(app, made=True):
        text = parameters_csv(DECK.simulation.train(3))
        answer = await at_work.post("/import?at=delta/1/0", at_work.named({"text": text}))
    page = await at_work.look(answer.headers["Location"])
    assert notice(at_work) == SAID["applied"][0]
    assert page.id("derivation")


async def test_a_first_press_whose_answer_is_lost(
    app: Starlette, visitor: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no session that it was applied to: the page still shows the example."""

    async def lost(*_: object) -> None:
        raise AnswerLost("the wire is cut")

    await visitor.look("/?preset=mazur")
    with monkeypatch.context() as patch:
        patch.setattr(app.state.store, "create", lost)
        answer = await visitor.post(*visitor.form("Step"))
    page = await visitor.look(answer.headers["Location"])
    assert notice(visitor).startswith(SAID["not applied"][0])
    assert "unit-2-1" in page.ids()
    await visitor.press("Step")
    assert (await visitor.state())["network"]["layers"] == [2, 2, 2]


# Many presses.


@pytest.mark.parametrize("script", [False, True])
@pytest.mark.parametrize("address", ["/", "/?preset=deck"])
async def test_five_quick_presses_are_five(visitor: PageClient, address: str, script: bool) -> None:
    """However often a page is pressed before it is answered, each press counts."""
    await visitor.post("/view", {"by": "unit"})
    if address == "/":
        await visitor.look()
        await visitor.press("Step")
    await visitor.look(address)
    press = visitor.form("Step")
    for _ in range(5):
        answer = await (visitor.script_press(*press) if script else visitor.post(*press))
        assert answer.status_code == (200 if script else 303)
    assert await stands(visitor) == ((6, 6) if address == "/" else (5, 5))


async def test_more_presses_than_are_remembered(at_work: PageClient) -> None:
    """A page that has pressed more often than the session remembers is not outdated."""
    press = at_work.form("Step")
    for _ in range(2 * MOST_CHANGES):
        assert (await at_work.script_press(*press)).status_code == 200
    assert (await at_work.state())["cursor"] == 1 + 2 * MOST_CHANGES


@pytest.mark.parametrize("sent", ["", "~", "a b.1~", "é.1~", "x" * 65 + ".1~", "~".join("x" * 9)])
async def test_a_press_of_nobody(at_work: PageClient, sent: str) -> None:
    """An invalid name is ignored, and the press counts."""
    for version in (2, 3):
        headers = {b"HX-Request": b"true", PRESS.encode(): sent.encode()}
        answer = await at_work.client.post("/step", headers=headers)
        assert answer.status_code == (409 if sent == "~" or "x~" in sent else 200), version


# Outdated pages.


@pytest.fixture
async def outdated(at_work: PageClient) -> PageClient:
    """Somebody whose page another tab has left behind by a step, to cursor 2."""
    tab = PageClient(at_work.client)
    await tab.look()
    await at_work.look()
    await tab.swap("Step")
    return at_work


@pytest.mark.parametrize("script", [False, True])
@pytest.mark.parametrize("language", ["en", "ko"])
async def test_an_outdated_press_is_not_made(
    outdated: PageClient, script: bool, language: str
) -> None:
    """The answer is the newest state, and says so; from there on presses count again."""
    press = outdated.form("Step")
    await outdated.post("/view", {"language": language})
    answer = await (outdated.script_press(*press) if script else outdated.post(*press))
    assert answer.status_code == 409
    page = outdated.shown(answer)
    assert notice(outdated).startswith(SAID["outdated"][language == "ko"])
    assert drawn(page) == expected(await outdated.state())
    assert await stands(outdated) == (2, 2)
    name = "Step" if language == "en" else "다음"
    await (outdated.swap(name) if script else outdated.press(name))
    assert await stands(outdated) == (3, 3)
    assert notice(outdated) == ""


async def test_the_example_of_another_tab(visitor: PageClient) -> None:
    """Each page of an example goes on in the network that it has begun, whatever other tabs do."""
    tab = PageClient(visitor.client)
    await visitor.look("/?preset=mazur")
    await tab.look("/?preset=class-notes")
    await tab.swap("Step")
    await visitor.swap("Step")
    assert (await visitor.state())["network"]["layers"] == [2, 2, 2]
    assert (await visitor.state())["version"] == 1
    await tab.swap("Step")
    state = await tab.state()
    assert (state["network"]["layers"], state["version"]) == ([3, 2, 1], 2)


async def test_an_outdated_example(visitor: PageClient) -> None:
    """A page of an example that another tab has gone on with shows what came of it."""
    await visitor.look("/?preset=mazur")
    press = visitor.form("Step")
    await visitor.script_press(*press)
    tab = PageClient(visitor.client)
    await tab.look()
    await tab.swap("Step")
    answer = await visitor.script_press(*press)
    address = f"/n/{visitor.session}"
    assert (answer.status_code, answer.headers["HX-Replace-Url"]) == (409, address)
    assert drawn(visitor.shown(answer)) == expected(await tab.state())


ENTRIES = [  # panel or query, field, what is typed, and how the state shows it
    (
        "matrices",
        "weight/0/0/0",
        "0.75",
        lambda state: state["network"]["weights"][0][0][0] == 0.75,
    ),
    ("data", "example/0/inputs/0", "0.75", lambda state: state["examples"][0]["inputs"][0] == 0.75),
    ("data", "learning_rate", "0.75", lambda state: state["learning_rate"] == 0.75),
    ("error", "iterations", "3", lambda state: state["iteration"] == 2),
    (
        "?at=bias/0",
        "derivation/bias/0",
        "0.75",
        lambda state: state["network"]["biases"][0] == [0.75],
    ),
]


@pytest.mark.parametrize("script", [False, True])
@pytest.mark.parametrize(("place", "field", "typed", "holds"), ENTRIES, ids=lambda it: str(it)[:20])
async def test_an_outdated_number_is_refused_in_its_field(
    at_work: PageClient,
    place: str,
    field: str,
    typed: str,
    holds: Callable[[Any], bool],
    script: bool,
) -> None:
    """What was typed stays in its field, beside the reason, and is applied when it is sent again."""
    tab, visitor = PageClient(at_work.client), at_work
    if not place.startswith("?"):
        await visitor.post("/view", {"panel": place})
    await tab.look()
    await visitor.look("/" + place if place.startswith("?") else "/")
    await tab.swap("Step")
    send = visitor.script_press if script else visitor.post
    answer = await send(*visitor.typed(field, typed))
    assert answer.status_code == 422
    page = visitor.shown(answer)
    assert page.field(field).get("value") == typed
    assert page.id("refusal").text.startswith(SAID["outdated"][0])
    assert await stands(visitor) == (2, 2)
    answer = await send(*visitor.typed(field, typed))
    assert answer.status_code == (200 if script else 303)
    assert holds(await visitor.state())


TEXTS = [
    ("matrices", "/paste", "matrix/1", "0.5 0.25\n1 2\n3 4\n5 6"),
    ("matrices", "/paste", "block/weight/0/0/0", "0.5\t0.25"),
    ("data", "/examples/replace", "examples", "1 2 3 0 1\n3 2 1 1 0"),
    ("home", "/import", "text", parameters_csv(DECK.simulation.train(3))),
]


@pytest.mark.parametrize(("panel", "path", "field", "text"), TEXTS)
@pytest.mark.parametrize("script", [False, True])
async def test_an_outdated_text_is_refused_in_its_field(
    at_work: PageClient, panel: str, path: str, field: str, text: str, script: bool
) -> None:
    """So does what was pasted; of a file, its text."""
    tab, visitor = PageClient(at_work.client), at_work
    await visitor.post("/view", {"panel": panel})
    await tab.look()
    await visitor.look()
    await tab.swap("Step")
    before = await visitor.state()
    send = visitor.script_press if script else visitor.post
    answer = await send(path, visitor.named({field: text}))
    assert answer.status_code == 422
    page = visitor.shown(answer)
    assert SAID["outdated"][0] in page.text
    assert text.split()[-1] in "".join(each.text for each in page.all("textarea"))
    assert await visitor.state() == before
    answer = await send(path, visitor.named({field: text}))
    assert answer.status_code == (200 if script else 303)
    assert (await visitor.state())["version"] == 3


async def test_an_outdated_seed_is_refused_in_its_field(outdated: PageClient) -> None:
    """So does the seed that examples are shuffled by, with the other choices of its form."""
    await outdated.post("/view", {"panel": "data"})
    in_order = outdated.named({"update": "sum", "order": "given", "shuffle": "1"})
    shuffled = in_order | {"order": "shuffled", "shuffle": "12"}
    assert (await outdated.post("/passes", in_order)).status_code == 409
    answer = await outdated.post("/passes", shuffled)
    assert answer.status_code == 422
    assert outdated.shown(answer).field("shuffle").get("value") == "12"


@pytest.mark.parametrize("script", [False, True])
async def test_an_outdated_number_of_the_drawing(outdated: PageClient, script: bool) -> None:
    """A number typed in the drawing, and one that a slider sets, have no field of the page."""
    for panel, field in (("", "graph/weight/0/0/0"), ("slope", "weight/0/0/0")):
        await outdated.post("/view", {"panel": panel})
        send = outdated.script_press if script else outdated.post
        answer = await send("/edit", outdated.named({field: "0.75"}))
        assert answer.status_code == 409
        assert SAID["outdated"][0] in answer.text


async def test_a_file_is_never_outdated(outdated: PageClient) -> None:
    """A session.json begins a session of its own."""
    session = outdated.session
    text = session_json(DECK.simulation.train(3))
    assert (await outdated.script_press("/import", {"text": text})).status_code == 200
    assert outdated.session != session


async def test_every_form_names_its_presses(at_work: PageClient) -> None:
    """Each form of a whole page that changes something has the field once, and that of the region
    for htmx has none: there the script says it."""
    pages = set()
    for panel in (*PANELS, ""):
        await at_work.post("/view", {"panel": panel})
        await at_work.post("/runs/keep")
        page = await at_work.look("/?at=weight/0/0/0" if panel == "slope" else "/")
        for form in page.all("form"):
            changes = form["method"] == "post" and not form["action"].partition("?")[0].endswith(
                "/view"
            )
            named = [each["value"] for each in form.all("input") if each.get("name") == PRESS]
            assert len(named) == changes, form["action"]
            pages.update(named)
        region = (await at_work.post("/step", htmx=True)).text
        assert f'name="{PRESS}"' not in region
        assert region.count("data-change") == 1
    names = [each.partition("~") for each in pages]
    assert len({page for page, _, _ in names}) == len(PANELS) + 1
