"""Exercises: networks to be worked out by hand."""
