"""Whether a file of training examples is right, for whom, and what mends it."""
