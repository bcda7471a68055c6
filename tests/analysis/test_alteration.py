"""What an alteration of a network forces elsewhere, and what of it is new."""

from typing import Any, cast

from app.analysis.alteration import Consequence, new_parameters, plan_alteration
from app.backprop.network import Example
from app.simulation.edits import Changes
from app.simulation.simulation import Simulation
from tests.support.alterations import draw
from tests.support.deck import DECK, SEVERAL


def kinds(simulation: Simulation, **chosen: Any) -> list[str]:
    changes = cast(Changes, chosen)
    return [each.kind for each in plan_alteration(simulation.start, changes).consequences]


def test_what_an_error_function_forces() -> None:
    """The activation of the outputs, and targets that are probabilities."""
    plan = plan_alteration(SEVERAL.start, {"error": "cross_entropy"})
    assert plan.changes == {"error": "cross_entropy", "activations": ("sigmoid", "softmax")}
    assert plan.consequences == (
        Consequence("activation", {"error": "cross_entropy", "activation": "softmax"}),
    )
    wild = SEVERAL.edit(examples=[Example((1, 1, 1), (3, -1)), Example((1, 1, 1), (0.5, 0.25))])
    plan = plan_alteration(wild.start, {"error": "cross_entropy"})
    assert plan.consequences[1:] == (Consequence("targets_sum", {"count": 2, "of": 2}),)
    altered = wild.edit(**plan.changes)
    assert [each.targets for each in altered.examples] == [(1.0, 0.0), (0.5 / 0.75, 0.25 / 0.75)]
    assert kinds(altered, error="half_squared") == ["activation"]
    plan = plan_alteration(wild.start, {"error": "binary_cross_entropy"})
    assert plan.consequences == (Consequence("targets_range", {"count": 1, "of": 2}),)
    assert wild.edit(**plan.changes).examples[0].targets == (1.0, 0.0)


def test_what_an_activation_of_the_outputs_forces() -> None:
    """An error function that it fits; one that fits any activation where none is made for it."""
    plan = plan_alteration(DECK.start, {"activations": ("tanh", "softmax")})
    assert plan.changes["error"] == "cross_entropy"
    assert DECK.edit(**plan.changes).network.parameters == DECK.network.parameters
    softmax = DECK.edit(**plan.changes)
    plan = plan_alteration(softmax.start, {"activations": ("tanh", "tanh")})
    assert plan.changes == {"activations": ("tanh", "tanh"), "error": "half_squared"}
    both = plan_alteration(DECK.start, {"activations": ("tanh", "tanh"), "error": "cross_entropy"})
    assert both.changes["activations"] == ("tanh", "softmax")


def test_what_layers_and_biases_force() -> None:
    """Columns of the examples, weights between layers that were apart, and a bias for all units."""
    assert kinds(DECK, layers=(4, 4, 1)) == ["inputs_added", "outputs_removed"]
    assert kinds(DECK, layers=(3, 2)) == ["joined"]
    assert kinds(DECK, layers=(3, 4, 4, 2)) == ["separated"]
    plan = plan_alteration(DECK.start, {"layers": (4, 4, 1)})
    assert plan.changes["examples"][0] == Example((*DECK.examples[0].inputs, 0.0), (DECK.examples[0].targets[0],))  # type: ignore[index]  # fmt: skip
    assert (plan.kept, plan.new, plan.removed) == (12 + 4 + 2, 4, 4)
    units = DECK.edit(bias="per_unit")
    assert kinds(units, bias="shared") == []
    told = plan_alteration(units.edit_parameter("bias/0/2", 0.125).start, {"bias": "shared"})
    assert told.consequences == (Consequence("bias_of_first_unit", {"name": "b1", "value": DECK.network.biases[0][0]}),)  # fmt: skip


def test_nothing_chosen_is_nothing() -> None:
    """What is as it was does not restart the iteration."""
    shape = DECK.network.shape
    same = Changes(
        layers=shape.layers, activations=shape.activations, error=shape.error, bias=shape.bias,
        optimiser=shape.optimiser, learning_rate=DECK.learning_rate, weight_decay=False, draw=draw,
        kept_layers=(0, 1, 2),
    )  # fmt: skip
    assert plan_alteration(DECK.step().start, same).changes == {}


def test_a_pass_that_is_lost() -> None:
    """With batch updates, the sums so far are of no use to an altered network."""
    summing = SEVERAL.edit(update="sum").train(4).step()
    assert kinds(summing, bias="none") == ["pass"]
    assert kinds(summing, activations=("tanh", "tanh")) == []
    assert kinds(SEVERAL.train(4).step(), bias="none") == []


def test_new_parameters_are_marked_until_they_are_edited_or_the_iteration_is_over() -> None:
    """The marks follow further alterations of the same iteration."""
    altered = DECK.train(5).step().edit(layers=(3, 5, 2), draw=draw)
    names = list(altered.compiled.parameters)

    def new(simulation: Simulation) -> set[str]:
        return {list(simulation.compiled.parameters)[i] for i in new_parameters(simulation)}

    added = {*(f"weight/0/{i}/4" for i in range(3)), *(f"weight/1/4/{j}" for j in range(2))}
    assert new(altered) == added <= {*names}
    edited = altered.edit_parameter("weight/1/4/0", 0.5).step()
    assert new(edited) == added - {"weight/1/4/0"}
    more = edited.edit(bias="per_unit", draw=draw)
    assert new(more) == added - {"weight/1/4/0"}
    assert new(more.edit(layers=(3, 6, 2))) >= new(more) | {"bias/0/5"}
    assert new(more.update()) == new(more)
    assert new(more.update().step()) == set()
    assert new(DECK.train(5)) == set()
