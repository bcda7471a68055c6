"""How a simulation is shown: drawing, formulas, sentences, panels, files. Computes no quantity."""
