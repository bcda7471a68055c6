"""Analyses of a simulation: whether its gradients are right, how E changes, how training goes."""
