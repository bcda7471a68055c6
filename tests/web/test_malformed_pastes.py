"""Pasted matrices with a mistake: the message says where it is and what, in both languages."""

import re
import time
from collections.abc import Callable
from contextlib import suppress
from math import isfinite

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.backprop.errors import Invalid
from app.examples.published import DECK
from app.examples.random_network import random_simulation
from app.view.rendering.languages import translations
from app.web.pages.forms.pasted_matrix import DirectionUnclear, paste_matrix

Texts = list[list[str]]

NUMBERS = [["0.1", "-0.2", "0.3", "4"], ["0.5", "6.25", "-0.7", "0.8"], ["9", "1.5", "0.25", "-3"]]


def joined(rows: Texts, cell: str, row: str, before: str = "", after: str = "") -> str:
    return before + row.join(cell.join(texts) for texts in rows) + after


# Each notation writes rows of texts, and says in which line the first row stands; 0 if all rows stand
# in the first line.
NOTATIONS: dict[str, tuple[Callable[[Texts], str], int]] = {
    "tabs": (lambda rows: joined(rows, "\t", "\n"), 1),
    "names": (lambda rows: joined([[f"x{i}", *row] for i, row in enumerate(rows, 1)], "\t", "\n", "\tH1\tH2\tH3\tH4\n"), 2),
    "semicolons": (lambda rows: joined(rows, ";", "\n"), 1),
    "CSV": (lambda rows: joined(rows, '","', '"\n"', '"', '"'), 1),
    "spaces": (lambda rows: joined(rows, "  ", "\n"), 1),
    "list": (lambda rows: joined(rows, ", ", "], [", "[[", "]]"), 0),
    "list in lines": (lambda rows: joined(rows, ", ", "],\n  [", "W = np.array([\n  [", "],\n])"), 2),
    "print of NumPy": (lambda rows: joined(rows, " ", "]\n [", "[[", "]]"), 1),
    "tensor": (lambda rows: joined(rows, ", ", "],\n        [", "Parameter containing:\ntensor([[", "]], requires_grad=True)"), 2),
    "MATLAB": (lambda rows: joined(rows, " ", "; ", "[", "]"), 0),
    "Mathematica": (lambda rows: joined(rows, ", ", "}, {", "{{", "}}"), 0),
    "LaTeX": (lambda rows: joined(rows, " & ", r" \\ ", r"\begin{pmatrix}", r"\end{pmatrix}"), 0),
    "LaTeX in lines": (lambda rows: joined(rows, " & ", " \\\\\n", "\\begin{bmatrix}\n", "\n\\end{bmatrix}"), 2),
    "Markdown": (lambda rows: joined(rows, " | ", " |\n| ", "| a | b | c | d |\n|---|---|---|---|\n| ", " |"), 3),
    "print of R": (lambda rows: joined([[f"[{i},]", *row] for i, row in enumerate(rows, 1)], " ", "\n", "     [,1] [,2] [,3] [,4]\n"), 2),
}  # fmt: skip
MISTAKES = {
    "x": "“x” is not a number",
    "0.5x": "“0.5x” is not a number",
    "1_000": "“1_000”: Write the number without underscores",
    "--1": "“--1”: Use only one sign",
    "٣": "“٣”: Use the digits 0 to 9",
    "nan": "“nan”: A number must be finite",
    "1.2.3": "“1.2.3”: Use only one decimal point",
    "1/0": "“1/0”: The denominator of a fraction cannot be 0",
    "1e9": "Enter a number from −1,000,000 to 1,000,000",
}


def refused(text: str, field: str = "matrix/0", language: str = "en") -> str:
    """Why a text is refused; nothing is changed then."""
    with pytest.raises(Invalid) as caught:
        paste_matrix(DECK.simulation, {field: text}, translations(language).gettext)
    assert caught.value.field == field
    return caught.value.message


def check(text: str, place: tuple[int, int, int], said: str, field: str = "matrix/0") -> str:
    """A message names line, row where several share a line, and column; the rest of it is returned."""
    line, row, column = place
    begin = f"Line {line}, row {row}, column {column}" if row else f"Line {line}, column {column}"
    message = refused(text, field)
    assert re.match(rf"{begin}(?: \(.*?\))?: ", message), message
    assert said in message
    korean = refused(text, field, "ko")
    begin = f"{line}번째 줄의 {row}행 {column}열" if row else f"{line}번째 줄 {column}열"
    assert re.match(rf"{begin}(?: \(.*?\))?: ", korean), korean
    assert said not in korean
    return message


CASES = [
    (notation, mistake, place)
    for notation in NOTATIONS
    for mistake in MISTAKES
    for place in ((0, 0), (1, 2), (2, 3))
]


