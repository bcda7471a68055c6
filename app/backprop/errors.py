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
        return self.said(N_)

    def said(self, translate: Callable[[str], str]) -> str:
        """Return the message, translated."""
        text = translate(self._text)
        return text % self._values if self._values else text

    def of(self, field: str) -> "Invalid":
        """Return the same error for another field, as a caller may know it by another name."""
        return Invalid(field, self._text, **self._values)


def check_length(field: str, numbers: Sequence[object], length: int) -> None:
    if len(numbers) != length:
        text = N_("%(expected)s expected, %(given)s given")
        raise Invalid(field, text, expected=length, given=len(numbers))


def check_choice(field: str, name: str, known: Collection[str]) -> None:
    if name not in known:
        text = N_("one of %(known)s; not %(name)s")
        raise Invalid(field, text, known=", ".join(known), name=repr(name))
