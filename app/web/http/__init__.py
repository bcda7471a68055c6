"""What every request passes: middleware, cookies, problems, metrics, limits, static files."""
