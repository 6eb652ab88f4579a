"""A line with its store, its people and an order, to decide in."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from uuid_utils.compat import uuid7

from drivers.readings import Flash, FlashKind, FlashSource, IvValues
from stations.decide import Decider
from stations.gather import surroundings
from stations.office.outcome import Actor, Desk, Outcome, Refusal
from stations.rules.commands import badge_hash
from stations.rules.flashes import raw_flash
from stations.statecodec import StateCodec
from stations.workflow.state import StationState
from stations.workflow.turn import Place, ScanEvent, TesterMode
from storage.records import Batch, Order, Panel, RawFlash, RawScan, Record, Role, User, thing_uuid
from storage.records.seeds import seed_records
from storage.sqlite import Store, View

Q = TypeVar("Q")
T = TypeVar("T")

SITE, LINE = "IN", 1
PLACE = Place(SITE, LINE)
START = datetime(2025, 6, 2, 8, 0, tzinfo=UTC)
SERIAL = "CRS25WT6000001"
OTHER = "CRS25WT6000002"
GOOD = IvValues(327.60, 41.000, 10.190, 33.800, 9.6923, 5)
WEAK = IvValues(300.05, 41.000, 10.190, 33.800, 8.8772, 5)


def person(name: str, role: Role, *, active: bool = True, os_user: str | None = "") -> User:
    """A user whose login and badge are called like the user."""
    return User(
        uuid=thing_uuid(SITE, "user", name), username=name, role=role, badge_hash=badge_hash(name),
        os_user=name if os_user == "" else os_user, active=active, created_at=START,
    )  # fmt: skip


PEOPLE = (
    person("ada", Role.ADMIN), person("sam", Role.SUPERVISOR), person("otto", Role.OPERATOR),
    person("gone", Role.ADMIN, active=False),
)  # fmt: skip


def order(number: str = "MO-1", quantity: int = 3, panel_type: str = "60", *, low: float | None = 320.0) -> Order:
    """An active order of this line."""
    return Order(
        uuid=thing_uuid(SITE, "order", number), mo_number=number, panel_type=panel_type, line_number=LINE,
        quantity=quantity, pmax_min_w=low, created_at=START,
    )  # fmt: skip


class Shop:
    """One line with a real store; every step moves the clock by some seconds."""

    def __init__(self, path: Path, site: str = SITE) -> None:
        self.store = Store.open(path, site=site, line_number=LINE)
        self.at = START
        self.codec = StateCodec()
        self.write(*seed_records(SITE, START))

    @property
    def view(self) -> View:
        return self.store.view

    def write(self, *records: Record) -> None:
        self.store.write(Batch(records))

    def ask(self, decide: Callable[[View, Desk, Q], Outcome[T]], request: Q, who: str = "sam") -> Outcome[T]:
        """Decide and commit, as the line does."""
        self.at += timedelta(seconds=5)

        def decided(view: View) -> Outcome[T]:
            actor = Actor(who, view.user_by_os_user(who), is_root=who == "root")
            return decide(view, Desk(PLACE, self.at, uuid7, actor), request)

        return self.store.transact((), decided)

    def get(self, decide: Callable[[View, Desk, Q], Outcome[T]], request: Q, who: str = "sam") -> T:
        """Decide something that is not refused."""
        outcome = self.ask(decide, request, who)
        assert outcome.refusal is None, outcome.refusal
        assert outcome.value is not None
        return outcome.value

    def no(self, decide: Callable[[View, Desk, Q], Outcome[T]], request: Q, who: str = "sam") -> Refusal:
        """Decide something that is refused, and prove that nothing was written."""
        before = self.view.last_seq()
        outcome = self.ask(decide, request, who)
        assert outcome.refusal is not None, outcome.value
        assert self.view.last_seq() == before
        return outcome.refusal

    def scan(self, station: int, *texts: str, tester: TesterMode = TesterMode.NONE) -> StationState:
        """Scan texts at a station, one after the other."""
        state = StationState(station)
        for text in texts:
            self.at += timedelta(seconds=5)
            raw = RawScan(
                uuid=uuid7(), device=f"scanner-{station}", station_number=station, raw=text.encode(), text=text,
                seen_at=self.at,
            )  # fmt: skip
            event = ScanEvent(raw.uuid, raw.device, raw.text, self.at)
            decider = Decider(surroundings(self.view, PLACE, self.at), tester, self.codec, uuid7)
            state = self.store.transact((raw,), decider.scan(station, event)).state
        return state

    def work(self, serial: str, *stations: int) -> Panel:
        """Pass a panel at stations; at the last one with values by hand."""
        for station in stations:
            self.scan(station, "SL-U-otto", serial, *(by_hand(GOOD) if station == 4 else ()), "SL-PASS", "SL-OUT")
        found = self.view.panel(serial)
        assert found is not None
        return found

    def flash(
        self, values: IvValues, serial: str | None, source: FlashSource = FlashSource.LATE, at_text: str = "08:00:00"
    ) -> UUID:
        """Let a flash arrive and be decided on."""
        self.at += timedelta(seconds=5)
        reading = Flash(
            device="tester", raw=b"row", wall=self.at, monotonic_ns=0, source=source, kind=FlashKind.PANEL,
            serial_text=serial, date_text="2025-06-02", time_text=at_text, values=values, origin="file.xlsx#2",
        )  # fmt: skip
        row = raw_flash(reading, uuid7())
        self.write(row)
        decider = Decider(surroundings(self.view, PLACE, self.at), TesterMode.LATE, self.codec, uuid7)
        live = source is FlashSource.LIVE
        self.store.transact((), decider.flash(row, self.at) if live else decider.late(row, self.at))
        return row.uuid

    def row(self, uuid: UUID) -> RawFlash:
        found = self.view.raw_flash(uuid)
        assert found is not None
        return found


def by_hand(values: IvValues) -> tuple[str, ...]:
    """The scans that enter five values."""
    scans: list[str] = ["SL-MANUAL"]
    for value in values.five:
        scans += ["SL-POINT" if mark == "." else f"SL-N-{mark}" for mark in f"{value:g}"]
        scans.append("SL-ENTER")
    return tuple(scans)


def scaled(values: IvValues, by: float) -> IvValues:
    """The same measurement with all powers and currents a little off."""
    five = values.five
    assert all(five)
    return replace(values, pmax_w=(five[0] or 0) * by, isc_a=(five[2] or 0) * by, imp_a=(five[4] or 0) * by)
