"""The validation error, and the marker for translatable text."""

from collections.abc import Callable, Collection, Sequence


def N_(text: str) -> str:  # gettext's name for it: marks a text for translation
    return text


class Invalid(ValueError):
    """An invalid network, example or setting.

    The page shows some of these messages in the visitor's language. Such a text is marked with
    `N_` and gets its values separately, as `%(name)s` placeholders.

    Attributes:
        field: the part that is invalid.
        message: what is wrong with it, in English.
    """

    def __init__(self, field: str, text: str, **values: object) -> None:
        self.field, self._text, self._values = field, text, values
        super().__init__(f"{field}: {self.message}")

    @property
    def message(self) -> str:
        return self.translated(N_)

    def translated(self, translate: Callable[[str], str]) -> str:
        """Return the message, translated."""
        text = translate(self._text)
        return text % self._values if self._values else text

    def of(self, field: str) -> "Invalid":
        """Return the same error for another field, as a caller may know it by another name."""
        return Invalid(field, self._text, **self._values)


_LENGTHS = {
    "matrices": (
        N_("1 matrix expected, %(given)s given"),
        N_("%(expected)s matrices expected, %(given)s given"),
    ),
    "layers": (
        N_("1 layer expected, %(given)s given"),
        N_("%(expected)s layers expected, %(given)s given"),
    ),
    "rows": (
        N_("1 row expected, %(given)s given"),
        N_("%(expected)s rows expected, %(given)s given"),
    ),
    "numbers": (
        N_("1 number expected, %(given)s given"),
        N_("%(expected)s numbers expected, %(given)s given"),
    ),
}


def check_length(field: str, items: Sequence[object], length: int, of: str = "numbers") -> None:
    """Raise Invalid unless there are `length` items, which the message calls by the name `of`."""
    if len(items) != length:
        text = _LENGTHS[of][length != 1]
        raise Invalid(field, text, expected=length, given=len(items))


def check_choice(field: str, name: str, known: Collection[str]) -> None:
    if name not in known:
        text = N_("must be one of %(known)s, not %(name)s")
        raise Invalid(field, text, known=", ".join(known), name=repr(name))
