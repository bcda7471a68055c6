"""A simulation as a JSON file or a link, either of which restores it bit for bit.

They have the parameters from the start of the iteration, and the cursor; everything shown follows
from these. They have its name, but neither the history nor saved runs nor a running training.
"""

from collections.abc import Sequence

from msgspec.json import encode

from app.analysis.rounding import RoundedIteration
from app.simulation.description import as_json, describe
from app.simulation.permalink import encode_permalink
from app.simulation.simulation import Simulation
from app.view.rendering.links import AT
from app.view.rendering.urls import url

FORMAT = 1
OPEN = "/open/"


def session_json(simulation: Simulation, board: RoundedIteration | None = None) -> str:
    """The file: numbers have all their digits; NaN and the infinities are strings.

    With a board it begins with the numbers there, and says how they were rounded.
    """
    start = board.start if board else simulation.start
    content = {"backstep": FORMAT, **describe(start), "cursor": simulation.cursor}
    if simulation.name:
        content["name"] = simulation.name
    if board:
        content["rounding"] = board.rounding.name
    lines = (f'"{name}": {encode(as_json(part)).decode()}' for name, part in content.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def link_of(simulation: Simulation, at: Sequence[str] = (), rounding: str = "") -> str:
    """The path that opens a copy of the simulation on any server, with its derivation and rounding."""
    query = {"at": AT.join(at)} if at else {}
    return url(
        OPEN + encode_permalink(simulation), query | ({"rounding": rounding} if rounding else {})
    )
