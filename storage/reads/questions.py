"""What people ask for: lists, newest first, of what fits everything given. None: it does not matter.

Lists of things run by the time the thing was made, lists of results and notes by the time they were recorded.
`since` and `until` bound that time; `until` itself is outside.
"""

from dataclasses import dataclass
from datetime import datetime

from storage.reads.page import EARLIEST, LATEST
from storage.records import OrderStatus, PalletStatus, PanelStatus, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchNotes:
    """Notes on panels, results and criteria that have all of the words, as `words` gives them.

    `status` is the panel's now; `station` is where the note was written: notes on the panel itself have none.
    """

    words: tuple[str, ...]
    status: PanelStatus | None = None
    order: str | None = None
    station: int | None = None
    since: datetime = EARLIEST
    until: datetime = LATEST


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPanels:
    """Panels; `station` is where they are expected."""

    status: PanelStatus | None = None
    order: str | None = None
    station: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFailed:
    """Panels that are scrap, each with the verdict that failed it last."""

    order: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListResults:
    """Verdicts of the stations; `standing`: only those nobody took back."""

    result: Verdict | None = None
    order: str | None = None
    station: int | None = None
    standing: bool = False
    since: datetime = EARLIEST
    until: datetime = LATEST


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOrders:
    """Orders with what their panels add up to."""

    status: OrderStatus | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPallets:
    """Pallets with how many panels are on them."""

    status: PalletStatus | None = None
    order: str | None = None


Question = SearchNotes | ListPanels | ListFailed | ListResults | ListOrders | ListPallets
