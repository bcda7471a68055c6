"""What a text says: tokens become statements, and these the facts of a sheet."""
