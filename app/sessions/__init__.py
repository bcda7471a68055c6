"""Sessions: who owns which simulation, how it is encoded and where it is stored."""
