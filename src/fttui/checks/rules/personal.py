"""Rules about personal."""
