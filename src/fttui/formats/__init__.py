"""Shapes of training data: pure functions over lines and records. Knows neither files nor screens."""
