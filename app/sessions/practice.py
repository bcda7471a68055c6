"""What a student is asked to predict of a network, and how it goes; kept with the network only."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Annotated, Literal, Self

import msgspec

MOST_KINDS = 64  # of steps, and of mistakes
AT_A_TIME = Literal["layer", "one", "unit"]  # as `AskedSteps` has them

Count = Annotated[int, msgspec.Meta(ge=0)]


@dataclass(frozen=True, slots=True)
class Practice:
    """Which kinds of steps were asked for and missed, and which mistakes were made, with their counts;
    and what is asked.

    A step is asked for once, however often it is tried.
    """

    # By kind and layer, such as `net/1`: how often asked, and how often missed at the first try.
    steps: Annotated[tuple[tuple[str, Count, Count], ...], msgspec.Meta(max_length=MOST_KINDS)] = ()
    mistakes: Annotated[tuple[tuple[str, Count], ...], msgspec.Meta(max_length=MOST_KINDS)] = ()
    tried: str = ""  # the moment whose next step was tried last
    # The following are not in records from before one could choose what is asked.
    hides: bool = False  # whether somebody practises, so that no answer has what comes next
    by: AT_A_TIME = "layer"
    # The kinds of steps that are asked for; all if there are none.
    kinds: Annotated[tuple[str, ...], msgspec.Meta(max_length=MOST_KINDS)] = ()

    def after(self, moment: str, step: str, mistakes: Iterable[str], *, missed: bool) -> Self:
        """What is known after the first try of the step at a moment; later ones change nothing."""
        if moment == self.tried:
            return self
        steps = {name: (asked, failed) for name, asked, failed in self.steps}
        asked, failed = steps.get(step, (0, 0))
        steps[step] = asked + 1, failed + missed
        made = dict(self.mistakes)
        for name in mistakes:
            made[name] = made.get(name, 0) + 1
        return replace(
            self,
            steps=tuple((name, *counts) for name, counts in steps.items())[:MOST_KINDS],
            mistakes=tuple(made.items())[:MOST_KINDS],
            tried=moment,
        )

    def counted_anew(self) -> Self:
        """The same choice of what is asked, with nothing counted."""
        return replace(self, steps=(), mistakes=(), tried="")
