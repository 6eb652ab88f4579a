"""The doctor of a line's whole PC: facts gathered at the edge, tables that decide, findings with one thing to do."""
