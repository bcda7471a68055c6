"""Exercises on the page: entering them, checking a working, practising."""
