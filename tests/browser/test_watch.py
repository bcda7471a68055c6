"""The watch over the other tests sees what it is there to see."""

import pytest

from tests.browser.visitor import Visitor
from tests.browser.watch import Watch

MISHAPS = {
    "console error": "console.error('oh')",
    "page error": "setTimeout(() => { throw new Error('oh'); })",
    "Content Security Policy": "document.body.append(Object.assign(document.createElement('script'), { textContent: 'oh' }))",
    "404": "fetch('/nowhere')",
    "another host": "new Image().src = 'https://elsewhere.test/'",
}


@pytest.mark.parametrize("mishap", MISHAPS)
def test_a_mishap_fails_a_test(visitor: Visitor, watch: Watch, mishap: str) -> None:
    """Errors, breaches of the policy and requests to other hosts are complained of."""
    visitor.open()
    watch.check()
    visitor.page.evaluate(f"() => {{ {MISHAPS[mishap]}; }}")
    visitor.page.wait_for_timeout(150)
    with pytest.raises(AssertionError, match=mishap):
        watch.check()
    watch.expect(*watch.complaints)
