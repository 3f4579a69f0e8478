"""What training and using a model costs."""
