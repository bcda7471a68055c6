"""The marks of axes."""

from itertools import pairwise
from math import isclose

from hypothesis import example, given
from hypothesis import strategies as st

from app.text.typed_numbers import read_number
from app.view.panels.axes import round_marks, round_step

ENDS = st.floats(-1e9, 1e9) | st.floats(-1, 1) | st.floats(0, 1e-12)


@example(5.0, 5e-324)
@given(ENDS, ENDS)
def test_marks_say_where_they_stand(one: float, other: float) -> None:
    """Marks are inside, evenly spaced, different, and true."""
    low, high = sorted((one, other))
    if high - low < 1e-200:
        return
    marks = round_marks(low, high)
    texts = [text for _, text in marks]
    assert len(set(texts)) == len(texts) <= 5
    step = round_step(high - low)
    for (a, _), (b, _) in pairwise(marks):
        assert isclose(b - a, step, rel_tol=1e-2)
    for number, text in marks:
        assert low <= number <= high
        assert abs(read_number(text) - number) <= 1e-6 * step + 1e-15 * abs(number)


def test_as_many_digits_as_needed() -> None:
    """Marks have as many digits as tell them apart."""

    def texts(low: float, high: float) -> list[str]:
        return [text for _, text in round_marks(low, high)]

    assert texts(-2.5, 3.5) == ["−2", "0", "2"]
    assert texts(0.2, 0.2101) == ["0.200", "0.205", "0.210"]
    assert texts(0.0, 1.0) == ["0", "0.25", "0.50", "0.75", "1.00"]
    assert texts(1e-12, 3e-12) == ["1e−12", "2e−12", "3e−12"]
    assert texts(0.3, 0.3 + 1e-16) == []
