"""The check that every browser test makes at its end finds what it is there to find."""

import pytest

from tests.browser.browser_errors import BrowserErrors
from tests.browser.visitor import Visitor

# What happens on the page, the event that reports it, and what the message contains.
MISHAPS = [
    ("console.error('oh')", "console", "console error"),
    ("setTimeout(() => { throw new Error('oh'); })", "weberror", "page error"),
    ("document.body.setAttribute('style', 'color: red')", "console", "Content Security Policy"),
    ("fetch('/nowhere')", "console", "404"),
    ("new Image().src = 'https://elsewhere.test/'", "request", "another host"),
]


def test_every_kind_of_error_is_found(visitor: Visitor, errors: BrowserErrors) -> None:
    """Errors, breaches of the policy and requests to other hosts fail a test."""
    visitor.open()
    errors.check()
    for script, event, text in MISHAPS:
        with visitor.page.context.expect_event(event):
            visitor.page.evaluate(f"() => {{ {script}; }}")
        with pytest.raises(AssertionError, match=text):
            errors.check()
        errors.expect(*errors.messages)
