"""Rules about whole file."""