def test_there_are_as_many_as_promised() -> None:
    """Two hundred texts, no two of them alike."""
    assert len(CASES) + len(STRUCTURES) >= 200


@pytest.mark.parametrize(("notation", "mistake", "place"), CASES)
def test_a_wrong_number(notation: str, mistake: str, place: tuple[int, int]) -> None:
    """The message names the place in the text, the weight, the text there, and what is wrong with it."""
    write, first = NOTATIONS[notation]
    rows, (row, column) = [list(texts) for texts in NUMBERS], place
    rows[row][column] = mistake
    where = (first + row, 0, column + 1) if first else (1, row + 1, column + 1)
    message = check(write(rows), where, MISTAKES[mistake])
    assert f"(w{row + 1}{column + 1}, weight/0/{row}/{column})" in message


@pytest.mark.parametrize(
    "notation", ["tabs", "semicolons", "CSV", "spaces", "LaTeX in lines", "Markdown"]
)
def test_a_comma_before_three_digits(notation: str) -> None:
    """It is asked about where every other number is whole; a point elsewhere excludes it."""
    write, first = NOTATIONS[notation]
    whole = [["1", "2", "3", "4"], ["5", "6", "7,000", "8"], ["9", "1", "2", "3"]]
    said = "“7,000”: Is this 7.000 or 7000?"
    assert said in refused(write(whole))
    check(write(whole), (first + 1, 0, 3), said)
    rows = [list(texts) for texts in NUMBERS]
    rows[1][2] = "7,000"
    check(write(rows), (first + 1, 0, 3), 'Both "," and "." appear')


@pytest.mark.parametrize(
    ("text", "field"),
    [("1,234", "matrix/1"), ("1,234\n5,678", "matrix/1"), ("1,234\n5,678", "block/weight/0/0/0")],
)
def test_lines_that_may_be_one_number_or_two(text: str, field: str) -> None:
    """Where two columns fit, 1,234 may be 1 and 234, 1.234 or 1234: it is asked about."""
    simulation = random_simulation([4, 1, 2] if "\n" not in text else [2, 2, 2], 3, bias="none")
    with pytest.raises(Invalid, match=r"Line 1, column 1: Is this 1\.234, or the numbers 1; 234\?"):
        paste_matrix(simulation, {field: text}, str)


@pytest.mark.parametrize("notation", ["list", "list in lines", "tensor", "Mathematica"])
def test_a_missing_number(notation: str) -> None:
    """Where no empty cell can be seen, a number that is missing is a mistake."""
    write, first = NOTATIONS[notation]
    rows = [list(texts) for texts in NUMBERS]
    rows[1][2] = ""
    check(write(rows), (first + 1, 0, 3) if first else (1, 2, 3), "A number is missing")


