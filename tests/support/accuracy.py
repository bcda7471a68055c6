"""Whether the simulator's numbers are true: each against the oracle's, and how near it must be.

The promise is 1e-12 of the largest number of the same kind in the same layer. A double carries 53
bits, 1.1e-16 of itself, so that leaves four digits for what an iteration loses on its way; where it
loses more, no way of computing keeps the promise. That is so where a number is the small difference
of large ones: `1 - out` of a saturated unit (out is 1 but for its last bits, and `out (1 - out)` is
made of just these), `target - out` where they nearly agree, a sum of terms that cancel. There, and
only there, the bound is what doubles may lose at most (`losses.py`) and not the promise; and this
must in turn be within 1e-12 of 1, or of the largest where that is above 1 (`Expected.attainable`).
"""

from dataclasses import dataclass
from typing import Any

from tests.support.oracle import NOISE, Json, Number, mp, truth
from tests.support.rounding_errors import losses

TOLERANCE = 1e-12

# Below this a double has fewer digits, or is 0.
SMALLEST = 2.3e-308


@dataclass(frozen=True, slots=True)
class Bound:
    """How near to the truth one number must be."""

    true: Number
    largest: Number  # of its kind and layer
    loss: float  # the most that doubles lose of it
    noise: Number  # what the oracle itself may be off by

    @property
    def promise(self) -> Number:
        return TOLERANCE * self.largest + self.noise

    @property
    def excused(self) -> bool:
        """Whether doubles cannot keep the promise here."""
        return bool(self.loss > self.promise)

    @property
    def attainable(self) -> bool:
        return bool(self.loss <= TOLERANCE * max(1, self.largest))

    def kept(self, answer: Any) -> bool:
        return bool(abs(mp.mpf(answer) - self.true) <= max(self.promise, self.loss + self.noise))


class Expected:
    """What one iteration must come to: `truth` knows the numbers, and this how near to be."""

    def __init__(self, network: Json, example: Json, learning_rate: float) -> None:
        self.truth = truth(network, example, learning_rate)
        lost = losses(network, example, learning_rate)
        noise = SMALLEST + NOISE * (1 + self.truth.error)
        self.bounds = {kind: self._of_kind(kind, lost[kind], noise) for kind in lost}

    def _of_kind(self, kind: str, lost: Any, noise: Number) -> list[list[Bound]]:
        return [
            [
                Bound(true, max(map(abs, layer)), loss, noise)
                for true, loss in zip(layer, layer_lost, strict=True)
            ]
            for layer, layer_lost in zip(
                by_layer(getattr(self.truth, kind)), by_layer(lost), strict=True
            )
        ]

    def all(self) -> list[Bound]:
        return [bound for kind in self.bounds.values() for layer in kind for bound in layer]

    @property
    def attainable(self) -> bool:
        """Whether doubles can be within 1e-12 of 1, or of the largest, everywhere.

        They cannot where outs of hundreds run into a saturated unit, say, and the lost digits of
        its slope are multiplied by large weights. Of such a network nothing was promised.
        """
        return all(bound.attainable for bound in self.all())

    def wrong(self, answers: Json) -> list[str]:
        """A sentence on each number that is not near enough.

        `answers` are lists by kind, as in the API's `values` and under the names of `Truth`.
        """
        return [
            f"{kind}, list {layer}, number {index}: {answer}, not {mp.nstr(bound.true, 20)} "
            f"(largest {mp.nstr(bound.largest, 3)}, doubles lose {bound.loss:.2g})"
            for kind, numbers in answers.items()
            for layer, pairs in enumerate(zip(by_layer(numbers), self.bounds[kind], strict=True))
            for index, (answer, bound) in enumerate(zip(*pairs, strict=True))
            if not bound.kept(answer)
        ]


def by_layer(kind: Any) -> list[list[Any]]:
    """The numbers of a kind as one plain list a layer: E and the E_k have one layer."""
    if not isinstance(kind, list):
        return [[kind]]
    if kind and not isinstance(kind[0], list):
        return [kind]
    return [[x for y in layer for x in (y if isinstance(y, list) else [y])] for layer in kind]
