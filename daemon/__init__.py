"""Wires everything: configuration, supervision, control API, command line, screens."""
