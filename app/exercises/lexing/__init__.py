"""The words of an exercise: its text, tokens, brackets, names, and a vocabulary."""
