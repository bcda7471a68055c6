"""The chart of E by iteration."""

import re
from dataclasses import replace
from itertools import pairwise
from math import inf, nan

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.analysis.convergence import KINDS, Diagnosis
from app.analysis.fit import fit_of
from app.examples.presets import preset
from app.examples.published import DECK
from app.simulation.navigation import seek
from app.simulation.saved_runs import save_run
from app.simulation.training import start_training
from app.view.panels.error_chart import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    SPOTS,
    TOP,
    WIDTH,
    Chart,
    chart,
    scale_for,
    sparkline,
)
from app.view.panels.error_curve import diagnosis_sentence, error_curve_panel
from app.view.rendering.digits import FOUR
from app.view.rendering.numbers import exact, percent
from app.view.rendering.page_state import SCALES, PageState, Preferences
from app.view.screen.page import simulator_region
from app.view.screen.region_texts import dynamic_cache
from tests.support.markup import region_of

Point = tuple[int, float]

ERRORS = st.one_of(
    st.floats(0, 10), st.floats(0, allow_nan=False), st.sampled_from((0.0, 5e-324, 1e308, inf, nan))
)
CURVES = st.lists(st.tuples(st.integers(0, 10**7), ERRORS), max_size=30).map(
    lambda points: sorted({iteration: (iteration, error) for iteration, error in points}.values())
)


def drawable(points: list[Point]) -> list[Point]:
    """What there is to draw: neither nan nor what is infinite, or as good as that."""
    return [point for point in points if point[1] <= 1e300]


often = settings(deadline=None, derandomize=True, max_examples=200)


def drawn(path: str) -> list[tuple[float, float]]:
    """The places of a path of straight lines."""
    assert re.fullmatch(r"M[\d.e-]+ [\d.e-]+(L[\d.e-]+ [\d.e-]+)*", path), path
    return [(float(x), float(y)) for x, y in (part.split() for part in path[1:].split("L"))]


@often
@given(CURVES)
@example([(0, 5e-324)])
@example([(0, 1.7e308), (1, 1.0)])
@pytest.mark.parametrize("scale", ["linear", "log"])
def test_the_line_is_the_curve(scale: str, points: list[Point]) -> None:
    """Every point is drawn in its place."""
    finite = drawable(points)
    made = chart([points], scale)
    assert (made is None) == (not finite)
    if made is None:
        return
    places = drawn(made.lines[0].removesuffix("h0"))
    assert len(places) == len(finite)
    assert places[-1] == (made.x, made.y)
    spots = [(spot.x, spot.y) for spot in made.spots]
    assert set(spots) <= set(places)
    assert (spots[0], spots[-1], len(spots)) == (places[0], places[-1], min(SPOTS, len(places)))
    assert all(spot.left <= spot.x <= spot.left + spot.width + 0.01 for spot in made.spots)
    for x, y in places:
        assert LEFT <= x <= WIDTH - RIGHT
        assert TOP <= y <= HEIGHT - BOTTOM
    assert all(a <= b for (a, _), (b, _) in pairwise(places))
    by_size = sorted(zip((error for _, error in finite), (-y for _, y in places), strict=True))
    assert all(a <= b for (_, a), (_, b) in pairwise(by_size) if by_size)


@often
@given(CURVES)
@example([(0, 5e-324)])
@example([(0, 1.7e308), (1, 1.0)])
@pytest.mark.parametrize("scale", ["linear", "log"])
def test_the_axes_are_inside(scale: str, points: list[Point]) -> None:
    """Marks are inside, in order, and in their places."""
    made = chart([points], scale)
    if made is None:
        return
    finite = drawable(points)
    across = [int(mark.text.replace(",", "")) for mark in made.across]
    assert len(across) <= 7
    first, last = finite[0][0], finite[-1][0]
    assert all(first <= k <= last for k in across)
    assert len({b - a for a, b in pairwise(across)}) <= 1
    assert len(across) >= min(2, last - first + 1)
    width = (WIDTH - RIGHT - LEFT) / max(1, last - first)
    for k, mark in zip(across, made.across, strict=True):
        assert mark.at == pytest.approx(LEFT + (k - first) * width, abs=0.01)
    assert len({mark.text for mark in made.across}) == len(made.across)
    assert all(LEFT <= mark.at <= WIDTH - RIGHT for mark in made.across)
    assert all(TOP <= mark.at <= HEIGHT - BOTTOM for mark in made.up)
    assert all(a.at < b.at for a, b in pairwise(made.across))
    assert all(a.at > b.at for a, b in pairwise(made.up))
    assert len(made.up) >= 2
    assert made.logarithmic or made.up[0].text == "0"


