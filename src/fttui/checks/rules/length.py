"""Rules about length."""
