"""A line that has been at work for long: its store is made outside and moved into the machine."""

from dataclasses import dataclass
from pathlib import Path

from storage.records import Batch, Role, User, thing_uuid
from storage.records.seeds import seed_records
from storage.sqlite import Store
from tests.storage.reads.factory import BEGAN, SITE, Factory, factory
from tests.vm.hand import Hand

STORE = "/var/lib/sunline/line1/line.db"
_STATION = """
[[station]]
number = {number}
screen = true
[[station.scanner]]
name = "scan-{number}"
kind = "honeywell-host-ack"
port = {{ chip_serial = "SCANNER{number}" }}
"""
CONFIG = f"""
site = "{SITE}"
line = 1

[store]
path = "{STORE}"
warn_free_mb = 32
refuse_free_mb = 16
ballast_mb = 0

[control]
socket = "/run/sunline/line1.sock"

{"".join(_STATION.format(number=number) for number in (1, 2, 3, 4))}
[tester]
name = "rig"
kind = "ascii"
dialect = "csv-lines"
port = {{ chip_serial = "RIG4" }}
"""
_MOVED_IN = f"""
set -e
chown -R sunline:sunline {STORE}
systemctl start sunline@1
"""


@dataclass(frozen=True, slots=True)
class Plant:
    """A line's store before it begins, and what is in it."""

    store: Path
    made: Factory


def make_plant(folder: Path, panels: int) -> Plant:
    """Make the store of a line that has been at work: root is its admin."""
    made = factory(panels=panels)
    admin = User(
        uuid=thing_uuid(SITE, "user", "ada"), username="ada", role=Role.ADMIN, os_user="root", created_at=BEGAN
    )
    path = folder / "line1.db"
    store = Store.open(path, site=SITE, line_number=1)
    try:
        store.keep(lambda ledger: ledger.seed(seed_records(SITE, BEGAN)))
        store.write(Batch((admin, *made.records)))
    finally:
        store.close()
    return Plant(path, made)


def move_in(hand: Hand, plant: Plant) -> None:
    """Put the line into a machine on which another one was at work."""
    hand.out("systemctl stop sunline@1 && rm -r /var/lib/sunline/line1/*", timeout_s=120)
    hand.put("/etc/sunline/line1.toml", CONFIG)
    hand.put(STORE, plant.store.read_bytes(), 0o640)
    hand.out(_MOVED_IN, timeout_s=300)
    hand.until("test -S /run/sunline/line1.sock && systemctl is-active -q sunline@1", 60)