@often
@given(CURVES)
@example([(0, 5e-324), (1, 0.0)])
@example([(0, 1.7e308), (1, 1.0)])
def test_the_small_curve(points: list[Point]) -> None:
    """All points are inside the small chart."""
    finite = drawable(points)
    path = sparkline(points)
    assert bool(path) == bool(finite)
    assert path.endswith("h0") == (len(finite) == 1)
    if path:
        places = drawn(path.removesuffix("h0"))
        assert len(places) == len(finite)
        assert all(0 <= x <= 96 and 0 <= y <= 28 for x, y in places)


def test_one_point_and_a_flat_zero() -> None:
    """One point is a dot, and a zero error lies on the axis."""
    one = chart([[(0, 0.3)]])
    assert one
    assert one.lines[0].endswith("h0")
    assert sparkline([(0, 0.3)]).endswith("h0")
    assert sparkline([]) == ""
    flat = chart([[(0, 0.0), (9, 0.0)]])
    assert flat
    assert {y for _, y in drawn(flat.lines[0])} == {float(HEIGHT - BOTTOM)}


def test_what_is_no_number_is_left_out() -> None:
    """Points that are not finite are left out."""
    made = chart([[(0, 0.5), (1, 2.0), (2, inf), (3, nan)]])
    assert made
    assert len(drawn(made.lines[0])) == 2
    assert chart([[(0, nan), (1, inf)]]) is None
    assert sparkline([(0, nan), (1, 0.5)]) == sparkline([(1, 0.5)])
    assert sparkline([(0, nan)]) == ""
    assert chart([[]]) is None
    assert chart([]) is None


def test_a_logarithmic_scale_has_equal_ways_for_equal_factors() -> None:
    """On a logarithmic scale equal factors are equally far apart."""
    made = chart([[(0, 1.0), (1, 0.1), (2, 0.01), (3, 0.0)]], "log")
    assert made
    (_, y0), (_, y1), (_, y2), (_, y3) = drawn(made.lines[0])
    assert y1 - y0 == pytest.approx(y2 - y1, abs=0.02)
    assert y3 == HEIGHT - BOTTOM
    assert [mark.text for mark in made.up] == ["0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1"]


def test_large_errors_are_marked_without_a_plus() -> None:
    """A mark is 2e5, not 2e+05."""
    made = chart([[(0, 800_000.0), (1, 1.0)]])
    assert made
    assert [mark.text for mark in made.up][-1] == "8e5"


@pytest.mark.parametrize(
    ("share", "text"),
    [
        *((0.0, "0%"), (0.0004, "less than 0.1%"), (0.0044, "0.4%"), (0.12, "12%")),
        *((-0.9982, "99.8%"), (0.99949, "99.9%"), (0.9995, "more than 99.9%")),
        *((1 - 1e-12, "more than 99.9%"), (1.0, "100%")),
    ],
)
def test_percentages(share: float, text: str) -> None:
    """Percentages have one decimal at most, and never round to 0% or 100%."""
    assert percent(share, str) == text


def test_no_sentence_has_a_power_of_ten_with_a_plus() -> None:
    """Sentences write numbers as people do, whatever they are."""
    for kind in KINDS:
        for fall, size in ((1 - 1e-9, 1e9), (0.5, 1e-9), (1.0, 123_456.0)):
            numbers = Diagnosis(
                *(kind, 12_345, 99_999, 12_344, size, size, fall, fall, size, size),
                gradient=size,
            )
            for text in diagnosis_sentence(numbers, size, str):
                assert not re.search(r"e[+]|e−?0|e-", text)


@pytest.mark.parametrize(("last", "logarithmic"), [(0.0101, False), (0.01, True), (0.0, True)])
def test_the_axis_is_logarithmic_once_e_has_fallen_a_hundredfold(
    last: float, logarithmic: bool
) -> None:
    """Without a chosen scale, the size of the fall decides."""
    assert scale_for([(1, 1.0), (2, last)]) == ("log" if logarithmic else "linear")


