"""Paper: command sheets, badges and pallet sheets, as PDF and as HTML that needs nothing beside itself."""

from daemon.printing.badge import Badge, badge_pages
from daemon.printing.binding_sheet import binding_pages
from daemon.printing.command_sheet import Sheet, sheet_pages
from daemon.printing.html import to_html
from daemon.printing.pallet_sheet import PalletRow, PalletSheet, pallet_pages
from daemon.printing.pallet_words import read_pallet
from daemon.printing.pdf import to_pdf
from daemon.printing.scanner_sheet import scanner_pages

__all__ = [
    "Badge",
    "PalletRow",
    "PalletSheet",
    "Sheet",
    "badge_pages",
    "binding_pages",
    "pallet_pages",
    "read_pallet",
    "scanner_pages",
    "sheet_pages",
    "to_html",
    "to_pdf",
]
