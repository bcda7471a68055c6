"""What is made before the first visitor needs it.

The template of a step takes 10 ms, and so does its comparison with the step before; all other requests
wait meanwhile. Of the network that most visitors begin with, they are made when the server starts; and so
is a dictionary, with which answers to presses are compressed.
"""

import asyncio
import logging
from collections.abc import Callable

from app.examples.published import DECK
from app.view.rendering.languages import languages
from app.view.rendering.page_state import Preferences
from app.view.screen.page import prepared_iteration, region_and_patches

log = logging.getLogger(__name__)

PAUSE = 0.1  # seconds between two slices, which leave the processor to the requests


async def prepare_first_steps(add_dictionary: Callable[[str, bytes], None]) -> None:
    """Prepare an iteration of the deck's network in each language, as all other preferences are at
    first, after a dictionary for the answers in this language. A failure is only logged: whoever asks
    for the step will meet it again."""
    try:
        for language in languages():
            # Phases change most of what any step changes.
            by_phase, parts = Preferences(language=language, by="phase"), []
            for part in region_and_patches(DECK.simulation, by_phase):
                parts.append(part)
                await asyncio.sleep(PAUSE)
            add_dictionary(language, b"".join(parts))
        for language in languages():
            for _ in prepared_iteration(DECK.simulation, Preferences(language=language)):
                await asyncio.sleep(PAUSE)
    except Exception:
        log.warning("the first steps could not be prepared", exc_info=True)
