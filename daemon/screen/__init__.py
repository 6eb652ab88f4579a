"""One station on a terminal: what the operator reads from two metres."""
