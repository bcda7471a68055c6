"""The validation error, and the marker for translatable text."""

import re
from collections.abc import Callable, Collection, Iterable, Sequence


def N_(text: str) -> str:  # gettext's name for it: marks a text for translation
    return text


# The names of fields in plain words, by their path with # for an index. The indices, counted from 1,
# are i, j and k; next is i + 1. An empty name: the message stands alone. Any other name has its
# words in it, such as learning_rate.
_NAMES = {
    "moment": "",
    "import": "",
    "link": "",
    "body": "",
    "layers.#": N_("layer %(i)s"),
    "activations.#": N_("activation of layer %(next)s"),
    "activations.#.#": N_("activation of unit %(j)s of layer %(next)s"),
    "weights.#": N_("weights from layer %(i)s to %(next)s"),
    "weights.#.#": N_("weights from layer %(i)s to %(next)s, row %(j)s"),
    "weights.#.#.#": N_("weights from layer %(i)s to %(next)s, row %(j)s, column %(k)s"),
    "biases.#": N_("biases of layer %(next)s"),
    "biases.#.#": N_("biases of layer %(next)s, number %(j)s"),
    "examples.#": N_("example %(i)s"),
    "examples.#.inputs": N_("inputs of example %(i)s"),
    "examples.#.inputs.#": N_("input %(j)s of example %(i)s"),
    "examples.#.targets": N_("targets of example %(i)s"),
    "examples.#.targets.#": N_("target %(j)s of example %(i)s"),
    "error": N_("error function"),
    "init": N_("initial weights"),
    "shuffle": N_("seed"),
    "cursor": N_("step"),
    "gathered": N_("accumulated gradients"),
    "names.#": N_("name %(i)s"),
    "seeds.#": N_("seed %(i)s"),
    "pass_from": N_("start of the pass"),
    "script": N_("lecture script"),
    "script.#": N_("moment %(i)s"),
    "script.#.title": N_("title of moment %(i)s"),
    "script.#.note": N_("note of moment %(i)s"),
    "script.#.moment": N_("place of moment %(i)s"),
    "script.#.moment.iteration": N_("iteration of moment %(i)s"),
    "script.#.moment.cursor": N_("step of moment %(i)s"),
    "script.#.question": N_("question of moment %(i)s"),
    "script.#.question.kind": N_("kind of the question of moment %(i)s"),
    "script.#.question.address": N_("quantity in the question of moment %(i)s"),
    "script.#.question.other": N_("second quantity in the question of moment %(i)s"),
}
_WORDS = (  # of other names, for the catalogue
    *(N_("activations"), N_("weights"), N_("examples"), N_("bias"), N_("velocities")),
    *(N_("previous error"), N_("name"), N_("rounding")),
)
_WITHIN = re.compile(r"(\w+)\.((?:weights|biases)(?:\.\d+)*)")  # velocities.weights.0


class Invalid(ValueError):
    """An invalid network, example or setting.

    The page shows some of these messages in the visitor's language. Such a text is marked with
    `N_` and gets its values separately, as `%(name)s` placeholders.

    Attributes:
        field: the part that is invalid.
        message: what is wrong with it, in English.
    """

    def __init__(self, field: str, text: str, /, **values: object) -> None:
        self.field, self._text, self._values = field, text, values
        self.message = self.translated(N_)
        super().__init__(f"{field}: {self.message}")

    def translated(self, translate: Callable[[str], str]) -> str:
        """Return the message, translated."""
        text = translate(self._text)
        return text % self._values if self._values else text

    def sentence(self, translate: Callable[[str], str] = N_) -> str:
        """Return the message after the name of the field in plain words, both translated."""
        path = self.field.removeprefix("import.").removeprefix("network.")
        name, message = _name(path, translate), self.translated(translate)
        return f"{name}: {message}" if name else message

    def of(self, field: str) -> "Invalid":
        """Return the same error for another field, as a caller may know it by another name."""
        return Invalid(field, self._text, **self._values)


def _name(path: str, translate: Callable[[str], str]) -> str:
    if within := _WITHIN.fullmatch(path):
        return ", ".join(_name(part, translate) for part in within.groups())
    numbers = [int(text) + 1 for text in re.findall(r"\b\d+\b", path)]
    values = dict(zip("ijk", numbers, strict=False)) | {"next": numbers[0] + 1 if numbers else 0}
    text = _NAMES.get(re.sub(r"\b\d+\b", "#", path), path.replace("_", " "))
    return translate(text) % values if text and "%(" in text else text and translate(text)


_LENGTHS = {
    "matrices": (N_("1 matrix expected, %(given)s given"), N_("%(expected)s matrices expected, %(given)s given")),
    "layers": (N_("1 layer expected, %(given)s given"), N_("%(expected)s layers expected, %(given)s given")),
    "rows": (N_("1 row expected, %(given)s given"), N_("%(expected)s rows expected, %(given)s given")),
    "names": (N_("1 name expected, %(given)s given"), N_("%(expected)s names expected, %(given)s given")),
    "numbers": (N_("1 number expected, %(given)s given"), N_("%(expected)s numbers expected, %(given)s given")),
}  # fmt: skip
LONGEST_NAME = 40  # characters of an unknown name that a message repeats
MOST_LETTERS = 60  # of a name
IN_RANGE = N_("must be a number from %(low)s to %(high)s")


def check_length(field: str, items: Sequence[object], length: int, of: str = "numbers") -> None:
    """Raise Invalid unless there are `length` items, which the message calls by the name `of`."""
    if len(items) != length:
        text = _LENGTHS[of][length != 1]
        raise Invalid(field, text, expected=length, given=len(items))


def check_choice(field: str, name: str, known: Collection[str]) -> None:
    if name not in known:
        text = N_("must be one of %(known)s, not %(name)s")
        raise Invalid(field, text, known=", ".join(known), name=repr(name[:LONGEST_NAME]))


def checked_name(text: str) -> str:
    """Return a name that somebody gave, without blanks around it; an empty one is none.

    Raises Invalid if it is too long, or has characters that cannot be seen, such as line breaks.
    """
    name = text.strip()
    if len(name) > MOST_LETTERS:
        raise Invalid("name", N_("must have at most %(most)s characters"), most=MOST_LETTERS)
    if not name.isprintable():
        raise Invalid("name", N_("must be plain text in one line"))
    return name


def check_index(field: str, index: int, low: int, high: int) -> None:
    """Raise Invalid unless an index lies between the limits."""
    if not low <= index <= high:
        text = N_("must be an integer from %(low)s to %(high)s")
        raise Invalid(field, text, low=str(low), high=str(high))


def check_range(field: str, numbers: Iterable[float], low: float, high: float) -> None:
    """Raise Invalid unless all numbers lie between the limits; nan does not."""
    if not all(low <= number <= high for number in numbers):
        raise Invalid(field, IN_RANGE, low=f"{low:,.0f}", high=f"{high:,.0f}")
