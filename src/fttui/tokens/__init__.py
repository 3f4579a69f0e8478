"""How many tokens an example and a file hold, as the model that is trained counts them."""
