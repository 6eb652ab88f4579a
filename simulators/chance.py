"""The one place where chance enters: every draw comes from a seed and names, so a run can be repeated."""

import random


def seeded(*names: object) -> random.Random:
    """Return a generator that depends on the names alone, not on the order in which generators are made."""
    return random.Random("/".join(str(name) for name in names))  # noqa: S311 - repeatable, not secret


def around(chance: random.Random, sigma: float, limit: float = 2.2) -> float:
    """Draw a relative deviation from a normal distribution cut off at `limit` sigmas."""
    while True:
        drawn = chance.gauss(0.0, 1.0)
        if abs(drawn) <= limit:
            return drawn * sigma
