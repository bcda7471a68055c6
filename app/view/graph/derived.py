"""Numbers of the drawing that no step computes: products on the paths, moves, and shares."""

from app.view.rendering.precompiled import Derived
from app.view.rendering.step_view import Quantity


class DerivedNumbers:
    """Collects them while a drawing is made. Each is the placeholder for a number, as any other."""

    def __init__(self) -> None:
        self._slots: dict[Derived, int] = {}

    @property
    def numbers(self) -> tuple[Derived, ...]:
        """All of them, in the order of their indices −1, −2 and so on."""
        return tuple(self._slots)

    def product(self, a: Quantity, b: Quantity) -> Quantity:
        """What one path contributes: out · w forward, δ · w backward."""
        return self._derive("product", a, b)

    def negative(self, a: Quantity) -> Quantity:
        """A number with the other sign."""
        return self._derive("negative", a)

    def difference(self, a: Quantity, b: Quantity) -> Quantity:
        """How far a parameter has moved."""
        return self._derive("difference", a, b)

    def largest(self, *those: Quantity) -> Quantity:
        """The size of the largest."""
        return self._derive("largest", *those)

    def share(self, a: Quantity, largest: Quantity) -> Quantity:
        """A number as a share of the largest, with its sign."""
        return self._derive("share", a, largest)

    def _derive(self, operation: str, *those: Quantity) -> Quantity:
        derived = (operation, tuple(each.slot for each in those))
        return Quantity(self._slots.setdefault(derived, -1 - len(self._slots)))
