"""Did it help? Held-out examples through several models, and how often each is right."""
