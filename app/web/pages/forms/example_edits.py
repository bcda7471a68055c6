"""What the page does with whole examples: one more, one less, or others in their place."""

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
    """One more, the last one once again: its numbers are then typed in place."""
    examples = simulation.examples
    if len(examples) >= MOST_EXAMPLES:
        raise Invalid(FIELD, _("At most %(most)s examples, please.") % {"most": MOST_EXAMPLES})
    return simulation.edit(examples=(*examples, examples[-1]))


def remove_example(simulation: Simulation, form: Form, _: Translate) -> Simulation:
    """One less; the last one stays."""
    text, examples = form.get("row", ""), simulation.examples
    if text not in map(str, range(len(examples))):
        raise Invalid("row", f"there is no example {text!r}")
    row = int(text)
    if len(examples) == 1:
        return simulation
    return simulation.edit(examples=examples[:row] + examples[row + 1 :])


def replace_examples(simulation: Simulation, form: Form, _: Translate) -> Simulation:
    """Those that were pasted, or that a file holds, in place of all there were."""
    shape = simulation.shape
    return simulation.edit(examples=parse_examples(form.get(FIELD, ""), shape, _))


def edit_update(simulation: Simulation, form: Form, _: Translate) -> Simulation:
    """When parameters move, and in which order the examples take turns."""
    shuffle = IN_ORDER
    if form.get("order") == "shuffled":
        seed = digits(form.get("shuffle", "").strip(), 16)
        if seed is None or seed > LARGEST_SEED:
            message = _("A whole number from 0 to %(most)s, please.")
            raise Invalid("shuffle", message % {"most": LARGEST_SEED})
        shuffle = seed
    return simulation.edit(update=form.get("update", "each"), shuffle=shuffle)
