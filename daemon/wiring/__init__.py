"""From ports to readings: which port is which device's, what it said, what is wrong with it."""
