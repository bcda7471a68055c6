"""A matrix in every notation in which people have one: each gives the same bits."""

import csv
import json
from collections.abc import Callable
from io import StringIO
from typing import Any, Literal

import numpy as np
import pytest

from app.backprop.network import Example, Shape
from app.examples.published import DECK
from app.simulation.simulation import Simulation
from app.web.pages.forms.pasted_examples import parse_examples
from app.web.pages.forms.pasted_matrix import paste_matrix

ROWS = ((0.1, -0.2, 1 / 3, 4.0), (0.001, 0.5, -2 / 7, 0.25), (-1.5, 0.0, 12.5, 1234.5))
ARRAY = np.array(ROWS)
OLD = DECK.simulation.network


def csv_of(quoting: Literal[0, 1] = csv.QUOTE_MINIMAL) -> str:
    file = StringIO()
    csv.writer(file, lineterminator="\n", quoting=quoting).writerows(ROWS)
    return file.getvalue()


def printed(form: Callable[[object], str] = str, **options: Any) -> str:
    """The array as NumPy prints it."""
    with np.printoptions(precision=17, **options):
        return form(ARRAY)


# Decimals of 1/3 and −2/7 that are nearest to no other double.
THIRD, SEVENTHS = "0.3333333333333333", "-0.2857142857142857"
TABS = f"0.1\t-0.2\t{THIRD}\t4\n0.001\t0.5\t{SEVENTHS}\t0.25\n-1.5\t0\t12.5\t1234.5"
COMMAS = TABS.replace(".", ",")
LIST = f"[[0.1, -0.2, {THIRD}, 4], [0.001, 0.5, {SEVENTHS}, 0.25], [-1.5, 0, 12.5, 1234.5]]"
NESTED = LIST.replace("], [", "],\n [")
FRACTIONS = "0.1\t-1/5\t1/3\t4\n1/1000\t½\t-2/7\t¼\n-1½\t0\t12½\t1234½"
LATEX = (
    r"0.1 & -0.2 & \frac{1}{3} & 4 \\ 0.001 & 0.5 & -\frac{2}{7} & 0.25 \\ -1.5 & 0 & 12.5 & 1234.5"
)
MATLAB = f"[0.1 -0.2 {THIRD} 4; 0.001 0.5 {SEVENTHS} 0.25; -1.5 0 12.5 1234.5]"
MATHEMATICA = "{{0.1, -0.2, 1/3, 4}, {1/1000, 1/2, -2/7, 1/4}, {-3/2, 0, 25/2, 2469/2}}"
TORCH = NESTED.replace("\n ", "\n        ")
MARKDOWN = f"""\
| a | b | c | d |
|---|---:|:---:|:---|
| 0.1 | -0.2 | {THIRD} | 4 |
| 0.001 | 0.5 | {SEVENTHS} | 0.25 |
| -1.5 | 0 | 12.5 | 1234.5 |"""
R = f"""\
       [,1] [,2]       [,3]    [,4]
[1,]  0.100 -0.2  {THIRD}    4.00
[2,]  0.001  0.5 {SEVENTHS}    0.25
[3,] -1.500  0.0 12.5000000 1234.50"""

R_IN_PARTS = f"""\
       [,1] [,2]
[1,]  0.100 -0.2
[2,]  0.001  0.5
[3,] -1.500  0.0
            [,3]    [,4]
[1,]  {THIRD}    4.00
[2,] {SEVENTHS}    0.25
[3,] 12.5000000 1234.50"""

