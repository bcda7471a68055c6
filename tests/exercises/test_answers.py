"""Workings as people paste them."""

import time

import pytest

from app.exercises.answers import MOST_CHARACTERS, MOST_LINES, read_working

# The text, and the lines: name, answer, line and column.
TEXTS = {
    "net_h1 = 0.3775, out_h1 = 0.5933": ["net_h1|0.3775|1:1", "out_h1|0.5933|1:18"],
    "net_h1 = 0,3775, out_h1 = 0,5933": ["net_h1|0.3775|1:1", "out_h1|0.5933|1:18"],
    "net_h1 = 0.3775,out_h1=0.5933,": ["net_h1|0.3775|1:1", "out_h1|0.5933|1:17"],
    "a1=0,5;a2 = -1,5": ["a1|0.5|1:1", "a2|-1.5|1:8"],
    "net_h1 = 0.15*0.05 + 0.2*0.1 + 0.35 = 0.3775": ["net_h1|0.3775|1:1"],
    "out_h1 = 1/(1+e^-0.3775) ≈ 0.5933.\n\n  δ: −0.0048": ["out_h1|0.5933|1:1", "δ|-0.0048|3:3"],
    "∂E/∂w5 = ∂E/∂out·∂out/∂net·∂net/∂w5 = 0.7414·0.1868·0.5933 = 0.0822": ["∂E/∂w5|0.0822|1:1"],
    "Forward pass:\n- net_h1\t0.3775\n• out_h1  0.59": ["net_h1|0.3775|2:3", "out_h1|0.59|3:3"],
    "δ_o1 = 1.38 · 10^-1; δ_h1 = 8,7×10^{−3}; E=2e-3": [
        *("δ_o1|1.38e-1|1:1", "δ_h1|8.7e-3|1:22", "E|2e-3|1:42"),
    ],
    "net_h1 = 0.3775 out_h1 = 0.59 ∂E/∂w5=0.08": [
        *("net_h1|0.3775|1:1", "out_h1|0.59|1:17", "∂E/∂w5|0.08|1:31"),
    ],
    "w1,4 = 0.2,w15 = 0.3": ["w1,4|0.2|1:1", "w15|0.3|1:12"],
    "새 w5 = 0.3589": ["새 w5|0.3589|1:1"],
    "new w5 := 0.3589 (was 0.4)": ["new w5|0.3589|1:1"],
    "w5 = 0.3589 ✓": ["w5|0.3589|1:1"],
    "out = .5": ["out|.5|1:1"],
    # No number, which the marking says; a heading and an empty line are no lines.
    "net_h1 = 0.15*0.05 + 0.35": ["net_h1|0.15*0.05 + 0.35|1:1"],
    "x = (0.05, 0.1)": ["x|(0.05, 0.1)|1:1"],
    "net_h1 = ?": ["net_h1|?|1:1"],
    "Step 1: the forward pass\n\nI hope this is right": [],
    "": [],
}


@pytest.mark.parametrize(("text", "expected"), TEXTS.items())
def test_a_working_is_read(text: str, expected: list[str]) -> None:
    found = read_working(text)
    assert [f"{e.name}|{e.answer}|{e.line}:{e.column}" for e in found] == expected
    assert not any(line.is_ambiguous or line.is_address for line in found)


def test_the_place_is_that_of_the_name() -> None:
    text = "  net_h1 = 0.5,  out_h1 = 0.6\n\nδ_o1 = 0.1; δ_o2 = 0.2"
    rows = text.splitlines()
    for line in read_working(text):
        assert rows[line.line - 1][line.column - 1 :].startswith(line.name)


@pytest.mark.parametrize(
    ("text", "ambiguous"),
    [("a1 = 1,250", True), ("a1 = 1,250; a2 = 0.5", True), ("a1 = 1,250; a2 = 0,5", False),
     ("a1 = 0,250", False), ("a1 = 1,25", False), ("a1 = -1,250", True)],
)  # fmt: skip
def test_a_comma_that_may_be_two_things(text: str, ambiguous: bool) -> None:
    """1,250 is 1.25 or 1250, unless another number has a decimal comma."""
    assert read_working(text)[0].is_ambiguous is ambiguous


@pytest.mark.parametrize("piece", ["a ", "a=,", ",=", "a=1 ", "(", "=1,", "_", "1 ", "a=1 x", ";"])
def test_long_texts_take_no_time(piece: str) -> None:
    """As many lines as are read at most; whatever follows is left out."""
    started = time.process_time()
    found = read_working(piece * (MOST_CHARACTERS // len(piece)))
    assert len(found) <= MOST_LINES
    assert time.process_time() - started < 1
