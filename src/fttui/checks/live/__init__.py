"""The checks of a file that is open: at every moment what a check of its rows would find."""
