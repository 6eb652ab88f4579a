"""The factory's rules: tables and pure functions. No clock, no loop, no I/O."""
