"""Exercises as public material prints them, in our own words: each is the network that a person reads.

The networks are written out by hand, and the values of their first iteration are those of the oracle.
"""

import json
from typing import Any, NamedTuple

import pytest

from app.exercises.assembly.exercise import read_exercise
from tests.examples.test_published import agrees, numbers
from tests.support.accuracy import Expected
from tests.support.lab import Lab

Json = dict[str, Any]


class Sheet(NamedTuple):
    text: str
    network: Json
    examples: list[tuple[list[float], list[float]]]
    learning_rate: float
    more: tuple[tuple[str, float], ...] = ()  # hyperparameters


def network(layers: list[int], weights: Any, biases: Any = (), **more: Any) -> Json:
    depth = len(layers) - 1
    return {
        "layers": layers,
        "activations": ["sigmoid"] * depth,
        "error": "half_squared",
        "bias": "per_unit" if biases else "none",
        "weights": weights,
        "biases": list(biases),
        **more,
    }


MAZUR = network(
    [2, 2, 2],
    [[[0.15, 0.25], [0.2, 0.3]], [[0.4, 0.5], [0.45, 0.55]]],
    [[0.35], [0.6]],
    bias="shared",
)
XOR = network([2, 2, 1], [[[0.5, 0.9], [0.4, 1.0]], [[-1.2], [1.1]]], [[-0.8, 0.1], [-0.3]])
SMALL = network([2, 2, 1], [[[0.1, 0.3], [0.2, 0.4]], [[0.5], [-0.6]]], [[0.05, -0.05], [0.1]])

