"""Which port is which device's: what is plugged in, who holds it, what is wrong with it."""
