"""Exercises with a mistake: the message names the line and the column, in plain words and both languages."""

import os
import re
import time

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.backprop.errors import Invalid
from app.exercises.assembly.exercise import Exercise, read_exercise
from app.exercises.lexing.sources import MOST_CHARACTERS, Unreadable
from app.view.rendering.languages import translations
from tests.exercises.published_texts import TEXTS
from tests.exercises.test_sheets import SHEETS

LIST = """x1=0.05, x2=0.10, t1=0.01, t2=0.99
w1=0.15, w2=0.20, w3=0.25, w4=0.30
w5=0.40, w6=-0.45, w7=0.50, w8=0.55
b1=0.35, b2=0.60, lr = 0.5"""
MATRICES = """x = (0.05, -0.10), t = (0.01, 0.99)
W1 = [[0.15, 0.25],
      [0.20, -0.30]]
b1 = (0.35, 0.45)
W2 = [0.40 0.50; 0.45 0.55]
b2 = (0.60, 0.65)"""
LATEX = r"""x = (0.05, 0.10), t = (0.01, 0.99)
W^{(1)} = \begin{pmatrix} 0.15 & 0.25 \\ 0.20 & -0.30 \end{pmatrix}
W^{(2)} = \begin{pmatrix}
  0.40 & 0.50 \\
  0.45 & 0.55
\end{pmatrix}"""
PROGRAM = """OrderedDict([('0.weight', tensor([[0.15, 0.20],
        [0.25, 0.30]])), ('0.bias', tensor([0.35, -0.45])),
        ('2.weight', tensor([[0.40, 0.45]])), ('2.bias', tensor([0.60]))])
x = [0.05, 0.10], y = [0.99]"""
GERMAN = """x1=0,05; x2=0,10; t=0,99
w1=0,15 (x1->h1), w2=0,20 (x2->h1), w3=-0,25 (h1->o)
Lernrate 0,25"""
TABLE = """W1:
0.15\t0.25
0.20\t0.30
W2:
0.40
-0.45
x1 x2 t
0.05 0.10 0.99
0.01 0.11 0.12"""
TEXTS_WITH_NUMBERS = {
    "list": LIST,
    "matrices": MATRICES,
    "LaTeX": LATEX,
    "program": PROGRAM,
    "German": GERMAN,
    "table": TABLE,
}
MISTAKES = {
    "0x5": "not a number",
    "1_000": "Write the number without underscores",
    "--1": "Use only one sign",
    "1/0": "The denominator of a fraction cannot be 0",
    "5e9": "Enter a number from −1,000,000 to 1,000,000",
    "0.1.2": "Use only one decimal point or comma",
}
NUMBER = re.compile(r"-?\d+[.,]\d+")


def places(text: str) -> list[re.Match[str]]:
    return list(NUMBER.finditer(text))


CASES = [
    (name, number, mistake)
    for name, text in TEXTS_WITH_NUMBERS.items()
    for number in range(len(places(text)))
    for mistake in MISTAKES
    if not (name == "German" and "." in mistake)
]


def test_there_are_two_hundred() -> None:
    assert len(CASES) + len(STRUCTURES) >= 200


def refused(text: str) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        read_exercise(text)
    return caught.value


def check(text: str, line: int, column: int, said: str) -> None:
    """The message begins with the place, in both languages, and goes on in plain words."""
    error = refused(text)
    assert (error.line, error.column) == (line, column), error.message
    assert error.message.startswith(f"Line {line}, column {column}: ")
    assert said in error.message
    korean = error.translated(translations("ko").gettext)
    assert korean.startswith(f"{line}번째 줄 {column}열: ")
    assert said not in korean


@pytest.mark.parametrize(("name", "number", "mistake"), CASES)
def test_a_wrong_number(name: str, number: int, mistake: str) -> None:
    """Wherever a number is wrong, the message names its place and says what is wrong with it."""
    text = TEXTS_WITH_NUMBERS[name]
    assert isinstance(read_exercise(text), Exercise)
    found = places(text)[number]
    before = text[: found.start()]
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    check(before + mistake + text[found.end() :], line, column, MISTAKES[mistake])


