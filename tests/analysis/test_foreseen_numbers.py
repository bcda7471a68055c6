"""Wrong numbers that can be foreseen: the diagnosis explains each of them by the same mistake."""

from decimal import Decimal
from random import Random

import pytest

from app.analysis.diagnosis import CUT, ROUNDED, ForeseenNumbers, GivenNumber, diagnose
from app.examples.published import DECK, MAZUR
from app.simulation.simulation import Simulation
from tests.support.random_networks import random_network


def writer(decimals: int) -> ForeseenNumbers:
    """Numbers as students write them, with so many decimals."""
    return ForeseenNumbers(
        lambda value: GivenNumber(Decimal(f"{value:.{decimals}f}"), decimals), decimals
    )


def check(simulation: Simulation, decimals: int, random: Random) -> int:
    """Compare foreseen numbers of an iteration, two of each quantity, with the diagnosis; return how
    many there are."""
    count = 0
    targets = [step.result for step in simulation.steps]
    for target, numbers in zip(targets, writer(decimals).of(simulation, targets), strict=True):
        half_unit = Decimal(5).scaleb(-decimals - 1)
        values = [each.given.value for each in numbers]
        assert len(values) == len(set(values))
        for each in random.sample(numbers, min(2, len(numbers))):
            assert abs(each.given.value - Decimal(each.value)) <= half_unit
            found = diagnose(simulation, target, each.given)
            assert not found.is_right, (target, each)
            assert each.mistake.name in [mistake.name for mistake in found.mistakes]
            count += 1
    return count


@pytest.mark.parametrize("decimals", [2, 4, 6])
def test_as_diagnosed(decimals: int) -> None:
    """Every foreseen number is one that the diagnosis explains so."""
    random = Random(decimals)
    assert sum(check(random_network(random), decimals, random) for _ in range(6)) > 100


def test_all_that_are_common_are_foreseen() -> None:
    """The slips of Mazur's readers: each is foreseen at its place, with its own name."""
    simulation = MAZUR.simulation
    known = {
        # By hand, with lr 0.5: out − target is 0.741365, out′ 0.186816, out_H1 0.593270.
        ("delta/2/0", "-0.1385"): "wrong_sign",
        ("delta/2/0", "0.7414"): "slope_left_out",
        ("weight/1/0/0", "0.4411"): "wrong_sign",  # as if the change had been added
        ("weight/1/0/0", "0.3178"): "learning_rate_forgotten",
        ("net/1/0", "0.0275"): "bias_forgotten",
        ("out/1/0", "0.3775"): "net_for_out",
    }
    targets = list(dict.fromkeys(target for target, _ in known))
    found = dict(zip(targets, writer(4).of(simulation, targets), strict=True))
    for (target, number), name in known.items():
        names = {str(each.given.value): each.mistake.name for each in found[target]}
        assert names.get(number) == name, (target, number, names)


def test_shortened_numbers() -> None:
    """A number that was cut off is foreseen, and one from results that were rounded on the way."""
    targets = [step.result for step in DECK.simulation.steps]
    names = {
        (target, each.mistake.name, each.mistake.decimals)
        for target, numbers in zip(targets, writer(4).of(DECK.simulation, targets), strict=True)
        for each in numbers
    }
    assert {name for _, name, _ in names} >= {CUT, ROUNDED}
    # net_O1 is 0.40458…, and 0.4046 where the outs have two decimals: 0.4080.
    assert ("net/2/0", ROUNDED, 2) in names
