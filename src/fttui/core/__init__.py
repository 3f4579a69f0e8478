"""What every other part stands on: errors, paths, settings, text safety, files, SQLite. Imports nothing of ours."""
