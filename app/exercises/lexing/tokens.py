"""The tokens of an exercise's text: numbers, names with their indices, arrows, brackets and marks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.exercises.lexing.sources import Source
from app.text.typed_numbers import VULGAR

# Kinds of tokens. A `MIXED` one begins like a number and is none, such as 0.5x or 1.2.3.
NUMBER, MIXED, SHAPE, NAME, LATEX = "number", "mixed", "shape", "name", "latex"
IS, COLON, ARROW, OPEN, CLOSE = "is", "colon", "arrow", "open", "close"
COMMA, SEMICOLON, SIGN, SLASH, LINE, MARK = "comma", "semicolon", "sign", "slash", "line", "mark"

CLOSING = {"[": "]", "{": "}", "(": ")"}

_GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε",
    "eta": "η", "theta": "θ", "vartheta": "θ", "lambda": "λ", "mu": "μ", "rho": "ρ",
    "sigma": "σ", "Theta": "Θ", "Delta": "Δ", "Sigma": "Σ", "phi": "φ", "varphi": "φ",
}  # fmt: skip
_LATIN = r"A-Za-zÀ-ÖØ-öø-ÿĀ-ſŶŷ"
_LETTERS = rf"{_LATIN}\u0300-\u036f\u0391-\u03a9\u03b1-\u03c9\u03d1\u03d5\u03f5ᵀ"
# What may follow the letters of a name: indices, layers, primes, attributes.
_DECORATION = rf"""(?:
    \d{{1,40}} | [₀-₉]{{1,9}} | ⁽?[¹²³⁴⁵]⁾?(?![\d.])
    | _\{{[^{{}}\n]{{0,40}}\}} | _[{_LETTERS}\d]{{1,40}} | _
    | \^\{{[^{{}}\n]{{0,20}}\}} | \^\(\d{{1,2}}\) | \^\[\d{{1,2}}\] | \^[\d{_LETTERS}](?![{_LETTERS}\d])
    | ['′’]+(?![{_LATIN}])
    | \(\d{{1,2}}(?:\s?,\s?\d{{1,2}})?\)(?!\s?:) | \[\d{{1,2}}\] | \((?:ih|ho|xh|hy|hidden|output|in|out)\)
    | \.\d{{1,3}}(?=\.[A-Za-z_]) | \.(?=[A-Za-z_])[\w]+
)"""
_ACCENT = r"\\(?:mathbf|boldsymbol|bm|vec|mathrm|mathit|hat|bar|text|textbf|tilde|operatorname)"
_COMMANDS = "|".join(sorted(_GREEK, key=len, reverse=True))
_FRAME = r"\\(?:begin|end)\s?\{(?:equation|align|aligned|gather|displaymath|math|split|center|itemize|enumerate)\*?\}|\\item(?![A-Za-z])"
_TOKEN = re.compile(
    rf"""
    (?P<space>[ \t\u00a0\u2000-\u200b\u202f\u3000]+|["“”„‘`$\#]|\\[,;:!\ ]|{_FRAME}|\\(?:left|right|quad|qquad|displaystyle|[bB]igg?[lr]?)(?![A-Za-z]))
    | (?P<line>\n|\\\\)
    | (?P<fraction>\\[tdc]?frac\s?(?:\{{\s?\d+\s?\}}|\d)\s?(?:\{{\s?\d+\s?\}}|\d))
    | (?P<arrow>-{{1,2}}>|={{1,2}}>|[→⟶⇒↦⟼➔]|\\(?:to|rightarrow|longrightarrow|mapsto)(?![A-Za-z]))
    | (?P<is>:=|<-|={{1,2}}|[≔←≈])
    | (?P<numbered>\d{{1,3}}\.(?:weight|bias)(?![A-Za-z]))
    | (?P<shape>(?<![\w.,])\d{{1,2}}(?:(?:[-–—−×x]\d{{1,2}}){{1,6}}+|(?:\s[-–—−×x]\s\d{{1,2}}){{2,6}}+|(?:\s?(?:→|->)\s?\d{{1,2}}){{2,6}}+)(?![\w]|[.,]\d|[-–—−]\d))
    | (?P<number>(?:(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+−–-]?\d+)?|\d*[{VULGAR}])(?![A-Za-z_\d]|\.\d))
    | (?P<mixed>[.]?\d[\w.]*)
    | (?P<name>(?:{_ACCENT}\s?\{{\s?(?P<inner>\\?[A-Za-z]+)\s?\}}|{_ACCENT}\s(?P<bare>[A-Za-z])(?![A-Za-z])
        |\\(?P<greek>{_COMMANDS})(?![A-Za-z])|(?P<letters>[{_LETTERS}]+|∂))
        (?P<decoration>{_DECORATION}*))
    | (?P<command>\\[A-Za-z]+)
    | (?P<hangul>[가-힣]+)
    | (?P<open>[\[({{]) | (?P<close>[\])}}]) | (?P<comma>,) | (?P<semicolon>;) | (?P<colon>:)
    | (?P<sign>[-+−–]) | (?P<slash>[/⁄∕])
    | (?P<mark>.)
    """,
    re.VERBOSE | re.ASCII,
)
_LAST_WORD = re.compile(r"[^\W\d_]+|\W")
_BEGIN = re.compile(r"\\begin\s*\{(\w+\*?)\}")


@dataclass(frozen=True, slots=True)
class Token:
    """A part of the text between two offsets.

    `letters` and `decoration` are of a name: of w_{14} they are w and _{14}.
    """

    kind: str
    text: str
    start: int
    end: int
    letters: str = ""
    decoration: str = ""


def tokenize(source: Source) -> list[Token]:
    """Return the tokens of a text, in order. Spaces and quotation marks are none."""
    return list(_tokens(source.text))


def _tokens(text: str) -> Iterator[Token]:
    position, no_end = 0, False
    while position < len(text):
        if text.startswith("\\begin", position) and not no_end:
            end = _environment_end(text, position)
            no_end = end < 0
            if end > 0:
                yield Token(LATEX, text[position:end], position, end)
                position = end
                continue
        found = _TOKEN.match(text, position)
        assert found is not None  # the last alternative is any character
        token = _token_of(found)
        position = found.end()
        if token is not None and token.kind == NAME:
            token = _without_call(token, text)
            position = token.end
        if token is not None:
            yield token


def _without_call(token: Token, text: str) -> Token:
    """Take from a name what is none of it: the argument of a function, a quotation mark."""
    kept = token.decoration
    is_vector = token.letters == "c" and "," in kept  # of R
    if is_vector:
        kept = kept.partition("(")[0]
    if "(" in kept and len(_LAST_WORD.findall(token.letters + kept.partition("(")[0])[-1]) > 2:
        kept = kept[: kept.index("(")]
    if token.start and text[token.start - 1] == "'":
        kept = kept.rstrip("'")
    removed = len(token.decoration) - len(kept)
    if not removed:
        return token
    end = token.end - removed
    return Token(NAME, text[token.start : end], token.start, end, token.letters, kept)


def _environment_end(text: str, start: int) -> int:
    r"""Return where an environment of LaTeX ends; 0 if it is none with numbers, −1 without an \end."""
    begin = _BEGIN.match(text, start)
    if begin is None or not ("matrix" in begin[1] or begin[1] in ("array", "tabular")):
        return 0
    end = text.find("\\end", begin.end())
    close = text.find("}", end) if end >= 0 else -1
    return close + 1 if close >= 0 else -1


def _token_of(found: re.Match[str]) -> Token | None:
    kind = found.lastgroup
    for each in ("name", "fraction"):  # they have groups inside
        if found[each] is not None:
            kind = each
    assert kind is not None
    text, start, end = found[0], found.start(), found.end()
    match kind:
        case "space":
            return None
        case "fraction":
            return Token(NUMBER, text, start, end)
        case "numbered":
            number, _, attribute = text.partition(".")
            return Token(NAME, text, start, end, number, f".{attribute}")
        case "name":
            letters = found["inner"] or found["bare"] or found["greek"] or found["letters"]
            letters = _GREEK.get(letters.removeprefix("\\"), letters.removeprefix("\\"))
            return Token(NAME, text, start, end, letters, found["decoration"])
        case "command":
            return Token(NAME, text, start, end, text[1:])
        case "hangul":
            return Token(NAME, text, start, end, text)
        case "mark" if text.isdecimal():
            return Token(MIXED, text, start, end)
        case "mark" if text.isalpha():
            return Token(NAME, text, start, end, text)
    return Token(kind, text, start, end)
