"""Formulas of errors and activations, as sheets write them: which of the table of rules they are."""

import re

_SQUARE = re.compile(r"(\)|\]|\||[a-z]\w*)(\^2|\^\{2\}|\*\*2|²)")
_HALF = re.compile(r"1/2|½|0[.,]5|\\[tdc]?frac\{?1\}?\{?2\}?|/2(?![\d(a-z])")
_MEAN = re.compile(r"1/\(?[nmkN]|\\[tdc]?frac\{1\}\{[nmkN]\}|mean|avg")
_HALF_MEAN = re.compile(r"1/\(?2[nmkN]|\\[tdc]?frac\{1\}\{2[nmkN]\}")
_LOGARITHM = re.compile(r"log|ln")
_COMPLEMENT = re.compile(r"\(1-|\[1-|\(1\.0-")
_POWER = re.compile(r"exp\(|exp\{|e\^|\\exp|e\*\*|exp")
WORDS = frozenset("exp log ln sum max min tanh target output out net actual desired frac sqrt mean avg np math e yhat ypred ytrue pred true predicted".split())  # fmt: skip


def _plain(text: str) -> str:
    return "".join(text.split()).replace("−", "-").replace("–", "-").replace("\\left", "").replace("\\right", "")  # fmt: skip


def error_of_formula(text: str) -> str:
    """Return the name of an error function; `squared` for a square without a factor, "" for no error."""
    plain = _plain(text)
    if _LOGARITHM.search(plain):
        return "binary_cross_entropy" if _COMPLEMENT.search(plain) else "cross_entropy"
    if not _SQUARE.search(plain) or "-" not in plain:
        return ""
    if _HALF_MEAN.search(plain):
        return "half_mean_squared"
    if _HALF.search(plain):
        return "half_squared"
    return "mean_squared" if _MEAN.search(plain) else "plain_squared"


def activation_of_formula(text: str) -> str:
    """Return the name of an activation, "" for none."""
    plain = _plain(text)
    if re.search(r"max\(0(?:\.0)?,|max\{0,|max\(\w+,0", plain):
        return "relu"
    if "tanh" in plain:
        return "tanh"
    if _POWER.search(plain):
        powers = len(_POWER.findall(plain))
        if re.search(
            r"1/\(1\+|1/\{1\+|frac\{1\}\{1\+|\(1\+[^()]*(?:\([^()]*\))?[^()]*\)\^\{?\(?-1", plain
        ):
            return "sigmoid"
        return "tanh" if powers >= 3 and "-e" in plain else ""
    return "identity" if re.fullmatch(r"x|z|s|v|u|net|in|net_?\w", plain) else ""
