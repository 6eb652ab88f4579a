"""The operations that list, search and report: their arguments, and the question each one asks of either side."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol, TypeVar

from daemon.control.calls import Call, Operation
from daemon.control.protocol import Code, ControlError
from daemon.control.sources import Asking, Source, answered, told
from daemon.control.views.found import plain_report
from daemon.control.views.plain import Json
from stations.office.finding import station_numbered
from stations.office.wording import one_line
from storage import reads
from storage.postgres.link import Link
from storage.postgres.reads import ask, order_report
from storage.reads import EARLIEST, LATEST, OrderReport, Piece, Question, mark_of, words
from storage.records import OrderStatus, PalletStatus, PanelStatus, Verdict
from storage.sqlite.view import View

_MOST: Final = 10_000
_LONGEST: Final = 100


class _InPieces(Protocol):
    @property
    def limit(self) -> int: ...

    @property
    def after(self) -> str | None: ...

    @property
    def source(self) -> Source: ...


A = TypeVar("A", bound=_InPieces)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchNotes:
    """Notes with all of these words. `station`: written there; `after`: what a piece said was next."""

    text: str
    status: PanelStatus | None = None
    order: str | None = None
    station: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 50
    after: str | None = None
    source: Source = Source.AUTO


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPanels:
    """Panels, only those that fit everything given; `station` is where they are expected."""

    status: PanelStatus | None = None
    station: int | None = None
    order: str | None = None
    limit: int = 100
    after: str | None = None
    source: Source = Source.LOCAL


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFailed:
    """Panels that are scrap."""

    order: str | None = None
    limit: int = 50
    after: str | None = None
    source: Source = Source.AUTO


@dataclass(frozen=True, slots=True, kw_only=True)
class ListResults:
    """Verdicts of the stations; `standing`: only those nobody took back."""

    result: Verdict | None = None
    order: str | None = None
    station: int | None = None
    standing: bool = False
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 50
    after: str | None = None
    source: Source = Source.AUTO


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOrders:
    """All orders, or those with one status."""

    status: OrderStatus | None = None
    limit: int = 100
    after: str | None = None
    source: Source = Source.LOCAL


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPallets:
    """Pallets, all or those with one status or of one order."""

    status: PalletStatus | None = None
    order: str | None = None
    limit: int = 100
    after: str | None = None
    source: Source = Source.LOCAL


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowOrder:
    """One order."""

    mo_number: str
    source: Source = Source.LOCAL


async def show_order(call: Call, args: ShowOrder) -> Json:
    """Give an order with its progress, its panels by status, its pallets."""
    number = one_line("The order number", args.mo_number, _LONGEST)
    question, piece = reads.ListPanels(order=number), Piece(_MOST)

    async def there(link: Link) -> Json:
        report = await order_report(link, number)
        return plain_report(_there_is(report, number), await ask(link, question, piece))

    def here(view: View) -> Json:
        report = view.reads.order_report(number)
        panels, line_number = view.reads.ask(question, piece), call.line.place.line_number
        return plain_report(_there_is(report, number), panels, line_number)

    asking = Asking("OrderReport", {"order": number}, there, here)
    return await told(call, asking, args.source)


def _there_is(report: OrderReport | None, mo_number: str) -> OrderReport:
    if report is None:
        raise ControlError(Code.NOT_FOUND, f"There is no order {mo_number}.", "List them: sunline order list.")
    return report


def listing(arguments: type[A], question: Callable[[A], Question]) -> Operation[A]:
    """Make an operation that lists: everybody on the line's PC may ask."""

    async def run(call: Call, args: A) -> Json:
        return await answered(call, question(args), _piece(args), args.source)

    return Operation(None, arguments, run)


def notes(args: SearchNotes) -> Question:
    """Ask for notes."""
    found = words(args.text)
    if not found:
        raise ControlError(Code.INVALID, "There is nothing to search for.", "Give a word: letters or digits.")
    return reads.SearchNotes(
        words=found, status=args.status, order=_number(args.order), station=_station(args.station),
        since=_moment("since", args.since, EARLIEST), until=_moment("until", args.until, LATEST),
    )  # fmt: skip


def panels(args: ListPanels) -> Question:
    """Ask for panels."""
    return reads.ListPanels(status=args.status, order=_number(args.order), station=_station(args.station))


def failed(args: ListFailed) -> Question:
    """Ask for scrap."""
    return reads.ListFailed(order=_number(args.order))


def results(args: ListResults) -> Question:
    """Ask for verdicts."""
    return reads.ListResults(
        result=args.result, order=_number(args.order), station=_station(args.station), standing=args.standing,
        since=_moment("since", args.since, EARLIEST), until=_moment("until", args.until, LATEST),
    )  # fmt: skip


def orders(args: ListOrders) -> Question:
    """Ask for orders."""
    return reads.ListOrders(status=args.status)


def pallets(args: ListPallets) -> Question:
    """Ask for pallets."""
    return reads.ListPallets(status=args.status, order=_number(args.order))


def _piece(args: _InPieces) -> Piece:
    if not 1 <= args.limit <= _MOST:
        raise ControlError(Code.INVALID, f"A limit of {args.limit} is not possible.", f"Give 1 to {_MOST}.")
    if args.after is None:
        return Piece(args.limit)
    try:
        return Piece(args.limit, mark_of(args.after))
    except ValueError as error:
        message = f"{args.after[:60]!r} is no place in a list."
        raise ControlError(Code.INVALID, message, "Give what the piece before said to go on with.") from error


def _number(order: str | None) -> str | None:
    return one_line("The order number", order, _LONGEST) if order is not None else None


def _station(number: int | None) -> int | None:
    if number is not None:
        station_numbered(number)
    return number


def _moment(name: str, given: datetime | None, else_: datetime) -> datetime:
    if given is None:
        return else_
    if given.tzinfo is None:
        raise ControlError(Code.INVALID, f"The argument {name} has no time zone.", "Write it as 2026-03-01T06:00:00Z.")
    try:
        return given.astimezone(UTC)
    except OverflowError as error:
        raise ControlError(Code.INVALID, f"The argument {name} is no time of ours.", "Give a later day.") from error
