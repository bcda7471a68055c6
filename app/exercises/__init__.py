"""Exercises: read from text, worked and marked, and varied."""
