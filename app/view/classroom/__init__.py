"""What pages of a lecture show beside the network."""
