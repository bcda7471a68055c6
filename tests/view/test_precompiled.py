"""A page that is rendered once and filled at each step is the page that a template would render."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pytest
from markupsafe import Markup

from app.backprop.network import Example
from app.simulation.simulation import Simulation
from app.view.notation import formulas
from app.view.panels.registry import PANELS
from app.view.rendering.numbers import FORMATS
from app.view.rendering.page_state import FormError, PageState, Preferences
from app.view.rendering.precompiled import (
    Placeholder,
    PrecompiledTemplate,
    TextPlaceholder,
    precompile,
)
from app.view.screen import page
from app.view.screen.page import simulator_region
from tests.support.markup import tree
from tests.support.networks import SHAPES, simulation_of

Fill = Callable[[Sequence[float], Mapping[str, str]], bytes]

SEEN = [
    ("3-4-2", Preferences(), (0, 4, 27, 55, 77)),
    ("3-4-2", Preferences("unit", "data", "dark", "ko"), (1, 14, 15, 40, 60)),
    ("3-4-2", Preferences("phase", "error", "light", "ko"), (0, 15, 20, 77)),
    ("2-2-2", Preferences("unit", language="ko"), (0, 3, 12, 30)),
    ("3-2-1 per unit", Preferences("unit", "matrices"), (2, 9, 17, 30)),
    ("3-2-1 per unit", Preferences("layer", "data", language="ko"), (6, 13, 33)),
    ("2-3-2 none", Preferences("layer", "matrices", "dark"), (0, 12, 30)),
    ("1-1 none", Preferences("unit", "error"), (0, 1, 5, 9)),
    ("2-3-1-4-2", Preferences("layer"), (0, 50, 100)),
    ("8-8", Preferences("unit"), (8, 90)),
]


def rendered(visit: PageState, preferences: Preferences, monkeypatch: pytest.MonkeyPatch) -> str:
    """The region by the other way: rendered anew, each number and text where it is printed."""
    taken: list[tuple[Sequence[float], Mapping[str, str]]] = []

    def note(
        self: PrecompiledTemplate, numbers: Sequence[float], texts: Mapping[str, str]
    ) -> bytes:
        taken.append((numbers, texts))
        return b""

    def as_it_is(text: str) -> "Rendered":
        return Rendered(text)

    with monkeypatch.context() as patch:
        patch.setattr(PrecompiledTemplate, "render", note)
        simulator_region(visit, preferences)
        [(numbers, texts)] = taken

        def number(hole: Placeholder) -> str:
            return FORMATS[hole.format]([numbers[hole.slot]])[0].decode()

        def text(hole: TextPlaceholder) -> str:
            return texts[hole.name]

        for kind, finished in ((Placeholder, number), (TextPlaceholder, text)):
            patch.setattr(kind, "__html__", finished)
            patch.setattr(kind, "__str__", finished)
        patch.setattr(page, "precompile", as_it_is)
        page._precompiled.cache_clear()
        formulas.mathml.cache_clear()
        try:
            return simulator_region(visit, preferences).decode()
        finally:
            page._precompiled.cache_clear()
            formulas.mathml.cache_clear()


class Rendered:
    """What is finished already, in place of what is to be filled."""

    size = 1

    def __init__(self, text: str) -> None:
        self.text = text

    def render(self, numbers: Sequence[float], texts: Mapping[str, str]) -> bytes:
        return self.text.encode()


@pytest.mark.parametrize(("name", "preferences", "cursors"), SEEN, ids=str)
def test_filled_as_rendered(
    name: str, preferences: Preferences, cursors: Sequence[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the byte: at many moments, in every granularity, panel and language."""
    begun = simulation_of(SHAPES[name])
    for cursor in cursors:
        visit = PageState(begun.step("unit", cursor))
        assert simulator_region(visit, preferences).decode() == rendered(
            visit, preferences, monkeypatch
        )


def test_the_same_bake_serves_other_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two networks of one shape at one moment share the bake, and each shows its own numbers."""
    for seed in (1, 2, 3):
        visit = PageState(simulation_of(SHAPES["3-4-2"], seed).step("unit", 33))
        assert simulator_region(visit, Preferences()).decode() == rendered(
            visit, Preferences(), monkeypatch
        )


def far_gone() -> Simulation:
    """Weights that have overflowed: inf and nan everywhere."""
    shape = replace(SHAPES["2-3-2 none"], activations=("identity", "identity"))
    begun = simulation_of(shape).edit(
        learning_rate=1e6, examples=[Example((9.0, -9.0), (1.0, 0.0))]
    )
    return begun.train(400).step("unit", 20)


@pytest.mark.parametrize("panel", PANELS)
def test_a_diverged_network_is_shown(panel: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers that are none are written as such, in the drawing, the card and every panel."""
    visit, preferences = PageState(far_gone()), Preferences(panel=panel)
    filled = simulator_region(visit, preferences).decode()
    assert 'data-weight="NaN"' in filled
    assert filled == rendered(visit, preferences, monkeypatch)


HOSTILE = '"><script>alert(1)</script>%s %d {{ 7*7 }} \\1 \\g<0> & \u2028'


def test_what_a_visitor_typed_is_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """A typed value and its message come back as what they are, and never as markup."""
    refused = FormError("weight/0/0/0", HOSTILE, HOSTILE)
    visit = PageState(simulation_of(SHAPES["3-4-2"]), {"seed": HOSTILE}, form_error=refused)
    filled = simulator_region(visit, Preferences()).decode()
    assert "<script" not in filled
    found = tree(filled)
    assert found.field("weight/0/0/0")["value"] == HOSTILE
    assert found.id("refusal").text == " ".join(HOSTILE.split())
    assert filled == rendered(visit, Preferences(), monkeypatch)


def test_holes_and_text_do_not_mix() -> None:
    """Percent signs, braces and backslashes around a hole, and in what fills it, stay themselves."""
    text = f"100% %s %(a)s {{0}} {{{{x}}}} \\1 {Placeholder('short', 1)}%{TextPlaceholder('name')}% {Placeholder('data', 0)}"
    filled = precompile(text).render((0.5, -0.25), {"name": "%s {0} \\1"})
    assert filled.decode() == "100% %s %(a)s {0} {{x}} \\1 −0.2500%%s {0} \\1% 0.5"


def test_a_text_without_holes() -> None:
    """It is what it was, whatever it is filled with."""
    assert precompile("50% é").render((), {}).decode() == "50% é"
    assert precompile("").render((1.0,), {"unused": "x"}).decode() == ""


@pytest.mark.parametrize("name", FORMATS)
def test_one_hole_of_each_format(name: str) -> None:
    """A format that is used once is filled as one that is used often."""
    once, often = (
        str(Placeholder(name, 1)),
        "".join(str(Placeholder(name, slot)) for slot in (0, 1, 1, 2)),
    )
    numbers = (0.5, -0.25, 1e-9)
    alone = [FORMATS[name]((number,))[0].decode() for number in numbers]
    assert precompile(once).render(numbers, {}).decode() == alone[1]
    assert (
        precompile(often).render(numbers, {}).decode() == alone[0] + alone[1] + alone[1] + alone[2]
    )


def test_a_hole_is_not_escaped() -> None:
    """A template prints a hole whole, with and without autoescape."""
    assert (
        Markup("<b>{}</b>").format(Placeholder("short", 0)) == f"<b>{Placeholder('short', 0)}</b>"
    )
