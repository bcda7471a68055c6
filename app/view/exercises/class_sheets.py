"""Sheets for a class: a variant of one exercise for each name of a list, to print and to mark."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from time import sleep

from markupsafe import Markup

from app.analysis.diagnosis import GivenNumber, parse_answer
from app.backprop.errors import N_, Invalid, check_index
from app.exercises.variants import LAST_SEED, Structure, variant
from app.simulation.simulation import Simulation
from app.view.classroom.qr import qr_svg
from app.view.exercises.variant_links import variant_link
from app.view.export.worksheet import worksheet
from app.view.notation.labels import Translate
from app.view.rendering.digits import FOUR, Digits
from app.view.rendering.languages import translations
from app.view.rendering.numbers import MINUS
from app.view.rendering.templates import render

MOST_SHEETS = 200
MOST_CALCULATIONS = 40_000  # of all sheets together
MOST_QUESTIONS = 5_000  # of a file for a learning platform
LONGEST_NAME = 80  # characters
PAUSE = 0.001  # seconds after each sheet, for the other threads

ALL, ONE_OF_EACH = "all", "one_of_each"
QUESTIONS = (ALL, ONE_OF_EACH)


@dataclass(frozen=True, slots=True)
class ClassSheet:
    """The sheet of one student."""

    name: str  # empty if there is no list of names
    seed: int
    simulation: Simulation  # the variant
    link: str  # opens it; the whole address


@dataclass(frozen=True, slots=True)
class SheetOrder:
    """Sheets that are to be made.

    Raises Invalid if there are too many, or if the names do not fit the seeds.
    """

    structure: Structure
    seeds: tuple[int, ...]
    names: tuple[str, ...] = ()  # one for each seed, or none
    digits: Digits = FOUR  # of the answers
    # Which calculations a learning platform asks for: all, or one of each kind and layer.
    questions: str = ALL
    has_links: bool = True  # whether a sheet shows how to open it in the simulator
    language: str = "en"
    address: str = ""  # what the whole addresses of links begin with

    def __post_init__(self) -> None:
        if not 1 <= len(self.seeds) <= MOST_SHEETS:
            text = N_("1 to %(most)s sheets at a time, not %(given)s")
            raise Invalid("seeds", text, most=MOST_SHEETS, given=len(self.seeds))
        for index, seed in enumerate(self.seeds):
            check_index(f"seeds.{index}", seed, 0, LAST_SEED)
        if self.names and len(self.names) != len(self.seeds):
            text = N_("as many names as seeds expected: %(expected)s, not %(given)s")
            raise Invalid("names", text, expected=len(self.seeds), given=len(self.names))
        _check_size(self)

    @property
    def translate(self) -> Translate:
        return translations(self.language).gettext

    @property
    def sheets(self) -> Iterator[ClassSheet]:
        """The sheets, in order, each made when it is asked for."""
        for seed, name in zip(self.seeds, self.names or ("",) * len(self.seeds), strict=True):
            link = self.address + variant_link(self.structure, seed)
            yield ClassSheet(name, seed, variant(self.structure, seed), link)
            sleep(PAUSE)

    @property
    def write(self) -> Callable[[float], GivenNumber]:
        """Writes a value as an answer is to be written."""
        digits = self.digits
        if digits.significant:
            return lambda value: parse_answer(digits.short(value).replace(MINUS, "-"))
        return lambda value: GivenNumber(Decimal(f"{value:.{digits.count}f}"), digits.count)


def _check_size(order: SheetOrder) -> None:
    """Raise Invalid if all sheets together have too many calculations or questions."""
    calculations = calculation_count(order.structure)
    most = MOST_CALCULATIONS // calculations
    if len(order.seeds) > most:
        text = N_("at most %(most)s sheets of this network at a time, not %(given)s")
        raise Invalid("seeds", text, most=most, given=len(order.seeds))


def check_questions(order: SheetOrder, per_sheet: int) -> None:
    """Raise Invalid if a file for a learning platform would have too many questions."""
    most = MOST_QUESTIONS // per_sheet
    if len(order.seeds) > most:
        text = N_(
            "at most %(most)s sheets of this network in one file with so many questions, not %(given)s"
        )
        raise Invalid("seeds", text, most=most, given=len(order.seeds))


def calculation_count(structure: Structure) -> int:
    """How many calculations a sheet has."""
    return len(variant(structure, 0).steps)


def kind_count(structure: Structure) -> int:
    """How many kinds of them it has, those of each layer apart."""
    return len({(step.kind, step.layer) for step in variant(structure, 0).steps})


def consecutive_seeds(first: int, count: int) -> tuple[int, ...]:
    """The seeds of a list: that of a name is the first one and its place in the list, from 0."""
    if count > MOST_SHEETS:
        text = N_("1 to %(most)s sheets at a time, not %(given)s")
        raise Invalid("names", text, most=MOST_SHEETS, given=count)
    if not 0 <= first <= LAST_SEED - MOST_SHEETS:
        text = N_("Enter a whole number of at most %(most)s digits.")
        raise Invalid("seed", text, most=len(str(LAST_SEED)) - 1)
    return tuple(range(first, first + count))


def names_in(lines: Sequence[str], field: str = "names.%s") -> tuple[str, ...]:
    """The names in some lines, without blanks around them; lines without a name are left out.

    Raises Invalid for the field of a line, counted from 0. The message does not repeat the name.
    """
    found: list[str] = []
    for index, line in enumerate(lines):
        name = re.sub(r"\s+", " ", line).strip()
        if len(name) > LONGEST_NAME:
            text = N_("must have at most %(most)s characters")
            raise Invalid(field % index, text, most=LONGEST_NAME)
        if not name.isprintable():
            raise Invalid(field % index, N_("must be plain text in one line"))
        if name:
            found.append(name)
    return tuple(found)


def sheets_html(
    order: SheetOrder, asset: Callable[[str], str], *, answers: bool, fonts: bool
) -> str:
    """The sheets as one page to print, blank or with answers.

    Args:
        asset: gives the address of a static file.
        fonts: whether the style sheet of the fonts is there.
    """
    _ = order.translate
    printed = [_printed(sheet, order, answers=answers) for sheet in order.sheets]
    return render(
        "exercises/class_sheets.html",
        order.language,
        sheets=printed,
        first=order.seeds[0],
        answers=answers,
        asset=asset,
        fonts=fonts,
    )


# What only one drawing of a page may have: ids, and a hatching that black and white does not use.
_NAMED = re.compile(r'(?<=<g) id="[^"]*"|<defs>.*?</defs>', re.DOTALL)


@dataclass(frozen=True, slots=True)
class PrintedSheet:
    """A sheet as its template prints it."""

    name: str
    seed: int
    content: dict[str, object]  # of the worksheet
    link: str  # without its scheme; empty if there is to be none
    qr: Markup


def _printed(sheet: ClassSheet, order: SheetOrder, *, answers: bool) -> PrintedSheet:
    content = worksheet(sheet.simulation, order.translate, order.digits, answers=answers)
    content["graph"] = Markup(_NAMED.sub("", str(content["graph"])))
    if not order.has_links:
        return PrintedSheet(sheet.name, sheet.seed, content, "", Markup(""))
    shown = sheet.link.partition("://")[2] or sheet.link
    return PrintedSheet(sheet.name, sheet.seed, content, shown, qr_svg(sheet.link))
