"""Importing session files and tables."""

import json
import re
from dataclasses import replace
from math import inf, nan
from typing import Any

import pytest
from fastapi.exceptions import RequestValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from app.backprop.compiler import flat
from app.backprop.errors import Invalid
from app.backprop.functions import HYPERPARAMETERS, OPTIMISERS
from app.backprop.network import Example, Network, Shape
from app.examples.published import DECK
from app.simulation.error_curve import pack_numbers
from app.simulation.history import History
from app.simulation.iteration import LATEST, IterationState
from app.simulation.permalink import decode_permalink, encode_permalink
from app.simulation.simulation import Simulation
from app.view.export.csv_files import parameters_csv, with_parameters
from app.view.export.session_file import link_of, session_json
from app.web.api.schemas.session_import import import_simulation, simulation_of_link
from tests.support.lab import Lab
from tests.support.oracle_cases import ACTIVATIONS, BIASES
from tests.support.page_client import PageClient

LATER = DECK.simulation.train(41).step("unit", 30)
CHOSEN = st.floats(-1e6, 1e6, allow_nan=False).map(lambda number: number + 0.0)  # −0 is 0
TRAINED = st.one_of(CHOSEN, st.sampled_from([inf, -inf, nan, 5e-324, 1.8e308 / 2, -1e300]))


@st.composite
def simulations(draw: st.DrawFn) -> Simulation:
    """Anything that a session can stand at, numbers that overflowed included."""
    layers = tuple(draw(st.lists(st.integers(1, 8), min_size=2, max_size=5)))
    names = tuple(
        draw(
            st.one_of(st.sampled_from(ACTIVATIONS), st.tuples(*[st.sampled_from(ACTIVATIONS)] * n))
        )
        for n in layers[1:]
    )
    optimiser = draw(st.sampled_from(tuple(OPTIMISERS)))
    shape = Shape(layers, names, bias=draw(st.sampled_from(BIASES)), optimiser=optimiser)
    iteration = draw(st.one_of(st.just(0), st.integers(1, 10**12)))
    count = shape.parameter_count
    number = TRAINED if iteration else CHOSEN
    network = Network(shape, tuple(draw(st.lists(number, min_size=count, max_size=count))))
    row = st.builds(Example, st.tuples(*[CHOSEN] * layers[0]), st.tuples(*[CHOSEN] * layers[-1]))
    rows = tuple(draw(st.lists(row, min_size=1, max_size=4)))
    before = draw(st.one_of(st.none(), TRAINED)) if iteration else None
    start = IterationState(network, rows, draw(st.floats(0, 1e6)) + 0.0, iteration, before)
    kept = count * len(shape.kept_rules)
    state = draw(st.lists(TRAINED, min_size=kept, max_size=kept))
    if shape.counts_updates:
        state.append(float(draw(st.integers(0, iteration))))
    rows_of = [HYPERPARAMETERS[name] for name in shape.hyperparameters]
    values = tuple(draw(st.floats(row.low, row.high).filter(row.accepts)) + 0.0 for row in rows_of)
    start = replace(start, optimiser_state=tuple(state), hyperparameters=values)
    simulation = Simulation(start, 0, History.starting_at(start))
    return simulation.seek(draw(st.integers(1, len(simulation.steps))))


def bits(simulation: Simulation) -> tuple[Any, ...]:
    """All that is taken home; of nan, that it is one."""
    start = simulation.start
    numbers = [*start.network.parameters, *(n for row in start.examples for n in flat(row))]
    numbers += [start.learning_rate, 0.0 if start.previous_error is None else start.previous_error]
    numbers += start.optimiser_state + start.hyperparameters
    kept = pack_numbers([nan if number != number else number for number in numbers])
    none = start.previous_error is None
    return start.network.shape, start.iteration, simulation.cursor, len(start.examples), none, kept


@settings(deadline=None, max_examples=60)
@given(simulations())
def test_a_link_and_the_json_return_everything(simulation: Simulation) -> None:
    """A link and a session file give back everything, bit for bit."""
    assert bits(simulation_of_link("https://example.org" + link_of(simulation))) == bits(simulation)
    text = session_json(simulation)
    returned, own = import_simulation(text.encode(), DECK.simulation)
    assert own
    assert bits(returned) == bits(simulation)
    assert session_json(returned) == text


