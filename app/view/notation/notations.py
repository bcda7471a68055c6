"""How expressions are written for people: in LaTeX, in MathML, in plain text and in NumPy."""

from dataclasses import replace

from app.backprop.compiler import NOTATION as PYTHON_NOTATION
from app.backprop.expressions import ALL, Notation


def _constant(value: float) -> str:
    return f"{value:g}"


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
        "exp": ("exp(", 0, ")"),
        "ln": ("ln(", 0, ")"),
        "tanh": ("tanh(", 0, ")"),
        "abs": ("|", 0, "|"),
        "sqrt": ("√(", 0, ")"),
        "max": ("max(", ALL, ")"),
        "min": ("min(", ALL, ")"),
        "step": ("[", 0, " > 0]"),
    },
)

LATEX = Notation(
    plus=" + ",
    minus=" - ",
    times=r" \cdot ",
    over=" / ",
    negative="-",
    parentheses=("(", ")"),
    power=("", "^{", "}"),
    square=("", "^2"),
    fraction=(r"\dfrac{", "}{", "}"),
    constant=lambda value: r"\frac{1}{2}" if value == 0.5 else _constant(value),
    functions={
        "exp": ("e^{", 0, "}"),
        "ln": (r"\ln(", 0, ")"),
        "tanh": (r"\tanh(", 0, ")"),
        "abs": ("|", 0, "|"),
        "sqrt": (r"\sqrt{", 0, "}"),
        "max": (r"\max(", ALL, ")"),
        "min": (r"\min(", ALL, ")"),
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


def _named(name: str) -> str:
    return f"<mi>{name}</mi><mo>&ApplyFunction;</mo>{_OPEN}"


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
        "ln": (_named("ln"), 0, _CLOSE),
        "tanh": (_named("tanh"), 0, _CLOSE),
        "abs": (_BAR, 0, _BAR),
        "sqrt": ("<msqrt>", 0, "</msqrt>"),
        "max": (_named("max"), ALL, _CLOSE),
        "min": (_named("min"), ALL, _CLOSE),
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
MATHML_ONE_LINE = replace(MATHML_NUMBERS, fraction=None)  # numbers without stacked fractions

NUMPY = replace(
    PYTHON_NOTATION,
    square=("", " ** 2"),
    constant=_constant,
    argument_rank=0,
    functions={
        "exp": ("np.exp(", 0, ")"),
        "log1p": ("np.log1p(", 0, ")"),
        "tanh": ("np.tanh(", 0, ")"),
        "abs": ("np.abs(", 0, ")"),
        "sqrt": ("np.sqrt(", 0, ")"),
        "max": ("np.maximum(", ALL, ")"),
        "min": ("np.minimum(", ALL, ")"),
        "step": ("np.heaviside(", 0, ", 0)"),  # unlike a comparison, it keeps nan
        # Of a whole layer. A column minus a row is the matrix of all differences; logaddexp reduces
        # it by ln Σ e^….
        "softmax": ("np.exp(", 0, " - ", 0, ".max()) / np.exp(", 0, " - ", 0, ".max()).sum()"),
        "minus_log_softmax": ("np.logaddexp.reduce(", 0, ".T - ", 0, ")"),
    },
)
