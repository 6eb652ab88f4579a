"""An admin plugs in a stick and walks away with the data: one process per stick, apart from the line's daemon."""
