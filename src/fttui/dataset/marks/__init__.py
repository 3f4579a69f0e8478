"""Tags, notes, reviewed marks and ids of examples, kept beside the file."""
