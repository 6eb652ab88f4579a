"""Facts and their durability. Knows no hardware: everything that enters is a record (`storage.records`)."""
