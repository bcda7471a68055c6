"""Sharing a network with a class: followers, questions, and the lecturer's script."""
