"""A line to be put under stress: its files, its people and orders, and what its store says afterwards."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

from daemon.config import LineConfig, load_config
from stations.rules.commands import BADGE_PREFIX, badge_hash
from stations.statecodec import StateCodec
from stations.workflow.state import StationState
from storage.records import (
    Batch,
    ConfigEntry,
    Order,
    Panel,
    RawFlash,
    RawGarble,
    RawScan,
    Record,
    Role,
    ScanOutcome,
    StationResult,
    User,
    thing_uuid,
)
from storage.records.seeds import seed_records
from storage.sqlite import Store
from storage.sqlite.view import View

SITE = "T"
LINE = 1
STATIONS = (1, 2, 3, 4)
PALLET = 5
BADGES = {station: f"{BADGE_PREFIX}TOKEN{station}" for station in STATIONS}
REPLYING = '\n[reply]\ngood = "\\u0006"\nbad = "\\u0015"\nwhen = "stored"\n'


def serial(number: int, cells: str = "60") -> str:
    """A well-formed serial."""
    return f"CRS26WW{cells}{number:05d}"


@dataclass
class Premises:
    """Where one line's files lie; `socket_folder` is short, as socket paths must be."""

    folder: Path
    socket_folder: Path
    scanners: dict[str, int] = field(default_factory=lambda: {f"scanner-{n}": n for n in STATIONS})
    tester: str = "live"
    extra: str = ""
    http: str = "enabled = false"

    @property
    def config(self) -> Path:
        return self.folder / "line.toml"

    @property
    def store(self) -> Path:
        return self.folder / "data" / "line.db"

    @property
    def exports(self) -> Path:
        return self.folder / "exports"

    def port(self, name: str) -> Path:
        return self.folder / name

    def write_config(self) -> None:
        """Write the line's TOML file; the tester's dialect beside it answers each flash it stored."""
        dialect = self.folder / "rig.toml"
        shipped = files("drivers.tester").joinpath("dialects/csv-lines.toml").read_text(encoding="utf-8")
        dialect.write_text(shipped.replace("\n[[fields]]", REPLYING + "\n[[fields]]", 1), encoding="utf-8")
        self.exports.mkdir(exist_ok=True)
        self.store.parent.mkdir(exist_ok=True)
        fresh = self.folder / "line.toml.new"
        fresh.write_text(self.config_text(), encoding="utf-8")
        fresh.replace(self.config)

    def config_text(self) -> str:
        stations = "\n".join(self._station(number) for number in STATIONS)
        return (
            f'site = "{SITE}"\nline = {LINE}\n{self.extra}\n'
            f'[store]\npath = "{self.store}"\nwarn_free_mb = 2\nrefuse_free_mb = 1\nballast_mb = 0\n\n'
            f'[control]\nsocket = "{self.socket_folder}/line.sock"\n\n[http]\n{self.http}\n\n'
            f"{stations}\n{self._tester()}"
        )

    def _station(self, number: int) -> str:
        scanners = "".join(
            f'[[station.scanner]]\nname = "{name}"\nkind = "honeywell-host-ack"\n'
            f'port = {{ file = "{self.port(name)}" }}\n'
            for name, station in self.scanners.items()
            if station == number
        )
        return f"[[station]]\nnumber = {number}\nscreen = true\n{scanners}"

    def _tester(self) -> str:
        if self.tester == "files":
            return f'[tester]\nname = "tester"\nkind = "files"\nfolder = "{self.exports}"\npoll_s = 0.1\n'
        port = f'port = {{ file = "{self.port("tester")}" }}'
        return f'[tester]\nname = "tester"\nkind = "ascii"\ndialect = "{self.folder}/rig.toml"\n{port}\n'

    def furnish(self, *, quantity: int = 100_000) -> None:
        """Make a store with people and one order in it."""
        self.store.parent.mkdir(exist_ok=True)
        store = Store.open(self.store, site=SITE, line_number=LINE)
        store.write(Batch(tuple(provision(quantity))))
        store.close()

    def furnish_people(self) -> None:
        """Put people and an order into a store that began empty."""
        self.furnish()

    def load(self) -> LineConfig:
        return load_config(self.config, environment={})


