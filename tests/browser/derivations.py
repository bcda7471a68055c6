"""Opening derivations and reading which one is open."""

from playwright.sync_api import Locator, Page

from tests.browser.visitor import Visitor
from tests.support.derivation_markup import Way, way_of

WEIGHTS = [f"weight/0/{i}/{j}" for i in range(3) for j in range(4)]
WEIGHTS += [f"weight/1/{i}/{j}" for i in range(4) for j in range(2)]
UNITS = [f"delta/1/{unit}" for unit in range(4)] + [f"delta/2/{unit}" for unit in range(2)]
BIASES = ["bias/0", "bias/1"]
# From a weight through everything on the way down to an input. The fourth is a sum over paths.
DEEP = (
    *("weight/0/0/0", "weight_gradient/0/0/0", "delta/1/0", "error_slope/1/0", "delta/2/1"),
    *("activation_slope/2/1", "out/2/1", "net/2/1", "out/1/3", "net/1/3", "out/0/2"),
)
WITH_PATHS = DEEP[:4]
# A point of a line that no other line covers: near its end.
ON_LINE = """(line) => {
  for (const share of [0.96, 0.9, 0.8, 0.6, 0.5, 0.4, 0.2, 0.1]) {
    const point = line.getPointAtLength(share * line.getTotalLength()).matrixTransform(line.getScreenCTM());
    if (document.elementFromPoint(point.x, point.y) === line) return [point.x, point.y];
  }
  throw new Error("the line is covered");
}"""


def address_of(*path: str) -> str:
    return f"/?at={'~'.join(path)}"


def in_drawing(page: Page, address: str) -> Locator:
    """The link of the drawing that explains a quantity."""
    links = page.locator(f'#graph a[href*="at={address}~"], #graph a[href$="at={address}"]')
    links = links.or_(page.locator(f'#graph a[href*="at={address}#"]'))
    return links.last


def number_in(link: Locator) -> Locator:
    """What is clicked: a link of the drawing also has its line, whose middle may be beside it."""
    number = link.locator(".value, .out, .number").first
    return number if number.count() else link


def explain(visitor: Visitor, address: str) -> None:
    """Click a number of the drawing, or the line of a weight that has no number there."""
    target = number_in(in_drawing(visitor.page, address))
    line = target.locator(".wire").first
    if not visitor.script or not line.count():
        visitor.press(target)
        return
    x, y = line.evaluate(ON_LINE)
    with visitor.changes():
        visitor.page.mouse.click(x, y)


def opened(page: Page) -> Way:
    """The path of the open derivation, by its breadcrumbs."""
    last = page.locator("#derivation nav a").last
    return way_of(last.get_attribute("href") or "")


def operand(page: Page, address: str) -> Locator:
    """A number of the lowest level that opens its own derivation."""
    level = page.locator("#derivation .level").last
    return level.locator(f'a.under[href*="~{address}"]').last
