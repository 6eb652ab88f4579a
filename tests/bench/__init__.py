"""Measurements of a whole line. Never tests: nothing here passes or fails, every figure is a ratio within one run."""
