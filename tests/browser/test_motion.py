"""Motion: what a step does, the trip before the first step, and Play."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import NewVisitor
from tests.browser.visitor import Visitor

MOVING = "document.getAnimations().length"


def slowed(visitor: Visitor) -> Visitor:
    """Make motion last a hundred times as long, so that no slow machine sees only its end."""
    protocol = visitor.page.context.new_cdp_session(visitor.page)
    protocol.send("Animation.enable")
    protocol.send("Animation.setPlaybackRate", {"playbackRate": 0.01})
    return visitor


def numbers(page: Page) -> list[str]:
    """The numbers in the drawing."""
    return page.locator("#graph text").all_inner_texts()


def test_motion_changes_no_number_and_ends_with_a_press(new_visitor: NewVisitor) -> None:
    """δ and an update move; the numbers are there at once, and the next press ends the motion."""
    visitor = slowed(new_visitor(fresh=True, reduced_motion="no-preference")).open("/?preset=deck")
    page = visitor.page
    still = new_visitor().open("/?preset=deck")
    page.keyboard.press("Shift")
    for step in range(1, 17):
        visitor.step()
        still.step()
        moves = page.evaluate(MOVING) > 0
        assert moves == (step in (8, 11, 13, 16)), step
        assert still.page.evaluate(MOVING) == 0
        assert numbers(page) == numbers(still.page)
    visitor.click("Back")
    assert page.evaluate(MOVING) == 0
    visitor.check()


def test_the_trip_plays_once_and_can_be_skipped(new_visitor: NewVisitor) -> None:
    """It plays by itself at the first visit; any key ends it, and it can be played again."""
    visitor = slowed(new_visitor(fresh=True, reduced_motion="no-preference")).open("/?preset=deck")
    page = visitor.page
    playing = page.locator(".trip.playing")
    expect(playing).to_have_count(1)
    page.keyboard.press("Shift")
    expect(playing).to_have_count(0)
    assert page.evaluate(MOVING) == 0
    page.reload()
    expect(playing).to_have_count(0)
    page.locator(".trip button").click()
    expect(playing).to_have_count(1)
    assert (
        page.evaluate(
            "Math.max(...document.getAnimations().map((each) => each.effect.getComputedTiming().endTime))"
        )
        < 5_000
    )
    page.locator(".trip button").click()
    expect(playing).to_have_count(0)
    page.locator(".trip button").click()
    visitor.step()
    assert page.evaluate(MOVING) == 0


def test_play_stops_where_it_was_asked_to(new_visitor: NewVisitor) -> None:
    """Play has a speed, and stops at the end of a phase or of the iteration; both are kept."""
    visitor = new_visitor(fresh=True).open()
    page = visitor.page
    page.locator("#moves .pace").click()
    page.get_by_label("4×").check()
    page.get_by_label("at the end of a phase").check()
    page.keyboard.press("Escape")
    expect(page.locator("#pace")).to_be_hidden()
    expect(page.locator("#moves .pace span").first).to_have_text("4×")
    play = page.locator("#play")
    for cursor in (15, 55, 77):
        play.click()
        expect(play).to_have_attribute("aria-pressed", "true")
        expect(play).to_have_attribute("aria-pressed", "false")
        assert visitor.state()["cursor"] == cursor
    page.reload()
    expect(page.locator("#moves .pace span").first).to_have_text("4×")
    page.locator("#moves .pace").click()
    page.get_by_label("at the end of an iteration").check()
    play.click()
    expect(play).to_have_attribute("aria-pressed", "false", timeout=20_000)
    assert visitor.position == (1, 77)
