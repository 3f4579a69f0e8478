"""The journal of a document: every edit on the disk before it is shown, and what brings them back after a crash."""
