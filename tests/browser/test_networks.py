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
    expect(page.locator("#network form.alter")).to_be_visible()
    expect(menu).to_be_hidden()


def test_the_network_builder(new_visitor: NewVisitor, errors: BrowserErrors) -> None:
    """It builds what is chosen, which is stored at the first step; a refusal keeps the form."""
    errors.expect("status of 422")
    visitor = new_visitor().open("/?preset=xor")
    visitor.choose("panel", "network")
    visitor.page.locator('[name="task"][value="build"]').check()
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
    visitor.page.locator('[name="task"][value="build"]').check()
    form.locator('[name="learning_rate"]').fill("abc")
    visitor.follow(form.locator("button"))
    expect(form.get_by_role("alert")).to_contain_text("1,000,000")
    expect(form.locator('[name="learning_rate"]')).to_have_attribute("aria-invalid", "true")
    expect(layers.nth(2)).to_have_value("4")
    assert visitor.state() == state


def test_lessons(new_visitor: NewVisitor) -> None:
    """A lesson opens its network, or the comparison of two runs, which is stepped by links."""
    visitor = new_visitor().open()
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


def test_changing_the_network_at_hand(new_visitor: NewVisitor, errors: BrowserErrors) -> None:
    """What is forced is said before it is applied; weights keep their values, and one undo returns
    all of it."""
    errors.expect("status of 422")
    visitor = new_visitor().open("/?preset=mazur")
    visitor.click("Step")
    visitor.choose("panel", "network")
    before = visitor.state()
    page = visitor.page
    form, told = page.locator("#network form.alter"), page.locator("#network .alter .preview")
    expect(page.locator("#network form.build")).to_be_hidden()
    form.locator('[name="units/1"]').fill("3")
    form.locator('[name="error"]').select_option("cross_entropy")
    form.locator('[name="bias"]').select_option("per_unit")
    expect(told).to_contain_text("softmax")
    expect(told).to_contain_text("12 keep their values, 5 new")
    visitor.press(form.locator("button"))
    expect(form.locator("#question")).to_have_count(0)
    state = visitor.state()
    network, old = state["network"], before["network"]
    assert (network["layers"], network["bias"]) == ([2, 3, 2], "per_unit")
    assert network["activations"] == ["sigmoid", "softmax"]
    assert [row[:2] for row in network["weights"][0]] == old["weights"][0]
    assert network["weights"][1][:2] == old["weights"][1]
    assert network["biases"][1] == old["biases"][1] * 2
    expect(form.locator('[name="units/1"]')).to_have_value("3")
    expect(form.locator('[name="activation/4"]')).to_have_value("softmax")
    visitor.choose("panel", "matrices")
    expect(page.locator("#matrices td.new")).to_have_count(5)
    visitor.choose("panel", "network")
    form.locator('[name="units/1"]').fill("8")
    form.locator('[name="learning_rate"]').fill("abc")
    visitor.press(form.locator("button"))
    expect(form.get_by_role("alert")).to_be_visible()
    expect(form.locator('[name="learning_rate"]')).to_have_attribute("aria-invalid", "true")
    expect(form.locator('[name="units/1"]')).to_have_value("8")
    visitor.click("Undo")
    assert visitor.state() | {"version": 0} == before | {"version": 0}
    expect(form.locator('[name="units/1"]')).to_have_value("2")


def test_choosing_to_build(new_visitor: NewVisitor) -> None:
    """The choice between changing and building stays while one steps, and so does what was chosen."""
    visitor = new_visitor().open("/?preset=mazur")
    visitor.choose("panel", "network")
    page = visitor.page
    alter, build = page.locator("#network form.alter"), page.locator("#network form.build")
    alter.locator('[name="units/1"]').fill("")
    expect(alter.locator(".preview")).to_contain_text("from inputs to outputs are new")
    visitor.click("Step", "Update")
    expect(alter.locator('[name="units/1"]')).to_have_value("")
    expect(alter.locator(".preview")).to_contain_text("from inputs to outputs are new")
    page.get_by_label("Build a new one").check()
    expect(alter).to_be_hidden()
    visitor.click("Step")
    expect(build).to_be_visible()
    page.get_by_label("Change this network").check()
    expect(build).to_be_hidden()
    expect(alter.locator('[name="units/1"]')).to_have_value("")
