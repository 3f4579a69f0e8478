"""One prompt to several models at once, and what each answer took."""