ARROWS = "x1=1 x2=0 t=1 w1=0.1 (x1->h1) w2=0.2 (x2->h1) w3=0.3 (h1->o)"
STRUCTURES = [
    # Commas that may be decimal.
    ("x = (0,5, 0,8), t = 1", 1, 6, "Is this 0.5, or the numbers 0; 5?"),
    ("x = (1,2, 3), t = 1", 1, 6, "Is this 1.2, or the numbers 1; 2?"),
    ("x1=1,000 x2=2 t=1\nw1=1 w2=2", 1, 4, "Is this 1.000 or 1000?"),
    (LIST.replace("0.25", "0,25"), 2, 22, 'Both "," and "." appear'),
    ("x = (1, 0), t = 1, w1=1,2,3", 1, 25, "Is this 2.3, or the numbers 2; 3?"),
    # What is missing.
    (LIST.replace("w5=0.40, ", ""), 3, 20, "These weights are missing: w5"),
    (LIST.replace("w2=0.20, w3=0.25, ", ""), 3, 29, "These weights are missing: w2, w3"),
    (LIST.replace("x1=0.05, ", ""), 1, 4, "These inputs are missing: x1"),
    (LIST.replace("x1=0.05, x2=0.10, ", ""), 4, 27, "The inputs are missing"),
    (LIST.replace("t1=0.01, t2=0.99", ""), 4, 27, "The targets are missing"),
    (LIST.replace("=0.25", "="), 2, 22, "w3: A number is missing"),
    (LIST.replace("lr = 0.5", "lr ="), 4, 23, "A number is missing"),
    ("", 1, 1, "The weights are missing"),
    ("What is backpropagation?", 1, 25, "The weights are missing"),
    ("x = (1, , 2), t = 1", 1, 9, "A number is missing"),
    ("x = (), t = 1", 1, 5, "A number is missing"),
    ("x = (1, 2), t = 1, all weights 0.1", 1, 20, "How many units each layer has is missing"),
    (f"{ARROWS} w4=0.4 (x1->h2) w5=0.5 (h2->o)", 1, 78, "These weights are missing: x2→h2"),
    (f"{ARROWS} w4=0.4 (h2->o)", 1, 62, "w4: No weight leads to the unit h2"),
    # What is there twice.
    (LIST.replace("w3=", "w2="), 2, 19, "There are two values for w2. The first is in line 2, column 10."),
    (LIST + "\nlr = 0.1", 5, 1, "There are two values for learning rate"),
    (LIST.replace("x2=", "x1="), 1, 10, "There are two values for x1"),
    (LIST.replace("b2=", "b1="), 4, 10, "There are two values for b1"),
    (LIST + "\n2-2-2 network, layers 2-3-2", 5, 23, "There are two values for layers"),
    (MATRICES + "\nhidden units: tanh\nhidden units: ReLU", 8, 15, "There are two values for activation"),
    (MATRICES + "\nMSE, cross-entropy", 7, 6, "There are two values for error function"),
    # What does not fit.
    (LIST.replace("w8=0.55", "w8=0.55, w9=1"), 3, 38, "9 weights fit no network with 2 inputs and 2 outputs"),
    ("2-2-1 network, x = (1, 0), t = 1\nw1=1 w2=2 w3=3 w4=4 w5=5 w6=6 w7=7", 2, 31, "w7: No unit has this weight"),
    (f"{ARROWS} w4=0.4 (x3->h1)", 1, 62, "w4: There is no unit x3: 2 inputs are given"),
    (f"{ARROWS} w4=0.4 (x1->o)", 1, 62, "w4: It does not lead from one layer to the next"),
    ("x1=1 t=1 w1=1 (x1->a) w2=1 (a->b) w3=1 (b->a)", 1, 23, "The connections go round in a circle"),
    ("x1=1 x2=1 t=1 w1=1 (x1->h1) w2=1 (x2->h1) w3=1", 1, 43, "w3: Which units does this weight join?"),
    (MATRICES.replace("      [0.20, -0.30]]", "      [0.20]]"), 3, 8, "W1: 2 numbers expected, 1 given"),
    (MATRICES.replace("0.10)", "0.10, 1)"), 2, 6, "W1: 3 rows expected, 2 given"),
    (MATRICES.replace("; 0.45 0.55", "; 0.45 0.55; 1 2"), 5, 6, "W2: 2 rows expected, 3 given"),
    (MATRICES.replace("0.45)", "0.45, 1)"), 4, 6, "b1: 2 numbers expected, 3 given"),
    (PROGRAM.replace("[0.60]", "[0.60, 0.61]"), 3, 65, "2.bias: 1 numbers expected, 2 given"),
    ("x = (1, 0), t = 1\nw = (1, 2, 3)", 2, 5, "w: 2 numbers expected, 3 given"),
    (LIST.replace("b2=", "b_h9="), 4, 10, "b_h9: There is no unit h9"),
    (TABLE + " 5", 9, 16, "3 numbers expected, 4 given"),
    ("layers 2-9-1, all weights 0.1, x = (1, 1), t = 1", 1, 8, "A layer has 1 to 8 units"),
    ("100 hidden units, all weights 0.1, x = (1, 1), t = 1", 1, 1, "A layer has 1 to 8 units"),
    ("1-1-1-1-1-1 network, all weights 0.1, x = 1, t = 1", 1, 1, "A network has 2 to 5 layers"),
    ("x = (1, 0), t = (1, 0.5)\nW = [[1, 2], [3, 4]], softmax", 1, 17, "The targets must sum to 1"),
    ("x = (1, 0), t = 3\nw = (1, 2), binary cross-entropy", 1, 17, "each target must be from 0 to 1"),
    ("x = (1, 0), label: fifth class\nW = [[1, 2], [3, 4]], softmax", 1, 13, "There is no such class: the network has 2 outputs"),
    (MATRICES + "\nlr = -1", 7, 1, "The learning rate must not be negative"),
    (MATRICES + "\nmomentum 1.5", 7, 1, "must be at least 0 and less than 1"),
    ("x = (1, 0), t = 1\nw = (1, 2), tanh, cross-entropy", 2, 13, "the output activation must be softmax, not tanh"),
    # Brackets and notations.
    ("x = (1, 2 t = 1", 1, 5, "This bracket is not closed: a “)” is missing"),
    ("x = [1, 2), t = 1", 1, 10, "“)” does not close “[”"),
    ("x = (1, a), t = 1", 1, 9, "“a” was not expected here"),
    (LIST.replace("0.25", "abc"), 2, 22, "“abc” is not a number"),
    ("x = (1, 0), t = 1\nW1 = \\begin{pmatrix} 1 & 2", 2, 6, "“\\end” is missing"),
    ("x = (1, 0), t = 1\nW1 = \\begin{pmatrix} 1 & q \\\\ 2 & 3 \\end{pmatrix}", 2, 26, "“q” is not a number"),
    ("x = (1, 0), t = 1\nW1 = [[1, 2], [3, q]]", 2, 19, "“q” is not a number"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "column", "said"), STRUCTURES)