@contextmanager
def premises(folder: Path, **changes: object) -> Iterator[Premises]:
    """Give a line's premises, configuration and store ready."""
    sockets = Path(tempfile.mkdtemp(prefix="sl-"))
    try:
        made = Premises(folder, sockets, **changes)  # type: ignore[arg-type]
        made.write_config()
        made.furnish()
        yield made
    finally:
        shutil.rmtree(sockets)


def provision(quantity: int) -> Iterator[Record]:
    """Give people, rules and an order."""
    now = datetime.now(UTC)
    yield from seed_records(SITE, now)
    key = "default_pallet_size"
    yield ConfigEntry(uuid=thing_uuid(SITE, "config", key), config_key=key, config_value=str(PALLET), updated_at=now)
    for station in STATIONS:
        name = f"op{station}"
        yield User(
            uuid=thing_uuid(SITE, "user", name), username=name, role=Role.OPERATOR, station_assignment=station,
            badge_hash=badge_hash(f"TOKEN{station}"), created_at=now,
        )  # fmt: skip
    yield Order(
        uuid=thing_uuid(SITE, "order", "MO1"), mo_number="MO1", panel_type="60", line_number=LINE,
        quantity=quantity, created_at=now,
    )  # fmt: skip


@dataclass
class Books:
    """What a store's change log says, read on from where the last reading ended."""

    seq: int = 0
    scans: dict[int, list[RawScan]] = field(default_factory=lambda: {n: [] for n in STATIONS})
    outcomes: dict[str, ScanOutcome] = field(default_factory=dict)
    results: dict[int, list[StationResult]] = field(default_factory=lambda: {n: [] for n in STATIONS})
    flashes: list[RawFlash] = field(default_factory=list)
    garbles: list[RawGarble] = field(default_factory=list)
    serials: dict[str, str] = field(default_factory=dict)
    states: dict[int, StationState] = field(default_factory=dict)

    def read_on(self, view: View) -> None:
        """Take in every change since the last time."""
        assert view.last_seq() >= self.seq, "changes vanished"
        while page := view.changes_after(self.seq, 1000):
            for change in page:
                assert change.seq == self.seq + 1, "a change is missing"
                self.seq = change.seq
                self._take(change.record())
        codec = StateCodec()
        self.states = {n: codec.decode(n, view.station_state(n)) for n in STATIONS}
        self.serials |= {str(p.uuid): p.serial_number for p in _all_panels(view)}

    def _take(self, record: Record) -> None:
        match record:
            case RawScan():
                self.scans[record.station_number].append(record)
            case ScanOutcome():
                assert str(record.scan_uuid) not in self.outcomes, "a scan was decided on twice"
                self.outcomes[str(record.scan_uuid)] = record
            case StationResult():
                self.results[record.station_number].append(record)
            case RawFlash():
                self.flashes.append(record)
            case RawGarble():
                self.garbles.append(record)

    def verdicts(self, station: int) -> list[tuple[str, str]]:
        """Every result of a station as (serial, verdict), in order, VOID rows included."""
        return [(self.serials[str(row.panel_uuid)], row.result.value) for row in self.results[station]]


def _all_panels(view: View) -> Iterator[Panel]:
    last = ""
    while page := view.panels(after_serial=last, limit=1000):
        yield from page
        last = page[-1].serial_number


@contextmanager
def opened(path: Path, scratch: Path) -> Iterator[Store]:
    """Open a copy of a store as it lies there, whoever left it; the original is not touched."""
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    for suffix in ("", "-wal"):
        source = path.with_name(path.name + suffix)
        if source.exists():
            shutil.copy2(source, scratch / source.name)
    store = Store.open(scratch / path.name, site=SITE, line_number=LINE)
    try:
        yield store
    finally:
        store.close()


def read_books(path: Path, scratch: Path, books: Books | None = None) -> Books:
    """Read a store's books in a copy."""
    books = books or Books()
    with opened(path, scratch) as store:
        assert not [alarm for alarm in store.view.alarms(10) if alarm.code == "store_salvaged"]
        books.read_on(store.view)
    return books
