"""From the facts of a text to an exercise: its layers, weights, biases, examples and rules."""
