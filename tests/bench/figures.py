"""What was measured, beside what was wanted."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table."""

    what: str
    goal: str
    figure: str
    ratio: str = ""


def quantile(values: Sequence[float], share: float) -> float:
    """Give the value below which a share of all values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def p50(values: Sequence[float]) -> float:
    return quantile(values, 0.50)


def p99(values: Sequence[float]) -> float:
    return quantile(values, 0.99)


def ms(seconds: float) -> str:
    """Write a duration in milliseconds."""
    return f"{seconds * 1000:.2f} ms"


def times(ratio: float) -> str:
    """Write a ratio."""
    return f"{ratio:.2f}×"
