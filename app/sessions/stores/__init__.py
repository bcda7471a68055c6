"""Where sessions are kept: SQLite for one process, Redis for many."""
