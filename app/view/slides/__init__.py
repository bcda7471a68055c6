"""The guided walk through the lecture deck, and the deck's errata."""
