"""The texts of the published exercises, as a student would paste them, by the names of their vectors."""

TEXTS = {
    "dead-relu-softmax": (
        "Input x = (16, -6), label: third class.\n"
        "W1 = [[0.18, 0.04], [0.1, 0.22]]   (rows: inputs)\n"
        "W2 = [[0.19, -0.1, 0.1], [-0.02, -0.01, 0.04]]\n"
        "no bias; hidden ReLU, output softmax, cross-entropy; step size 1"
    ),
    "saturated-softmax": (
        "x = (3, 14), y = (0, 1)\n"
        "W(1) = \\begin{pmatrix} 1 & 0 & -1 & 0 \\\\ 0 & 1 & 0 & -1 \\end{pmatrix}, b(1) = (-1, -1, -1, -1)\n"
        "W(2) = \\begin{pmatrix} 1 & -1 \\\\ 1 & -1 \\\\ 1 & -1 \\\\ 1 & -1 \\end{pmatrix}, b(2) = (0, 2)\n"
        "ReLU, softmax, cross-entropy, η = 0.1"
    ),
    "no-bias-bce": (
        "x = [1, 0]^T, y = 1\n"
        "W1 = [[0.1, 0.2], [0.3, 0.4]]  (rows are hidden units)\n"
        "W2 = [[0.5, 0.6]]\n"
        "no biases, sigmoid everywhere, binary cross-entropy, lr = 1"
    ),
    "momentum": (
        "2 inputs, one hidden unit c, one output d. All weights and thresholds w_ca, w_cb, w_c0, w_dc, w_d0 = 0.1.\n"
        "η = 0.3, momentum α = 0.9, incremental updates.\n"
        "Examples: a=1 b=0 -> d=1; a=0 b=1 -> d=0"
    ),
    "one-output": (
        "x1=0.35 x2=0.7, target 1, no bias\n"
        "w1=0.2 (x1->h1), w2=0.2 (x2->h1), w3=0.3 (x1->h2), w4=0.3 (x2->h2), w5=0.3 (h1->o), w6=0.9 (h2->o)\n"
        "sigmoid, E = 1/2 (t-o)^2, lr = 0.5"
    ),
    "relu-sigmoid": (
        "x = (0,5; 0,8), y = 1\n"
        "W1 = 0,1 0,3 / 0,2 0,4 ; b1 = (0,1; 0,1) ; W2 = 0,5 / 0,6 ; b2 = 0,1\n"
        "hidden ReLU, output sigmoid, E = ½(y−ŷ)², α = 0,1"
    ),
    "two-hidden-tanh": (
        "Layers 4-4-3-3, tanh everywhere, all weights and biases 0.1, x = (1, 0, 1, 0), t = (0, 1, 0), lr 0.1, E = 1/2 sum (t - o)^2"
    ),
    "textbook-3-2-1": (
        "x = (1, 0, 1), T = 1, l = 0.9\n"
        "w14=0.2 w15=-0.3 w24=0.4 w25=0.1 w34=-0.5 w35=0.2 w46=-0.3 w56=-0.2\n"
        "θ4=-0.4 θ5=0.2 θ6=0.1"
    ),
    "decimal-zero-1": (
        "x = (1, 1, 1), w = (0.1, 0.2, -0.3) into one ReLU unit, v = 1 into a linear output, no bias, t = 1, lr 0.1"
    ),
    "decimal-zero-2": (
        "x = (1, 1), w = (0.8, 0.1), b = -0.9 into one ReLU unit, v = 1, b = 0 into a linear output, t = 1, lr 0.1"
    ),
    "decimal-zero-3": (
        "x = (1, 1), w = (0.8, 0.2), b = -1 into one ReLU unit, v = 1, b = 0 into a linear output, t = 1, lr 0.1"
    ),
}
