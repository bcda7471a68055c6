"""Exported files while the page rounds each result: they have its numbers, or say that they have not."""

import csv
import json
from decimal import Decimal
from io import StringIO
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest

from app.analysis.rounding import rounded_iteration, rounded_iterations
from app.backprop.rounding_rule import ROUNDINGS, Rounding
from app.examples.published import DECK
from app.simulation.description import describe
from app.simulation.simulation import Simulation
from app.view.export.csv_files import history_csv, parameters_csv, steps_csv, with_parameters
from app.view.export.files import FILES
from app.view.export.graph_svg import graph_svg
from app.view.export.steps_program import steps_program
from app.view.rendering.languages import translations
from tests.support.exported_programs import outputs
from tests.support.naive_rounding import NaiveBoard
from tests.support.random_networks import random_network

EN = translations("en").gettext
ROUNDING = Rounding("decimals", 3)
ITERATIONS = 5


def board_of_deck(iterations: int) -> dict[str, Decimal]:
    fields: dict[str, Any] = describe(DECK.simulation.start)
    network = {**fields["network"], "update": "each"}
    naive = NaiveBoard({**fields, "network": network}, "decimals", 3, "up")
    return [naive.iterate() for _ in range(iterations)][-1]


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text)))


def at(iteration: int, steps: int) -> Simulation:
    return DECK.simulation.train(iteration).step("unit", steps)


def test_the_program_prints_the_digits_of_the_board(tmp_path: Path) -> None:
    """For networks of every kind, from any iteration on, and with the standard library alone."""
    simulations, names = [DECK.simulation, at(4, 30)], ["decimals.3.up", "significant.4.even"]
    random = Random(5)
    for _ in range(40):
        simulations.append(random_network(random).train(random.randint(1, 4)))
        names.append(random.choice(list(ROUNDINGS)))
    programs = [
        steps_program(simulation, EN, rounded_iteration(simulation, ROUNDINGS[name]))
        for simulation, name in zip(simulations, names, strict=True)
    ]
    texts = outputs(programs, tmp_path, f"{ITERATIONS}", flag="-IS")
    for text, simulation, name in zip(texts, simulations, names, strict=True):
        boards = rounded_iterations(simulation.history.first, ROUNDINGS[name])
        first = simulation.iteration
        expected = [
            f"{board.start.iteration} {board.values['error']}"
            for board in islice(boards, first, first + ITERATIONS)
        ]
        assert text.splitlines()[:ITERATIONS] == expected


def test_the_program_ends_with_the_weights_of_the_board(tmp_path: Path) -> None:
    """As plain loops in decimals have them."""
    program = steps_program(DECK.simulation, EN, rounded_iteration(DECK.simulation, ROUNDING))
    [text] = outputs([program], tmp_path, "3", flag="-IS")
    results = board_of_deck(3)
    rows = [
        ", ".join(f"{results[f'weight_update/0/{i}/{j}']:.3f}" for j in range(4)) for i in range(3)
    ]
    assert f"W_ih = [[{rows[0]}], [{rows[1]}], [{rows[2]}]]" in text.splitlines()


def test_the_steps_as_a_table() -> None:
    """With the numbers as they are written, how they are rounded, and what they are otherwise."""
    simulation, results = at(1, 20), board_of_deck(2)
    rows = rows_of(steps_csv(simulation, rounded_iteration(simulation, ROUNDING)))
    exact = rows_of(steps_csv(simulation))
    for index, (row, other, step) in enumerate(zip(rows, exact, simulation.steps, strict=True)):
        assert row["rounding"] == "decimals.3.up"
        assert row["unrounded"] == other["value"]
        if index < 20:
            assert row["value"] == f"{results[step.result]:.3f}"
        else:
            assert row["value"] == ""
    operands = dict(
        zip(rows[4]["operands"].split(), rows[4]["operand_values"].split(), strict=True)
    )
    assert operands == {"net/1/0": f"{results['net/1/0']:.3f}"}
    assert "rounding" not in exact[0]


def test_the_weights_as_a_table() -> None:
    """They can be opened again, and are then those on the board."""
    simulation, results = at(1, 77), board_of_deck(2)
    text = parameters_csv(simulation, rounded_iteration(simulation, ROUNDING))
    rows = {row["address"]: row for row in rows_of(text)}
    assert rows["weight/0/0/0"]["value"] == f"{results['weight_update/0/0/0']:.3f}"
    assert rows["bias/0"]["value"] == f"{results['bias_update/0']:.3f}"
    assert float(rows["bias/0"]["unrounded"]) == simulation.value("bias/0")
    opened = with_parameters(simulation, text)
    assert opened.network.weights[0][0][0] == float(results["weight_update/0/0/0"])


def test_the_error_curve_says_that_it_is_not_rounded() -> None:
    simulation = at(2, 1)
    rows = rows_of(history_csv(simulation, rounded_iteration(simulation, ROUNDING)))
    assert [row["E"] for row in rows] == [row["E"] for row in rows_of(history_csv(simulation))]
    assert {row["rounding"] for row in rows} == {"none"}


def test_the_drawing_says_how_it_is_rounded() -> None:
    simulation = at(0, 4)
    svg = FILES["graph.svg"].write(simulation, EN, rounded_iteration(simulation, ROUNDING))
    assert "Each result is rounded to 3 decimals, half up." in svg
    assert 'viewBox="0 0 820 508"' in svg
    assert 'viewBox="0 0 820 478"' in graph_svg(simulation, "")


@pytest.mark.parametrize("name", ["run.py", "run_pytorch.py", "notebook.ipynb"])
def test_other_programs_say_that_they_do_not_round(name: str) -> None:
    simulation = at(1, 4)
    board = rounded_iteration(simulation, ROUNDING)
    text = FILES[name].write(simulation, EN, board)
    assert "this program does not round" in text
    assert "does not round" not in FILES[name].write(simulation, EN, None)


def test_a_file_begins_with_the_numbers_on_the_board() -> None:
    """And says how they are rounded. What is computed from them is what was on the board."""
    simulation, results = at(1, 4), board_of_deck(1)
    board = rounded_iteration(simulation, ROUNDING)
    file = json.loads(FILES["session.json"].write(simulation, EN, board))
    assert file["rounding"] == "decimals.3.up"
    assert file["network"]["weights"][0][0][0] == float(results["weight_update/0/0/0"])
    assert "rounding" not in json.loads(FILES["session.json"].write(simulation, EN, None))
