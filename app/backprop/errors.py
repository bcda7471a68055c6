"""The validation error, and the marker for translatable text."""

from collections.abc import Callable, Collection, Sequence


def N_(text: str) -> str:  # gettext's customary name: marks a text for translation
    return text


class Invalid(ValueError):
    """A network, example or setting that cannot be: `field` says which part, `message` why.

    What an address can get wrong is shown on a page, in its language: such a text is marked, with
    what varies in it apart.
    """

    def __init__(self, field: str, text: str, **varying: object) -> None:
        self.field, self._text, self._varying = field, text, varying
        super().__init__(f"{field}: {self.message}")

    @property
    def message(self) -> str:
        return self.said(N_)

    def said(self, translate: Callable[[str], str]) -> str:
        """The message in a language."""
        text = translate(self._text)
        return text % self._varying if self._varying else text

    def of(self, field: str) -> "Invalid":
        """The same of a field by another name: what is inside for one is outermost for another."""
        return Invalid(field, self._text, **self._varying)


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
    """Raises Invalid where there is no such name."""
    if name not in known:
        text = N_("must be one of %(known)s, not %(name)s")
        raise Invalid(field, text, known=", ".join(known), name=repr(name))
