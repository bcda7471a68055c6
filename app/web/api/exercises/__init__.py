"""Exercises as JSON and as files."""
