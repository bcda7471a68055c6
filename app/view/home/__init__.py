"""What can be taken home: a simulation as files to keep, to run elsewhere and to print."""
