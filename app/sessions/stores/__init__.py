"""Session stores: SQLite for one process, Redis for several."""
