"""Pieces of lists as JSON-able objects: the same, whoever answered."""

from daemon.control.views.plain import Json, plain, plain_order
from storage.reads import FailedPanel, Found, FoundNote, FoundOrder, FoundPallet, FoundPanel, FoundResult, Page


def plain_page(page: Page[Found]) -> Json:
    """Give a piece of a list; `next` is what to go on with, None at its end."""
    return {"rows": [plain_found(row) for row in page.rows], "next": page.after.token if page.after else None}


def plain_found(row: Found) -> Json:
    """Give one row of a list."""
    match row:
        case FoundPanel():
            return plain(row.panel)
        case FailedPanel():
            return plain(row.panel) | {"verdict": plain(row.verdict) if row.verdict else None}
        case FoundOrder():
            return plain_order(row.order, row.counts)
        case FoundPallet():
            return plain_pallet(row)
        case FoundNote() | FoundResult():
            return plain(row)


def plain_pallet(row: FoundPallet) -> Json:
    """Give a pallet with its order's number and how many panels are on it."""
    return plain(row.pallet) | {"mo_number": row.mo_number, "count": row.count}
