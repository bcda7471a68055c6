"""The projector's page and the speaker's window: legible from the back row, and in step."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.browser_errors import BrowserErrors
from tests.browser.conftest import NewVisitor
from tests.browser.visitor import NEXT_TASK, Visitor

LEAST = 20  # px
SIZES = ((1280, 720), (1024, 768), (1920, 1080))
STEPS = 19  # of an iteration of the deck's network, layer by layer
PRESENT = re.compile(r"/n/[\w-]{22}/present$")
# Every visible text with its size in px, as the screen shows it; and each that is not whole in sight.
TEXTS = """() => {
  const graph = document.querySelector("#graph"), stage = graph.getBoundingClientRect(), found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), range = document.createRange();
  while (walker.nextNode()) {
    const text = walker.currentNode, parent = text.parentElement, shown = text.data.replace("\\u200b", "").trim();
    if (!shown || parent.closest("title, script, template, .vh, #newest") || !parent.checkVisibility()) continue;
    range.selectNodeContents(text);
    const box = range.getBoundingClientRect(), drawn = graph.contains(parent);
    if (!box.width || drawn && (box.right < stage.left || box.left > stage.right)) continue;
    const scale = drawn && parent.closest("svg") ? parent.getScreenCTM().a : 1;
    const whole = drawn ? box.left >= stage.left - 1 && box.right <= stage.right + 1
      : box.right <= innerWidth + 1 && box.bottom <= innerHeight + 1;
    found.push([shown, parseFloat(getComputedStyle(parent).fontSize) * scale, whole]);
  }
  return found;
}"""


def presenter(visitor: Visitor) -> Page:
    """Open the deck's network, and by a key its projector page."""
    page = visitor.open().page
    page.keyboard.press("v")
    page.wait_for_url(PRESENT)
    return page


def speaker_of(page: Page) -> Page:
    """The speaker's window of a projector page, in another tab."""
    window = page.context.new_page()
    window.goto(page.url.replace("/present", "/speaker"))
    return window


def shares(window: Page) -> str:
    """Share the lecture, and return its code."""
    window.get_by_role("button", name="Share with the class").click()
    return window.locator("#desk .join-code").inner_text()


def test_no_text_is_small(visitor: Visitor) -> None:
    """At three sizes, in no step of an iteration, and each number is whole; shared, as it mostly is."""
    page = presenter(visitor)
    shares(speaker_of(page))
    page.bring_to_front()
    expect(page.locator("#join")).to_be_visible()
    wrong = []
    for step in range(STEPS + 1):
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            texts = page.evaluate(TEXTS)
            assert len(texts) > 20
            wrong += [
                (step, width, *each) for each in texts if each[1] < LEAST - 0.01 or not each[2]
            ]
        if step < STEPS:
            visitor.key("ArrowRight")
    assert not wrong


def test_it_is_used_with_a_clicker(visitor: Visitor) -> None:
    """Step and Back, the script, a black screen, the matrices, the code, and the way back."""
    page = presenter(visitor)
    for key in ("ArrowRight", " ", "ArrowLeft"):
        visitor.key(key)
    expect(page.locator("h1")).to_have_text("net of the hidden layer")
    assert visitor.position == (0, 4)
    visitor.key("PageDown", "PageDown")
    second = page.locator("#card").inner_text()
    visitor.key("PageUp")
    assert page.locator("#card").inner_text() != second
    visitor.key("PageDown")
    assert page.locator("#card").inner_text() == second
    for key in "b.":
        page.keyboard.press(key)
        expect(page.locator("#blank")).to_be_visible()
        page.keyboard.press(key)
        expect(page.locator("#blank")).to_be_hidden()
    page.keyboard.press("b")
    visitor.key("ArrowRight")
    expect(page.locator("#blank")).to_be_hidden()  # what was pressed for can be seen
    page.keyboard.press("m")
    expect(page.locator("#strip")).to_be_visible()
    small = [each for each in page.evaluate(TEXTS) if each[1] < LEAST - 0.01]
    assert not small
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile(r"/n/[\w-]{22}$"))
    expect(page.locator("#controls")).to_be_visible()


def test_a_projector_that_gets_no_answer_asks_once_a_second(
    new_visitor: NewVisitor, errors: BrowserErrors
) -> None:
    """It knows of a step that it cannot get; it shows it as soon as it can."""
    errors.expect("Failed to load resource", "Failed to fetch")
    visitor = new_visitor(fresh=True)
    clock = visitor.page.clock
    clock.install(time=0)
    page = presenter(visitor)
    clock.pause_at(3600)
    asked: list[Route] = []

    def fail(route: Route) -> None:
        asked.append(route)
        route.abort()

    page.route("**/present", fail)
    with page.expect_event("requestfailed"):
        answer = page.context.request.post(f"/api/sessions/{visitor.session}/step", data={})
        assert answer.ok
    clock.run_for(900)
    page.evaluate(NEXT_TASK)
    assert len(asked) == 1
    with page.expect_event("requestfailed"):
        clock.run_for(200)
    page.unroute("**/present")
    clock.run_for(1000)
    expect(page.locator("h1")).to_have_text("net of the hidden layer")