@pytest.mark.parametrize(
    "around",
    [
        "%s",
        "  %s\n",
        "<%s>",
        "(see %s).",
        "%s,",
        "“%s”",
        "Look at this: %s!\nYours",
        "[a link](%s)",
    ],
)
@pytest.mark.parametrize("origin", ["", "https://example.org", "http://127.0.0.1:8000"])
def test_a_link_in_a_text(around: str, origin: str) -> None:
    """A link opens whatever a message puts around it, and so does the address that it leads to; the
    name of the network comes with it."""
    simulation = replace(LATER, name="Zoë’s {first} https://a.b/open/x")
    moment = encode_permalink(simulation)
    for link in (
        link_of(simulation, ("error",)),
        f"/?moment={moment}",
        f"/?at=error&moment={moment}",
    ):
        returned, own = import_simulation((around % (origin + link)).encode(), DECK.simulation)
        assert own
        assert bits(returned) == bits(simulation)
        assert returned.name == simulation.name
    returned, _ = import_simulation(session_json(simulation).encode(), DECK.simulation)
    assert returned.name == simulation.name


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("https://example.org/open/", "This link is damaged."),
        (f"https://example.org/open/{encode_permalink(LATER)[:-9]}", "This link is damaged."),
        ("https://example.org/n/AAAAAAAAAAAAAAAAAAAAAA", "This is no link to a simulation."),
    ],
)
def test_a_link_that_does_not_open(text: str, said: str) -> None:
    """A damaged link is called so, and the address of a private network is no such link."""
    with pytest.raises(Invalid) as caught:
        import_simulation(text.encode(), DECK.simulation)
    assert caught.value.sentence().startswith(said)


@settings(deadline=None, max_examples=25)
@given(simulations().filter(lambda simulation: 0 < simulation.iteration < LATEST))
def test_a_table_returns_the_parameters(simulation: Simulation) -> None:
    """A table gives back the parameters, bit for bit."""
    shown = simulation.current_network
    zeros = Network(shown.shape, (0.0,) * shown.shape.parameter_count)
    other = Simulation.of(zeros, simulation.examples, simulation.learning_rate)
    emptied = with_parameters(simulation, parameters_csv(other))
    assert emptied.network == zeros
    returned = with_parameters(emptied, parameters_csv(simulation)).network
    assert repr(returned) == repr(shown)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"momentum": 0.5}, "momentum"),
        ({"velocities": {"weights": [], "biases": []}}, "velocities"),
        ({"optimiser": "momentum", "momentum": 0.5}, ""),
        (
            {"optimiser": "momentum", "velocities": {"weights": [], "biases": []}},
            "velocities.weights",
        ),
    ],
)
def test_velocities_that_do_not_fit(change: dict[str, Any], field: str) -> None:
    """Velocities that do not fit are refused by field."""
    file = json.loads(session_json(LATER))
    file["network"] |= {name: change[name] for name in change.keys() & {"optimiser"}}
    file |= {name: change[name] for name in change.keys() - {"optimiser"}}
    if field:
        with pytest.raises(Invalid) as caught:
            import_simulation(json.dumps(file).encode(), DECK.simulation)
        assert caught.value.field == field
    else:
        start = import_simulation(json.dumps(file).encode(), DECK.simulation)[0].start
        assert (start.hyperparameters, set(start.optimiser_state)) == ((0.5,), {0.0})


def test_a_table_is_an_edit() -> None:
    """A table is an edit, which Back undoes."""
    table = parameters_csv(LATER)
    changed = with_parameters(DECK.simulation.forward(), table)
    assert changed.network == LATER.current_network
    assert (changed.iteration, changed.cursor) == (0, 0)
    assert bits(changed.back()) == bits(DECK.simulation.forward())
    after = with_parameters(DECK.simulation.update(), table)
    assert (after.iteration, after.cursor, after.network) == (1, 0, LATER.current_network)
    overflown = Network(LATER.network.shape, (inf,) * LATER.network.shape.parameter_count)
    start = IterationState(overflown, LATER.examples, 0.5, 1)
    table = parameters_csv(Simulation(start, 0, History.starting_at(start)))
    with pytest.raises(Invalid, match="weights: must be a number from -1,000,000 to 1,000,000"):
        with_parameters(DECK.simulation, table)
    assert with_parameters(DECK.simulation.update(), table).network == overflown


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_table_as_spreadsheets_write_it(mark: str) -> None:
    """Tables are read as spreadsheets write them."""
    head, *rows = [line.split(",") for line in parameters_csv(LATER).splitlines()]
    lines = [mark.join(reversed(row)) for row in [head, *reversed(rows)]]
    content = "\ufeff" + "\r\n".join(lines) + "\r\n"
    simulation, own = import_simulation(content.encode(), DECK.simulation)
    assert not own
    assert simulation.network == LATER.current_network


TABLE = parameters_csv(DECK.simulation)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Choose a file"),
        ("hello", "table with the columns"),
        ('address,value\n"bias/0,1', "table with the columns"),
        ("address,value\nbias/0,1\nbias/0,1", "'bias/0' appears twice"),
        ("address,value\nbias/0,one", "'bias/0': 'one' is not a number"),
        ("address,value\nbias/0,nan", "is not a number"),
        ("address,value\nbias/0,1_000", "'bias/0': '1_000' is not a number"),
        ('address,value\nbias/0,"1,000"', "'bias/0': '1,000' is not a number"),
        ("address,value\nbias/0,1e999", "is missing"),
        ("address,value\nbias/0,1", "weight/0/0/0 is missing"),
        (TABLE + "weight/0/9/9,1,w\n", "The network has no 'weight/0/9/9'"),
        (TABLE.replace("0.7", "NaN"), "weights: must be a number from -1,000,000"),
        ("{", "The file ends too early"),
        ("[" * 100_000, "This is not valid JSON"),
        ('{"a": NaN}', "This is not valid JSON"),
    ],
)
def test_what_is_wrong_is_said(text: str, said: str) -> None:
    """A refusal says what is wrong."""
    with pytest.raises(Invalid, match=said):
        import_simulation(text.encode(), DECK.simulation)


