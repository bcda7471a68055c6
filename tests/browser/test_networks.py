"""Choosing a network: the menu of examples, the network builder, and the lessons."""

from playwright.sync_api import expect

from tests.browser.browser_errors import BrowserErrors
from tests.browser.conftest import NewVisitor


def test_the_menu_of_networks(either: NewVisitor) -> None:
    """Escape closes the menu; it leads to an example that remains chosen, or to the builder."""
    visitor = either().open()
    page = visitor.page
    name, menu = page.locator(".network-name"), page.locator("#presets")
    name.click()
    expect(menu).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(name).to_be_focused()
    name.click()
    expect(menu.locator("li a svg")).to_have_count(menu.locator("li a").count())
    menu.get_by_role("link", name="Mazur").click()
    expect(name).to_contain_text("Mazur")
    visitor.step()
    assert visitor.state()["network"]["layers"] == [2, 2, 2]
    assert page.url.endswith(f"/n/{visitor.session}")  # it named the example that it began with
    page.reload()
    expect(name).to_contain_text("Mazur")
    name.click()
    visitor.press(menu.locator("button"))
    expect(page.locator("#network form.build")).to_be_visible()
    expect(menu).to_be_hidden()


def test_the_network_builder(either: NewVisitor, errors: BrowserErrors) -> None:
    """It builds what is chosen, which is stored at the first step; a refusal keeps the form."""
    errors.expect("status of 422")
    visitor = either().open("/?preset=xor")
    visitor.choose("panel", "network")
    form = visitor.page.locator("#network form.build")
    layers, activations = form.locator('[name="layers"]'), form.locator('[name="activations"]')
    for index, units in enumerate(("2", "3", "4", "")):
        layers.nth(index).fill(units)
    activations.nth(0).select_option("tanh")
    activations.nth(1).select_option("relu")
    form.locator('[name="bias"]').select_option("per_unit")
    form.locator('[name="optimiser"]').select_option("momentum")
    form.locator('[name="seed"]').fill("9")
    form.locator('[name="learning_rate"]').fill("0.25")
    visitor.follow(form.locator("button"))
    assert visitor.session is None
    visitor.click("Step")
    state = visitor.state()
    assert state["network"]["layers"] == [2, 3, 4, 1]
    assert state["network"]["activations"][:2] == ["tanh", "relu"]
    assert state["network"]["bias"] == "per_unit"
    assert state["learning_rate"] == 0.25
    assert state["momentum"] == 0.9
    assert len(state["examples"]) == 4  # those of XOR still fit
    form.locator('[name="learning_rate"]').fill("abc")
    visitor.follow(form.locator("button"))
    expect(form.get_by_role("alert")).to_contain_text("1,000,000")
    expect(form.locator('[name="learning_rate"]')).to_have_attribute("aria-invalid", "true")
    expect(layers.nth(2)).to_have_value("4")
    assert visitor.state() == state


def test_lessons(either: NewVisitor) -> None:
    """A lesson opens its network, or the comparison of two runs, which is stepped by links."""
    visitor = either().open()
    visitor.choose("panel", "lessons")
    page = visitor.page
    comparison = page.locator('#lessons a[href^="/beside"]').get_attribute("href") or ""
    visitor.follow(page.locator('#lessons a[href="/?preset=symmetry"]'))
    expect(page.locator("#lessons")).to_be_visible()
    visitor.click("Backward")
    delta = visitor.state()["values"]["delta"][0]
    assert len(delta) == 3
    assert len(set(delta)) == 1  # equal hidden units stay equal
    visitor.open(comparison)
    for _ in range(2):
        visitor.follow(page.locator("nav.steps a.main"))
    assert page.locator("tr[aria-current=step]").count() == 2
    expect(page.locator(".wrong mark")).to_have_count(0)
    with page.expect_navigation():
        page.locator("nav.steps a").last.click()
    expect(page.locator(".wrong mark").first).to_be_visible()
    visitor.follow(page.locator("header a.brand"))
    expect(visitor.move("Step")).to_be_visible()