def test_a_wrong_structure(text: str, line: int, column: int, said: str) -> None:
    """The message names the place where something is missing, there twice, or does not fit."""
    check(text, line, column, said)


async def test_over_the_api(client: httpx.AsyncClient) -> None:
    """A 422 names the line and the column in words and as numbers."""
    response = await client.post("/api/exercise", json={"text": "x = (1, 0), t = 1\nw1 = 0.5x"})
    assert response.status_code == 422
    problem = response.json()
    message = "Line 2, column 6: “0.5x” is not a number."
    assert problem["detail"] == message
    assert problem["errors"] == [{"field": "text", "message": message, "line": 2, "column": 6}]


async def test_an_unknown_option(client: httpx.AsyncClient) -> None:
    """An option that a choice does not have is refused; a choice that is not open is ignored."""
    body = {"text": LIST, "choose": {"numbering": "by_luck", "orientation": "source_rows"}}
    response = await client.post("/api/exercise", json=body)
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "choose.numbering"


# Any text.

FRAGMENTS = (
    *("0.5", "0,5", "1/2", "-", "--", "=", ":", "->", "(", ")", "[", "]", "[[", "]]", "{", "}"),
    *(
        ",",
        ";",
        "\n",
        "w1",
        "w_ca",
        "x1",
        "t",
        "θ4",
        "b",
        "W1",
        "&",
        "\\\\",
        "np.array(",
        "tensor(",
    ),
    *(
        "\\begin{pmatrix}",
        "\\end{pmatrix}",
        "relu",
        "hidden",
        "output",
        "no",
        "bias",
        "all weights",
    ),
    *(
        "2-2-1",
        "learning rate",
        "label",
        "third class",
        "rows",
        "inputs",
        "into",
        "|",
        "⎡",
        "½",
        "²",
    ),
    *(
        "٣",
        "nan",
        "1e400",
        "1_0",
        "가중치",
        "학습률",
        "Linear(",
        "coefs_",
        "'0.weight'",
        "^T",
        "E = ",
    ),
    *("1/2(t-o)^2", "from", "x1->h1", "0-1", "1.2.3", "\t", "%", "\x00", "\ufeff", "🙂", "9" * 30),
    *(
        "w" + "9" * 30,
        "W^{(1)}",
        "b^(9)",
        "layers",
        "momentum",
        "adam",
        "batch",
        "two hidden layers",
    ),
)
BASES = (*TEXTS.values(), *(sheet.text for sheet in SHEETS.values()))


