"""Training on the page."""

import asyncio

import httpx
import pytest
from starlette.applications import Starlette

from app.examples.published import DECK
from app.examples.random_network import random_simulation
from app.sessions.service import Outcome
from app.simulation.simulation import Simulation
from app.simulation.training import continue_training, train_until
from app.web.pages import training_stream as training
from tests.support.lab import Lab
from tests.support.page_client import PageClient

LARGEST = "/?layers=8-8-8-8-8&seed=3"  # a chunk of it is a few hundred iterations


async def test_what_fits_a_chunk_is_made_at_once(visitor: PageClient) -> None:
    """A short training is made at once."""
    await visitor.look()
    await visitor.client.post("/view", data={"panel": "error"})
    await visitor.look()
    page = await visitor.swap_typed("iterations", "100")
    assert (await visitor.state())["iteration"] == 99
    assert "100 iterations done." in page.id("training").text
    assert "data-events" not in page.id("training").attributes


@pytest.fixture
async def begun(visitor: PageClient) -> PageClient:
    """Somebody who has asked for more than a chunk, with htmx."""
    await visitor.look(LARGEST)
    await visitor.client.post("/view", data={"panel": "error"})
    await visitor.look(LARGEST)
    await visitor.swap_typed("iterations", "100000")
    return visitor


async def test_the_first_chunk_is_made_and_the_page_listens(begun: PageClient) -> None:
    """A long training makes its first chunk, and the page listens for the rest."""
    made = (await begun.state())["iteration"] + 1
    assert 0 < made < 1_000
    region = begun.page.id("training")
    assert region["data-events"] == f"/n/{begun.session}/training/events"
    [bar] = region.all("progress")
    assert (bar["value"], bar["max"]) == (str(made), "100000")
    assert {button.text for button in region.all("button")} >= {"Stop", "Continue"}


async def test_stop_keeps_what_was_done(begun: PageClient) -> None:
    """Stopping keeps what was done."""
    before = await begun.state()
    page = await begun.swap("Stop")
    after = await begun.state()
    assert after == before | {"version": before["version"] + 1}
    assert "Their results are kept." in page.id("training").text
    await begun.post("/train/on", htmx=True)
    assert (await begun.state())["iteration"] == before["iteration"]
    assert (await begun.client.get("/training/events")).status_code == 204


async def test_a_training_is_one_command(begun: PageClient) -> None:
    """A training is undone and redone as one command."""
    for _ in range(2):
        await begun.swap("Continue")
    await begun.swap("Stop")
    made = (await begun.state())["iteration"]
    await begun.swap("Undo")
    state = await begun.state()
    assert (state["iteration"], state["cursor"]) == (0, 0)
    await begun.swap("Redo")
    assert (await begun.state())["iteration"] == made


@pytest.mark.parametrize("name", ["undo", "start-over", "reset", "seek"])
async def test_to_travel_ends_it(begun: PageClient, name: str) -> None:
    """Undo, reset and seek cancel the training."""
    await begun.post(f"/{name}", {"iteration": "3"} if name == "seek" else {}, htmx=True)
    assert (await begun.state())["iteration"] in (0, 2)
    assert (await begun.client.get("/training/events")).status_code == 204


async def test_doing_something_else_ends_it(begun: PageClient) -> None:
    """A step cancels the training, and changing preferences does not."""
    assert (await begun.post("/view", {"by": "unit"}, htmx=True)).text.count("data-events") == 1
    await begun.swap("Step")
    assert not [each for each in begun.page if each.get("id") == "training"]
    assert (await begun.client.get("/training/events")).status_code == 204


async def test_without_javascript(visitor: PageClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without JavaScript each press makes more chunks until it is done."""
    monkeypatch.setattr(training, "WITHOUT_SCRIPT", 0.2)
    await visitor.look(LARGEST)
    await visitor.client.post("/view", data={"panel": "error"})
    await visitor.look(LARGEST)
    await visitor.type("iterations", "3000")
    for _ in range(20):
        region = visitor.page.id("training")
        if not region.all("progress"):
            break
        before = (await visitor.state())["iteration"]
        await visitor.press("Continue")
        assert (await visitor.state())["iteration"] > before
    assert (await visitor.state())["iteration"] == 2_999
    assert "3,000 iterations done." in visitor.page.id("training").text


async def test_until_below(visitor: PageClient) -> None:
    """A training stops below its bound, and an invalid bound is refused."""
    await visitor.look()
    await visitor.client.post("/view", data={"panel": "error"})
    await visitor.look()
    page = await visitor.swap_typed("below", "0.01")
    [*_, expected] = train_until(DECK.simulation, 100_000, 0.01)
    state = await visitor.state()
    assert (state["iteration"], state["previous_error"]) == (
        expected.iteration,
        expected.previous_error,
    )
    assert f"E fell below 0.01 after {expected.iteration + 1} iterations." in page.text
    for text in ("0", "-1", "x", "", "NaN", "1e7"):
        answer = await visitor.post("/train", {"below": text}, htmx=True)
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.text
    assert (await visitor.state())["iteration"] == expected.iteration


async def test_a_diverged_training_says_where(visitor: PageClient, lab: Lab) -> None:
    """It stops at the first E that is not finite, and the moment to go back to has a finite one."""
    await visitor.look()
    await visitor.client.post("/view", data={"panel": "error"})
    await visitor.look()
    await visitor.swap("Step")
    await visitor.client.patch(
        f"/api/sessions/{visitor.session}",
        json={
            "learning_rate": 1e6,
            "activations": ["identity", "identity"],
        },
    )
    await visitor.look()
    page = await visitor.swap_typed("iterations", "1000")
    state = await visitor.state()
    assert isinstance(state["previous_error"], str)
    iteration = state["iteration"]
    assert f"Training stopped after {iteration + 1} of 1,000 iterations" in page.id("training").text
    assert f"E is not finite from iteration {iteration + 1} on" in page.text
    assert f"Go back to iteration {iteration} or earlier" in page.text
    await visitor.post("/seek", {"iteration": str(iteration + 1), "cursor": "0"}, htmx=True)
    assert isinstance((await visitor.state())["previous_error"], float)


async def test_the_events_are_nobody_elses(app: Starlette, begun: PageClient) -> None:
    """Only the owner can listen, from this site."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://testserver"
    ) as stranger:
        assert (await stranger.get("/training/events")).status_code == 204
    refused = await begun.client.get("/training/events", headers={"Sec-Fetch-Site": "cross-site"})
    assert refused.status_code == 403


