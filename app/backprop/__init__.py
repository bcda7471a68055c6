"""The mathematics of backpropagation, one calculation at a time. Knows nothing of the web."""