FILE = json.loads(session_json(LATER))
PLAIN = {  # what the page calls a field, in English and in Korean
    "network.activations": ("activations", "활성화 함수"),
    "network.activations.0": ("activation of layer 2", "2번째 층의 활성화 함수"),
    "network.layers.2": ("layer 3", "3번째 층"),
    "network.error": ("error function", "오차 함수"),
    "network.biases.0": ("biases of layer 2", "2번째 층의 편향"),
    "network.weights.0.1": (
        "weights from layer 1 to 2, row 2",
        "1번째 층에서 2번째 층으로 가는 가중치 2행",
    ),
    "network.weights.0.1.2": (
        "weights from layer 1 to 2, row 2, column 3",
        "1번째 층에서 2번째 층으로 가는 가중치 2행 3열",
    ),
    "examples": ("examples", "예제"),
    "examples.0.inputs": ("inputs of example 1", "예제 1의 입력"),
    "examples.0.inputs.0": ("input 1 of example 1", "예제 1의 1번째 입력"),
    "learning_rate": ("learning rate", "학습률"),
    "iteration": ("iteration", "반복"),
    "previous_error": ("previous error", "이전 반복의 오차"),
    "cursor": ("step", "단계"),
}


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("backstep",), 2, "import.backstep: must be 1"),
        (("more",), 1, "import.more: is not a known field"),
        (("network", "layers"), [3, 4], "import.network.activations"),
        (("network", "activations", 0), "step", "import.network.activations.0: must be one of"),
        (("network", "error"), "guess", "import.network.error: must be one of"),
        (("network", "bias"), "none", "import.network.biases.0: 0 numbers expected"),
        (("network", "weights", 0, 1, 2), "nan", "import.network.weights.0.1.2: must be a number"),
        (
            ("network", "weights", 0, 1),
            [1, 2],
            "import.network.weights.0.1: 4 numbers expected, 2 given",
        ),
        (("examples",), [], "import.examples: 1 to 64 examples expected, 0 given"),
        (("examples", 0, "inputs", 0), "NaN", "import.examples.0.inputs.0: must be a number"),
        (("learning_rate",), -1, "import.learning_rate: must be a number"),
        (("iteration",), 1e300, "import.iteration: must be an integer"),
        (("iteration",), 0, "import.previous_error: Iteration 0 has no"),
        (("cursor",), 78, "import.cursor: must be an integer from 0 to 77"),
    ],
)
async def test_the_field_is_named(
    lab: Lab, path: tuple[str | int, ...], value: object, said: str
) -> None:
    """The API and the page name the wrong field, and begin no session."""
    content = json.loads(json.dumps(FILE))
    place: Any = content
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    response = await lab.client.post("/api/sessions", json={"import": content})
    assert response.status_code == 422, response.text
    field, _, message = said.partition(":")
    [first, *_] = response.json()["errors"]
    assert first["field"] == field
    assert first["message"].startswith(message.strip())
    visitor = PageClient(lab.client)
    response = await visitor.post("/import", {"text": json.dumps(content)})
    assert response.status_code == 422
    field, _, message = said.removeprefix("import.").partition(":")
    english, in_korean = PLAIN.get(field, (field, field))
    assert f"{english}:{message}" in response.text.replace("&#39;", "'")
    korean = await lab.client.post(
        "/import", data={"text": json.dumps(content)}, headers={"Accept-Language": "ko"}
    )
    assert re.search(rf"\b{re.escape(in_korean)}: [^<]*[가-힣]", korean.text), korean.text
    assert visitor.session is None


@settings(deadline=None, derandomize=True, max_examples=150)
@given(st.data())
def test_damage_is_refused_or_makes_sense(data: st.DataObject) -> None:
    """A damaged file is refused or gives a simulation that works."""
    text = data.draw(st.sampled_from([session_json(LATER), TABLE]))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(text)))
        fresh = data.draw(
            st.one_of(st.text(max_size=3), st.sampled_from(['"', "9", "-", "}", "e"]))
        )
        text = text[:place] + fresh + text[place + data.draw(st.integers(0, 3)) :]
    try:
        simulation, _ = import_simulation(text.encode("utf-8", "replace"), DECK.simulation)
    except (Invalid, RequestValidationError):
        return
    simulation.step("unit").train(1).back().reset()
    assert bits(decode_permalink(encode_permalink(simulation))) == bits(simulation)
