"""Exercises: reading them from a text."""
