"""Engines that train and run a language model on this machine. `protocol` is what the server knows of them."""
