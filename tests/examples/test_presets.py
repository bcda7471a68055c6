"""The presets and random networks."""

import pytest

from app.backprop.errors import Invalid
from app.examples.presets import PRESETS, preset
from app.examples.random_network import random_simulation
from app.simulation.simulation import Simulation


@pytest.mark.parametrize("name", PRESETS)
def test_presets_say_what_they_are(name: str) -> None:
    """A preset has a title, a summary and a source, and is at the beginning."""
    found = preset(name)
    assert found.name == name
    assert found.title
    assert found.summary.endswith(".")
    assert found.source.endswith(".")
    assert found.simulation.at_beginning
    assert (found.simulation.iteration, found.simulation.cursor) == (0, 0)


def test_an_unknown_preset_is_named() -> None:
    """An unknown preset is refused with the list of presets."""
    with pytest.raises(Invalid, match="deck, mazur, class-notes") as caught:
        preset("nonsense")
    assert caught.value.field == "preset"


def test_random_numbers_are_fixed_for_good() -> None:
    """The numbers of a seed never change."""
    assert random_simulation((3, 4, 2), 7).network.weights[0][0] == (0.89, 0.25, 0.37, 0.8)


@pytest.mark.parametrize("bias", ["shared", "per_unit", "none"])
def test_random_numbers_have_two_decimals_in_their_range(bias: str) -> None:
    """Random numbers have two decimals and are in range."""
    for seed in range(20):
        made: Simulation = random_simulation(
            (8, 8, 8), seed, bias=bias, activations=("tanh", "relu")
        )
        (example,) = made.examples
        numbers = (*made.network.parameters, *example.inputs)
        assert len(made.network.parameters) == 128 + {"shared": 2, "per_unit": 16, "none": 0}[bias]
        assert all(-1 <= n <= 1 and n == round(n, 2) for n in numbers)
        assert all(0 <= t <= 1 and t == round(t, 2) for t in example.targets)
        assert min(numbers) < -0.8
        assert max(numbers) > 0.8
        assert made.network.shape.activations == ("tanh", "relu")
        assert made.learning_rate == 0.5


def test_random_networks_that_cannot_be_are_refused() -> None:
    """A random network that is too large is refused."""
    with pytest.raises(Invalid) as caught:
        random_simulation((3, 9, 2), 1)
    assert caught.value.field == "network.layers.1"
