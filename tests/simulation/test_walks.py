"""Any walk against a plain list of its moments, and back again."""

from hypothesis import given, settings

from tests.support.strategies import Move, Setting, bits, naive_bits, walks


@given(walk=walks(wild=True, longest=12))
@settings(deadline=None, derandomize=True, max_examples=40)
def test_a_walk_agrees_with_the_naive_model(walk: tuple[Setting, list[Move]]) -> None:
    """After every move each bit is that of the naive model, where numbers overflow as well."""
    setting, path = walk
    simulation, naive = setting.simulation(), setting.naive()
    for move in path:
        simulation = move.of(simulation)
        move.on(naive)
        assert bits(simulation) == naive_bits(naive.now), move
    assert bits(simulation.reset()) == naive_bits(naive.moments[0])
    while len(naive.moments) > 1:
        simulation = simulation.back("layer", 5)
        naive.back("layer", 5)
        assert bits(simulation) == naive_bits(naive.now)
    assert simulation.at_beginning
