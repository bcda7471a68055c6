"""Exercises to be worked out by hand: sheets for a class, and questions for a learning platform."""
