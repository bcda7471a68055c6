"""The line that says what the other branch is."""

from app.backprop.network import Example
from app.simulation.simulation import Simulation
from app.view.rendering.digits import FOUR
from app.view.screen.other_branch import name_of_kept_branch, other_branch_id, other_branch_text
from tests.support.deck import DECK


def text(simulation: Simulation) -> str:
    return other_branch_text(simulation, str)


def test_there_is_none() -> None:
    """Without another branch there is nothing to say."""
    assert text(DECK) == text(DECK.train(5).back()) == ""


def test_it_says_what_differs_there() -> None:
    """Where the branches part, how far the other goes, its settings, and its last E."""
    left = DECK.train(12).edit(learning_rate=3.0).train(30)
    here = left.go_to(0, (11, 0)).edit(learning_rate=0.25)
    error = FOUR.short(dict(left.errors(1000))[39])
    assert text(here) == f"iterations 12 to 41, lr 0.25 → 3.0, E {error} in iteration 40"


def test_the_branch_without_the_edit() -> None:
    """Where the edit was made here, the other branch begins where it was made."""
    here = DECK.train(6).go_to(0, (2, 0)).edit(learning_rate=0.25)
    error = FOUR.short(DECK.train(5).value("error") or 0)
    expected = f"iterations 3 to 6, lr 0.25 → 0.5, E {error} in iteration 5"
    assert text(here.train(2)) == expected


def test_weights_and_examples_that_were_given_there() -> None:
    """One weight by its name, several by their number, and what else was changed."""
    one = DECK.step().edit_parameter("weight/0/1/2", 0.75)
    assert text(one.back().edit(learning_rate=1)) == "iteration 1, lr 1.0 → 0.5, w23 = 0.75"
    several = one.edit_parameter("bias/0", 0.5).edit(
        examples=[Example((1.0, 1.0, 1.0), (0.0, 1.0))], activations=("tanh", "sigmoid")
    )
    both = "2 other weights and biases"
    expected = f"iteration 1, other activations, other examples, {both}"
    assert text(several.reset().edit(weights=None, biases=((0.0,), (0.0,)))) == expected


def test_biases_are_no_weights() -> None:
    """Several are counted as what they are, also where the network has other layers since."""
    biases = DECK.step().edit_parameter("bias/0", 0.5).edit_parameter("bias/1", 0.75)
    assert text(biases.reset().edit(learning_rate=1)) == "iteration 1, lr 1.0 → 0.5, 2 other biases"
    weights = biases.edit(layers=(3, 5, 2)).edit_parameter("weight/1/4/1", 2.0)
    weights = weights.edit_parameter("weight/1/4/1", 3.0)
    there = text(weights.go_to(2, (0, 0)).edit(learning_rate=1))
    assert there == "iteration 1, lr 1.0 → 0.5, 3-4-2 → 3-5-2, another weight"


def test_its_name_and_its_id() -> None:
    """A network that is made of it says so, in a name of at most 60 characters."""
    here = DECK.train(12).go_to(0, (6, 0)).edit(learning_rate=0.25)
    assert name_of_kept_branch(here, "XOR", str) == "XOR (branch of iteration 7)"
    long = name_of_kept_branch(here, "x" * 60, str)
    assert len(long) == 60
    assert long.endswith("x (branch of iteration 7)")
    assert other_branch_id(here) == "0-11-77"
    assert other_branch_id(DECK) == ""


def test_a_network_that_is_altered_there() -> None:
    """The layers, and what else of the network is another one; drawn weights are not counted."""
    wider = DECK.train(3).edit(layers=(3, 5, 2), optimiser="momentum").train(2)
    there = "3-4-2 → 3-5-2, another optimiser"
    error = FOUR.short(wider.errors()[-2][1])
    here = wider.go_to(0, (2, 0)).edit(learning_rate=0.25)
    expected = f"iterations 3 to 4, lr 0.25 → 0.5, {there}, E {error} in iteration 3"
    assert text(here) == expected
    momentum = DECK.edit(optimiser="momentum").train(2)
    apart = momentum.edit(bias="none", hyperparameters={"momentum": 0.5}).train(1)
    here = apart.go_to(1, (1, 5)).edit(error="mean_squared")
    assert "μ 0.9 → 0.5, another error function, other biases" in text(here)
    assert "another optimiser" in text(momentum.reset().edit(learning_rate=0.25))
