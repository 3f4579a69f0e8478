"""What the rules about a whole file need to know of its lines, gathered line by line and added up in order."""

from __future__ import annotations


class FileFacts:
    """Facts of consecutive lines; those of several blocks are merged in the file's order."""
