"""The control API of a line: one JSON object a line over a unix socket, for the command line and the screens."""
