"""Exercises of one's own: what a sheet calls its quantities, and the marking of a working."""
