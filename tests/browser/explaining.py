"""Ways into a number and back, as a person in a browser takes them."""

from playwright.sync_api import Locator, Page

from tests.browser.visitor import Visitor
from tests.support.derivation_markup import Way, way_of

WEIGHTS = [f"weight/0/{i}/{j}" for i in range(3) for j in range(4)]
WEIGHTS += [f"weight/1/{i}/{j}" for i in range(4) for j in range(2)]
UNITS = [f"delta/1/{unit}" for unit in range(4)] + [f"delta/2/{unit}" for unit in range(2)]
BIASES = ["bias/0", "bias/1"]
# From a weight down to an input, by way of all that is between; the fourth has blame to split.
DEEP = (
    *("weight/0/0/0", "weight_gradient/0/0/0", "delta/1/0", "error_slope/1/0", "delta/2/1"),
    *("activation_slope/2/1", "out/2/1", "net/2/1", "out/1/3", "net/1/3", "out/0/2"),
)
BLAMED = DEEP[:4]


def address_of(*way: str) -> str:
    return f"/?at={'~'.join(way)}"


def at_work(visitor: Visitor, *names: str) -> Visitor:
    """In the middle of an iteration, marked so that another load of the page would show."""
    visitor.open()
    for name in names:
        visitor.click(name)
    if visitor.script:
        visitor.page.evaluate("window.marked = true")
    return visitor


def stayed(page: Page) -> bool:
    """Whether the page is the one that was marked, and was not loaded anew."""
    return bool(page.evaluate("window.marked === true"))


def seek(visitor: Visitor, cursor: int) -> None:
    with visitor.changes():
        visitor.page.locator(f'#timeline button[value="{cursor}"]').click()


def in_drawing(page: Page, address: str) -> Locator:
    """The link of the drawing that explains a quantity: what a person aims at."""
    links = page.locator(f'#graph a[href*="at={address}~"], #graph a[href$="at={address}"]')
    links = links.or_(page.locator(f'#graph a[href*="at={address}#"]'))
    return links.last


def opened(page: Page) -> Way:
    """The way down that is open, by its breadcrumbs."""
    last = page.locator("#derivation nav a").last
    return way_of(last.get_attribute("href") or "")


def operand(page: Page, address: str) -> Locator:
    """A number of the lowest level that opens its own."""
    level = page.locator("#derivation .level").last
    return level.locator(f'a.under[href*="~{address}"]').last