def taken_or_refused(text: str) -> None:
    """A text is read, or the message names a place in it."""
    try:
        exercise = read_exercise(text)
    except Unreadable as error:
        lines = re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff"))
        is_in_text = 1 <= error.line <= len(lines)
        is_in_text &= 1 <= error.column <= len(lines[min(error.line, len(lines)) - 1]) + 1
        place = error.line, error.column
    else:
        assert all(span.text for span in exercise.unread)
        return
    assert is_in_text, place


@settings(deadline=None, derandomize=True, max_examples=1500)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=40), st.sampled_from(("", " ")))
def test_any_fragments(fragments: list[str], between: str) -> None:
    """Whatever is pasted, nothing else happens."""
    taken_or_refused(between.join(fragments))


@settings(deadline=None, derandomize=True, max_examples=1500)
@given(
    st.sampled_from(BASES),
    st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 12), st.sampled_from(("", *FRAGMENTS))),
        max_size=4,
    ),
)
def test_any_change(text: str, changes: list[tuple[float, int, str]]) -> None:
    """The same for exercises with parts removed or put in."""
    for where, length, put in changes:
        at = int(where * len(text))
        text = text[:at] + put + text[at + length :]
    taken_or_refused(text)


@settings(deadline=None, derandomize=True, max_examples=500)
@given(st.text(max_size=80))
def test_any_text(text: str) -> None:
    taken_or_refused(text)


LONG = (
    *(
        "[",
        "(",
        "w1=",
        "w1=0.1 ",
        "a,",
        "a ",
        "a=",
        "1,",
        "1 ",
        "1-1-",
        "-",
        "x=[",
        "[[1],",
        "W=\n",
    ),
    *(
        "\\begin{pmatrix}",
        "W:\n1 2\n",
        "| 1 |",
        "x1 x2 t\n1 1 1\n",
        "1 -> ",
        "x1 -> h1: 1 ",
        "relu ",
    ),
    *(
        "layers ",
        "all weights ",
        ".",
        "\n",
        "w_a",
        "w_{",
        "w^(",
        "tensor(",
        "nn.Linear(",
        "²",
        "1/",
    ),
    *(
        "E = (((",
        "f(z) = ",
        "class 1 ",
        "two hidden layers with ",
        "가중치는 ",
        '"weights": ',
        "into ",
    ),
    *(
        "'0.weight', ",
        "W1 = 1 / ",
        "W1 = [[1]] ",
        "x1=1 t=1\n",
        "w1 = 1 (x1->h1) ",
        "\\frac{1}{2} ",
    ),
)


# A quarter of what a request may have; `BACKSTEP_LENGTH=65536` reads as much as that.
LENGTH = int(os.environ.get("BACKSTEP_LENGTH", MOST_CHARACTERS // 4))


@pytest.mark.parametrize("part", LONG)
def test_a_long_text(part: str) -> None:
    """The time that a text takes grows with its length, not with the square of it."""
    text = part * (LENGTH // len(part))
    begun = time.process_time()
    taken_or_refused(text)
    # An eighth of that alone; the square of the length would be more.
    assert time.process_time() - begun < 12 * LENGTH / MOST_CHARACTERS


def test_a_text_that_is_too_long() -> None:
    with pytest.raises(Invalid, match="must have at most 65,536 characters"):
        read_exercise(" " * (MOST_CHARACTERS + 1))
