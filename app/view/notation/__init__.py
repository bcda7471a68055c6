"""Steps in symbols (LaTeX, MathML), in words and in code."""
