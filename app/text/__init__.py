"""What people type and paste: numbers, and tables of them in every notation."""