SHEETS = {
    "numbered weights": Sheet(
        """The inputs are i1 = 0.05 and i2 = 0.10, the target outputs o1 = 0.01 and o2 = 0.99.
Weights: w1 = .15, w2 = .20, w3 = .25, w4 = .30, w5 = .40, w6 = .45, w7 = .50, w8 = .55.
Biases: b1 = .35 for the hidden layer, b2 = .60 for the output layer.
Logistic units, E = 1/2 sum (target - output)^2, learning rate 0.5.""",
        MAZUR,
        [([0.05, 0.1], [0.01, 0.99])],
        0.5,
    ),
    "Korean": Sheet(
        """입력 x1=0.05, x2=0.10이고 목표값은 t1=0.01, t2=0.99이다.
가중치: w1=0.15 (x1->h1), w2=0.20 (x2->h1), w3=0.25 (x1->h2), w4=0.30 (x2->h2),
w5=0.40 (h1->o1), w6=0.45 (h2->o1), w7=0.50 (h1->o2), w8=0.55 (h2->o2)
편향은 b1=0.35, b2=0.60. 은닉층과 출력층의 활성화 함수는 시그모이드, 학습률은 0.5이다.""",
        MAZUR,
        [([0.05, 0.1], [0.01, 0.99])],
        0.5,
    ),
    "thresholds as weights from −1": Sheet(
        """A network that learns exclusive or. Units 1 and 2 are inputs, 3 and 4 hidden, 5 is the output.
w13 = 0.5, w14 = 0.9, w23 = 0.4, w24 = 1.0, w35 = -1.2, w45 = 1.1
Thresholds, each a weight from a fixed input of -1: θ3 = 0.8, θ4 = -0.1, θ5 = 0.3
x1 = 1, x2 = 1, yd = 0, α = 0.1, sigmoid""",
        XOR,
        [([1, 1], [0])],
        0.1,
    ),
    "a truth table": Sheet(
        """2-2-1, all weights 0.5, biases zero, tanh in the hidden layer and a sigmoid output
| x1 | x2 | target |
|----|----|--------|
| 0  | 0  | 0      |
| 0  | 1  | 1      |
| 1  | 0  | 1      |
| 1  | 1  | 0      |
batch, sum of the gradients, step size 1/4""",
        network(
            [2, 2, 1],
            [[[0.5, 0.5], [0.5, 0.5]], [[0.5], [0.5]]],
            [[0, 0], [0]],
            activations=["tanh", "sigmoid"],
            update="sum",
        ),
        [([0, 0], [0]), ([0, 1], [1]), ([1, 0], [1]), ([1, 1], [0])],
        0.25,
    ),
    "state_dict": Sheet(
        """OrderedDict([('0.weight', tensor([[ 0.1000,  0.2000],
        [ 0.3000,  0.4000]])), ('0.bias', tensor([ 0.0500, -0.0500])), ('2.weight', tensor([[ 0.5000, -0.6000]])), ('2.bias', tensor([0.1000]))])
x = torch.tensor([1.0, -1.0]), y = torch.tensor([1.0])
Sequential(
  (0): Linear(in_features=2, out_features=2, bias=True)
  (1): Tanh()
  (2): Linear(in_features=2, out_features=1, bias=True)
)
loss = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)""",
        SMALL
        | {
            "activations": ["tanh", "identity"],
            "error": "mean_squared",
            "optimiser": "momentum",
        },
        [([1, -1], [1])],
        0.1,
        (("momentum", 0.9),),
    ),
    "scikit-learn": Sheet(
        """mlp.coefs_
coefs_ = [array([[0.1, 0.3], [0.2, 0.4]]), array([[ 0.5], [-0.6]])]
intercepts_ = [array([ 0.05, -0.05]), array([0.1])]
MLPRegressor(activation='logistic', solver='sgd', learning_rate_init=0.2)
X = [[1, 0], [0.5, 2]]
y = [1, 0]""",
        SMALL,
        [([1, 0], [1]), ([0.5, 2], [0])],
        0.2,
    ),
    "German": Sheet(
        """Eingabe x1=0,5 und x2=1,0; Zielwert t=0,8.
Gewichte: w1=0,1 (x1->h1), w2=0,2 (x2->h1), w3=-0,3 (x1->h2), w4=0,4 (x2->h2), w5=0,5 (h1->o), w6=0,6 (h2->o)
ohne Bias, Sigmoid in allen Schichten, Lernrate 0,25""",
        network([2, 2, 1], [[[0.1, -0.3], [0.2, 0.4]], [[0.5], [0.6]]]),
        [([0.5, 1], [0.8])],
        0.25,
    ),
    "LaTeX": Sheet(
        r"""Let $\mathbf{x} = \begin{pmatrix} 1 \\ 2 \end{pmatrix}$ and $t = 1$. The weights are
$$\mathbf{W}^{(1)} = \begin{bmatrix} \frac{1}{2} & 0 & 1 \\ 1 & -\frac{1}{2} & 0 \end{bmatrix}, \quad
\mathbf{W}^{(2)} = \begin{bmatrix} 1 \\ -1 \\ 1 \end{bmatrix}$$
without biases; $f(z) = \frac{1}{1+e^{-z}}$, $E = \frac{1}{2}(t-o)^2$, $\eta = 0.1$.""",
        network([2, 3, 1], [[[0.5, 0, 1], [1, -0.5, 0]], [[1], [-1], [1]]]),
        [([1, 2], [1])],
        0.1,
    ),
    "three classes": Sheet(
        """W = [[0.1, 0.2, 0.3], [0.4, -0.5, 0.6]], b = (0, 0.1, 0), input (1, -2), label: second class.
Softmax with cross-entropy loss, learning rate .1""",
        network(
            [2, 3],
            [[[0.1, 0.2, 0.3], [0.4, -0.5, 0.6]]],
            [[0, 0.1, 0]],
            activations=["softmax"],
            error="cross_entropy",
        ),
        [([1, -2], [0, 1, 0])],
        0.1,
    ),
    "rows are the next layer": Sheet(
        """W^[1] = [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]], b^[1] = [0.1, 0.2, 0.3]
W^[2] = [[0.1, -0.2, 0.3]], b^[2] = [0.5]
x = [1, 2]^T, y = 1, α = 0.01. ReLU in the hidden layer, a sigmoid at the output, log loss.""",
        network(
            [2, 3, 1],
            [[[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]], [[0.1], [-0.2], [0.3]]],
            [[0.1, 0.2, 0.3], [0.5]],
            activations=["relu", "sigmoid"],
            error="binary_cross_entropy",
        ),
        [([1, 2], [1])],
        0.01,
    ),
    "v and w": Sheet(
        """v11=0.6 v12=-0.1 v21=-0.3 v22=0.4, biases v01=0.3 v02=0.5
w1=0.4 w2=0.1, bias w0=-0.2
x = (0, 1), t = 1, α = 0.25, tanh""",
        network(
            [2, 2, 1],
            [[[0.6, -0.1], [-0.3, 0.4]], [[0.4], [0.1]]],
            [[0.3, 0.5], [-0.2]],
            activations=["tanh", "tanh"],
        ),
        [([0, 1], [1])],
        0.25,
    ),
    "the notation of the deck": Sheet(
        "w11=0.2 w12=-0.3 w21=0.4 w22=0.1; w'11=0.7 w'21=-0.4; x1=1 x2=0.5, t=1, b1=0.1, b2=-0.2",
        network(
            [2, 2, 1],
            [[[0.2, -0.3], [0.4, 0.1]], [[0.7], [-0.4]]],
            [[0.1], [-0.2]],
            bias="shared",
        ),
        [([1, 0.5], [1])],
        0.5,
    ),
    "in sentences": Sheet(
        """Consider a neural network with two inputs, two hidden neurons and one output neuron. The hidden
layer uses tanh and the output layer is linear. All weights are initialised to 0.1 and the biases
are zero. The input is (1, -1) and the target is 0.5. The learning rate is 0.2.""",
        network(
            [2, 2, 1],
            [[[0.1, 0.1], [0.1, 0.1]], [[0.1], [0.1]]],
            [[0, 0], [0]],
            activations=["tanh", "identity"],
        ),
        [([1, -1], [0.5])],
        0.2,
    ),
    "one neuron with fractions": Sheet(
        "x1 = 1, x2 = ½, t = 1, w1 = 1/4, w2 = −1/3, bias 0.5, η = .1, sigmoid",
        network([2, 1], [[[0.25], [-1 / 3]]], [[0.5]]),
        [([1, 0.5], [1])],
        0.1,
    ),
    "tables": Sheet(
        "W1:\n\th1\th2\nx1\t0.1\t0.3\nx2\t0.2\t0.4\n\nW2:\n0.5\n-0.6\n\nb1: 0.05 -0.05\nb2: 0.1\nx: 1 0\nt: 1\nlr: 0.3",
        SMALL,
        [([1, 0], [1])],
        0.3,
    ),
}

