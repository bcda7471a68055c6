"""Examples of one's own: a file uploaded, a table pasted, and batch updates over them."""

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.browser_errors import BrowserErrors
from tests.browser.conftest import NewVisitor
from tests.browser.visitor import Visitor

CSV = "x1,x2,target 1\n0,0,0\n0,1,1\n1,0,0.5\n"
EXAMPLES = [([0, 0], [0]), ([0, 1], [1]), ([1, 0], [0.5])]


def examples(visitor: Visitor) -> list[tuple[list[float], list[float]]]:
    return [(each["inputs"], each["targets"]) for each in visitor.state()["examples"]]


def test_examples_of_ones_own(
    new_visitor: NewVisitor, errors: BrowserErrors, tmp_path: Path
) -> None:
    """A pasted or uploaded table replaces all examples, also after a refusal; batches train on them."""
    errors.expect("status of 422")
    visitor = new_visitor().open("/?preset=and")
    visitor.choose("panel", "data")
    page = visitor.page
    path = tmp_path / "examples.csv"
    path.write_text(CSV, encoding="utf-8")
    page.locator('#data input[type="file"]').set_input_files(path)
    visitor.press(page.locator("form.upload button"))
    assert examples(visitor) == EXAMPLES
    expect(page.locator("#data .examples tbody tr")).to_have_count(3)
    visitor.click("Back")
    assert len(examples(visitor)) == 4
    wrong = CSV.replace(",", "\t").replace("0.5", "half")
    page.locator("#pasted").fill(wrong)
    visitor.press(page.locator("form.replaces button"))
    alert = page.locator("#data").get_by_role("alert")
    expect(alert).to_contain_text("half")
    expect(alert).to_contain_text("4")
    expect(page.locator("#pasted")).to_have_value(wrong)
    page.locator("#pasted").fill(wrong.replace("half", "0.5"))
    visitor.press(page.locator("form.replaces button"))
    assert examples(visitor) == EXAMPLES
    visitor.press(page.locator('form[action*="/examples/add"] button'))
    visitor.press(page.locator('button[name="row"][value="0"]'))
    assert examples(visitor)[:2] == EXAMPLES[1:]
    assert len(examples(visitor)) == 3
    weights = visitor.state()["network"]["weights"]
    visitor.field("update").select_option("mean")
    visitor.field("order").select_option("shuffled")
    visitor.field("shuffle").fill("5")
    visitor.press(page.locator("form.passes button"))
    expect(page.locator("#example-count dd")).to_have_text("3")
    visitor.click("Update", "Update")
    assert visitor.state()["network"]["weights"] == weights
    visitor.click("Update")
    assert visitor.state()["network"]["weights"] != weights
