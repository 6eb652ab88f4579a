"""Gather what is to be known of the clock: the kernel's own word, the hardware clock, who keeps the time, the zones."""

import ctypes
import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from daemon.checkup.clock import ClockFacts, LineClock, Rtc
from daemon.checkup.finding import Unseen
from daemon.checkup.looking import look, words_in

KEEPERS: Final = {"systemd-timesyn": "systemd-timesyncd", "chronyd": "chrony", "ntpd": "ntpd", "phc2sys": "phc2sys"}
"""By the names of their processes, which the kernel cuts at 15 letters."""

_UNSYNCHRONISED: Final = 0x0040  # STA_UNSYNC of adjtimex(2)
_TIME_ERROR: Final = 5


class _Timex(ctypes.Structure):
    """`struct timex` of adjtimex(2), as far as its status."""

    _fields_ = (
        ("modes", ctypes.c_uint), ("offset", ctypes.c_long), ("freq", ctypes.c_long), ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long), ("status", ctypes.c_int), ("rest", ctypes.c_char * 256),
    )  # fmt: skip


def look_at_clock(stores: tuple[Path, ...], root: Path = Path("/")) -> ClockFacts:
    """Look at the PC's clock. `stores` are the lines' databases."""
    return ClockFacts(
        now=datetime.now(UTC),
        newest=look(lambda: _newest(stores)),
        synchronised=look(synchronised),
        keeper=look(lambda: keeper(root / "proc")),
        rtc=look(lambda: _rtc(root)),
    )


def look_at_zone(rules: list[Mapping[str, Any]] | Unseen, offset_s: float | Unseen | None, root: Path) -> LineClock:
    """Compare the plant's zone with this PC's. `rules` are those of the line."""
    plant = rules if isinstance(rules, Unseen) else _zone_of(rules)
    here = look(lambda: pc_zone(root / "etc"))
    return LineClock(plant_zone=plant, pc_zone=here, zones_differ=_differ(plant, here), offset_s=offset_s)


def _differ(plant: str | Unseen, here: str | Unseen) -> bool | Unseen:
    if isinstance(plant, Unseen):
        return plant
    if isinstance(here, Unseen):
        return here
    return look(lambda: zones_differ(plant, here))


def synchronised() -> bool:
    """Ask the kernel whether somebody keeps its clock: every keeper of the time tells it. Raises OSError."""
    asked = _Timex()
    state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(asked))
    if state < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return bool(state != _TIME_ERROR and not asked.status & _UNSYNCHRONISED)


def keeper(proc: Path) -> str | None:
    """Find the program that keeps the time. Raises PermissionError where other people's programs are hidden."""
    if os.geteuid() and not (proc / "1/comm").exists():
        raise PermissionError
    names = {words_in(one) for one in proc.glob("[0-9]*/comm")}
    return next((known for name, known in KEEPERS.items() if name in names), None)


def pc_zone(etc: Path) -> str:
    """Give the PC's zone: UTC where nobody set one."""
    target = str((etc / "localtime").readlink()) if (etc / "localtime").is_symlink() else ""
    return target.partition("zoneinfo/")[2] or words_in(etc / "timezone") or "UTC"


def zones_differ(one: str, other: str) -> bool:
    """Tell whether two zones show another time in some month of this year. Raises ZoneInfoNotFoundError."""
    year = datetime.now(UTC).year
    months = [datetime(year, month, 1, tzinfo=UTC) for month in range(1, 13)]
    return any(at.astimezone(ZoneInfo(one)).utcoffset() != at.astimezone(ZoneInfo(other)).utcoffset() for at in months)


def _zone_of(rules: list[Mapping[str, Any]]) -> str | Unseen:
    found = next((str(row.get("value")) for row in rules if row.get("key") == "plant_time_zone"), None)
    return found or Unseen("its daemon is of another version")


def _newest(stores: tuple[Path, ...]) -> datetime | None:
    """Give when a store or its log was last written, by the names alone."""
    files = [file for store in stores for file in (store, store.with_name(f"{store.name}-wal"))]
    written = [file.stat().st_mtime for file in files if file.exists()]
    return datetime.fromtimestamp(max(written), UTC) if written else None


def _rtc(root: Path) -> Rtc | None:
    clocks = sorted((root / "sys/class/rtc").glob("rtc*/since_epoch"))
    if not clocks:
        return None
    said, now = int(words_in(clocks[0]) or ""), time.time()
    local = (words_in(root / "etc/adjtime") or "").endswith("LOCAL")
    zone_s = float(time.localtime(now).tm_gmtoff)
    return Rtc(said - now, zone_s, local)
