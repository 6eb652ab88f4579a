"""Stand-ins for hardware that speak bytes. Imports nothing of the product; runs as a process of its own."""
