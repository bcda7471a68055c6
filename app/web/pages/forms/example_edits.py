"""Edits of the examples as a whole: add, remove and replace them, and when to update."""

from collections.abc import Mapping

from app.backprop.errors import Invalid
from app.backprop.network import MOST_EXAMPLES
from app.simulation.iteration import IN_ORDER, LARGEST_SEED
from app.simulation.simulation import Simulation
from app.view.notation.labels import Translate
from app.view.rendering.numbers import digits
from app.web.pages.forms.pasted_examples import FIELD, parse_examples

Form = Mapping[str, str]


def add_example(simulation: Simulation, form: Form, _: Translate) -> Simulation:
    """Repeat the last example, so that its numbers can be edited in place."""
    examples = simulation.examples
    if len(examples) >= MOST_EXAMPLES:
        raise Invalid(FIELD, _("At most %(most)s examples are allowed."), most=MOST_EXAMPLES)
    return simulation.edit(examples=(*examples, examples[-1]))


def remove_example(simulation: Simulation, form: Form, _: Translate) -> Simulation:
    """Remove an example, unless it is the only one."""
    text, examples = form.get("row", ""), simulation.examples
    if text not in map(str, range(len(examples))):
        raise Invalid("row", f"There is no example {text!r}.")
    row = int(text)
    if len(examples) == 1:
        return simulation
    return simulation.edit(examples=examples[:row] + examples[row + 1 :])


def replace_examples(simulation: Simulation, form: Form, _: Translate) -> Simulation:
    """Use the examples of a pasted text or a file."""
    return simulation.edit(examples=parse_examples(form.get(FIELD, ""), simulation.shape, _))


def edit_update(simulation: Simulation, form: Form, _: Translate) -> Simulation:
    """Set when parameters are updated and whether examples are shuffled."""
    shuffle = IN_ORDER
    if form.get("order") == "shuffled":
        seed = digits(form.get("shuffle", "").strip(), 16)
        if seed is None or seed > LARGEST_SEED:
            message = _("Enter a whole number from 0 to %(most)s.")
            raise Invalid("shuffle", message, most=f"{LARGEST_SEED:,}")
        shuffle = seed
    return simulation.edit(update=form.get("update", "each"), shuffle=shuffle)
