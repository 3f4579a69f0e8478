"""The headless twin: one file per command; argument parsing and printing only."""
