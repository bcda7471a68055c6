"""How expressions are written for people: in LaTeX, in MathML, in plain text and in NumPy."""

from dataclasses import replace

from app.backprop.compiler import NOTATION as PYTHON_NOTATION
from app.backprop.expressions import ALL, Notation, Pattern


def _constant(value: float) -> str:
    return f"{value:g}"


def _calls(opening: str, *names: str, closing: str = ")") -> dict[str, Pattern]:
    """Functions that are written by their names; `opening` has `%s` for the name."""
    return {name: (opening % name, ALL, closing) for name in names}


# Plain text: · for times, − for minus, ² for a square, [a > 0] for 1 if it holds, else 0.
TEXT = Notation(
    plus=" + ",
    minus=" − ",
    times=" · ",
    over=" / ",
    negative="−",
    parentheses=("(", ")"),
    power=("", "^", ""),
    square=("", "²"),
    constant=lambda value: "½" if value == 0.5 else _constant(value),
    functions={
        **_calls("%s(", "exp", "ln", "tanh", "max", "min"),
        "abs": ("|", 0, "|"),
        "sqrt": ("√(", 0, ")"),
        "step": ("[", 0, " > 0]"),
    },
)

LATEX = replace(
    TEXT,
    minus=" - ",
    times=r" \cdot ",
    negative="-",
    power=("", "^{", "}"),
    square=("", "^2"),
    fraction=(r"\dfrac{", "}{", "}"),
    constant=lambda value: r"\frac{1}{2}" if value == 0.5 else _constant(value),
    functions={
        **_calls(r"\%s(", "ln", "tanh", "max", "min"),
        "exp": ("e^{", 0, "}"),
        "abs": ("|", 0, "|"),
        "sqrt": (r"\sqrt{", 0, "}"),
        "step": (r"[\,", 0, r" > 0\,]"),  # an Iverson bracket
    },
    half="",
    juxtaposed=r" \, ",
    juxtaposed_kinds=("weight/",),  # the deck writes x w
)
LATEX_NUMBERS = replace(LATEX, juxtaposed_kinds=())

_SPACE = '<mspace width="0.16666667em"/>'
_OPEN, _CLOSE = '<mo stretchy="false">(</mo>', '<mo stretchy="false">)</mo>'
_BAR = '<mo stretchy="false" lspace="0" rspace="0">|</mo>'
_NAMED = f"<mi>%s</mi><mo>&ApplyFunction;</mo>{_OPEN}"

MATHML = Notation(
    plus="<mo>+</mo>",
    minus="<mo>−</mo>",
    times='<mo lspace="0.2222em" rspace="0.2222em">⋅</mo>',
    over='<mo lspace="0" rspace="0">/</mo>',
    negative='<mo lspace="0" rspace="0">−</mo>',
    parentheses=(_OPEN, _CLOSE),
    power=("<msup><mrow>", "</mrow><mrow>", "</mrow></msup>"),
    square=("<msup><mrow>", "</mrow><mn>2</mn></msup>"),
    fraction=('<mfrac displaystyle="true"><mrow>', "</mrow><mrow>", "</mrow></mfrac>"),
    constant=lambda value: (
        "<mfrac><mn>1</mn><mn>2</mn></mfrac>" if value == 0.5 else f"<mn>{_constant(value)}</mn>"
    ),
    functions={
        "exp": ("<msup><mi>e</mi><mrow>", 0, "</mrow></msup>"),
        **_calls(_NAMED, "ln", "tanh", "max", "min", closing=_CLOSE),
        "abs": (_BAR, 0, _BAR),
        "sqrt": ("<msqrt>", 0, "</msqrt>"),
        "step": (
            f'<mo stretchy="false">[</mo>{_SPACE}',
            0,
            f'<mo>&gt;</mo><mn>0</mn>{_SPACE}<mo stretchy="false">]</mo>',
        ),
    },
    comma="<mo>,</mo>",
    half="",
    juxtaposed=_SPACE,
    juxtaposed_kinds=("weight/",),
)
MATHML_NUMBERS = replace(MATHML, juxtaposed_kinds=())

NUMPY = replace(
    PYTHON_NOTATION,
    square=("", " ** 2"),
    constant=_constant,
    argument_rank=0,
    functions={
        **_calls("np.%s(", "exp", "log1p", "tanh", "abs", "sqrt"),
        "max": ("np.maximum(", ALL, ")"),
        "min": ("np.minimum(", ALL, ")"),
        "step": ("np.heaviside(", 0, ", 0)"),  # unlike a comparison, it keeps nan
        # Of a whole layer. A column minus a row is the matrix of all differences; logaddexp reduces
        # it by ln Σ e^….
        "softmax": ("np.exp(", 0, " - ", 0, ".max()) / np.exp(", 0, " - ", 0, ".max()).sum()"),
        "minus_log_softmax": ("np.logaddexp.reduce(", 0, ".T - ", 0, ")"),
    },
)
