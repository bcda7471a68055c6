"""One iteration of the deck's 3-4-2 network, slide by slide, with each formula written out.

A second witness beside the oracle: no loops over layers, no derivation, nothing general. Whoever
reads the deck can hold this file beside it. Indices in names count from 1, as on the slides.
"""

from math import exp
from typing import Any

Json = dict[str, Any]
Matrix = list[list[float]]


def sigmoid(net: float) -> float:
    return 1 / (1 + exp(-net))


def less(W: Matrix, lr: float, gradient: Matrix) -> Matrix:
    """W_new = W - lr * gradient (slides 2 and 3)."""
    return [
        [w - lr * g for w, g in zip(row, slopes, strict=True)]
        for row, slopes in zip(W, gradient, strict=True)
    ]


def iteration(case: Json) -> Json:
    """Every number of the iteration: lists as in the API's `values`, and the new parameters."""
    x1, x2, x3 = case["examples"][0]["inputs"]
    y1, y2 = case["examples"][0]["targets"]
    lr = case["learning_rate"]
    W_IH, W_HO = case["network"]["weights"]
    (w11, w12, w13, w14), (w21, w22, w23, w24), (w31, w32, w33, w34) = W_IH
    (v11, v12), (v21, v22), (v31, v32), (v41, v42) = W_HO  # the slides' w', which Python cannot say
    (b1,), (b2,) = case["network"]["biases"]

    # Slide 1: forward.
    net_H1 = b1 + x1 * w11 + x2 * w21 + x3 * w31
    net_H2 = b1 + x1 * w12 + x2 * w22 + x3 * w32
    net_H3 = b1 + x1 * w13 + x2 * w23 + x3 * w33
    net_H4 = b1 + x1 * w14 + x2 * w24 + x3 * w34
    out_H1, out_H2 = sigmoid(net_H1), sigmoid(net_H2)
    out_H3, out_H4 = sigmoid(net_H3), sigmoid(net_H4)
    net_O1 = b2 + out_H1 * v11 + out_H2 * v21 + out_H3 * v31 + out_H4 * v41
    net_O2 = b2 + out_H1 * v12 + out_H2 * v22 + out_H3 * v32 + out_H4 * v42
    out_O1, out_O2 = sigmoid(net_O1), sigmoid(net_O2)
    E_1 = (y1 - out_O1) ** 2 / 2
    E_2 = (y2 - out_O2) ** 2 / 2

    # Slide 2: W_HO and b2.
    delta_O1 = (out_O1 - y1) * out_O1 * (1 - out_O1)
    delta_O2 = (out_O2 - y2) * out_O2 * (1 - out_O2)
    gradient_HO = [
        [delta_O1 * out_H1, delta_O2 * out_H1],
        [delta_O1 * out_H2, delta_O2 * out_H2],
        [delta_O1 * out_H3, delta_O2 * out_H3],
        [delta_O1 * out_H4, delta_O2 * out_H4],
    ]
    gradient_b2 = delta_O1 + delta_O2

    # Slide 3: W_IH and b1, through the old W_HO.
    delta_H1 = (delta_O1 * v11 + delta_O2 * v12) * out_H1 * (1 - out_H1)
    delta_H2 = (delta_O1 * v21 + delta_O2 * v22) * out_H2 * (1 - out_H2)
    delta_H3 = (delta_O1 * v31 + delta_O2 * v32) * out_H3 * (1 - out_H3)
    delta_H4 = (delta_O1 * v41 + delta_O2 * v42) * out_H4 * (1 - out_H4)
    gradient_IH = [
        [delta_H1 * x1, delta_H2 * x1, delta_H3 * x1, delta_H4 * x1],
        [delta_H1 * x2, delta_H2 * x2, delta_H3 * x2, delta_H4 * x2],
        [delta_H1 * x3, delta_H2 * x3, delta_H3 * x3, delta_H4 * x3],
    ]
    gradient_b1 = delta_H1 + delta_H2 + delta_H3 + delta_H4

    return {
        "net": [[net_H1, net_H2, net_H3, net_H4], [net_O1, net_O2]],
        "out": [[out_H1, out_H2, out_H3, out_H4], [out_O1, out_O2]],
        "output_errors": [E_1, E_2],
        "error": E_1 + E_2,
        "error_slopes": [
            [
                delta_O1 * v11 + delta_O2 * v12,
                delta_O1 * v21 + delta_O2 * v22,
                delta_O1 * v31 + delta_O2 * v32,
                delta_O1 * v41 + delta_O2 * v42,
            ],
            [out_O1 - y1, out_O2 - y2],
        ],
        "activation_slopes": [
            [out * (1 - out) for out in (out_H1, out_H2, out_H3, out_H4)],
            [out * (1 - out) for out in (out_O1, out_O2)],
        ],
        "delta": [[delta_H1, delta_H2, delta_H3, delta_H4], [delta_O1, delta_O2]],
        "weight_gradients": [gradient_IH, gradient_HO],
        "bias_gradients": [[gradient_b1], [gradient_b2]],
        "weights": [less(W_IH, lr, gradient_IH), less(W_HO, lr, gradient_HO)],
        "biases": [[b1 - lr * gradient_b1], [b2 - lr * gradient_b2]],
    }
