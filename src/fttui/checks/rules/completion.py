"""Rules about completion."""
