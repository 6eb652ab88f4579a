"""Pallet numbers: `P<site>-<line>-<year>-<6 digits>`, never reused."""


def number_prefix(site: str, line_number: int, year: int) -> str:
    """Give what all pallet numbers of a site, line and year begin with."""
    return f"P{site}-{line_number}-{year}-"


def next_number(prefix: str, last: str | None) -> str:
    """Number the next pallet after `last`, the highest number with this prefix ever given."""
    count = int(last.removeprefix(prefix)) if last else 0
    return f"{prefix}{count + 1:06d}"
