"""Every question the doctor asks, found where it stands; and facts for it, seen and unseen in every combination."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from daemon.checkup import clock, database, disk, flush, pc, running, sticks, sync, units
from daemon.checkup.clock import ClockFacts, LineClock, Rtc
from daemon.checkup.database import Head, StoreFacts
from daemon.checkup.disk import DiskFacts, Space
from daemon.checkup.drives import Drive, Kind, Stack
from daemon.checkup.finding import Unseen
from daemon.checkup.lines import Running
from daemon.checkup.mounts import Mount
from daemon.checkup.pc import Memory, PcFacts
from daemon.checkup.question import Question
from daemon.checkup.running import RunFacts
from daemon.checkup.sticks import ServingFacts, StickFacts
from daemon.checkup.sync import AddressFacts, SyncFacts
from daemon.checkup.units import LineUnit, SystemFacts, TypingFacts, UnitFacts

MODULES: tuple[ModuleType, ...] = (running, disk, flush, database, clock, sync, sticks, units, pc)
UNSEEN = Unseen("only root may", "sudo")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

DISK = Drive(name="sda", kind=Kind.SATA, model="WDC", rotational=True, write_cache="write back", state="running",
             cache_type="write back", failed_commands=3)  # fmt: skip
FLASH = Drive(name="sdb", kind=Kind.SATA, model="SSD 870", rotational=False, write_cache="write back")
PROTECTED = Drive(name="nvme0n1", kind=Kind.NVME, model="PM983", rotational=False, write_cache="write through")
ROOT = Mount("/", "ext4", "/dev/sda2", "8:2", frozenset({"rw", "relatime"}))


def all_questions() -> Iterator[Question[Any]]:
    for module in MODULES:
        yield from (one for one in vars(module).values() if isinstance(one, Question))


def good_disk(**changes: object) -> DiskFacts:
    facts: dict[str, Any] = {
        "folder": "/var/lib/sunline/line1", "folder_there": True, "mount": ROOT, "stack": Stack((DISK,)),
        "space": Space(80_000, 1_000_000), "fs_errors": 0, "kernel_errors": 0, "flush_ms": 8.4,
    }  # fmt: skip
    return DiskFacts(**(facts | changes))


def good_store(**changes: object) -> StoreFacts:
    facts: dict[str, Any] = {
        "path": "/d/line.db", "runs": True, "size_mb": 20, "owner": "sunline", "wanted": "sunline",
        "open_to_all": False, "log_mb": 4, "damaged": (), "kept": (), "head": Head.UNASKED, "holder": None,
        "opened_at": NOW,
    }  # fmt: skip
    return StoreFacts(**(facts | changes))


def good_unit(**changes: object) -> UnitFacts:
    facts: dict[str, Any] = {
        "name": "sunline@1", "load": "loaded", "active": "active", "enabled": "enabled", "result": "success",
        "restarts": 0, "watchdog": True, "reload_needed": False, "drop_ins": (), "overridden": False,
    }  # fmt: skip
    return UnitFacts(**(facts | changes))


def good_system(**changes: object) -> SystemFacts:
    facts: dict[str, Any] = {
        "manager": True, "version": 257, "failed": (), "package": "installed",
        "port_kinds": frozenset(units.PORT_KINDS), "modules": frozenset(units.DRIVERS),
        "rules": frozenset(units.RULES), "udev": True,
        "groups": frozenset({"sunline", "dialout"}), "log_kept": True,
    }  # fmt: skip
    return SystemFacts(**(facts | changes))


def good_clock(**changes: object) -> ClockFacts:
    facts: dict[str, Any] = {
        "now": NOW, "newest": NOW, "synchronised": True, "keeper": "chrony", "rtc": Rtc(0.4, 3600, False),
    }  # fmt: skip
    return ClockFacts(**(facts | changes))


CONNECTED = {
    "connected": True, "since": NOW.isoformat(), "waiting": 0, "parked": 0, "refused": 0, "rival": None,
    "held_back_s": 0.0, "trouble": None, "todo": None, "redis": None, "clock_offset_s": 0.1,
}  # fmt: skip
STATUS = {"version": "1", "store": {"state": "ok", "reason": "", "todo": ""}, "started_at": NOW.isoformat()}


def run_facts(**changes: object) -> RunFacts:
    facts: dict[str, Any] = {
        "file": "/etc/sunline/line1.toml", "number": 1, "config": object(), "faults": (), "running": Running.YES,
        "status": STATUS, "installed": "1",
    }  # fmt: skip
    return RunFacts(**(facts | changes))


def _some(*values: object) -> st.SearchStrategy[Any]:
    return st.sampled_from([*values, UNSEEN])


_DRIVES = st.builds(
    Drive, name=st.sampled_from(["sda", "nvme0n1", "vda"]), kind=st.sampled_from(Kind),
    model=st.sampled_from(["", "X"]), rotational=st.sampled_from([True, False, None]), removable=st.booleans(),
    write_cache=st.sampled_from(["write back", "write through", None]),
    cache_type=st.sampled_from(["write back", "write through", None]),
    state=st.sampled_from(["running", "offline", None]),
    failed_commands=st.sampled_from([None, 0, 5000]), wear=st.sampled_from([None, 1, 2, 3]),
)  # fmt: skip
_OPTIONS = st.frozensets(st.sampled_from(["rw", "ro", "nobarrier", "barrier=0", "data=writeback"]))
_KINDS = st.sampled_from(["ext4", "ext2", "xfs", "tmpfs", "overlay", "nfs4", "vfat", "zfs", "strange"])
_NAMES = st.sampled_from([(), ("line.db.damaged-1",)])
_TOLD = st.fixed_dictionaries({}, optional={
    "connected": st.sampled_from([True, False, None]), "since": st.sampled_from([NOW.isoformat(), "never", None]),
    "waiting": st.sampled_from([0, 1, 500, None, "x"]), "parked": st.sampled_from([0, 1, 7, None]),
    "refused": st.sampled_from([0, 2]), "rival": st.sampled_from([None, "pc-2"]),
    "held_back_s": st.sampled_from([0, 90]),
    "redis": st.sampled_from([None, {"connected": False, "since": "x"}, {"connected": True}, "x"]),
})  # fmt: skip
_STATUSES = st.one_of(st.just(UNSEEN), st.fixed_dictionaries({}, optional={
    "version": st.sampled_from(["1", "2", None]), "store": st.sampled_from([None, {}, {"state": "refusing"}]),
}))  # fmt: skip
_UNITS = st.builds(
    UnitFacts, name=st.just("sunline@1"), load=st.sampled_from(["loaded", "not-found", "error"]),
    active=st.sampled_from(["active", "inactive", "failed", "activating"]),
    enabled=st.sampled_from(["enabled", "disabled"]),
    result=st.sampled_from(["success", "watchdog"]), restarts=st.integers(0, 3), watchdog=st.booleans(),
    reload_needed=st.booleans(), drop_ins=st.sampled_from([(), ("/etc/x/own.conf",)]), overridden=st.booleans(),
)  # fmt: skip
_SETS = st.frozensets(st.sampled_from([*units.DRIVERS, *units.PORT_KINDS, *units.RULES, "dialout"]))

FACTS: dict[type, st.SearchStrategy[Any]] = {
    RunFacts: st.builds(
        RunFacts, file=st.just("f"), number=st.sampled_from([1, None]), config=_some(object()),
        faults=st.sampled_from([(), ("It is wrong.",), ("a", "b")]), running=st.sampled_from(Running),
        status=_STATUSES, installed=st.just("1"),
    ),
    DiskFacts: st.builds(
        DiskFacts, folder=st.just("/d"), folder_there=_some(True, False),
        mount=st.one_of(
            st.just(UNSEEN), st.builds(Mount, st.just("/"), _KINDS, st.just("x"), st.just("8:2"), _OPTIONS)),
        stack=st.one_of(st.just(UNSEEN), st.builds(
            Stack, st.lists(_DRIVES, max_size=2).map(tuple), st.sampled_from([(), ("md0",)]))),
        space=_some(Space(10, 10), Space(90_000, None), Space(1000, 1000)),
        days_left=st.sampled_from([None, 3.0, 900.0]),
        fs_errors=_some(None, 0, 3), kernel_errors=_some(0, 3), flush_ms=_some(0.01, 1.0, 8.0, 80.0, 5000.0),
    ),
    StoreFacts: st.builds(
        StoreFacts, path=st.just("/d/line.db"), runs=st.booleans(), size_mb=_some(None, 3),
        owner=_some(None, "root", "sunline"), wanted=_some(None, "sunline"), open_to_all=_some(True, False),
        log_mb=_some(0, 900), damaged=st.one_of(_NAMES, _some()),
        kept=st.one_of(_NAMES, _some()), head=_some(*Head), holder=_some(None, "python (7)"),
        opened_at=st.sampled_from([None, NOW]),
    ),
    ClockFacts: st.builds(
        ClockFacts, now=st.sampled_from([NOW, datetime(1970, 1, 1, tzinfo=UTC)]),
        newest=_some(None, NOW, NOW + timedelta(days=2)),
        synchronised=_some(True, False), keeper=_some(None, "chrony"),
        rtc=_some(None, Rtc(0.0, 3600, False), Rtc(3600.0, 3600, False), Rtc(900.0, 0, False), Rtc(0.0, 0, True)),
    ),
    LineClock: st.builds(
        LineClock, plant_zone=_some("Europe/Berlin"), pc_zone=_some("UTC"), zones_differ=_some(True, False),
        offset_s=_some(None, 0.0, -40.0, 4000.0),
    ),
    SyncFacts: st.builds(
        SyncFacts, has_central=_some(True, False), told=st.one_of(st.just(UNSEEN), _TOLD), conflicts=_some(0, 2)
    ),
    AddressFacts: st.builds(
        AddressFacts, file=st.just("/etc/dsn"), user=st.just("sunline"), there=_some(True, False),
        readable=_some(True, False),
    ),
    StickFacts: st.builds(
        StickFacts, enrolled=_some(0, 2), failed=st.one_of(st.sampled_from([(), ("BLUE: full",)]), _some()),
        last_good=_some(None, NOW.isoformat()),
    ),
    ServingFacts: st.builds(
        ServingFacts, units=st.booleans(), unit_there=_some(True, False), rule_there=_some(True, False),
        drivers=_some(frozenset(), frozenset({"vfat"}), frozenset({"vfat", "exfat", "ntfs3"})),
    ),
    LineUnit: st.builds(LineUnit, unit=st.one_of(st.just(UNSEEN), _UNITS), runs=st.booleans()),
    SystemFacts: st.builds(
        SystemFacts, manager=st.booleans(), version=_some(252, 257), failed=_some((), ("sunline@1.service",)),
        package=_some(None, "installed", "half-configured"),
        port_kinds=st.one_of(_SETS, _some()), modules=st.one_of(_SETS, _some()), rules=st.one_of(_SETS, _some()),
        udev=_some(True, False), groups=st.one_of(_SETS, _some(None)), log_kept=_some(True, False),
    ),
    TypingFacts: st.builds(TypingFacts, group=_some(True, False), groups=st.one_of(_SETS, _some(None))),
    PcFacts: st.builds(
        PcFacts, flags=_some(None, frozenset(), frozenset(pc.NEEDED_FLAGS)),
        memory=_some(Memory(500, 300), Memory(4000, 20), Memory(4000, 2000)), killed=_some(None, 0, 2),
        on_battery=_some(None, True, False),
    ),
}  # fmt: skip
"""Facts of every kind, by their class."""


def facts_class(question: Question[Any]) -> type:
    """Find the facts a question is asked of: those that have what it needs."""
    classes = [one for one in FACTS if {*question.needs} <= {*(field.name for field in fields(one)), *dir(one)}]
    module = next(module for module in MODULES if question in vars(module).values())
    return next(one for one in classes if one.__name__ in vars(module))
