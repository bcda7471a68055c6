"""Saved runs."""

from app.analysis.convergence import largest_gradient
from app.examples.published import DECK
from app.examples.random_network import random_simulation
from app.simulation.error_curve import MAX_SAVED_RUNS, RUN_POINTS
from app.simulation.navigation import record_command, seek, switch_branch, undo
from app.simulation.saved_runs import current_run, remove_run, save_run


def test_a_run_is_its_settings_and_its_curve() -> None:
    """A saved run has its settings and its thinned curve."""
    made = DECK.simulation.edit(learning_rate=0.25).train(1_000)
    run = current_run(made, "deck")
    assert run is not None
    assert (run.shape, run.learning_rate, run.examples) == (made.network.shape, 0.25, 1)
    assert (run.preset, run.edits) == ("deck", 1)
    errors = dict(made.errors(10_000))
    assert len(run.points) == RUN_POINTS
    assert run.points[0] == (0, errors[0])
    assert run.points[-1] == (999, made.previous_error)
    assert all(errors[k] == error for k, error in run.points)


def test_hyperparameters_are_settings() -> None:
    """A saved run has the hyperparameters, such as momentum."""
    begun = random_simulation((2, 2, 1), 3, optimiser="momentum").edit(
        hyperparameters={"momentum": 0.75}
    )
    made = begun.train(40)
    run, other = current_run(made), current_run(DECK.simulation.train(3))
    assert run
    assert other
    assert (run.hyperparameters, other.hyperparameters) == ((("momentum", 0.75),), ())
    computed = dict(zip((step.result for step in made.steps), made.trace(), strict=True))
    largest = max(
        abs(value)
        for address, value in computed.items()
        if address.startswith(("weight_gradient/", "bias_gradient/"))
    )
    assert largest_gradient(made) == largest


def test_a_run_tells_first_weights_apart() -> None:
    """Runs from other initial weights differ."""
    one, other = DECK.simulation, DECK.simulation.edit_parameter("weight/0/0/0", 0.9)
    begun = type(one).of(other.network, other.examples, 0.5)
    names = [run.first for each in (one, begun, one) if (run := current_run(each.train(3)))]
    assert names[0] == names[2] != names[1]


def test_a_run_counts_the_edits_behind() -> None:
    """A saved run counts only the edits before the current position."""
    made = DECK.simulation.train(3).edit(learning_rate=0.25).train(3)
    *_, back = seek(made, 1, 77)
    run = current_run(back)
    assert run is not None
    assert (run.edits, run.points[-1][0]) == (0, 1)
    assert run == current_run(DECK.simulation.train(2))


def test_kept_runs_outlive_all_moves() -> None:
    """Every command keeps the saved runs."""
    made = save_run(DECK.simulation.train(5))
    assert len(made.saved_runs) == 1
    for moved in (
        made.reset(),
        made.back("layer", 3),
        made.back("phase", 14),
        made.step(),
        made.train(50),
        made.seek(3),
        made.edit(learning_rate=0.1),
        made.edit(learning_rate=0.1).back(),
        made.edit_parameter("bias/0", 0.3),
        record_command(made.reset(), made),
        *undo(record_command(made.step(), made)),
        *seek(made, 2, 7),
        *switch_branch(made.back("phase", 4).edit(learning_rate=0.1)),
    ):
        assert moved.saved_runs == made.saved_runs


def test_there_is_room_for_four() -> None:
    """At most four different runs are saved."""
    made = DECK.simulation
    assert save_run(made) is made
    for _ in range(MAX_SAVED_RUNS):
        made = save_run(made.train(1))
    assert len(made.saved_runs) == MAX_SAVED_RUNS
    assert save_run(made.train(1)).saved_runs == made.saved_runs
    fewer = remove_run(made, 1)
    assert fewer.saved_runs == (made.saved_runs[0], *made.saved_runs[2:])
    assert remove_run(made, 4) is made
    assert save_run(fewer) is fewer  # the last of them is this very run