async def test_the_events_go_on_with_it(visitor: PageClient) -> None:
    """The events report the progress until the training is over."""
    await visitor.look(LARGEST)
    await visitor.post("/train?layers=8-8-8-8-8&seed=3", {"iterations": "2500"}, htmx=True)
    text = (await visitor.client.get("/training/events")).text
    assert text.startswith("retry:")
    assert text.count("event: over") == 1
    assert '"done":2500,"of":2500' in text.rpartition("event: over")[2]
    state = await visitor.state()
    expected = random_simulation((8, 8, 8, 8, 8), 3).train(2_500)
    assert (state["iteration"], state["previous_error"]) == (2_499, expected.previous_error)


async def test_many_streams_do_not_delay_stop(
    begun: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many tabs listen, Stop waits for the chunk that is being made."""
    chunks, goes_on = 0, asyncio.Event()

    def counted(simulation: Simulation) -> Outcome:
        nonlocal chunks
        chunks += 1
        if chunks == 3:
            goes_on.set()
        return continue_training(simulation)

    monkeypatch.setattr(training, "continue_training", counted)
    streams = [asyncio.create_task(begun.client.get("/training/events")) for _ in range(20)]
    await goes_on.wait()
    before = chunks
    await begun.swap("Stop")
    assert chunks - before <= 2
    for stream in streams:
        assert (await stream).text.count("event: over") == 1


async def test_the_api_trains_until_below(lab: Lab) -> None:
    """The API trains until E is below the bound."""
    await lab.create()
    answer = await lab.request("POST", "/train", json={"iterations": 100_000, "below": 0.01})
    [*_, expected] = train_until(DECK.simulation, 100_000, 0.01)
    assert answer.json()["iteration"] == expected.iteration
    assert answer.json()["previous_error"] == expected.previous_error
    again = await lab.request("POST", "/train", json={"iterations": 7, "below": None})
    assert again.json()["iteration"] == expected.iteration + 7
    for below in (0, -1, "0.1", True, 1e7):
        refused = await lab.request("POST", "/train", json={"iterations": 7, "below": below})
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["field"] == "below"


async def test_runs_are_kept_through_a_reset_and_a_new_network(visitor: PageClient) -> None:
    """Saved runs survive a reset and a new session."""
    await visitor.look()
    await visitor.client.post("/view", data={"panel": "error"})
    await visitor.look()
    await visitor.type("iterations", "50")
    await visitor.press("Save this run")
    await visitor.press("Reset")
    await visitor.press("Step")
    await visitor.type("iterations", "1")
    [run] = next(each for each in visitor.page.all("ol") if each.get("class") == "kept").all("li")
    assert "3-4-2" in run.text
    assert "lr 0.5" in run.text
    assert "after 50 iterations" in run.text
    first = visitor.session
    await visitor.look("/?layers=2-2-1&seed=4")
    await visitor.type("iterations", "30")
    assert visitor.session != first
    await visitor.press("Save this run")
    kept = next(each for each in visitor.page.all("ol") if each.get("class") == "kept")
    assert ["3-4-2" in run.text for run in kept.all("li")] == [True, False]
    await visitor.press("Remove run 1")
    kept = next(each for each in visitor.page.all("ol") if each.get("class") == "kept")
    assert ["2-2-1" in run.text for run in kept.all("li")] == [True]


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_the_panel_of_several_examples(visitor: PageClient, lab: Lab, language: str) -> None:
    """The panel has a curve for each example and for their mean."""
    visitor.client.headers["Accept-Language"] = language
    await visitor.look()
    await visitor.client.post("/view", data={"panel": "error", "scale": "log"})
    await visitor.post("/step", htmx=True)
    examples = [{"inputs": [a, 0, 1], "targets": [a, 0.5]} for a in (0, 0.5, 1)]
    await visitor.client.patch(f"/api/sessions/{visitor.session}", json={"examples": examples})
    await visitor.post("/train", {"iterations": "60"})
    page = await visitor.look()
    singles = [each for each in page.all("path") if each.get("class").startswith("single")]
    assert len([each for each in singles if "M" in each["d"]]) == 3 + 3  # drawn, and in the legend
    [pressed] = [
        button
        for button in page.all("button")
        if button.get("name") == "scale" and button.get("aria-pressed") == "true"
    ]
    assert pressed["value"] == "log"
    assert len([each for each in page if each.get("class") == "spot"]) >= 40
    tables = page.id("error-curve").all("table")
    assert [len(table.all("tr")) for table in tables] == [1 + 60 - 2, 1 + 3]
