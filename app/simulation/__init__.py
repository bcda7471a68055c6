"""A network over time: immutable values that step, go back, train and are edited."""
