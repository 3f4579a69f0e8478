"""Small example datasets, written for fttui: data only. ``catalog.toml`` says what each shows."""
