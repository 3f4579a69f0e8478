"""What the rules about a whole file need to know of it, and what they found."""
