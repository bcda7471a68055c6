"""The form that builds a network."""

from app.examples.presets import NAMED
from app.examples.random_network import INITS, random_simulation
from app.view.panels.network_builder import SEED, network_panel


def proposed(name: str) -> object:
    return network_panel(NAMED[name].simulation, (), lambda text: text)["init"]


def test_presets() -> None:
    """The form proposes the initialization of the current network."""
    assert "seed 7" in NAMED["xor"].source
    assert SEED == 7
    assert proposed("xor") == proposed("square") == "xavier"
    assert proposed("and") == "zeros"
    assert proposed("deck") == INITS[0]


def test_the_form_builds_the_same() -> None:
    """Building what is proposed gives the same network."""
    xor = NAMED["xor"].simulation
    shape = xor.network.shape
    again = random_simulation(
        shape.layers, SEED, activations=shape.activations, bias=shape.bias, init="xavier"
    )
    assert again.network == xor.network