SHEETS |= {
    "biases in the first column": Sheet(
        "x = (1; 2), t = 0.\nΘ(1) = [0.1 0.2 0.3; 0.4 0.5 0.6], Θ(2) = [0.7 0.8 0.9]; the first column is the bias. α=0.01",
        network([2, 2, 1], [[[0.2, 0.5], [0.3, 0.6]], [[0.8], [0.9]]], [[0.1, 0.4], [0.7]]),
        [([1, 2], [0])],
        0.01,
    ),
    "one line for each layer": Sheet(
        """Network: 3-2-1
Input: 1, 0, 1
Weights hidden: [[0.2, -0.3], [0.4, 0.1], [-0.5, 0.2]]
Bias hidden: [-0.4, 0.2]
Output weights: [[-0.3], [-0.2]]
Output bias: 0.1
Target: 1
Learning rate: 0.9""",
        network(
            [3, 2, 1],
            [[[0.2, -0.3], [0.4, 0.1], [-0.5, 0.2]], [[-0.3], [-0.2]]],
            [[-0.4, 0.2], [0.1]],
        ),
        [([1, 0, 1], [1])],
        0.9,
    ),
    "target first": Sheet(
        "a1=1, a2=0; w31=0.3, w32=0.5, w43=-0.2; b3=0.1, b4=-0.3; t=1; η=0.2",
        network([2, 1, 1], [[[0.3], [0.5]], [[-0.2]]], [[0.1], [-0.3]]),
        [([1, 0], [1])],
        0.2,
    ),
    "arrows between name and value": Sheet(
        "w1 (x1→h1): 0.1\nw2 (x2→h1): 0.2\nw3 (h1→y): 0.3\nx1: 1\nx2: 2\ny: 0.5",
        network([2, 1, 1], [[[0.1], [0.2]], [[0.3]]]),
        [([1, 2], [0.5])],
        0.5,
    ),
    "a training run in NumPy": Sheet(
        """import numpy as np
X = np.array([[0,0],[0,1],[1,0],[1,1]])
y = np.array([[0],[1],[1],[0]])
W1 = np.array([[0.5, -0.5], [0.3, 0.8]])
b1 = np.array([[0.1, 0.2]])
W2 = np.array([[0.7], [-0.4]])
b2 = np.array([[0.0]])
lr = 0.1""",
        network([2, 2, 1], [[[0.5, -0.5], [0.3, 0.8]], [[0.7], [-0.4]]], [[0.1, 0.2], [0]]),
        [([0, 0], [0]), ([0, 1], [1]), ([1, 0], [1]), ([1, 1], [0])],
        0.1,
    ),
    "a Korean textbook": Sheet(
        """1층 가중치 W1 = [[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]], 편향 b1 = [0.1, 0.2, 0.3]
2층 가중치 W2 = [[0.1, 0.4], [0.2, 0.5], [0.3, 0.6]], 편향 b2 = [0.1, 0.2]
입력 x = [1.0, 0.5], 정답 t = [0, 1], 은닉층은 시그모이드, 출력층은 소프트맥스,
손실 함수는 교차 엔트로피 오차, 학습률 0.1""",
        network(
            [2, 3, 2],
            [[[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]], [[0.1, 0.4], [0.2, 0.5], [0.3, 0.6]]],
            [[0.1, 0.2, 0.3], [0.1, 0.2]],
            activations=["sigmoid", "softmax"],
            error="cross_entropy",
        ),
        [([1, 0.5], [0, 1])],
        0.1,
    ),
}


