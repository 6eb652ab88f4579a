"""What a demonstration line is made of: its configuration, its people and orders, the plan of its stand-ins."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from stations.rules.commands import BADGE_PREFIX, COMMANDS, badge_hash, defect_code, fail_code
from stations.rules.settings import DEFAULT_DEFECTS
from storage.records import Batch, ConfigEntry, Order, Record, Role, User, thing_uuid
from storage.records.seeds import seed_records
from storage.sqlite.store import Store

SITE = "DEMO"
PALLET_SIZE = 5

TYPES: dict[int, tuple[str, ...]] = {1: ("60", "36", "72", "40"), 2: ("144",)}
"""Panel types by line, the commonest first."""

WATT_CLASS = {"36": 200, "40": 220, "60": 325, "72": 220, "144": 450}

SCANNERS: dict[int, tuple[str, ...]] = {
    1: ("honeywell-host-ack", "ssi", "honeywell-ack-nak", "honeywell-host-ack"),
    2: ("ssi", "honeywell-ack-nak", "honeywell-host-ack", "ssi"),
}
"""Kinds of scanner at stations 1 to 4, by line."""

_COMMAND_NAMES = {
    "SL-PASS": "pass_all",
    "SL-OTHER": "other",
    "SL-B": "b",
    "SL-DONE": "done",
    "SL-UNDO": "undo",
    "SL-RETEST": "retest",
    "SL-CLOSE": "close_pallet",
    "SL-OUT": "sign_out",
    "SL-MANUAL": "manual",
    "SL-LATER": "later",
    "SL-POINT": "point",
    "SL-ENTER": "enter",
    "SL-CLEAR": "clear",
}
"""What the stand-ins call the printed commands."""

_FAULTS: dict[int, tuple[tuple[str, str, int, float], ...]] = {
    1: (
        ("noise", "scanner-1", 9, 0), ("unplugged", "scanner-2", 14, 1.5), ("renamed", "scanner-1", 31, 0),
        ("split", "scanner-3", 12, 0), ("glued", "scanner-1", 20, 0), ("duplicate", "scanner-4", 10, 0),
        ("slow", "scanner-2", 24, 0), ("no_contact", "tester-4", 3, 0), ("imp_over_isc", "tester-4", 6, 0),
        ("unplugged", "tester-4", 8, 1.5), ("stale_repeat", "tester-4", 12, 0),
    ),
    2: (
        ("glued", "scanner-3", 8, 0), ("unplugged", "scanner-4", 10, 1.5), ("silent", "scanner-1", 8, 1.0),
        ("voc_scale", "tester-4", 1, 0), ("renamed", "tester-4", 4, 0),
    ),
}  # fmt: skip
"""Name, device, at which event, for how many seconds."""


@dataclass(frozen=True, slots=True)
class DemoLine:
    """One line of the demonstration and where its files lie."""

    number: int
    panels: int
    folder: Path
    speed: float
    seed: int

    @property
    def config(self) -> Path:
        """The line's configuration file."""
        return self.folder / f"line{self.number}.toml"

    @property
    def store(self) -> Path:
        """The line's store."""
        return self.folder / f"line{self.number}.db"

    @property
    def socket(self) -> Path:
        """The line's control socket."""
        return self.folder / f"line{self.number}.sock"

    @property
    def ports(self) -> Path:
        """Where the stand-ins plug in."""
        return self.folder / f"ports{self.number}"

    @property
    def plan(self) -> Path:
        """The plan of the stand-ins."""
        return self.folder / f"plan{self.number}.json"

    def serials(self) -> Iterator[tuple[str, str]]:
        """Name every panel with its type."""
        types = TYPES[self.number]
        year = datetime.now(UTC).year % 100
        for index in range(self.panels):
            cells = types[index % len(types)]
            yield f"CRS{year:02d}{'WB'[index % 2]}{'TWB'[index % 3]}{cells}{index + 1:05d}", cells


