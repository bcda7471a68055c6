"""Where the controls of an embedded page lead, against a walk of single calculations."""

from hypothesis import given
from hypothesis import strategies as st

from app.backprop.compiler import GRANULARITIES
from app.backprop.steps import PHASES
from app.simulation.permalink import decode_permalink, encode_permalink
from app.simulation.simulation import Simulation
from app.view.classroom.embedding import embedded
from tests.support.strategies import Setting, settings_of

FARTHEST = 400


def distance(origin: Simulation, goal: Simulation) -> int:
    """How many single calculations lead from one moment to another."""
    count, now = 0, origin
    while now.moment != goal.moment:
        now, count = now.step("unit"), count + 1
        assert count <= 3 * FARTHEST
    return count


@given(
    settings_of(wild=False),
    st.integers(0, 60),
    st.integers(0, FARTHEST),
    st.sampled_from(GRANULARITIES),
)
def test_controls_lead_where_commands_lead(
    setting: Setting, before: int, count: int, by: str
) -> None:
    """From a moment in the middle of an iteration, and across several; Back at most to the moment."""
    origin = decode_permalink(encode_permalink(setting.simulation().step("unit", before)))
    now, shown = embedded(origin, count, by, 10**6)
    assert distance(origin, now) == count
    assert shown.next == count + distance(now, now.step(by))
    back = now.back(by)
    assert shown.back == (0 if back.moment <= origin.moment else distance(origin, back))
    for phase, goal in zip(PHASES, shown.phases, strict=True):
        assert goal == count + distance(now, getattr(now, phase)())