@often
@given(st.lists(st.floats(0, 1), min_size=2, max_size=5))
def test_the_names_of_curves_stand_apart(ends: list[float]) -> None:
    """Each name stands right of the axes, in the order of the ends, and covers no other."""
    made = chart([[(1, 1.0), (9, end)] for end in ends], names=[f"lr {end:.3f}" for end in ends])
    assert made
    assert len(made.labels) == len(ends)
    assert all(b.y - a.y > 17.9 for a, b in pairwise(made.labels))
    assert all(made.right < label.x and label.y <= HEIGHT - BOTTOM for label in made.labels)
    order = [drawn(made.lines[label.curve])[-1][1] for label in made.labels]
    assert order == sorted(order)


@pytest.mark.parametrize("examples", [1, 2])
def test_the_chart_reaches_as_far_as_the_branch(examples: int) -> None:
    """Back at an earlier iteration, the axis stays, and the rest of the curve is drawn apart."""
    given_examples = DECK.simulation.examples * examples
    further = DECK.simulation.edit(examples=given_examples).train(300)
    *_, back = seek(further, 100, 77)
    context = error_curve_panel(back, (), str)
    made, whole = context["chart"], error_curve_panel(further, (), str)["chart"]
    assert isinstance(made, Chart)
    assert isinstance(whole, Chart)
    assert (made.first, made.last, made.across) == (whole.first, whole.last, whole.across)
    assert drawn(made.lines[0])[-1] == drawn(made.ahead)[0] == (made.x, made.y)
    assert drawn(made.ahead)[-1] == drawn(whole.lines[0])[-2]  # the last E is not kept yet
    assert whole.ahead == ""


def test_runs_are_named_by_what_differs() -> None:
    """Only the settings in which the runs differ are their names."""
    simulation = DECK.simulation
    for rate in (0.5, 3.0):
        run = simulation.edit(learning_rate=rate).train(20)
        simulation = replace(simulation, saved_runs=save_run(run, "deck").saved_runs)
    context = error_curve_panel(simulation.edit(learning_rate=8.0).train(20), (), str)
    made = context["chart"]
    assert isinstance(made, Chart)
    assert [label.text for label in sorted(made.labels, key=lambda label: label.curve)] == [
        *("lr 8.0", "lr 0.5", "lr 3.0")
    ]


def test_several_curves_share_their_axes() -> None:
    """Several curves share their axes."""
    made = chart([[(0, 0.4), (10, 0.2)], [], [(0, 0.4), (40, 0.1)], [(5, nan)]])
    assert made
    line, none, other, broken = made.lines
    assert (none, broken) == ("", "")
    assert drawn(line)[0] == drawn(other)[0]
    assert drawn(line)[1][0] < drawn(other)[1][0] == WIDTH - RIGHT
    assert len(made.spots) == 2


def test_the_panel_is_kept_only_while_it_shows_the_same() -> None:
    """A cached panel is the same as a fresh one."""
    simulation = DECK.simulation.train(20)
    moments = [
        simulation,
        simulation.step(),
        simulation.step().back(),
        simulation.train(1),
        simulation.edit(learning_rate=0.25).train(9),
        save_run(simulation),
        save_run(simulation).train(1),
        start_training(simulation, 5),
        simulation.back("phase", 9),
    ]
    for scale in SCALES:
        preferences = Preferences(panel="error", scale=scale)
        first = [simulator_region(PageState(moment), preferences) for moment in moments]
        for moment, drawn_once in zip(moments, first, strict=True):
            dynamic_cache.clear()
            assert simulator_region(PageState(moment), preferences) == drawn_once


@pytest.mark.parametrize(("language", "when"), [("en", ("before", "after")), ("ko", ("전", "후"))])
def test_the_fit_of_several_examples(language: str, when: tuple[str, str]) -> None:
    """With several examples the panel has the means of E and of |target − out| over all of them, and
    says of which weights; with one it has not."""
    xor = preset("xor").simulation
    for simulation, word in ((xor, when[0]), (xor.step("unit"), when[0]), (xor.train(5), when[1])):
        page = region_of(simulation, panel="error", language=language)
        [line] = [each for each in page.all("p") if "fit" in each.classes]
        fit = fit_of(simulation)
        assert [each.text for each in line.all("b")] == [
            FOUR.short(fit.error),
            FOUR.short(fit.distance),
        ]
        assert [each["title"] for each in line.all("b")] == [exact(fit.error), exact(fit.distance)]
        assert word in line.text
    page = region_of(DECK.simulation.train(5), panel="error", language=language)
    assert not [each for each in page.all("p") if "fit" in each.classes]
