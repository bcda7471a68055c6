"""Precompiled templates: placeholders, and the numbers and texts that replace them."""

from dataclasses import replace

import pytest
from markupsafe import Markup

from app.backprop.network import Example
from app.simulation.simulation import Simulation
from app.view.panels.registry import PANELS
from app.view.rendering.digits import FOUR
from app.view.rendering.page_state import FormError, PageState, Preferences
from app.view.rendering.precompiled import Placeholder, precompile
from app.view.screen.page import simulator_region
from tests.support.markup import tree
from tests.support.networks import SHAPES, simulation_of


def far_gone() -> Simulation:
    """Weights that have overflowed: inf and nan everywhere."""
    shape = replace(SHAPES["2-3-2 none"], activations=("identity", "identity"))
    begun = simulation_of(shape).edit(
        learning_rate=1e6, examples=[Example((9.0, -9.0), (1.0, 0.0))]
    )
    simulation = begun.train(400)  # it ends where E overflows
    for _ in range(3):
        simulation = simulation.train(1)
    return simulation.step("unit", 20)


@pytest.mark.parametrize("panel", PANELS)
def test_a_diverged_network_is_shown(panel: str) -> None:
    """A diverged network is shown in every panel."""
    visit, preferences = PageState(far_gone()), Preferences(panel=panel)
    filled = simulator_region(visit, preferences).decode()
    assert 'data-weight="NaN"' in filled


HOSTILE = '"><script>alert(1)</script>%s %d {{ 7*7 }} \\1 \\g<0> & \u2028'


def test_what_a_visitor_typed_is_text() -> None:
    """Typed text and messages are escaped."""
    refused = FormError("weight/0/0/0", HOSTILE, HOSTILE)
    visit = PageState(simulation_of(SHAPES["3-4-2"]), {"seed": HOSTILE}, form_error=refused)
    filled = simulator_region(visit, Preferences(panel="matrices")).decode()
    assert "<script" not in filled
    found = tree(filled)
    assert found.field("weight/0/0/0")["value"] == HOSTILE
    assert found.id("refusal").text == " ".join(HOSTILE.split())


def test_holes_and_text_do_not_mix() -> None:
    """Special characters around placeholders and in values stay as they are."""
    text = f"100% %s %(a)s {{0}} {{{{x}}}} \\1 {Placeholder('short:1')}%{Placeholder('name')}% {Placeholder('data:0')}"
    filled = precompile(text).render((0.5, -0.25), {"name": "%s {0} \\1"})
    assert filled.decode() == "100% %s %(a)s {0} {{x}} \\1 −0.2500%%s {0} \\1% 0.5"


@pytest.mark.parametrize("name", sorted(FOUR.formats))
def test_one_hole_of_each_format(name: str) -> None:
    """A format that is used once works as one that is used often."""
    once, often = (
        str(Placeholder(f"{name}:1")),
        "".join(str(Placeholder(f"{name}:{slot}")) for slot in (0, 1, 1, 2)),
    )
    numbers = (0.5, -0.25, 1e-9)
    alone = [FOUR.formats[name]((number,))[0].decode() for number in numbers]
    assert precompile(once).render(numbers, {}).decode() == alone[1]
    assert (
        precompile(often).render(numbers, {}).decode() == alone[0] + alone[1] + alone[1] + alone[2]
    )


def test_a_hole_is_not_escaped() -> None:
    """Placeholders are not escaped."""
    assert Markup("<b>{}</b>").format(Placeholder("short:0")) == f"<b>{Placeholder('short:0')}</b>"


def test_derived_numbers() -> None:
    """A number that is computed from others, also from derived ones, has a negative index."""
    derived = (
        ("product", (0, 1)),
        ("difference", (1, 0)),
        ("largest", (-1, -2)),
        ("share", (-1, -3)),
    )
    text = " ".join(str(Placeholder(f"data:{slot}")) for slot in (0, -1, -2, -3, -4))
    filled = precompile(text, derived).render((2.0, -0.25, 9.0), {})
    assert filled.decode() == "2.0 -0.5 -2.25 2.25 -0.2222222222222222"
    nothing = precompile(str(Placeholder("data:-2")), (("largest", (0,)), ("share", (0, -1))))
    assert nothing.render((0.0,), {}) == b"0.0"
