"""A line without hardware or event loop: real store, real decisions, a clock that the test moves."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from uuid_utils.compat import uuid7

from drivers.readings import Answer, Flash, FlashKind, FlashSource, IvValues
from stations.decide import Decided, Decider
from stations.gather import Surroundings
from stations.office.outcome import Actor, Desk, Outcome
from stations.rules.commands import BADGE_PREFIX, badge_hash
from stations.rules.flashes import raw_flash
from stations.rules.settings import read_rules
from stations.statecodec import StateCodec
from stations.workflow.state import StationState
from stations.workflow.turn import Action, Place, ScanEvent, TesterMode
from storage.records import (
    Batch,
    ConfigEntry,
    Hold,
    Order,
    Pallet,
    Panel,
    RawFlash,
    RawScan,
    Record,
    Role,
    StationResult,
    User,
    thing_uuid,
)
from storage.records.seeds import seed_records
from storage.sqlite.store import Store
from storage.sqlite.view import View

Q = TypeVar("Q")
T = TypeVar("T")

SITE = "T"
BEGIN = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
GOOD = {
    "36": (200.1, 24.5123, 9.6213, 20.8123, 9.6145),
    "60": (329.12, 41.013, 10.192, 33.921, 9.7026),
    "144": (451.63, 49.812, 11.253, 42.325, 10.6705),
}


def serial(number: int, cells: str = "60") -> str:
    """A well-formed serial."""
    return f"CRS26WW{cells}{number:05d}"


def values(cells: str = "60", factor: float = 1.0, nudge: float = 0.0) -> IvValues:
    """Plausible five values; `factor` scales the power, `nudge` makes them nobody else's."""
    _, voc, isc, vmp, imp = GOOD[cells]
    imp = round(imp * factor + nudge, 6)
    return IvValues(round(vmp * imp, 4), voc, round(isc * factor + nudge, 6), vmp, imp, 6)


