"""What is made before the first visitor needs it.

The template of a step takes 10 ms, and so does its comparison with the step before; all other requests
wait meanwhile. Of the network that most visitors begin with, they are made when the server starts.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace

from app.examples.published import DECK
from app.view.rendering.languages import languages
from app.view.rendering.page_state import Preferences
from app.view.screen.page import prepared_iteration, region_and_patches

log = logging.getLogger(__name__)

PAUSE = 0.1  # seconds between two slices: the start of a server is no time to be busy


async def prepare_first_steps(offer: Callable[[str, bytes], None]) -> None:
    """Prepare an iteration of the deck's network in each language, as all other preferences are at
    first, after a text that resembles the answers to presses, for `offer`. A failure is only logged:
    whoever asks for the step will meet it again."""
    try:
        for language in languages():
            parts = []
            for part in resembling(Preferences(language=language)):
                parts.append(part)
                await asyncio.sleep(PAUSE)
            offer(language, b"".join(parts))
        for language in languages():
            for _ in prepared_iteration(DECK.simulation, Preferences(language=language)):
                await asyncio.sleep(PAUSE)
    except Exception:
        log.warning("the first steps could not be prepared", exc_info=True)


def resembling(preferences: Preferences) -> Iterator[bytes]:
    """Parts of a text that has most of what an answer to a press is made of: phases, which change most
    of what any step changes. Its numbers are those of the published example."""
    return region_and_patches(DECK.simulation, replace(preferences, by="phase"))
