"""Simulations to start from: published examples, tasks, lessons, random networks."""
