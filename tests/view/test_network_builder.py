"""The form that builds a network."""

from app.examples.presets import NAMED
from app.examples.random_network import INITS
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
