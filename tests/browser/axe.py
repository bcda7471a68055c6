"""What axe-core finds on a page."""

from functools import cache

from app.settings import ROOT
from tests.browser.visitor import Visitor

RULES = {"rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"]}
FINDINGS = """async ([region, rules]) => (await axe.run(region, rules)).violations.map((violation) =>
  `${violation.id}: ${violation.help}: ${violation.nodes.map((node) =>
    `${node.target} ${node.any.map((check) => check.message).join()}`).slice(0, 3).join(" | ")}`)"""


@cache
def _axe() -> str:
    return (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text()


def findings(visitor: Visitor, region: str = "html") -> list[str]:
    """The violations that axe-core finds on the page or in a region of it, with all rules on."""
    if not visitor.page.evaluate("'axe' in window"):
        visitor.page.evaluate(_axe())
    found: list[str] = visitor.page.evaluate(FINDINGS, [region, RULES])
    return found
