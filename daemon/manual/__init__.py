"""The manual pages and shell completions, made from the command line itself."""
