"""What a report says, in words, for terminals and for paper alike: read from what the control API gives."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

Row = Mapping[str, Any]

_BARE: Final = 6


def what(one: Row) -> str:
    """Say of a difference what each side has, the likely cause, and where it stands on the paper."""
    line, paper = one["line"], one["paper"]
    match one["differs"]:
        case "only_paper" | "unknown_panel":
            sides = f"only on paper: {paper}"
        case "only_line":
            sides = f"only on the line: {line}"
        case "serial":
            sides = f"paper says {paper}"
        case _:
            sides = f"line {line}, paper {paper}"
    places = ", ".join(row["place"] for row in one["rows"] if row["place"])
    return f"{sides}; {one['words']}{f' ({places})' if places else ''}"


def totals(found: Row) -> list[tuple[str, object]]:
    """Give what a report adds up to, in words."""
    bare, right = found["without_paper"], found["right"]
    more = f": {', '.join(bare[:_BARE])}{' ...' if len(bare) > _BARE else ''}" if bare else ""
    return [
        ("Line", f"{found['line']} of {found['site']}"),
        ("Panels compared", found["compared"]),
        ("Agree in everything", found["agreeing"]),
        ("Differ, explained", found["explained"]),
        ("Differ, open", found["open"]),
        ("Line without paper", f"{len(bare)}{more}"),
        ("Younger than the paper", found["later"] or ""),
        ("Paper without line", found["unknown"] or ""),
        ("Rows not read", len(found["unread"]) or ""),
        ("Who was right", ", ".join(f"{who} {count}" for who, count in right.items())),
    ]


def by_cause(differences: Sequence[Row]) -> list[Row]:
    """Count differences by cause, most first; words that name a panel are left to the list."""
    counts = Counter(one["cause"] for one in differences)
    words = {cause: {one["words"] for one in differences if one["cause"] == cause} for cause in counts}
    return [
        {"count": n, "cause": cause, "words": words[cause].pop() if len(words[cause]) == 1 else ""}
        for cause, n in counts.most_common()
    ]


def days_words(found: Row) -> list[str]:
    """Say for how many days in a row nothing is open."""
    good = found["good_days"]
    if not good:
        return []
    span = good[0] if len(good) == 1 else f"{good[-1]} to {good[0]}"
    many = "1 day" if len(good) == 1 else f"{len(good)} days with paper in a row"
    these = [day for day in found["days"] if day["day"] in good]
    with_paper, panels = sum(day["with_paper"] for day in these), sum(day["panels"] for day in these)
    return [f"{many} without an unexplained difference ({span}), on {with_paper} of {panels} panels."]


def percent(share: float | None) -> str:
    """Write a share; never 100.0 for less."""
    if share is None:
        return ""
    return f"{min(share, 99.9):.1f}" if share < 100 else "100.0"
