"""One line: its devices, its store, its sticks and its control socket under one roof."""
