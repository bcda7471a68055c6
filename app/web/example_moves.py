"""What the page does with whole examples: one more, one less, or others in their place."""

from collections.abc import Mapping

from starlette.requests import Request

from app.backprop.network import MOST_EXAMPLES, Invalid
from app.backprop.passes import IN_ORDER, LARGEST_SEED
from app.backprop.simulation import Simulation
from app.view.words import Translate
from app.web.pasted import FIELD, pasted

Form = Mapping[str, str]


def added(simulation: Simulation, form: Form, _: Translate) -> Simulation:
    """One more, the last one once again: its numbers are then typed in place."""
    examples = simulation.examples
    if len(examples) >= MOST_EXAMPLES:
        raise Invalid(FIELD, _("At most %(most)s examples, please.") % {"most": MOST_EXAMPLES})
    return simulation.edit(examples=(*examples, examples[-1]))


def removed(simulation: Simulation, form: Form, _: Translate) -> Simulation:
    """One less; the last one stays."""
    text, examples = form.get("row", ""), simulation.examples
    if text not in map(str, range(len(examples))):
        raise Invalid("row", f"there is no example {text!r}")
    row = int(text)
    if len(examples) == 1:
        return simulation
    return simulation.edit(examples=examples[:row] + examples[row + 1 :])


def replaced(simulation: Simulation, form: Form, _: Translate) -> Simulation:
    """Those that were pasted, or that a file holds, in place of all there were."""
    shape = simulation.shape
    return simulation.edit(examples=pasted(form.get(FIELD, ""), shape, _))


def passes(simulation: Simulation, form: Form, _: Translate) -> Simulation:
    """When parameters move, and in which order the examples take turns."""
    shuffle = IN_ORDER
    if form.get("order") == "shuffled":
        seed = form.get("shuffle", "").strip()
        if not (seed.isascii() and seed.isdigit() and len(seed) < 17 and int(seed) <= LARGEST_SEED):
            message = _("A whole number from 0 to %(most)s, please.")
            raise Invalid("shuffle", message % {"most": LARGEST_SEED})
        shuffle = int(seed)
    return simulation.edit(update=form.get("update", "each"), shuffle=shuffle)


async def uploaded(request: Request) -> dict[str, str]:
    """The fields of a form that may send a file, a file as its text."""
    # What the server takes at all is limited before; this is for python-multipart's own sake.
    async with request.form(max_files=1, max_fields=4) as form:
        fields = {}
        for name, value in form.items():
            fields[name] = value if isinstance(value, str) else decoded(await value.read())
        return fields


def decoded(data: bytes) -> str:
    """A file's text. Spreadsheets write UTF-8, UTF-16 or what their country had before, in which
    digits are the same; names of columns are not read."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8-sig", "replace")
