"""What is made before the first visitor needs it.

The template of a step takes 10 ms, and so does its comparison with the step before; all other requests
wait meanwhile. Of the network that most visitors begin with, they are made when the server starts.
"""

import asyncio
import logging

from app.examples.published import DECK
from app.view.rendering.languages import languages
from app.view.rendering.page_state import Preferences
from app.view.screen.page import prepared_iteration

log = logging.getLogger(__name__)

PAUSE = 0.1  # seconds between two slices: the start of a server is no time to be busy


async def prepare_first_steps() -> None:
    """Prepare an iteration of the deck's network in each language, as all other preferences are at
    first. A failure is only logged: whoever asks for the step will meet it again."""
    try:
        for language in languages():
            for _ in prepared_iteration(DECK.simulation, Preferences(language=language)):
                await asyncio.sleep(PAUSE)
    except Exception:
        log.warning("the first steps could not be prepared", exc_info=True)
