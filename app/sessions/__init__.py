"""Sessions: whose simulation it is, which version of it stands, and where it is kept."""
