"""Changes made by hand, for the pure parts."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5
from zlib import crc32

from storage.changes import Change, ClockState, Moment, form_of
from storage.records import Record
from storage.sync.contact import Contact

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
HERE, THERE, SERVER = UUID(int=1), UUID(int=2), UUID(int=3)
BOOT = "boot"


def uuid(name: str) -> UUID:
    return uuid5(UUID(int=0), name)


def contact(offset_s: float = 0.0, at_s: float = 3600.0) -> Contact:
    """The clocks an hour after START by the server; the line's is ahead by `offset_s`."""
    server = START + timedelta(seconds=at_s)
    here = Moment(server + timedelta(seconds=offset_s), BOOT, int(at_s * 1e9), ClockState.UNKNOWN)
    return Contact(server, here)


def change(
    record: Record, seq: int, *, at_s: float = 0.0, store: UUID = HERE, hlc: int = 0, received: bool = False
) -> Change:
    _, body = form_of(type(record)).encode(record)
    return Change(
        seq, store, record.uuid, record.KIND, 1, body, crc32(body), START + timedelta(seconds=at_s), BOOT,
        int(at_s * 1e9), hlc or seq, ClockState.UNKNOWN, received,
    )  # fmt: skip
