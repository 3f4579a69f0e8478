"""Tools and their calls as the rules see them."""