ROW = "1, 2, 3, 4"
STRUCTURES = [
    # Brackets.
    (f"[[{ROW}], [{ROW}], [{ROW}]", (1, 4, 1), "A closing “]” is missing"),
    (f"[[{ROW}],\n [{ROW}],\n [{ROW}", (3, 0, 5), "A closing “]” is missing"),
    (f"[[{ROW}],\n [{ROW}],\n [{ROW}]]]", (3, 4, 1), "“]” closes no bracket"),
    (f"[[{ROW}],\n [{ROW}),\n [{ROW}]]", (2, 0, 5), "“)” does not close “[”"),
    (f"{{{{{ROW}}}, {{{ROW}]}}", (1, 2, 5), "“]” does not close “{”"),
    (f"[[{ROW}],\n x [{ROW}],\n [{ROW}]]", (2, 0, 1), "“x” was not expected here"),
    (f"[[{ROW}],\n [{ROW}],\n [{ROW}]].T", (3, 4, 1), "“.T” was not expected here"),
    (f"[[{ROW}],\n [1, 2, [3], 4],\n [{ROW}]]", (2, 0, 3), "“[” was not expected here"),
    (f"[[{ROW}],\n [1, 2, 3 4],\n [{ROW}]]", (2, 0, 3), "“3 4”: Enter only one number"),
    (f"[[{ROW}],\n [1, (2), 3, 4],\n [{ROW}]]", (2, 0, 2), "“(” was not expected here"),
    ("[[1, 2], [3, 4]] + [[1, 2], [3, 4]]", (1, 3, 1), "“+” was not expected here"),
    (f"[[[{ROW}], [{ROW}]], [[{ROW}]]]", (1, 3, 1), "This begins a second matrix"),
    (f"a = [[{ROW}]]\nb = [[{ROW}]]", (2, 0, 1), "“b =” was not expected here"),
    ("[(0.5), (0.25)]", (1, 0, 1), "“(0.5)” is not a number"),
    ("[1 2 - 3 4; 1 2 3 4; 1 2 3 4]", (1, 1, 3), "“-” is not a number"),
    (f"[[{ROW}],\n [1, 2, 3],\n [{ROW}]]", (2, 0, 4), "4 numbers expected, 3 given"),
    (f"[[{ROW}],\n [{ROW}, 5],\n [{ROW}]]", (2, 0, 5), "4 numbers expected, 5 given"),
    (f"[[{ROW}], [], [{ROW}]]", (1, 2, 1), "4 numbers expected, 0 given"),
    (f"[[{ROW}], [{ROW}], [{ROW}], [1, 2]]", (1, 4, 2), "1 number expected, 2 given"),
    (f"[[{ROW}],\n[{ROW}],\n[{ROW}],\n[1],\n[2]]", (5, 0, 1), "4 rows expected, 5 given"),
    # LaTeX.
    (r"\begin{pmatrix} 1 & 2 & 3 & 4", (1, 0, 5), r"“\end{pmatrix}” is missing"),
    ("\\begin{pmatrix}\n1 & 2 \\\\\n3 & 4\n\\end{bmatrix}", (3, 0, 3), r"“\end{pmatrix}” is missing"),
    ("\\begin{pmatrix}\n1 & 2 \\\\\n3 & 4\n\\end{pmatrix}^T", (3, 0, 3), "“^T” was not expected here"),
    (r"2 \begin{pmatrix} 1 & 2 \end{pmatrix}", (1, 0, 1), "“2” was not expected here"),
    ("1 & 2 & 3 & 4 \\\\\n1 & \\alpha & 3 & 4 \\\\\n1 & 2 & 3 & 4", (2, 0, 2), r"“\alpha” is not a number"),
    ("1 & 2 & 3 & 4 \\\\\n1 & \\frac{1}{x} & 3 & 4 \\\\\n1 & 2 & 3 & 4", (2, 0, 2), r"“\frac{1}{x}” is not a number"),
    ("1 & 2 & 3 & 4 \\\\\n1 & 2 & 3 \\\\\n1 & 2 & 3 & 4", (2, 0, 4), "4 numbers expected, 3 given"),
    # Tables.
    ("1 2 3 4\n1 2 3 4 5\n1 2 3 4", (2, 0, 5), "4 numbers expected, 5 given"),
    ("1;2;3;4\n1;2\n1;2;3;4", (2, 0, 3), "4 numbers expected, 2 given"),
    ("| a | b | c | d |\n|--|--|--|--|\n| 1 | 2 | 3 | 4 |\n| 1 | 2 | 3 |\n| 1 | 2 | 3 | 4 |", (4, 0, 4), "4 numbers expected, 3 given"),
    ("1.0e+03 *\n1 2 3 4\n1 2 3 4\n1 2 3 4", (1, 0, 2), "“*” is not a number"),
    ("1\t2\t3\t4\n1\t2 5\t3\t4\n1\t2\t3\t4", (2, 0, 2), "“2 5”: Enter only one number"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "place", "said"), STRUCTURES)
def test_a_wrong_structure(text: str, place: tuple[int, int, int], said: str) -> None:
    """The message names the place where the structure breaks."""
    check(text, place, said)


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("1\t2\t3", (1, 0, 3), "This is outside the matrix"),
        ("1\t2\n[3", (2, 0, 1), "“[3” is not a number"),
        ("1,5\n2,5", (1, 0, 1), "Is this 1.5, or the numbers 1; 5?"),
    ],
)
def test_a_wrong_block(text: str, place: tuple[int, int, int], said: str) -> None:
    """The same holds for a block that is pasted into a cell."""
    check(text, place, said, "block/weight/0/1/2")


@settings(deadline=None, derandomize=True, max_examples=300)
@given(st.text(alphabet="0123456789.,;/[](){}&\\|\n\t -−½xe_'\"=:%#`$^*", max_size=60))
def test_any_text_is_taken_or_refused(text: str) -> None:
    """Whatever is pasted, the numbers are replaced, or a message says why not."""
    for field in ("matrix/0", "matrix/1", "block/weight/0/0/0"):
        with suppress(Invalid, DirectionUnclear):
            network = paste_matrix(DECK.simulation, {field: text}, str).network
            assert all(map(isfinite, network.parameters))


@pytest.mark.parametrize(
    "text",
    ["$" * 65_000 + "&", "[[1]" + ",[1]" * 16_000 + "]", "a." * 32_000, "x1 " * 21_000, "[1" + ",dtype" * 10_000, "|-" * 32_000],
)  # fmt: skip
def test_long_texts_are_refused_at_once(text: str) -> None:
    """No text that fits into a request takes long."""
    begun = time.perf_counter()
    assert refused(text)
    assert (
        time.perf_counter() - begun < 4
    )  # a tenth of that; the square of the length would be more
