"""Secrets and personal data: where they are, and how many."""
