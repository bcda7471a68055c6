"""The arithmetics of the step-by-step program: doubles as in Backstep, or decimals as on a blackboard."""

import decimal
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from inspect import getsource, isfunction
from types import ModuleType

from app.analysis.decimal_functions import DECIMAL_FUNCTIONS, TINY
from app.backprop import functions
from app.backprop.addresses import COUNTS
from app.backprop.compiler import NOTATION, python, settled
from app.backprop.expressions import ALL, Notation, Pattern
from app.backprop.functions import PYTHON
from app.backprop.rounding_rule import PRECISION, WRITERS, Rounding
from app.backprop.steps import Step
from app.view.notation.numpy_lines import SHARE
from app.view.rendering.numbers import data

# Functions whose names have another meaning in Python.
_NAMES = {"max": "larger", "min": "smaller", "step": "is_positive", "sqrt": "root"}
_CALL = re.compile(r"\b(\w+)\(")
_SETTLE = f"""\
def settle(net, size):
    return 0.0 if abs(net) <= {SHARE} * size < inf else net
"""
_ROW = """\
def row(*numbers):
    return [number + 0.0 for number in numbers]  # -0.0 + 0.0 is 0.0
"""
_DECIMAL_ROW = """\
def row(*parts):
    return "[" + ", ".join(map(str, parts)) + "]"
"""
_WRITE = """\
def write(result):
    return {writer}(Decimal(result), {digits}, {mode})  # a constant is an int
"""
_CONTEXT = f"""\
CONTEXT = Context(
    prec={PRECISION}, rounding=ROUND_HALF_EVEN, Emin=MIN_EMIN, Emax=MAX_EMAX, traps=[]
)
setcontext(CONTEXT)
"""
WriteName = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """How the program writes and computes numbers."""

    library: ModuleType  # what it imports from
    notation: Notation
    # What the program may define, by name; constants are written in capitals.
    sources: Mapping[str, str]
    number: Callable[[float], str]
    zero: str
    result: Callable[[Step, Notation, WriteName], str]  # of a step
    single: str  # prints one number
    several: str  # prints rows

    def step(self, step: Step, name: WriteName) -> str:
        return self.result(step, self.notation, name)

    def definitions(self, body: str) -> list[str]:
        """The imports and the definitions that the program needs."""
        needed: dict[str, str] = {}
        code = re.sub("#.*", "", body)
        found = _words(code)
        while found:
            name = found.pop()
            if name in self.sources and name not in needed:
                needed[name] = self.sources[name]
                code += needed[name]
                found += _words(needed[name])
        imported = [name for name in dir(self.library) if _is_used(name, code)]
        lines = [f"from {self.library.__name__} import {', '.join(imported)}"] if imported else []
        for source in sorted(needed.values(), key=lambda text: text.startswith("def ")):
            lines += ["", "", *source.rstrip().split("\n")]
        return [*lines, ""]


def _words(code: str) -> list[str]:
    """The functions that a program calls, and its constants."""
    return [*_CALL.findall(code), *re.findall(r"\b[A-Z]+\b", code)]


def _is_used(name: str, code: str) -> bool:
    is_called = name.islower() and name not in ("inf", "nan")
    return re.search(rf"\b{name}" + (r"\(" if is_called else r"\b"), code) is not None


@cache
def doubles() -> Arithmetic:
    """The operations of Backstep in their order."""
    return Arithmetic(
        library=math,
        notation=replace(
            NOTATION,
            functions={name: (f"{_NAMES.get(name, name)}(", ALL, ")") for name in PYTHON},
            argument_rank=0,
        ),
        sources=_sources(),
        number=repr,
        zero="0.0",
        result=settled,
        single="{} + 0.0",
        several="[{}]",
    )


@lru_cache(maxsize=64)
def decimals(rounding: Rounding) -> Arithmetic:
    """Every result is rounded once, as it is written down."""
    writer = WRITERS[rounding.kind]
    written = {"writer": writer.__name__, "digits": rounding.digits, "mode": rounding.mode}
    own = {each.__name__: each for each in (*DECIMAL_FUNCTIONS.values(), *WRITERS.values())}
    own = {name: each for name, each in own.items() if isfunction(each)}
    names = {name: each.__name__ for name, each in DECIMAL_FUNCTIONS.items()}
    return Arithmetic(
        library=decimal,
        notation=replace(
            NOTATION,
            functions={name: (f"{called}(", ALL, ")") for name, called in names.items()},
            constant=lambda value: f"{value:.0f}" if value.is_integer() else _decimal(value),
            argument_rank=0,
        ),
        sources={
            **{name: getsource(each) for name, each in own.items()},
            **{"row": _DECIMAL_ROW, "write": _WRITE.format(**written)},
            **{"CONTEXT": _CONTEXT, "TINY": f"TINY = {TINY}\n"},
        },
        number=_decimal,
        zero="0",
        result=_written,
        single="{}",
        several="row({})",
    )


def _decimal(value: float) -> str:
    return f'Decimal("{data(value).removesuffix(".0")}")'


def _written(step: Step, notation: Notation, name: WriteName) -> str:
    value = python(step.expression, notation, name)
    return value if step.result in COUNTS else f"write({value})"


@cache
def _sources() -> dict[str, str]:
    """The definition of every function that a program may call, by its name."""
    found = {"settle": _SETTLE, "row": _ROW}
    for name, function in vars(functions).items():
        if isfunction(function) and function.__name__ == name:
            found[name] = getsource(function)
    for name, pattern in PYTHON.items():
        if str(pattern[0]).startswith("("):  # else it is a call
            called = _NAMES.get(name, name)
            found[called] = _definition(called, pattern)
    return found


def _definition(name: str, pattern: Pattern) -> str:
    """A function with the formula of the compiled code."""
    parameters = "ab" if 1 in pattern else "x"
    formula = "".join(part if isinstance(part, str) else parameters[part] for part in pattern)
    return f"def {name}({', '.join(parameters)}):\n    return {formula[1:-1]}\n"
