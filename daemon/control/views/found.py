"""Pieces of lists as JSON-able objects: the same, whoever answered."""

from daemon.control.views.plain import Json, plain, plain_order
from storage.reads import (
    FailedPanel,
    Found,
    FoundNote,
    FoundOrder,
    FoundPallet,
    FoundPanel,
    FoundResult,
    OrderReport,
    Page,
)
from storage.records import Order, OrderCounts, PanelStatus


def plain_page(page: Page[Found], line_number: int | None = None) -> Json:
    """Give a piece of a list, as a line knows it or, without its number, the server.

    `next` is what to go on with, None at its end.
    """
    rows = [plain_found(row, line_number) for row in page.rows]
    return {"rows": rows, "next": page.after.token if page.after else None}


def plain_found(row: Found, line_number: int | None = None) -> Json:
    """Give one row of a list. A line has counted nothing for an order of another line."""
    match row:
        case FoundPanel():
            return plain(row.panel)
        case FailedPanel():
            return plain(row.panel) | {"verdict": plain(row.verdict) if row.verdict else None}
        case FoundOrder():
            return _order(row.order, row.counts, line_number)
        case FoundPallet():
            return plain_pallet(row)
        case FoundNote() | FoundResult():
            return plain(row)


def plain_pallet(row: FoundPallet) -> Json:
    """Give a pallet with its order's number and how many panels are on it."""
    return plain(row.pallet) | {"mo_number": row.mo_number, "count": row.count}


def plain_report(report: OrderReport, panels: Page[Found], line_number: int | None = None) -> Json:
    """Give an order with its progress, the serials of its panels by status, its pallets by number."""
    things = [row.panel for row in panels.rows if isinstance(row, FoundPanel)]
    pallets = sorted(report.pallets, key=lambda row: row.pallet.pallet_number)
    return _order(report.order, report.counts, line_number) | {
        "panels": {
            status.value: sorted(one.serial_number for one in things if one.status is status) for status in PanelStatus
        },
        "pallets": [plain_pallet(row) for row in pallets],
    }


def _order(order: Order, counts: OrderCounts, line_number: int | None) -> Json:
    return plain_order(order, counts if line_number in (None, order.line_number) else None)
