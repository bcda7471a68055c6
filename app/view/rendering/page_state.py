"""What a page is asked for: where it stands, and how it is to be seen."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.simulation.simulation import Simulation

THEMES = ("auto", "dark", "light")
SCALES = ("linear", "log")  # of E in the error curve


@dataclass(frozen=True, slots=True)
class BuilderForm:
    """What was typed into the form and could not be taken: units and activations layer by layer."""

    layers: tuple[str, ...]
    activations: tuple[str, ...]
    error: str
    optimiser: str
    bias: str
    init: str
    seed: str
    learning_rate: str


@dataclass(frozen=True, slots=True)
class Preferences:
    """How a visitor wants to see it: the granularity, the open panel, the colours, the language, and
    the scale of E."""

    by: str = "layer"
    panel: str = "matrices"
    theme: str = "auto"
    language: str = "en"
    scale: str = "linear"


@dataclass(frozen=True, slots=True)
class FormError:
    """An entry that could not be taken: its field, what was typed, and why not; and the update
    that was chosen in the same form, if it has that choice."""

    field: str
    typed: str
    message: str
    update: str = ""


@dataclass(frozen=True, slots=True)
class PageState:
    """What the page is drawn from.

    Attributes:
        simulation: as it stands.
        example_query: what every form sends along while there is no session yet: the preset, or the seed.
        derivation_path: the quantity that is explained, and the way down into it: the addresses unfolded, each
            an operand of the one before; empty where none is.
        form_error: the entry that was refused, if one was.
        base_url: what whole addresses begin with, where the page shows some.
        builder_form: the whole form that it stood in, where that builds a network.
    """

    simulation: Simulation
    example_query: Mapping[str, str] = field(default_factory=dict)
    derivation_path: tuple[str, ...] = ()
    form_error: FormError | None = None
    base_url: str = ""
    builder_form: BuilderForm | None = None
