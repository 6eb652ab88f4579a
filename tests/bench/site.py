"""A line to measure: its configuration, its people, orders and panels, and its process."""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from stations.rules.commands import BADGE_PREFIX, badge_hash
from storage.records import Batch, Order, Panel, Record, Role, User, thing_uuid
from storage.records.seeds import seed_records
from storage.sqlite.connection import open_reading
from storage.sqlite.store import Store

ROOT = Path(__file__).parents[2]
BADGE = f"{BADGE_PREFIX}BENCH"
SITE, _CELLS = "TEST", "60"
_ORDER_PANELS = 500
_STATIONS = (1, 2, 3, 4)
_START_S = 30.0
_STOP_S = 20.0


@dataclass(frozen=True, slots=True)
class Scanner:
    """A scanner of the line under measurement."""

    name: str
    station: int
    kind: str = "honeywell-host-ack"


@dataclass(frozen=True, slots=True)
class Site:
    """Where the files of one measured line lie."""

    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "line.toml"

    @property
    def store(self) -> Path:
        return self.folder / "line.db"

    @property
    def results(self) -> Path:
        """The folder the tester's exports are dropped in."""
        return self.folder / "results"

    def port(self, name: str) -> Path:
        return self.folder / name


def serial(number: int) -> str:
    """Name the panel with a number."""
    return f"CRS25WT60{number:05d}"


def prepare(
    site: Site, scanners: Sequence[Scanner], *, tester: str, known_panels: int = 0, central_dsn: str = ""
) -> None:
    """Write configuration and store: an operator, an order, and panels that are in production already."""
    site.results.mkdir(parents=True)
    site.config.write_text(_config(site, scanners, tester), encoding="utf-8")
    if central_dsn:
        address = site.folder / "central.dsn"
        address.write_text(central_dsn, encoding="utf-8")
        address.chmod(0o600)
        with site.config.open("a", encoding="utf-8") as config:
            config.write(f'[central]\ndsn_file = "{address}"\n')
    store = Store.open(site.store, site=SITE, line_number=1)
    try:
        store.write(Batch((*seed_records(SITE, datetime.now(UTC)), *_provision(known_panels))))
    finally:
        store.close()


FILES_TESTER = '[tester]\nkind = "files"\nfolder = "{folder}/results"\npoll_s = 0.1\n'
SERIAL_TESTER = '[tester]\nkind = "ascii"\ndialect = "csv-lines"\nport = {{ file = "{folder}/tester" }}\n'


def _config(site: Site, scanners: Sequence[Scanner], tester: str) -> str:
    stations = "".join(
        f"[[station]]\nnumber = {number}\nscreen = true\n"
        + "".join(_scanner(site, one) for one in scanners if one.station == number)
        for number in _STATIONS
    )
    return (
        f'site = "{SITE}"\nline = 1\n[store]\npath = "{site.store}"\nwarn_free_mb = 200\nballast_mb = 0\n'
        f'[control]\nsocket = "{site.folder}/line.sock"\n{stations}{tester.format(folder=site.folder)}'
    )


def _scanner(site: Site, one: Scanner) -> str:
    port = f'{{ file = "{site.port(one.name)}" }}'
    return f'[[station.scanner]]\nname = "{one.name}"\nkind = "{one.kind}"\nport = {port}\n'


def _provision(known_panels: int) -> Iterator[Record]:
    now = datetime.now(UTC)
    yield User(
        uuid=thing_uuid(SITE, "user", "olga"), username="olga", role=Role.OPERATOR, badge_hash=badge_hash("BENCH"),
        created_at=now,
    )  # fmt: skip
    for number in range(known_panels):
        if number % _ORDER_PANELS == 0:
            order = _order(number // _ORDER_PANELS, now)
            yield order
        name = serial(99_999 - number)
        yield Panel(
            uuid=thing_uuid(SITE, "panel", name), serial_number=name, order_uuid=order.uuid, mo_number=order.mo_number,
            panel_type=_CELLS, frame_type="W", backsheet_type="T", year=2025, line_number=1, current_station=4,
            created_at=now,
        )  # fmt: skip
    yield _order(99, now)


def _order(number: int, now: datetime) -> Order:
    mo = f"MO-{number:02d}"
    uuid = thing_uuid(SITE, "order", mo)
    return Order(uuid=uuid, mo_number=mo, panel_type=_CELLS, line_number=1, quantity=_ORDER_PANELS, created_at=now)


@contextmanager
def running(site: Site, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run the line's daemon in a process of its own; stopped in order at the end."""
    log = (site.folder / "line.log").open("ab")
    command = [sys.executable, "-m", "tests.bench.host", str(site.config), *arguments]
    with log, subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log) as line:
        try:
            assert line.stdout is not None
            ready, _, _ = select.select([line.stdout], [], [], _START_S)
            if not ready or line.stdout.readline() != b"ready\n":
                raise RuntimeError(f"the line did not start: see {site.folder}/line.log")
            yield line
        finally:
            _end(line)


def _end(line: subprocess.Popen[bytes]) -> None:
    line.send_signal(signal.SIGTERM)
    try:
        line.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        line.kill()


def wait_until_quiet() -> None:
    """Give what was just started a moment to come to rest."""
    os.sync()
    time.sleep(1.0)


def count(site: Site, question: str) -> int:
    """Ask the store one number, beside the daemon, through a connection that cannot write."""
    store = open_reading(site.store)
    try:
        rows: list[Any] = store.execute(question).fetchall()
    finally:
        store.close()
    return int(rows[0][0])


def busy_s(process: psutil.Process) -> float:
    """Give how many seconds of one core a process has used."""
    spent = process.cpu_times()
    return float(spent.user + spent.system)
