"""What a page is rendered from: its state, and the visitor's preferences."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Self

from app.backprop.rounding_rule import SIGNIFICANT, Rounding
from app.simulation.simulation import Simulation
from app.view.rendering.digits import DEFAULT, DIGITS, SIGNIFICANT_MARK, Digits
from app.view.rendering.urls import base_of

THEMES = ("auto", "dark", "light")
AUTO = "auto"  # chosen for the visitor
# The hidden field of every form of a whole page: the id of the page, ~, and the newest change shown.
PRESS = "press"
READING = "reading"  # the field of a form that says which preview is meant
STATE_CHARACTERS = 8  # of a network's id: enough to tell the networks of one browser apart
# Who a page is for: its owner, the class that looks at the owner's projector, somebody who follows, or
# the readers of slides or of a page elsewhere.
OWNER, CLASS, FOLLOWER, READER = "", "class", "follower", "reader"
SCALES = (AUTO, "linear", "log")  # of E in the error curve


@dataclass(frozen=True, slots=True)
class BuilderForm:
    """A rejected form of the network builder, as it was typed."""

    layers: tuple[str, ...]
    activations: tuple[str, ...]
    fields: Mapping[str, str]  # the others by name


@dataclass(frozen=True, slots=True)
class AlterationPreview:
    """What an alteration of the network comes to, in words."""

    summary: str  # how many weights keep their values; empty if nothing changes
    consequences: tuple[str, ...]  # what is forced elsewhere, a sentence for each
    token: str  # which consequences these are; empty if there are none


@dataclass(frozen=True, slots=True)
class AlterationForm:
    """A form that alters the network and was not applied, as it was typed."""

    texts: Mapping[str, str]
    preview: AlterationPreview | None  # None if an entry was rejected


@dataclass(frozen=True, slots=True)
class Preferences:
    """How a visitor wants to see the page: granularity, panel, colours, language, scale of E,
    digits of numbers, and whether each result is rounded."""

    by: str = "layer"
    panel: str = ""  # the open one; empty if the drawer is closed
    theme: str = "auto"
    language: str = "en"
    scale: str = AUTO
    digits: str = DEFAULT
    rounding: str = ""  # of each result, as on a blackboard (see `ROUNDINGS`); empty for none

    @property
    def shown_digits(self) -> Digits:
        return DIGITS[self.digits]


def digits_of(rounding: Rounding) -> str:
    """The name of the digits in which a rounded number is shown as it is written down."""
    name = f"{rounding.digits}{SIGNIFICANT_MARK if rounding.kind == SIGNIFICANT else ''}"
    return name if name in DIGITS else DEFAULT


@dataclass(frozen=True, slots=True)
class PreviewCell:
    """A number as the drawing would show it, and all its digits."""

    text: str
    exact: str


@dataclass(frozen=True, slots=True)
class MatrixPreview:
    """A pasted matrix as it would stand, and the button that applies it.

    `reading` is the value of the button: the direction in which the rows are read.
    """

    reading: str
    title: str
    button: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[PreviewCell, ...]], ...]  # their names and cells
    has_biases: bool  # whether they are the last row


@dataclass(frozen=True, slots=True)
class FormError:
    """An entry that was rejected: its field, what was typed, and why.

    With `previews` it was not: the message asks which of them is meant.
    """

    field: str
    typed: str
    message: str
    update: str = ""  # the choice of when weights move, if the same form has it
    texts: Mapping[str, str] | None = None  # of all fields, if the form has several
    previews: tuple[MatrixPreview, ...] = ()


class ShownQuestion(NamedTuple):
    """What the class is asked: a kind of question, and the quantities that it is about."""

    kind: str  # number, sign, or larger: which of two
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownBar:
    """How many gave an answer of one kind."""

    label: str  # translated
    example: str  # one with this mistake; else empty
    count: int
    share: float  # of all answers, from 0 to 1
    is_right: bool


class ShownLecture(NamedTuple):
    """What the projector and followers are shown beside the network."""

    address: str = ""  # where followers find it, without scheme and code; empty if it is not shared
    link: str = ""  # the whole of it, for the QR code
    code: str = ""
    is_paused: bool = False  # whether followers see an earlier moment
    question: ShownQuestion | None = None  # the open one
    bars: tuple[ShownBar, ...] = ()  # the answers to the one that was revealed last


NO_LECTURE = ShownLecture()


class Embedded(NamedTuple):
    """Where an embedded page is and its controls lead, in calculations after its moment."""

    step: int
    until: int  # the last one
    back: int
    next: int
    phases: tuple[int, ...]  # the end of each
    action: str = ""  # the path of the page
    fields: tuple[tuple[str, str], ...] = ()  # the rest of its query


@dataclass(frozen=True, slots=True)
class PageState:
    """What a page is rendered from."""

    simulation: Simulation
    # What forms send while there is no session yet: the preset, or the seed.
    example_query: Mapping[str, str] = field(default_factory=dict)
    # The explained quantity, then the operands opened below it; empty if nothing is explained.
    derivation_path: tuple[str, ...] = ()
    focus: str = ""  # the quantity that was chosen last, where no derivation is open
    # What was typed to be checked, and at which level of the derivation, counted from 1.
    typed_number: tuple[int, str] | None = None
    form_error: FormError | None = None
    network: str = ""  # the id of the network shown; empty for an example
    audience: str = OWNER
    lecture: ShownLecture = NO_LECTURE  # for an audience
    is_practising: bool = False  # whether the numbers that come next are hidden
    embedded: Embedded | None = None  # for a reader
    number: int = 0  # which one of its owner's networks it is; 0 if that is not known
    version: int = 0  # of the network, by which an open page notices that it has changed
    base_url: str = ""  # what absolute URLs begin with, where the page shows some
    builder_form: BuilderForm | None = None  # the form that the rejected entry belongs to
    alteration_form: AlterationForm | None = None  # one that asks to confirm, or was rejected
    changes: tuple[str, ...] = ()  # the ids of the session's last changes, the newest last
    before: Simulation | None = None  # of the version before, if that is known
    page: str = ""  # the id of a whole page, which its forms send; a region for htmx has none
    notice: str = ""  # what a visitor should know; translated, or marked for it

    @property
    def base(self) -> str:
        """What the paths of forms and links begin with: those of a network name it."""
        return base_of(self.network) if self.network else ""

    @property
    def state(self) -> str:
        """The name of the state of the network, in the name that its page has for what it shows."""
        return self._state_at(self.version)

    def known(self, state: str) -> Simulation | None:
        """Return the simulation of a state by its name: the present one or the one before it."""
        if not self.network:
            return None
        if state == self.state:
            return self.simulation
        return self.before if state == self._state_at(self.version - 1) else None

    def _state_at(self, version: int) -> str:
        return f"{self.network[:STATE_CHARACTERS]}.{version}" if self.network else ""

    def after(self, simulation: Simulation) -> Self:
        """Return the page after the change that results in a simulation."""
        return replace(
            self, simulation=simulation, version=self.version + 1, before=self.simulation
        )

    @property
    def chosen_path(self) -> tuple[str, ...]:
        """The chosen quantity, and the path of the derivation down into it."""
        return self.derivation_path or ((self.focus,) if self.focus else ())
