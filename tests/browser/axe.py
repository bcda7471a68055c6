"""What axe-core finds on a page as it is."""

from functools import cache

from app.settings import ROOT
from tests.browser.visitor import Visitor

RULES = {"rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"]}
FINDINGS = """async ([region, rules]) => (await axe.run(region, rules)).violations.map((violation) =>
  `${violation.id}: ${violation.help}: ${violation.nodes.map((node) =>
    `${node.target} ${node.any.map((check) => check.message).join()}`).slice(0, 3).join(" | ")}`)"""


@cache
def axe() -> str:
    return (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text()


def findings(visitor: Visitor, region: str = "html") -> list[str]:
    """What axe-core has to say about the page or a region of it, all of its rules on."""
    visitor.page.evaluate(axe())
    found: list[str] = visitor.page.evaluate(FINDINGS, [region, RULES])
    return found