def as_json(fields: Json) -> Json:
    content: Json = json.loads(json.dumps(fields))
    return content


@pytest.mark.parametrize("name", SHEETS)
async def test_a_sheet(lab: Lab, name: str) -> None:
    """A sheet is read as the network that a person reads, and its values are right."""
    sheet = SHEETS[name]
    response = await lab.client.post("/api/exercise", json={"text": sheet.text})
    assert response.status_code == 200, response.text
    answer = response.json()
    assert answer["network"] == as_json(sheet.network)
    assert [(each["inputs"], each["targets"]) for each in answer["examples"]] == sheet.examples
    assert answer["learning_rate"] == sheet.learning_rate
    assert {each: answer[each] for each, _value in sheet.more} == dict(sheet.more)
    await lab.create(**answer)
    if sheet.network.get("update", "each") == "each":
        right = Expected(sheet.network, answer["examples"][0], sheet.learning_rate)
        assert right.wrong(numbers(await lab.update())) == []


def test_ten_more() -> None:
    assert len(SHEETS) >= 10


async def test_the_published_numbers(lab: Lab) -> None:
    """The numbered weights are those of the article: its E and its new w1."""
    await lab.create(**read_exercise(SHEETS["numbered weights"].text).fields)
    state = await lab.update()
    assert agrees(state["values"]["error"], "0.298371109")
    assert agrees(state["network"]["weights"][0][0][0], "0.149780716")
