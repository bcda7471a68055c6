"""A matrix of an exercise in every notation that the page's matrix field takes."""

import re

import pytest

from app.exercises.assembly.exercise import read_exercise
from tests.web.test_pasted_notations import NOTATIONS, ROWS

# Blank lines end a matrix of an exercise.
REFUSED = {"tabs and empty lines"}
NAMED = re.compile(r"(?:\\begin\{equation\} |double )?[A-Za-z]\w*(?:_\{\w+\}|\[\d\]\[\d\])? ?=")


@pytest.mark.parametrize("notation", sorted(NOTATIONS.keys() - REFUSED))
def test_a_notation(notation: str) -> None:
    """Each gives the same bits, before what else the text says and behind it."""
    matrix = NOTATIONS[notation]
    named = matrix if NAMED.match(matrix.lstrip()) else f"W =\n{matrix}"
    rest = "x = [1; 2; 3]\nt = [1; 0; 1; 0]\nno bias, linear"
    for text in (f"{named}\n{rest}", f"{rest}\n{named}"):
        network = read_exercise(text).network
        assert network.weights == (tuple(tuple(map(float, row)) for row in ROWS),)
        assert network.shape.activations == ("identity",)
