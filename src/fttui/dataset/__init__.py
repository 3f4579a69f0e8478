"""The JSONL document: a line index over the file, edits laid over it, undo, and a save that keeps all other bytes."""
