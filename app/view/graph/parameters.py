"""The weights and biases of a drawing: their numbers, and the elements that stand for them."""

from dataclasses import dataclass

from app.backprop.addresses import address
from app.backprop.quantity_names import PRIME, STATES, parameter_name
from app.view.graph import gaps
from app.view.graph.derived import DerivedNumbers
from app.view.graph.geometry import Geometry
from app.view.graph.marks import Marks
from app.view.graph.scene import Group, Shape
from app.view.rendering.step_view import Quantity, StepView


@dataclass(frozen=True, slots=True)
class Parameter:
    """A weight or bias as the drawing shows it."""

    shows: tuple[str, str]  # its address, and that of its gradient
    value: Quantity
    was: Quantity | None  # the value before its update, once that has been taken
    gradient: Quantity | None
    marks: str  # of the whole element

    @property
    def old(self) -> Quantity:
        return self.was or self.value


def parameter(step_view: StepView, kind: str, *indices: int) -> Parameter:
    """A parameter by its kind, `weight` or `bias`, and its indices."""
    text, gradient = shows = address(kind, *indices), address(f"{kind}_gradient", *indices)
    value = step_view.quantity(text)
    assert value is not None  # a parameter is always known
    # What an update keeps or computes for it, such as its velocity, counts as well.
    states = (address(state, *indices) for state in STATES[kind])
    return Parameter(
        shows=shows,
        value=value,
        was=step_view.before(text),
        gradient=step_view.quantity(gradient),
        marks=step_view.marks(*shows, *states),
    )


BOARD_TERM_SIZE = 15.0  # px


class Parameters:
    """What a drawing with room for all weights and one with heat maps have in common."""

    usual_term_size: float  # px, of a product

    def __init__(
        self, step_view: StepView, geometry: Geometry, marks: Marks, *, is_board: bool = False
    ) -> None:
        """On a board a product has more characters than elsewhere, and smaller ones."""
        self.term_size = BOARD_TERM_SIZE if is_board else self.usual_term_size
        self.step_view, self.geometry, self.marks = step_view, geometry, marks
        self.shape, self.derived = step_view.shape, DerivedNumbers()
        self.contents = gaps.gaps_of(step_view)
        self._largest: dict[int, Quantity] = {}

    def largest_move(self) -> Quantity:
        """The largest move of the weights and biases that have been updated."""
        if -1 not in self._largest:
            moved = [
                parameter(self.step_view, kind, *indices)
                for kind, those in (
                    ("weight", self.shape.weight_indices()),
                    ("bias", self.shape.bias_indices()),
                )
                for indices in those
            ]
            self._largest[-1] = self.derived.largest(
                *(self.derived.difference(each.value, each.was) for each in moved if each.was)
            )
        return self._largest[-1]

    def returned(self, layer: int, unit: int, target: int) -> Quantity:
        """δ · w, or −Err · w: what one path brings back to a unit."""
        delta = self.step_view.quantity(address("delta", layer + 1, target))
        assert delta is not None
        weight = self.step_view.operand(address("weight", layer, unit, target))
        product = self.derived.product(delta, weight)
        return self.derived.negative(product) if self.shape.named.minus_delta else product

    def largest_return(self, layer: int) -> Quantity:
        """The largest of the products that come back to a layer."""
        if layer not in self._largest:
            units, targets = self.shape.layers[layer], self.shape.layers[layer + 1]
            self._largest[layer] = self.derived.largest(
                *(self.returned(layer, i, k) for i in range(units) for k in range(targets))
            )
        return self._largest[layer]

    def bias_group(self, indices: tuple[int, ...], shapes: tuple[Shape, ...]) -> Group:
        own = parameter(self.step_view, "bias", *indices)
        name = parameter_name("bias", indices, self.shape)
        return Group(
            id="-".join(["bias", *map(str, indices)]),
            classes=f"bias {own.value.sign} {own.marks}".rstrip(),
            shapes=shapes,
            data=data_of("value", own),
            shows=own.shows,
            asks=own.shows[0] if shapes else "",
            name=name.letter if name.is_of_unit else name.text,
            value=own.value,
            was=own.was,
        )

    def edge_group(
        self, indices: tuple[int, int, int], own: Parameter, shapes: tuple[Shape, ...]
    ) -> Group:
        """The element of a weight."""
        return Group(
            id="-".join(["edge", *map(str, indices)]),
            classes=f"edge {own.value.sign} {own.marks}".rstrip(),
            shapes=shapes,
            data=data_of("weight", own),
            shows=own.shows,
            asks=own.shows[0] if shapes else "",
            name=parameter_name("weight", indices, self.shape).text.replace(PRIME, "′"),
            value=own.value,
            was=own.was,
        )


def data_of(name: str, own: Parameter) -> tuple[tuple[str, Quantity], ...]:
    gradient = (("gradient", own.gradient),) if own.gradient else ()
    return ((name, own.value), *gradient)
