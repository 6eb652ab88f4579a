"""Reads for people: the questions, the one shape of the answers, and what a word is; pure, asked of either store."""

from storage.reads.answers import (
    FailedPanel,
    Found,
    FoundNote,
    FoundOrder,
    FoundPallet,
    FoundPanel,
    FoundResult,
    Noted,
    OrderReport,
    PanelsAt,
)
from storage.reads.history import History
from storage.reads.page import BEGINNING, EARLIEST, LATEST, Mark, Page, Piece, mark_of
from storage.reads.questions import (
    ListFailed,
    ListOrders,
    ListPallets,
    ListPanels,
    ListResults,
    Question,
    SearchNotes,
)
from storage.reads.words import words

__all__ = [
    "BEGINNING",
    "EARLIEST",
    "LATEST",
    "FailedPanel",
    "Found",
    "FoundNote",
    "FoundOrder",
    "FoundPallet",
    "FoundPanel",
    "FoundResult",
    "History",
    "ListFailed",
    "ListOrders",
    "ListPallets",
    "ListPanels",
    "ListResults",
    "Mark",
    "Noted",
    "OrderReport",
    "Page",
    "PanelsAt",
    "Piece",
    "Question",
    "SearchNotes",
    "mark_of",
    "words",
]
