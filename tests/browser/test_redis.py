"""Redis goes away in front of a visitor, and comes back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewVisitor
from tests.browser.drawing import drawn
from tests.browser.server import Server, serving
from tests.browser.watch import Watch
from tests.support.redis_server import FOR_GOOD, RedisServer, redis_server


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis that keeps what it acknowledges."""
    with redis_server(tmp_path, *FOR_GOOD) as server:
        yield server


@pytest.fixture
def on_redis(redis: RedisServer, tmp_path: Path) -> Iterator[Server]:
    """A server on it."""
    with serving(tmp_path, BACKSTEP_STORE_URL=redis.url) as server:
        yield server


def test_the_page_goes_on_when_redis_is_back(
    new_visitor: NewVisitor, on_redis: Server, redis: RedisServer, watch: Watch
) -> None:
    """While Redis is away a press says so and changes nothing; when it is back, the next press goes
    on from there, and what was said is gone."""
    watch.expect("status of 503")
    visitor = new_visitor(on_redis).open()
    before = visitor.step().drawing
    notice = visitor.page.locator("#notice")
    redis.kill()
    for _ in range(2):
        visitor.click("Step")
        expect(notice).to_have_text(
            "Sessions cannot be reached at the moment. Nothing is lost: try again shortly."
        )
        assert visitor.look().drawing == before
    redis.start()
    visitor.click("Step")
    expect(notice).to_be_empty()
    assert visitor.state()["cursor"] == 8
    assert visitor.look().drawing == drawn(visitor.state())


def test_without_javascript(
    new_visitor: NewVisitor, on_redis: Server, redis: RedisServer, watch: Watch
) -> None:
    """A page of its own says it, in the visitor's language; then all goes on."""
    watch.expect("status of 503")
    visitor = new_visitor(on_redis, java_script_enabled=False, locale="ko-KR").open()
    visitor.step()
    redis.kill()
    with visitor.page.expect_navigation():
        visitor.page.locator("#moves button.main").click()
    expect(visitor.page.locator("h1")).to_have_text("잠시만 기다려 주세요")
    redis.start()
    visitor.open().step()
    assert visitor.state()["cursor"] == 8
