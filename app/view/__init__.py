"""A simulation as something to look at: drawing, formulas, words. Nothing here computes a value."""
