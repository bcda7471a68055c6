"""Parsing of pasted examples."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.backprop.errors import Invalid
from app.backprop.network import LARGEST, MOST_EXAMPLES, Example, Shape
from app.view.rendering.numbers import exact
from app.web.pages.forms.pasted_examples import parse_examples
from app.web.pages.forms.uploads import decode_text

SHAPE = Shape((2, 1), ("sigmoid",))
ROWS = (Example((0.5, -1.0), (1.0,)), Example((2.0, 0.25), (0.0,)))


def taken(text: str, shape: Shape = SHAPE) -> tuple[Example, ...]:
    return parse_examples(text, shape, str)


def refused(text: str, shape: Shape = SHAPE) -> str:
    """Why a text is refused."""
    with pytest.raises(Invalid) as caught:
        taken(text, shape)
    assert caught.value.field == "examples"
    return caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        "0,5;-1;1\r\n2;0,25;0\r\n",
        "0,5\t-1\t1\n2\t0,25\t0\n\n",
        "0.5, -1, 1\n2, 0.25, 0",
        "0,5 -1 1\n2 0,25 0",
        "  0.5   −1  1 \n\n 2 0.25 0\n",
        '"0.5","-1","1"\n"2","0.25","0"',
        '"0,5";"-1";"1"\n2;"0,25";0',
        "x1,x2,target\n0.5,-1,1\n2,0.25,0",
        "x1,x2,target 1\n0.5,-1,1\n2,0.25,0",
        "x1\tx2\ttarget 1\n0.5\t-1\t1\n2\t0.25\t0",
        "x1 x2 target\n0.5 -1 1\n2 0.25 0",
        "\ufeffx1;x2;t1\n0,5;-1;1\n2;0,25;0",
        "입력1\t입력2\t목표\r0.5\t-1\t1\r2\t0.25\t0",
        "5e-1;-1e0;1\n2;0.25;0",
    ],
)
def test_ways_to_write_them(text: str) -> None:
    """Any usual separator and decimal sign is understood."""
    assert taken(text) == ROWS


def test_a_comma_alone_separates() -> None:
    """Commas are separators or decimal signs, depending on the count."""
    assert taken("1,5,2") == (Example((1.0, 5.0), (2.0,)),)
    assert taken("1,5 0,5", Shape((1, 1), ("sigmoid",))) == (Example((1.5,), (0.5,)),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "No examples found"),
        (" \n\t\n;;\n", "No examples found"),
        ("1,2", "Line 1, column 3: 3 numbers expected (x1, x2, target 1), 2 given."),
        ("1,2,3\n\n1,2,3,4", "Line 3, column 4: 3 numbers expected (x1, x2, target 1), 4 given."),
        ("1;2;3\n1;two;3", "Line 2, column 2 (x2): “two” is not a number."),
        ("a;b;c\n1;2;nan", "Line 2, column 3 (target 1): “nan”: A number must be finite."),
        ("1;;3", "Line 1, column 2 (x2): A number is missing."),
        ("1;2;3\n4;5;" + "y" * 99, "Line 2, column 3 (target 1): “" + "y" * 19 + "…” is not a number."),
        ("0.5;1,5;1", "Line 1, column 2 (x2): Both \",\" and \".\" appear. Use one decimal separator."),
        ("1;2;1000001", "Line 1, column 3 (target 1): Enter a number from −1,000,000 to 1,000,000."),
        ("1;2;1e999", "Line 1, column 3 (target 1): Enter a number from −1,000,000 to 1,000,000."),
        ("1,2,3\n" * (MOST_EXAMPLES + 1), "At most 64 examples are allowed, but there are 65."),
    ],
)  # fmt: skip
def test_what_is_refused(text: str, said: str) -> None:
    """The message names the line and the column."""
    assert said in refused(text)


def test_as_many_as_there_may_be() -> None:
    """The most examples there may be are accepted."""
    assert len(taken("x y z\n" + "1 2 3\n" * MOST_EXAMPLES)) == MOST_EXAMPLES


@settings(deadline=None, derandomize=True, max_examples=100)
@given(st.text(max_size=200))
def test_any_text_is_taken_or_refused(text: str) -> None:
    """Any text is accepted or refused."""
    try:
        examples = taken(text)
    except Invalid:
        assert refused(text)
    else:
        assert all(len(example.inputs) == 2 for example in examples)


NUMBERS = st.floats(-LARGEST, LARGEST)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(
    st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=1, max_size=6),
    st.sampled_from("\t; "),
    st.sampled_from(".,"),
)
def test_what_the_page_shows_comes_back(
    rows: list[tuple[float, ...]], separator: str, decimal: str
) -> None:
    """Numbers copied from the page come back to the bit."""
    lines = [separator.join(exact(number).replace(".", decimal) for number in row) for row in rows]
    assert taken("\n".join(lines)) == tuple(Example(row[:2], row[2:]) for row in rows)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
def test_files_of_spreadsheets(encoding: str) -> None:
    """Files of spreadsheets are read in any usual encoding."""
    assert taken(decode_text("입력;둘;목표\r\n0,5;-1;1\r\n2;0,25;0\r\n".encode(encoding))) == ROWS
