"""HTTP: the JSON API, the pages and what every request passes through. No mathematics."""
