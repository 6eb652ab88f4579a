"""Reads over one connection: typed records out, nothing written."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, TypeVar
from uuid import UUID

import apsw

from storage.changes import Change
from storage.changes.codec import time_text
from storage.errors import StoreDamaged
from storage.reads import History
from storage.records import (
    Alarm,
    ConfigEntry,
    Criterion,
    CriterionResult,
    FlashRuling,
    Hold,
    HoldRelease,
    ImportedFile,
    IntakeError,
    Order,
    OrderAlert,
    OrderChoice,
    OrderCounts,
    OrderStatus,
    Override,
    Pallet,
    PalletPanel,
    PalletRemoval,
    Panel,
    PanelStatus,
    RawFlash,
    RawGarble,
    RawScan,
    Record,
    ScanOutcome,
    SignIn,
    StationResult,
    User,
    Verdict,
    Waiver,
)
from storage.sqlite.answers import FindingCount, PanelCount, ResultCount, change_of
from storage.sqlite.exporting import Exports
from storage.sqlite.ledger import LedgerView
from storage.sqlite.queries import QUERIES
from storage.sqlite.reads import Reads
from storage.sqlite.sticks import StickView
from storage.sqlite.tables import Row, table_of

R = TypeVar("R", bound=Record)
S = TypeVar("S", bound=Record)

Binding = str | int | None
_LAST: Final = chr(0x10FFFF)


class View:
    """What is stored, seen through one connection; inside a transaction it sees what that has written so far."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    @property
    def ledger(self) -> LedgerView:
        """The books of the exchange with the central server."""
        return LedgerView(self._connection)

    @property
    def reads(self) -> Reads:
        """What people look for."""
        return Reads(self._connection)

    @property
    def sticks(self) -> StickView:
        """What is stored of USB sticks."""
        return StickView(self._connection)

    @property
    def exports(self) -> Exports:
        """What leaves the factory."""
        return Exports(self._connection)

    def owner(self) -> tuple[str, int]:
        """Say whose store this is: site and line."""
        ((_, site, line_number),) = self._rows("meta")
        return str(site), int(line_number)

    def station_state(self, station: int) -> str | None:
        """Give the workflow state of a station, as JSON."""
        rows = self._rows("station_state", station)
        return rows[0][0] if rows else None

    def station_states(self) -> dict[int, str]:
        """Give every station's workflow state, by number."""
        return dict(self._rows("station_states"))

    def recent_scans(self, station: int, limit: int) -> tuple[tuple[RawScan, ScanOutcome | None], ...]:
        """Give a station's scans with what they led to, newest first."""
        return self._pairs(RawScan, ScanOutcome, "recent_scans", station, limit)

    def stations_that_scanned(self, panel_uuid: UUID, since: datetime, until: datetime) -> tuple[int, ...]:
        """Give the stations where a panel was scanned after one moment and not after another."""
        rows = self._rows("stations_that_scanned", str(panel_uuid), time_text(since), time_text(until))
        return tuple(row[0] for row in rows)

    def damage(self) -> tuple[str, ...]:
        """Read the whole file and give what is wrong with it, at most ten sentences; empty when it is whole."""
        found = [str(row[0]) for row in self._connection.execute("PRAGMA quick_check(10)")]
        return () if found == ["ok"] else tuple(found)

    def alarms(self, limit: int) -> tuple[Alarm, ...]:
        """Give the alarms, newest first."""
        return self._all(Alarm, "alarms", limit)

    def garbles(self, limit: int) -> tuple[RawGarble, ...]:
        """Give what nobody could read, newest first."""
        return self._all(RawGarble, "garbles", limit)

    def intake_errors(self, limit: int) -> tuple[IntakeError, ...]:
        """Give the failed decisions, newest first."""
        return self._all(IntakeError, "intake_errors", limit)

    def panel(self, serial: str) -> Panel | None:
        """Find a panel by its normalised serial."""
        return self._one(Panel, "panel", serial)

    def panel_by_uuid(self, uuid: UUID) -> Panel | None:
        """Find a panel."""
        return self._one(Panel, "panel_by_uuid", str(uuid))

    def panels(self, *, after_serial: str = "", limit: int = 100) -> tuple[Panel, ...]:
        """Give a page of panels by serial, beginning after one."""
        return self._all(Panel, "panels", after_serial, limit)

    def result(self, uuid: UUID) -> StationResult | None:
        """Find a station result."""
        return self._one(StationResult, "result", str(uuid))

    def results_of(self, panel_uuid: UUID) -> tuple[StationResult, ...]:
        """Give a panel's results, oldest first, VOID rows included."""
        return self._all(StationResult, "results_of", str(panel_uuid))

    def last_results(self, station: int, limit: int) -> tuple[StationResult, ...]:
        """Give a station's results, newest first."""
        return self._all(StationResult, "last_results", station, limit)

    def criteria_results_of(self, result_uuid: UUID) -> tuple[CriterionResult, ...]:
        """Give what was found for each criterion of a result."""
        return self._all(CriterionResult, "criteria_results_of", str(result_uuid))

    def overrides_of(self, panel_uuid: UUID) -> tuple[Override, ...]:
        """Give the supervisors' decisions on a panel, oldest first."""
        return self._all(Override, "overrides_of", str(panel_uuid))

    def hold(self, uuid: UUID) -> Hold | None:
        """Find a hold."""
        return self._one(Hold, "hold", str(uuid))

    def open_holds(self, subject_uuid: UUID) -> tuple[Hold, ...]:
        """Give the holds on a panel or pallet that nobody released, oldest first."""
        return self._all(Hold, "open_holds", str(subject_uuid))

    def all_open_holds(self) -> tuple[Hold, ...]:
        """Give every hold that nobody released, oldest first."""
        return self._all(Hold, "all_open_holds")

    def history(self, panel_uuid: UUID) -> History | None:
        """Give everything that happened to a panel; None: no such panel."""
        panel = self.panel_by_uuid(panel_uuid)
        if panel is None:
            return None
        key = str(panel_uuid)
        return History(
            panel=panel,
            outcomes=self._all(ScanOutcome, "outcomes_of_panel", key),
            results=self.results_of(panel_uuid),
            criteria=self._all(CriterionResult, "criteria_results_of_panel", key),
            rulings=self._all(FlashRuling, "rulings_of_panel", key),
            holds=self._all(Hold, "holds_of", key),
            releases=self._all(HoldRelease, "releases_of", key),
            overrides=self.overrides_of(panel_uuid),
            placements=self._all(PalletPanel, "placements_of", key),
            removals=self._all(PalletRemoval, "removals_of", key),
        )

    def panel_counts(self) -> tuple[PanelCount, ...]:
        """Count the panels by status and station."""
        return tuple(PanelCount(PanelStatus(status), at, n) for status, at, n in self._rows("panel_counts"))

    def result_counts(self, since: datetime) -> tuple[ResultCount, ...]:
        """Count the results since a time by station and verdict; VOID rows are counted as such."""
        rows = self._rows("result_counts", time_text(since))
        return tuple(ResultCount(station, Verdict(result), count) for station, result, count in rows)

    def order(self, uuid: UUID) -> Order | None:
        """Find an order."""
        return self._one(Order, "order", str(uuid))

    def order_by_number(self, mo_number: str) -> Order | None:
        """Find an order by its MO number."""
        return self._one(Order, "order_by_number", mo_number)

    def orders(self, status: OrderStatus | None = None) -> tuple[Order, ...]:
        """Give the orders, oldest first."""
        return self._all(Order, "orders") if status is None else self._all(Order, "orders_with_status", status)

    def active_orders(self, panel_type: str, line: int) -> tuple[Order, ...]:
        """Give a line's active orders of one panel type, oldest first."""
        return self._all(Order, "active_orders", panel_type, line)

    def order_counts(self, order_uuid: UUID) -> OrderCounts:
        """Count an order's panels: all, completed, failed."""
        return OrderCounts(*self._rows("order_counts", str(order_uuid))[0])

    def order_choice(self, line: int, panel_type: str) -> OrderChoice | None:
        """Give what was chosen for a line and panel type."""
        return self._one(OrderChoice, "order_choice", line, panel_type)

    def alerts_of(self, order_uuid: UUID) -> tuple[OrderAlert, ...]:
        """Give what was already said of an order."""
        return self._all(OrderAlert, "alerts_of", str(order_uuid))

    def open_pallet(self, order_uuid: UUID) -> Pallet | None:
        """Give the pallet an order is filling."""
        return self._one(Pallet, "open_pallet", str(order_uuid))

    def open_pallets(self) -> tuple[Pallet, ...]:
        """Give every pallet that is not closed, by number."""
        return self._all(Pallet, "open_pallets")

    def pallet(self, number: str) -> Pallet | None:
        """Find a pallet by its number."""
        return self._one(Pallet, "pallet", number)

    def pallet_by_uuid(self, uuid: UUID) -> Pallet | None:
        """Find a pallet."""
        return self._one(Pallet, "pallet_by_uuid", str(uuid))

    def pallets(self, *, after_number: str = "", limit: int = 100) -> tuple[Pallet, ...]:
        """Give a page of pallets by number, beginning after one."""
        return self._all(Pallet, "pallets", after_number, limit)

    def pallet_panels(self, pallet_uuid: UUID) -> tuple[PalletPanel, ...]:
        """Give what is on a pallet now, by position."""
        return self._all(PalletPanel, "pallet_panels", str(pallet_uuid))

    def pallet_of(self, panel_uuid: UUID) -> tuple[Pallet, PalletPanel] | None:
        """Give the pallet a panel is on now, and its place there."""
        found = self._pairs(Pallet, PalletPanel, "pallet_of", str(panel_uuid))
        return (found[0][0], found[0][1]) if found and found[0][1] else None

    def last_pallet_number(self, prefix: str) -> str | None:
        """Give the highest pallet number with a prefix."""
        rows = self._rows("last_pallet_number", prefix, prefix + _LAST)
        return str(rows[0][0]) if rows else None

    def user(self, uuid: UUID) -> User | None:
        """Find a user."""
        return self._one(User, "user", str(uuid))

    def user_by_badge(self, badge_hash: str) -> User | None:
        """Find the user of a badge."""
        return self._one(User, "user_by_badge", badge_hash)

    def user_by_name(self, username: str) -> User | None:
        """Find a user by name."""
        return self._one(User, "user_by_name", username)

    def user_by_os_user(self, os_user: str) -> User | None:
        """Find the user behind a login of the line PC."""
        return self._one(User, "user_by_os_user", os_user)

    def users(self) -> tuple[User, ...]:
        """Give all users by name."""
        return self._all(User, "users")

    def any_admin(self) -> bool:
        """Say whether there is an active admin."""
        return bool(self._rows("any_admin")[0][0])

    def sign_in(self, uuid: UUID) -> SignIn | None:
        """Find a session."""
        return self._one(SignIn, "sign_in", str(uuid))

    def open_sign_in(self, station: int) -> SignIn | None:
        """Give a station's newest session unless it was signed out; its end by age is for the reader to judge."""
        return self._one(SignIn, "open_sign_in", station)

    def config(self) -> dict[str, str]:
        """Give the factory's rules by key."""
        return dict(self._rows("config"))

    def config_entries(self) -> tuple[ConfigEntry, ...]:
        """Give the factory's rules with who changed them when, by key."""
        return self._all(ConfigEntry, "config_entries")

    def criteria(self) -> tuple[Criterion, ...]:
        """Give all criteria by station and place, inactive ones too."""
        return self._all(Criterion, "criteria")

    def waivers(self, at: datetime) -> tuple[Waiver, ...]:
        """Give the waivers that hold at a time."""
        return self._all(Waiver, "waivers", time_text(at))

    def raw_flash(self, uuid: UUID) -> RawFlash | None:
        """Find a flash."""
        return self._one(RawFlash, "raw_flash", str(uuid))

    def raw_flashes_beginning(self, digits: str, limit: int) -> tuple[RawFlash, ...]:
        """Find flashes by the beginning of their uuid, written as uuids are: small hex digits and dashes."""
        return self._all(RawFlash, "raw_flashes_beginning", digits, digits, limit)

    def earlier_flash(self, row: RawFlash) -> RawFlash | None:
        """Give the first flash stored with the same key before `row`: that one is the flash, `row` repeats it."""
        return self._one(RawFlash, "earlier_flash", row.values_key, row.flash_key, str(row.uuid))

    def serials_with_values(self, row: RawFlash, not_serial: str | None) -> tuple[str, ...]:
        """Give the other serials under which the same five values were seen before `row`."""
        found = self._rows("serials_with_values", row.values_key, str(row.uuid), not_serial)
        return tuple(serial for (serial,) in found)

    def flashes_of_panel(self, panel_uuid: UUID) -> tuple[tuple[RawFlash, FlashRuling], ...]:
        """Give the flashes attached to a panel with the ruling that did it, oldest first."""
        pairs = self._pairs(RawFlash, FlashRuling, "flashes_of_panel", str(panel_uuid))
        return tuple((row, ruling) for row, ruling in pairs if ruling is not None)

    def flashes_of_serial(self, serial: str) -> tuple[RawFlash, ...]:
        """Give the flashes that name a serial, oldest first."""
        return self._all(RawFlash, "flashes_of_serial", serial)

    def ruling_of(self, flash_uuid: UUID) -> FlashRuling | None:
        """Give a flash's newest ruling."""
        return self._one(FlashRuling, "ruling_of", str(flash_uuid))

    def rulings_of(self, flash_uuid: UUID) -> tuple[FlashRuling, ...]:
        """Give everything ruled on a flash, oldest first."""
        return self._all(FlashRuling, "rulings_of", str(flash_uuid))

    def undecided_flashes(self, limit: int) -> tuple[RawFlash, ...]:
        """Give the flashes nobody ruled on, oldest first."""
        return self._all(RawFlash, "undecided_flashes", limit)

    def tray(self, limit: int) -> tuple[tuple[RawFlash, FlashRuling], ...]:
        """Give the flashes that wait for a person with their newest ruling, oldest first."""
        pairs = self._pairs(RawFlash, FlashRuling, "tray", limit)
        return tuple((flash, ruling) for flash, ruling in pairs if ruling)

    def tester_findings(self, since: datetime) -> tuple[FindingCount, ...]:
        """Count the rules' findings since a time, per tester."""
        return tuple(FindingCount(*row) for row in self._rows("tester_findings", time_text(since)))

    def imported(self, digest: str) -> bool:
        """Say whether a file with this digest was read to its end."""
        return bool(self._rows("imported", digest)[0][0])

    def imported_files(self, limit: int) -> tuple[ImportedFile, ...]:
        """Give the files read, newest first."""
        return self._all(ImportedFile, "imported_files", limit)

    def changes_after(self, seq: int, limit: int) -> tuple[Change, ...]:
        """Give the next changes in order."""
        return tuple(change_of(row) for row in self._rows("changes_after", seq, limit))

    def last_seq(self) -> int:
        """Give the newest change's number, 0 before the first: the high-water mark of a longer read."""
        rows = self._rows("last_change")
        return rows[0][0] if rows else 0

    def cursor(self, name: str) -> int:
        """Give how far a consumer came in this very store; 0: not begun, or begun in an earlier file."""
        rows = self._rows("cursor", name)
        return rows[0][0] if rows else 0

    def _rows(self, query: str, *bindings: Binding) -> list[Any]:
        try:
            return self._connection.execute(QUERIES[query], bindings).fetchall()
        except UnicodeDecodeError as error:
            raise _altered(error) from error

    def _one(self, record: type[R], query: str, *bindings: Binding) -> R | None:
        rows = self._rows(query, *bindings)
        return _decoded(record, rows[:1])[0] if rows else None

    def _all(self, record: type[R], query: str, *bindings: Binding) -> tuple[R, ...]:
        return _decoded(record, self._rows(query, *bindings))

    def _pairs(self, left: type[R], right: type[S], query: str, *bindings: Binding) -> tuple[tuple[R, S | None], ...]:
        decode_left, decode_right = table_of(left).decode, table_of(right).decode
        split = len(table_of(left).form.names)
        return tuple(
            (decode_left(row[:split]), _joined(decode_right, row[split:])) for row in self._rows(query, *bindings)
        )


def _decoded(record: type[R], rows: list[Any]) -> tuple[R, ...]:
    try:
        return tuple(map(table_of(record).decode, rows))
    except (ValueError, TypeError) as error:
        raise _altered(error) from error


def _altered(error: Exception) -> StoreDamaged:
    message = f"A row of the store was altered from outside and cannot be read ({error})."
    return StoreDamaged(message, todo="Call a technician: the store has to be restored from a copy.")


def _joined(decode: Callable[[Row], R], row: Row) -> R | None:
    return None if row[0] is None else decode(row)
