"""The rules, one small function each, in modules by what they look at; a module's TOML file says the words."""
