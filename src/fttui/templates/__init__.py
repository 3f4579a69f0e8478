"""An example as a model sees it: its chat template, what is trained of it, and how often."""
