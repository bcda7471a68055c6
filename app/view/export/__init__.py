"""Files to download: programs, tables, drawing, worksheet."""
