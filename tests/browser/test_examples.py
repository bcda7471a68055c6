"""Examples of one's own: a file uploaded, a block pasted, and what is wrong with either."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewVisitor
from tests.browser.visitor import Visitor
from tests.browser.watch import Watch

CSV = "x1,x2,target 1\n0,0,0\n0,1,1\n1;0;1\n".replace("1;0;1", "1,0,0.5")
TAKEN = [([0, 0], [0]), ([0, 1], [1]), ([1, 0], [0.5])]


def data_of(new_visitor: NewVisitor, *, script: bool) -> Visitor:
    """The panel of the data, of a network with two inputs and an output."""
    visitor = new_visitor(java_script_enabled=script).open("/?preset=and")
    visitor.choose("panel", "data")
    return visitor


def examples(visitor: Visitor) -> list[tuple[list[float], list[float]]]:
    return [(each["inputs"], each["targets"]) for each in visitor.state()["examples"]]


@pytest.mark.parametrize("script", [True, False])
def test_a_file_is_uploaded(new_visitor: NewVisitor, tmp_path: Path, script: bool) -> None:
    """A table as a spreadsheet writes it takes the place of all examples; Back takes it back."""
    visitor = data_of(new_visitor, script=script)
    path = tmp_path / "examples.csv"
    path.write_text(CSV, encoding="utf-8")
    visitor.page.locator('#data input[type="file"]').set_input_files(path)
    with visitor.changes():
        visitor.page.get_by_role("button", name="Upload").click()
    assert examples(visitor) == TAKEN
    assert visitor.page.locator("#data .examples tbody tr").count() == 3
    visitor.click("Back")
    assert len(examples(visitor)) == 4


@pytest.mark.parametrize("script", [True, False])
def test_a_block_is_pasted(new_visitor: NewVisitor, watch: Watch, script: bool) -> None:
    """One with a mistake is refused by line and column, keeps its text and changes nothing; mended,
    it is taken."""
    watch.expect("status of 422")
    visitor = data_of(new_visitor, script=script)
    field = visitor.page.locator("#pasted")
    wrong = CSV.replace(",", "\t").replace("0.5", "half")
    field.fill(wrong)
    replace = visitor.page.get_by_role("button", name="Replace all")
    with visitor.changes():
        replace.click()
    alert = visitor.page.locator("#data").get_by_role("alert")
    expect(alert).to_contain_text("half")
    expect(alert).to_contain_text("4")
    expect(field).to_have_value(wrong)
    field.fill(wrong.replace("half", "0.5"))
    with visitor.changes():
        replace.click()
    assert examples(visitor) == TAKEN
