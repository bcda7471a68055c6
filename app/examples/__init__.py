"""Simulations to start with: published examples, tasks, lessons and random networks."""
