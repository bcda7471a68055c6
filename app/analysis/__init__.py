"""Questions asked of a simulation: are its gradients right, how does E change, how does training go."""
