"""HTTP: adapters between requests and the simulator. No mathematics in here."""