@dataclass
class Shift:
    """One line under test. Stations 1 to 4, operators op1 to op4, supervisor boss; badge token = user name."""

    path: Path
    line: int = 1
    tester: TesterMode = TesterMode.LIVE
    now: datetime = BEGIN
    codec: StateCodec = field(default_factory=StateCodec)
    actions: list[Action] = field(default_factory=list)
    last: Decided | None = None
    vfs: str | None = None
    store: Store = field(init=False)
    around: Surroundings = field(init=False)

    def __post_init__(self) -> None:
        self.store = Store.open(self.path, site=SITE, line_number=self.line, vfs=self.vfs)
        if not self.store.view.users():
            self.store.write(Batch((*seed_records(SITE, self.now), *self._people())))
        self.reload()

    def _people(self) -> Iterable[User]:
        people = [*((f"op{n}", Role.OPERATOR, None) for n in (1, 2, 3, 4)), ("boss", Role.SUPERVISOR, None)]
        for name, role, station in people:
            yield User(
                uuid=thing_uuid(SITE, "user", name), username=name, role=role, badge_hash=badge_hash(name),
                station_assignment=station, created_at=self.now,
            )  # fmt: skip

    def restart(self) -> None:
        """Stop and start: nothing but the file survives."""
        self.store.close()
        self.codec = StateCodec()
        self.__post_init__()

    def reload(self) -> None:
        """Read the rules again."""
        view = self.store.view
        rules, problems = read_rules(view.config())
        names = {user.uuid: user.username for user in view.users()}
        self.around = Surroundings(
            Place(SITE, self.line), rules, problems, view.criteria(), view.waivers(self.now), names
        )

    def rule(self, key: str, value: str) -> None:
        """Change a rule."""
        entry = ConfigEntry(
            uuid=thing_uuid(SITE, "config", key), config_key=key, config_value=value, updated_at=self.now
        )
        self.store.write(Batch((entry,)))
        self.reload()

    def order(self, mo: str = "MO1", cells: str = "60", quantity: int = 10, **changes: object) -> Order:
        """Open an order."""
        order = Order(
            uuid=thing_uuid(SITE, "order", mo), mo_number=mo, panel_type=cells, line_number=self.line,
            quantity=quantity, created_at=self.now,
        )  # fmt: skip
        order = replace(order, **changes)  # type: ignore[arg-type]
        self.write(order)
        return order

    def write(self, *records: Record) -> None:
        """Write records as they are."""
        self.store.write(Batch(records))

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)

    def _decider(self) -> Decider:
        return Decider(self.around, self.tester, self.codec, uuid7)

    def scan(self, station: int, text: str, *, after_s: float = 3.0, device: str | None = None) -> str:
        """Scan a text at a station; the outcome code."""
        self.wait(after_s)
        name = device or f"scanner{station}"
        raw = RawScan(uuid=uuid7(), device=name, station_number=station, raw=text.encode(), text=text, seen_at=self.now)
        event = ScanEvent(raw.uuid, name, text, self.now)
        decided = self.store.transact((raw,), self._decider().scan(station, event))
        self.last = decided
        self.actions.extend(decided.actions)
        outcome = next(r for r in decided.batch.records if type(r).__name__ == "ScanOutcome")
        return str(getattr(outcome, "code"))  # noqa: B009 -- the union has no such attribute for the type checker

    def badge(self, station: int, name: str | None = None) -> str:
        """Sign in at a station."""
        return self.scan(station, BADGE_PREFIX + (name or f"op{station}").upper())

    def badges(self) -> None:
        """Sign in everywhere."""
        for station in (1, 2, 3, 4):
            assert self.badge(station) == "signed_in"

    def reading(
        self,
        five: IvValues,
        *,
        source: FlashSource = FlashSource.LIVE,
        sn: str | None = None,
        stamp: str | None = None,
        kind: FlashKind = FlashKind.PANEL,
    ) -> RawFlash:
        """A raw flash as the drivers would give it."""
        flash = Flash(
            device="tester", raw=repr(five).encode(), wall=self.now, monotonic_ns=0, source=source, kind=kind,
            serial_text=sn, date_text=stamp and "2026-03-02", time_text=stamp, values=five, irradiance_w_m2=1000.0,
            temperature_c=25.0, origin="test",
        )  # fmt: skip
        return raw_flash(flash, uuid7())

    def flash(self, five: IvValues, *, after_s: float = 5.0, **more: object) -> Decided:
        """Let the live tester send a flash."""
        self.wait(after_s)
        row = self.reading(five, **more)  # type: ignore[arg-type]
        self.write(row)
        self.last = self.store.transact((), self._decider().flash(row, self.now))
        self.actions.extend(self.last.actions)
        return self.last

    def late(self, *rows: RawFlash) -> Decided:
        """Import late rows, as one batch of a file; the last one's decision."""
        self.write(*rows)
        moments = (self.now + timedelta(microseconds=number) for number in range(len(rows)))
        decisions = [self._decider().late(row, at) for row, at in zip(rows, moments, strict=True)]
        for outcome in self.store.transact_each((), decisions):
            assert isinstance(outcome, Decided), outcome
            self.actions.extend(outcome.actions)
            self.last = outcome
        assert self.last is not None
        return self.last

    def row(self, number: str, five: IvValues, stamp: str = "10:00:00") -> RawFlash:
        """A row of a result file."""
        return self.reading(five, source=FlashSource.LATE, sn=number, stamp=stamp)

    def fault(self, reason: str = "No contact.", *, after_s: float = 5.0) -> None:
        """Let the tester say that it could not measure."""
        self.wait(after_s)
        self.last = self.store.transact((), self._decider().fault(reason, self.now))

    def garble(self, *, after_s: float = 5.0) -> None:
        """Let the tester send a line that nobody can read."""
        self.wait(after_s)
        self.last = self.store.transact((), self._decider().garble(self.now))

    def aside(self, station: int) -> str:
        """What is said beside the banner."""
        return self.state(station).aside

    def enter(self, five: IvValues) -> str:
        """Scan five values at station 4; the last one's outcome."""
        code = ""
        for value in five.five:
            for character in f"{value:g}":
                self.scan(4, "SL-POINT" if character == "." else f"SL-N-{character}")
            code = self.scan(4, "SL-ENTER")
        return code

    def fail(self, station: int, number: str, mark: str = "SL-OTHER") -> None:
        """Send a panel to rework."""
        assert self.scan(station, number) in ("opened", "opened_new"), self.screen(station)
        for text in (mark, "SL-D-101"):
            self.scan(station, text)
        assert self.scan(station, "SL-DONE") == "verdict_fail", self.screen(station)

    def ask(self, decide: Callable[[View, Desk, Q], Outcome[T]], request: Q, who: str = "boss") -> Outcome[T]:
        """Let the office decide."""
        self.wait(1)

        def decided(view: View) -> Outcome[T]:
            actor = Actor(who, view.user_by_name(who))
            return decide(view, Desk(Place(SITE, self.line), self.now, uuid7, actor), request)

        outcome = self.store.transact((), decided)
        self.reload()
        return outcome

    def get(self, decide: Callable[[View, Desk, Q], Outcome[T]], request: Q, who: str = "boss") -> T:
        """Let the office decide something that is not refused."""
        outcome = self.ask(decide, request, who)
        assert outcome.refusal is None, outcome.refusal
        assert outcome.value is not None
        return outcome.value

    def state(self, station: int) -> StationState:
        """A station's state as stored."""
        return self.codec.decode(station, self.store.view.station_state(station))

    def panel(self, number: str) -> Panel:
        """A panel that must be known."""
        found = self.store.view.panel(number)
        assert found is not None, number
        return found

    def results(self, number: str) -> tuple[StationResult, ...]:
        """Every result row of a panel."""
        return self.store.view.results_of(self.panel(number).uuid)

    def pallet_of(self, number: str) -> Pallet | None:
        """The pallet a panel lies on."""
        found = self.store.view.pallet_of(self.panel(number).uuid)
        return found[0] if found else None

    def holds(self, number: str) -> tuple[Hold, ...]:
        """Open holds of a panel."""
        return self.store.view.open_holds(self.panel(number).uuid)

    def passed(self, number: str, *stations: int, cells: str = "60", nudge: float = 0.0) -> None:
        """Take a panel through stations with PASS."""
        for station in stations:
            assert self.scan(station, number) in ("opened", "opened_new"), self.screen(station)
            if station == 4:
                self.flash(values(cells, nudge=nudge))
            assert self.scan(station, "SL-PASS") == "verdict_pass", self.screen(station)

    def screen(self, station: int) -> str:
        """What the operator reads."""
        banner = self.state(station).banner
        return f"{banner.colour} {banner.headline} | {banner.detail} | {banner.todo}"

    def answer(self) -> Answer:
        """What the device was told last."""
        assert self.last is not None
        return self.last.answer

    def panel_uuid(self, number: str) -> UUID:
        """The uuid of a serial."""
        return thing_uuid(SITE, "panel", number)