def test_controls_fade_and_the_focus_brings_them_back(new_visitor: NewVisitor) -> None:
    """While nobody moves the pointer only the drawing is there; by keyboard the controls are."""
    page = new_visitor(fresh=True).open().page
    page.clock.install()
    page.keyboard.press("v")
    page.wait_for_url(PRESENT)
    controls, options = page.locator("#controls"), page.locator("#options")
    expect(controls).to_have_css("opacity", "1")
    page.clock.run_for(3100)
    expect(controls).to_have_css("opacity", "0")
    expect(options).to_have_css("opacity", "0")
    for _ in range(12):
        page.keyboard.press("Tab")
        page.clock.run_for(3100)
        assert page.evaluate(
            """() => {
            const at = document.activeElement, remote = at.closest(".remote");
            return at === document.body || remote && getComputedStyle(remote).opacity === "1"
              && at.matches(":focus-visible") && getComputedStyle(at).outlineStyle === "solid";
        }"""
        )
    page.mouse.move(300, 300)
    page.mouse.move(310, 310)
    expect(options).to_have_css("opacity", "1")


def test_it_needs_no_script(new_visitor: NewVisitor) -> None:
    """Its forms lead back to it, and nothing secret is in its address."""
    visitor = new_visitor(java_script_enabled=False)
    page = visitor.open("/").page
    visitor.choose("panel", "lecture")
    page.get_by_role("button", name="Present").click()
    page.wait_for_url(PRESENT)
    for name, title in (("Step", "net of"), ("Step", "out of"), ("Back", "net of")):
        page.get_by_role("button", name=name, exact=True).click()
        expect(page.locator("h1")).to_contain_text(title)
        assert PRESENT.search(page.url)
    page.get_by_role("checkbox", name="Matrices").check()
    expect(page.locator("#strip")).to_be_visible()


def test_both_windows_are_in_step(visitor: Visitor) -> None:
    """Whichever takes a step, the other one shows it; on the projector a step is a patch."""
    page = presenter(visitor)
    window = speaker_of(page)
    expect(window.locator("#coming-title")).to_have_text("net of the hidden layer")
    window.keyboard.press("ArrowRight")
    expect(window.locator("#now-title")).to_have_text("net of the hidden layer")
    expect(page.locator("h1")).to_have_text("net of the hidden layer")
    page.bring_to_front()
    with page.expect_response("**/step?audience=class") as answer:
        visitor.key("ArrowRight")
    assert answer.value.headers["hx-reswap"].startswith("patch")
    expect(window.locator("#now-title")).to_have_text("out of the hidden layer")
    expect(window.locator(".coming dd").first).to_have_text("0.3361")
    window.bring_to_front()
    window.keyboard.press("PageDown")  # the script, with its notes and what comes next
    expect(window.locator(".notes .label")).to_have_text(re.compile("moment 1 of"))
    expect(window.locator(".next-pin")).to_contain_text("next moment:")
    for _ in range(40):
        if window.locator(".next-pin").inner_text() == "The script ends here.":
            break
        with window.expect_response("**/speaker"):
            window.keyboard.press("PageDown")
    with window.expect_response("**/speaker"):
        window.keyboard.press("PageDown")  # there is no further one
    expect(window.locator(".next-pin")).to_have_text("The script ends here.")
    expect(window.locator("#clock time")).to_have_text(re.compile(r"0:\d\d"))


def test_a_class_is_asked(visitor: Visitor, new_visitor: NewVisitor) -> None:
    """The projector has the question and not its answer; then the answer, and what the class said."""
    page = presenter(visitor)
    window = speaker_of(page)
    code = shares(window)
    expect(page.locator("#join .join-code")).to_have_text(code)
    follower = new_visitor().open(f"/live/{code}").page
    window.get_by_role("button", name="Ask for the number").click()
    expect(page.locator("#card h1")).to_contain_text("What is")
    assert "−0.25" not in page.locator("#card").inner_html().replace("(−0.25", "")
    follower.locator("#question [name=answer]").fill("-0.25")
    follower.locator("#question button").click()
    for each in (page, window):
        expect(each.locator("[data-count=answers]")).to_have_text("1")
    page.bring_to_front()
    visitor.key("PageDown")  # of a clicker: the answer first
    expect(page.locator(".working .large").last).to_have_text("−0.2500")
    expect(page.locator(".histogram .right")).to_contain_text("✓ −0.2500")
    visitor.key("ArrowRight")
    expect(page.locator(".histogram")).to_have_count(0)


@pytest.mark.parametrize(("theme", "language"), [("light", "ko"), ("dark", "en")])
def test_axe_finds_nothing(new_visitor: NewVisitor, theme: str, language: str) -> None:
    """The projector with and without a question, and the speaker's window."""
    visitor = new_visitor(color_scheme=theme, locale=language)
    page = presenter(visitor)
    found = {"start": visitor.findings()}
    for _ in range(8):
        visitor.key("ArrowRight")
    page.keyboard.press("m")
    found["matrices"] = visitor.findings()
    page.keyboard.press("m")
    speaker = Visitor(speaker_of(page))
    found["speaker"] = speaker.findings()
    window = speaker.page
    window.locator(".sharing form button").first.click()
    window.locator(".join-code").wait_for()
    window.locator(".asking [value=number]").click()
    page.bring_to_front()
    page.locator("#card.asked").wait_for()
    found["asked"] = visitor.findings()
    found["speaker asks"] = speaker.findings()
    page.keyboard.press("q")
    found["code"] = visitor.findings()
    page.keyboard.press("q")
    visitor.key("ArrowRight")
    page.locator("#card:not(.asked)").wait_for()
    found["answered"] = visitor.findings()
    assert not {screen: words for screen, words in found.items() if words}