NOTATIONS: dict[str, str] = {
    # Spreadsheets and files.
    "tabs": TABS,
    "tabs, Windows line ends": TABS.replace("\n", "\r\n") + "\r\n",
    "tabs, old Mac line ends": TABS.replace("\n", "\r"),
    "tabs and a byte order mark": "\ufeff" + TABS,
    "tabs, a true minus sign": TABS.replace("-", "−"),
    "tabs, decimal commas": COMMAS,
    "tabs, an empty column first": "\t" + TABS.replace("\n", "\n\t"),
    "tabs and empty lines": "\n\n" + TABS.replace("\n", "\n\n") + "\n\n",
    "fractions": FRACTIONS,
    "mixed fractions": FRACTIONS.replace("½", " 1/2").replace("\t 1/2", "\t1/2"),
    "fractions with a slash of their own": FRACTIONS.replace("/", "⁄"),
    "semicolons": TABS.replace("\t", ";"),
    "semicolons, decimal commas": COMMAS.replace("\t", "; "),
    "CSV": csv_of(),
    "CSV with quotes": csv_of(csv.QUOTE_ALL),
    "CSV with quotes, decimal commas": csv_of(csv.QUOTE_ALL).replace(".", ","),
    "CSV, spaces after commas": csv_of().replace(",", ", "),
    "CSV with a comma at the end": csv_of().replace("\n", ",\n"),
    "spaces": TABS.replace("\t", "   "),
    "spaces, decimal commas": COMMAS.replace("\t", " "),
    "no-break spaces": TABS.replace("\t", "\u00a0"),
    "exponents": "1e-1 -2E-1 3.333333333333333e-1 4e0\n1e-3 5e-1 -2.857142857142857e-1 25e-2\n-15e-1 0e5 1.25e+1 1.2345e3",
    "ASCII matrix": "|" + TABS.replace("\t", " ").replace("\n", "|\n|") + "|",
    "drawn brackets": "⎡" + TABS.replace("\t", "  ").replace("\n", "⎤\n⎢        ⎥\n⎢") + "⎦",
    # Python.
    "JSON": json.dumps(ROWS),
    "JSON, indented": json.dumps(ROWS, indent=2),
    "JSON of texts": json.dumps([[str(number) for number in row] for row in ROWS]),
    "list": LIST,
    "list in lines": NESTED,
    "list with a name": f"W_IH = {LIST}",
    "list with trailing commas": LIST.replace("]", ",]"),
    "list with comments": NESTED.replace("\n", "  # x1\n"),
    "list in deep brackets": f"[[{LIST}]]",
    "tuples": LIST.replace("[", "(").replace("]", ")"),
    "rows only": NESTED[1:-1],
    "rows without commas between": NESTED[1:-1].replace("],", "]"),
    "np.array": f"np.array({LIST})",
    "np.array with a type": f"W = np.array({NESTED}, dtype=np.float64)",
    "NumPy scalars": repr([[np.float64(number) for number in row] for row in ROWS]),
    "repr of NumPy": printed(form=repr),
    "print of NumPy": printed(),
    "print of NumPy, with signs": printed(sign="+"),
    "print of NumPy, without powers": printed(suppress=True),
    "print of NumPy, scientific": printed(formatter={"float": lambda number: f"{number:.17e}"}),
    "print of NumPy, wrapped": printed(linewidth=40),
    "list of NumPy arrays": "[" + ", ".join(f"array({list(row)!r})" for row in ROWS) + "]",
    "code fence": f"```python\n{NESTED}\n```",
    "prompt": f"Out[3]: array({NESTED})",
    # Frameworks.
    "tensor": f"tensor({TORCH})",
    "tensor with a type": f"tensor({TORCH}, dtype=torch.float64)",
    "tensor with a gradient": f"tensor({TORCH},\n       dtype=torch.float64, requires_grad=True)",
    "tensor on a device": f"tensor({TORCH}, device='cuda:0', grad_fn=<AddBackward0>)",
    "torch.tensor": f"w = torch.tensor({LIST}, dtype=torch.float64)",
    "Parameter containing": f"Parameter containing:\ntensor({TORCH}, dtype=torch.float64, requires_grad=True)",
    "TensorFlow": f"<tf.Tensor: shape=(3, 4), dtype=float64, numpy=\narray({NESTED})>",
    "print of TensorFlow": f"tf.Tensor(\n{printed()}, shape=(3, 4), dtype=float64)",
    "JAX": f"Array({NESTED}, dtype=float64)",
    # Systems of mathematics.
    "MATLAB": MATLAB,
    "MATLAB with a name": f"W = {MATLAB};",
    "MATLAB with commas": MATLAB.replace(" ", ", ").replace(";,", ";"),
    "MATLAB in lines": MATLAB.replace("; ", "\n"),
    "MATLAB, continued": MATLAB.replace(THIRD, f"...\n {THIRD}"),
    "MATLAB with comments": MATLAB.replace("; ", "; % to H\n"),
    "print of MATLAB": "W =\n\n   " + TABS.replace("\t", "   ").replace("\n", "\n   ") + "\n\n",
    "Julia": "Float64" + MATLAB,
    "print of Julia": "3×4 Matrix{Float64}:\n " + TABS.replace("\t", "  ").replace("\n", "\n "),
    "Mathematica": MATHEMATICA,
    "output of Mathematica": f"Out[1]= {MATHEMATICA}",
    "Mathematica's numbers": "{{0.1`, -0.2`15, 0.3333333333333333`, 4.}, {1.*^-3, 0.5, -0.2857142857142857`, 0.25}, {-1.5, 0, 12.5, 1.2345*^3}}",
    "SymPy": f"Matrix({LIST})",
    "print of R": R,
    "print of R in parts": R_IN_PARTS,
    "rbind of R": "rbind(c" + LIST[1:-1].replace("[", "(").replace("]", ")").replace("), (", "), c(") + ")",
    "C": "double w[3][4] = " + LIST.replace("[", "{").replace("]", "}") + ";",
    # Texts.
    "LaTeX": LATEX,
    "pmatrix": rf"\begin{{pmatrix}} {LATEX} \end{{pmatrix}}",
    "bmatrix in lines": "\\begin{bmatrix}\n" + LATEX.replace(r"\\ ", "\\\\\n") + "\\\\\n\\end{bmatrix}",
    "matrix with a name": rf"W_{{IH}} = \begin{{matrix}} {LATEX} \end{{matrix}}",
    "array": rf"\left(\begin{{array}}{{c|ccc}} {LATEX} \end{{array}}\right)",
    "aligned columns": rf"$$\begin{{bmatrix*}}[r] {LATEX} \end{{bmatrix*}}$$",
    "equation": rf"\begin{{equation}} W = \left[ \begin{{matrix}} {LATEX} \end{{matrix}} \right]. \end{{equation}}",
    "tabular": "\\begin{tabular}{cccc}\n\\hline\n" + LATEX.replace(r"\\ ", "\\\\[2pt]\n") + "\\\\ \\hline\n\\end{tabular}",
    "short fractions": LATEX.replace(r"\frac{1}{3}", r"\tfrac13").replace(r"\frac{2}{7}", r"\dfrac27"),
    "LaTeX, decimal commas": LATEX.replace(".", "{,}"),
    "LaTeX, powers of ten": LATEX.replace("0.001", r"1 \cdot 10^{-3}").replace("1234.5", r"1.2345\times 10^3"),
    "LaTeX with spaces": LATEX.replace(" & ", r" \; & \quad ").replace("-1.5", r"{-}1.5"),
    "siunitx": LATEX.replace("0.25", r"\num{0.25}"),
    "Markdown": MARKDOWN,
    "Markdown without an outer line": "\n".join(line.strip("| ") for line in MARKDOWN.splitlines()),
    "Markdown without a head": "\n".join(MARKDOWN.splitlines()[2:]),
    "Markdown with formulas": MARKDOWN.replace(THIRD, r"$\frac{1}{3}$").replace("0.25", "**0.25**"),
    "org-mode": MARKDOWN.replace("|---|---:|:---:|:---|", "|---+----+---+---|"),
}  # fmt: skip


