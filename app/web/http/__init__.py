"""Middleware, cookies, problems, metrics, rate limiting and static files."""
