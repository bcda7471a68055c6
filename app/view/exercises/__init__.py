"""Exercises: entered, worked and marked, practised, and printed for a class."""
