"""Rules about preference."""