def prepare(line: DemoLine, central: str = "") -> None:
    """Write configuration, plan, and a store with people and orders in it; `central` is a section of the former."""
    line.ports.mkdir(parents=True, exist_ok=True)
    line.config.write_text(config_text(line) + central, encoding="utf-8")
    line.plan.write_text(json.dumps(plan(line), indent=1), encoding="utf-8")
    store = Store.open(line.store, site=SITE, line_number=line.number)
    try:
        now = datetime.now(UTC)
        store.keep(lambda ledger: ledger.seed(seed_records(SITE, now)))
        store.write(Batch(tuple(_provision(line, now))))
    finally:
        store.close()


def config_text(line: DemoLine) -> str:
    """Write the line's TOML file as a technician would."""
    stations = "\n".join(
        f'[[station]]\nnumber = {station}\nscreen = true\n[[station.scanner]]\nname = "scanner-{station}"\n'
        f'kind = "{kind}"\nport = {{ file = "{line.ports}/scanner-{station}" }}\n'
        for station, kind in enumerate(SCANNERS[line.number], start=1)
    )
    return (
        f'site = "{SITE}"\nline = {line.number}\n\n'
        f'[store]\npath = "{line.store}"\nwarn_free_mb = 200\nballast_mb = 0\n\n'
        f'[control]\nsocket = "{line.socket}"\n\n[http]\nenabled = false\n\n'
        f'{stations}\n[tester]\nname = "tester-4"\nkind = "ascii"\n'
        f'dialect = "csv-lines"\nport = {{ file = "{line.ports}/tester-4" }}\n'
    )


def plan(line: DemoLine) -> dict[str, object]:
    """Write the stand-ins' plan: who scans what, how often things fail, which faults come when."""
    stations: dict[str, object] = {
        str(number): {"scanner": {"kind": kind}, "criteria": [1, 2, 3]}
        for number, kind in enumerate(SCANNERS[line.number], start=1)
    }
    stations["4"] = {
        "scanner": {"kind": SCANNERS[line.number][3]},
        "tester": {"form": "csv-lines", "serial_sent": line.number == 2},
        "electrical": "live",
        "criteria": [6],
    }
    return {
        "folder": str(line.ports),
        "seed": line.seed,
        "speed": 1 / line.speed,
        "stations": stations,
        "panels": [{"serial": serial, "type": cells} for serial, cells in line.serials()],
        "shares": {"fail": 0.02, "b": 0.03, "undo": 0.02, "weak": 0.03, "no_contact": 0.03},
        "faults": [
            {"name": name, "device": device, "at_event": event, **({"for_s": seconds} if seconds else {})}
            for name, device, event, seconds in _FAULTS[line.number]
        ],
        "commands": _commands(),
        "badges": {str(station): f"{BADGE_PREFIX}{_token(line, station)}" for station in (1, 2, 3, 4)},
        "defects": list(DEFAULT_DEFECTS),
        "status_feed": str(line.socket),
    }


def _commands() -> dict[str, str]:
    fixed = {_COMMAND_NAMES[text]: text for text in COMMANDS}
    fails = {f"fail_{number}": fail_code(number) for number in range(1, 10)}
    defects = {f"defect_{code}": defect_code(code) for code in DEFAULT_DEFECTS}
    digits = {f"digit_{digit}": f"SL-N-{digit}" for digit in range(10)}
    return fixed | fails | defects | digits


def _token(line: DemoLine, station: int) -> str:
    return f"DEMO{line.number}{station}"


def _provision(line: DemoLine, now: datetime) -> Iterator[Record]:
    key = "default_pallet_size"
    uuid = thing_uuid(SITE, "config", key)
    yield ConfigEntry(uuid=uuid, config_key=key, config_value=str(PALLET_SIZE), updated_at=now)
    for station in (1, 2, 3, 4):
        name = f"operator{line.number}{station}"
        yield User(
            uuid=thing_uuid(SITE, "user", name), username=name, role=Role.OPERATOR, station_assignment=station,
            badge_hash=badge_hash(_token(line, station)), created_at=now,
        )  # fmt: skip
    for cells in TYPES[line.number]:
        quantity = sum(kind == cells for _, kind in line.serials())
        if quantity:
            mo = f"MO-{line.number}-{cells}"
            yield Order(
                uuid=thing_uuid(SITE, "order", mo), mo_number=mo, panel_type=cells, line_number=line.number,
                quantity=quantity, watt_class_w=WATT_CLASS[cells], created_at=now,
            )  # fmt: skip
