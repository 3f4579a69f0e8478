"""The local backend: an OpenAI-compatible server that fine-tunes and serves a small model on this machine."""