def pasted(
    text: str, field: str = "matrix/0", simulation: Simulation = DECK.simulation
) -> Simulation:
    return paste_matrix(simulation, {field: text}, str)


def test_there_are_as_many_as_promised() -> None:
    """Sixty notations, and no text twice."""
    assert len(set(NOTATIONS.values())) == len(NOTATIONS) >= 60


@pytest.mark.parametrize("name", NOTATIONS)
def test_the_same_bits(name: str) -> None:
    """Every notation gives the same bits, and leaves the biases and the other matrix as they are."""
    network = pasted(NOTATIONS[name]).network
    assert network.weights == (ROWS, OLD.weights[1])
    assert network.biases == OLD.biases


@pytest.mark.parametrize("name", NOTATIONS)
def test_as_examples(name: str) -> None:
    """The examples are read from the same notations."""
    examples = tuple(Example(row[:2], row[2:]) for row in ROWS)
    assert parse_examples(NOTATIONS[name], Shape((2, 2), ("identity",)), str) == examples


@pytest.mark.parametrize(
    "text",
    [
        f"{TABS}\n0.75\t\t\t",
        f"{TABS}\n0,75".replace("0,75", "0.75"),
        COMMAS.replace("\t", ";") + "\n0,75;;;",
        LIST[:-1] + ", [0.75]]",
        f"{NESTED[:-1]},\n [3/4]]",
        printed()[:-1] + "\n [0.75]]",
        MATLAB[:-1] + "; 0.75]",
        MATHEMATICA[:-1] + ", {3/4}}",
        rf"\begin{{pmatrix}} {LATEX} \\ \frac34 \end{{pmatrix}}",
        rf"\begin{{pmatrix}} {LATEX} \\ 0.75 & & & \end{{pmatrix}}",
        f"{MARKDOWN}\n| 0.75 | | | |",
        "\tH1\tH2\tH3\tH4\n" + "\n".join(f"x{i}\t{line}" for i, line in enumerate(TABS.splitlines(), 1)) + "\nb1\t¾\t\t\t",
        f"| | H1 | H2 | H3 | H4 |\n|---|---|---|---|---|\n| b1{MARKDOWN.splitlines()[2]}\n| b2{MARKDOWN.splitlines()[3]}\n| b3{MARKDOWN.splitlines()[4]}\n| bias | 0.75 | | | |",
    ],
)  # fmt: skip
def test_biases_in_an_extra_row(text: str) -> None:
    """In every notation the biases may be the last row."""
    network = pasted(text).network
    assert network.weights[0] == ROWS
    assert network.biases == ((0.75,), OLD.biases[1])


