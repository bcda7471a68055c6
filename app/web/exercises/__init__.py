"""Pages for exercises."""
