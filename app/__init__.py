"""Backstep: backpropagation, one calculation at a time."""
