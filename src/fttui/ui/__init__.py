"""The Textual app: screens, widgets, keys and themes. Importing this package alone loads nothing."""