@pytest.mark.parametrize(
    "text",
    [
        "0.1\t\t\t4\n\t\t\t\n\t0\t\t1234.5",
        "\tH1\tH2\tH3\tH4\nx1\t0.1\t\t\t4\nx2\t\t\t\t\nx3\t\t0\t\t1234.5\nb1\t\t\t\t",
        "0,1;;;4\n;;;\n;0;;1234,5",
        "0.1,,,4\n,,,\n,0,,1234.5\n",
        '"0.1","","","4"\n"","","",""\n"","0","","1234.5"',
        "| a | b | c | d |\n|--|--|--|--|\n| 0.1 | | | 4 |\n| | | | |\n| | 0 | | 1234.5 |",
        r"0.1 & & & 4 \\ & & & \\ & 0 & & 1234.5",
        r"\begin{bmatrix} 0.1 & & & 4 \\ & & & \\ & 0 & & 1234.5 \\ \end{bmatrix}",
    ],
)
def test_blanks_leave_their_numbers(text: str) -> None:
    """Where an empty cell can be seen, its number stays."""
    expected = [list(row) for row in OLD.weights[0]]
    expected[0][0], expected[0][3], expected[2][1], expected[2][3] = 0.1, 4, 0, 1234.5
    network = pasted(text).network
    assert [list(row) for row in network.weights[0]] == expected
    assert network.biases == OLD.biases
    # In a block as well: it starts at the cell that it was pasted into.
    block = pasted("0.5\t\n\t0.75", "block/weight/0/1/1").network.weights[0]
    assert (block[1][1], block[1][2], block[2][1], block[2][2]) == (0.5, 0.1, 0.6, 0.75)


def test_a_decimal_comma_that_another_number_proves() -> None:
    """1,125 alone is asked about; beside 0,5 its comma can only be a decimal one."""
    network = pasted(
        "1,125 0,5 2,250 3,000\n1,000 1,000 1,000 1,000\n1,000 1,000 1,000 1,000"
    ).network
    assert network.weights[0][0] == (1.125, 0.5, 2.25, 3.0)
