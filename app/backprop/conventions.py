"""What an exercise sheet calls the quantities of a network, and which signs it gives them."""

import re
from dataclasses import dataclass

from app.backprop.errors import N_, Invalid, check_choice

# How units and weights are numbered: by layer, as in the deck (w'11); weights from 1 to n, unit by
# unit (w1 and w2 lead to the first hidden unit); or units from 1 to n, inputs first (w46).
DECK, NUMBERED, CONSECUTIVE = NUMBERINGS = ("deck", "numbered", "consecutive")
# A letter and what stands below the line after it: w5, w_ca, θ4.
NAME = re.compile(r"[^\W\d_]_?[0-9A-Za-z]{0,7}")
FIELD = "network.conventions"


@dataclass(frozen=True, slots=True)
class Conventions:
    """The conventions of a sheet; by default those of the deck. Raises Invalid if one is not known.

    Those of a network change what its quantities are called, and two signs: `delta/…` is then Err,
    and `bias/…` the threshold.
    """

    numbering: str = DECK  # one of `NUMBERINGS`
    minus_delta: bool = False  # errors are propagated as Err = −δ
    thresholds: bool = False  # biases are thresholds, weights of an input −1: θ = −b
    # Names of its own, each with the address of a weight or bias, or of the out of a unit.
    names: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        check_choice(f"{FIELD}.numbering", self.numbering, NUMBERINGS)

    @property
    def has_signs(self) -> bool:
        """Whether numbers have another sign than in the deck."""
        return self.minus_delta or self.thresholds

    @property
    def turns_bias_gradient(self) -> bool:
        """Whether the gradient of a bias is minus what is propagated: of a threshold, or with Err."""
        return self.minus_delta != self.thresholds


DECK_CONVENTIONS = Conventions()


def check_names(names: tuple[tuple[str, str], ...], known: frozenset[str]) -> None:
    """Raises Invalid if a name is none or is used twice, or its address is not one of those known."""
    used: set[str] = set()
    for name, address in names:
        field = f"{FIELD}.names.{name[:20]}"
        if address not in known:
            raise Invalid(field, N_("The network has no such weight, bias or unit."))
        if not NAME.fullmatch(name):
            text = N_("A name is a letter, followed by at most 7 letters or digits.")
            raise Invalid(field, text)
        if name.casefold() in used:
            raise Invalid(field, N_("Two quantities have this name."))
        used.add(name.casefold())
    if len({address for _, address in names}) < len(names):
        raise Invalid(f"{FIELD}.names", N_("A quantity has two names."))
