"""What the tests of the HTML page share."""

import httpx
import pytest

from tests.support.page_client import Guest


@pytest.fixture
def guest(client: httpx.AsyncClient) -> Guest:
    """Somebody at the page: `await guest.look(); await guest.press("Step")`."""
    return Guest(client)
