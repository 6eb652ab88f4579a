"""What was seen leads to the finding a technician would make."""

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from daemon.checkup import clock, database, disk, pc, running, sticks, sync, units
from daemon.checkup.clock import LineClock, Rtc, span
from daemon.checkup.database import Head
from daemon.checkup.disk import Space
from daemon.checkup.drives import Drive, Kind, Stack
from daemon.checkup.finding import Severity
from daemon.checkup.flush import FLUSH
from daemon.checkup.lines import Running
from daemon.checkup.pc import Memory, PcFacts
from daemon.checkup.question import Question
from daemon.checkup.sticks import ServingFacts, StickFacts
from daemon.checkup.sync import AddressFacts, SyncFacts
from daemon.checkup.units import LineUnit, TypingFacts
from tests.daemon.checkup.questions import (
    CONNECTED,
    DISK,
    FLASH,
    NOW,
    PROTECTED,
    ROOT,
    UNSEEN,
    all_questions,
    good_clock,
    good_disk,
    good_store,
    good_system,
    good_unit,
    run_facts,
)


def on(*drives: Drive, **changes: object) -> disk.DiskFacts:
    return good_disk(stack=Stack(drives), **changes)


def mounted(*options: str, kind: str = "ext4", **changes: object) -> disk.DiskFacts:
    return good_disk(mount=dataclasses.replace(ROOT, kind=kind, options=frozenset(options or ("rw",))), **changes)


def drive(kind: Kind, **changes: object) -> Drive:
    return dataclasses.replace(FLASH, kind=kind, name="x", **changes)  # type: ignore[arg-type]


MUTED = dataclasses.replace(DISK, write_cache="write through")
FLUSHES = [
    (on(DISK, flush_ms=8.4), "flush", "flushes in less than 10 ms"),
    (on(DISK, flush_ms=0.2), "flush-before-a-turn", "hdparm -W0 /dev/sda"),
    (on(DISK, flush_ms=1.9), "flush-before-a-turn", 'says "saved" in less than 2 ms'),
    (on(DISK, flush_ms=2.1), "flush", ""),
    (on(dataclasses.replace(DISK, kind=Kind.SCSI), flush_ms=0.2), "flush-in-controller", "battery"),
    (on(FLASH, flush_ms=1.2), "flush", ""),
    (on(FLASH, flush_ms=0.05), "flush-before-flash", "power-loss protection"),
    (on(PROTECTED, flush_ms=0.02), "flush", "flushes in less than 0.1 ms"),
    (on(PROTECTED, FLASH, flush_ms=0.02), "flush-before-flash", "/dev/sdb"),
    (on(MUTED, flush_ms=8.4), "flush-not-sent", "/sys/block/sda/queue/write_cache"),
    (on(drive(Kind.VIRTUAL, rotational=True), flush_ms=0.1), "flush-up-to-the-host", "virtual disk"),
    (on(drive(Kind.LOOP)), "flush-up-to-the-host", "loop"),
    (on(drive(Kind.NVME, write_cache=None)), "flush-unknown", "does not tell"),
    (mounted("rw", "nobarrier"), "flush-off", "nobarrier"),
    (mounted("rw", "barrier=0", flush_ms=UNSEEN), "flush-off", "barrier=0"),
    (on(DISK, flush_ms=UNSEEN), "flush", "could not be looked at"),
    (good_disk(stack=UNSEEN, flush_ms=0.1), "flush", "could not be looked at"),
]
PLACES = [
    (good_disk(), "where", "store on ext4, /dev/sda (SATA, WDC)"),
    (good_disk(folder_there=False), "no-folder", "/var/lib/sunline/line1"),
    (mounted(kind="tmpfs"), "in-memory", "store.path"), (on(drive(Kind.MEMORY)), "in-memory", ""),
    (mounted(kind="nfs4"), "on-network", "another computer"), (mounted(kind="fuse.sshfs"), "on-network", ""),
    (mounted(kind="overlay"), "on-layers", ""), (mounted(kind="exfat"), "foreign-file-system", ""),
    (mounted("ro"), "read-only", "mount -o remount,rw /"), (mounted(kind="ext2"), "no-journal", ""),
    (mounted("rw", "data=writeback"), "data-writeback", "/etc/fstab"), (on(drive(Kind.SD)), "sd-card", ""),
    (on(drive(Kind.USB)), "usb-drive", ""), (on(drive(Kind.SATA, removable=True)), "removable", ""),
    (mounted(kind="reiserfs"), "unknown-file-system", "reiserfs"),
    (mounted(kind="nfs4", stack=UNSEEN), "on-network", ""),
    (mounted(kind="zfs", stack=UNSEEN), "where", "could not be looked at"),
]  # fmt: skip
ROOMS = [
    (good_disk(), "room", "78 GB free"), (good_disk(space=Space(3000, None)), "room", "3000 MB free"),
    (good_disk(space=Space(63, None)), "full", "ballast"), (good_disk(space=Space(64, None)), "low", "stops at 64 MB"),
    (good_disk(space=Space(9000, 50)), "no-inodes", "50 files"), (good_disk(space=Space(9000, 4000)), "few-inodes", ""),
    (good_disk(days_left=12.4), "few-days", "12 days"), (good_disk(space=UNSEEN, days_left=900.0), "room", "not"),
]  # fmt: skip
ERRORS = [
    (good_disk(), "errors", "no errors"), (good_disk(fs_errors=None), "errors", "no errors"),
    (on(dataclasses.replace(DISK, state="offline")), "offline", "replace the drive"),
    (good_disk(fs_errors=2), "file-system-errors", "fsck"), (good_disk(kernel_errors=1), "kernel-errors", "/dev/sda"),
    (good_disk(stack=Stack((DISK,), ("md0",))), "degraded", "/dev/md0"),
    (on(drive(Kind.EMMC, wear=3)), "worn-out", ""), (on(drive(Kind.EMMC, wear=2)), "worn", ""),
    (on(drive(Kind.EMMC, wear=1)), "errors", ""),
    (on(dataclasses.replace(DISK, failed_commands=100)), "failed-commands", ""),
    (good_disk(kernel_errors=UNSEEN, fs_errors=2), "file-system-errors", ""),
    (good_disk(kernel_errors=UNSEEN), "errors", "only root may"),
]  # fmt: skip
PACES = [(good_disk(), "pace", "less than 10 ms"), (good_disk(flush_ms=51.0), "slow", "51 ms")]
STORES = [
    (good_store(), "store", "20 MB, found whole"),
    (good_store(runs=False, size_mb=None, head=Head.OURS), "store", "no store yet"),
    (good_store(runs=False, opened_at=None, head=Head.OURS), "store", "checked at the next start"),
    (good_store(kept=("line.db.before-5",)), "store", "line.db.before-5"),
    (good_store(size_mb=None), "store-gone", "Export"), (good_store(head=Head.FOREIGN), "store-foreign", ""),
    (good_store(head=Head.NEWER), "store-newer", "newer version"),
    (good_store(head=Head.UNREADABLE), "store-unreadable", ""),
    (good_store(runs=False, holder="python3 (812)"), "store-held", "python3 (812)"),
    (good_store(damaged=("line.db.damaged-1",)), "store-was-damaged", "line.db.damaged-1"),
    (good_store(log_mb=300), "log-too-long", "300 MB"), (good_store(head=UNSEEN), "store", "only root may"),
]  # fmt: skip
OWNERS = [
    (good_store(), "owner", ""), (good_store(wanted=None, owner="ada"), "owner", ""),
    (good_store(owner="root"), "other-owner", "chown -R sunline: /d"),
    (good_store(open_to_all=True), "readable-by-all", "chmod"),
]  # fmt: skip
TIMES = [
    (good_clock(), "time", "2026-11-23"), (good_clock(newest=None), "time", ""),
    (good_clock(now=datetime(1970, 1, 1, tzinfo=UTC)), "impossible-year", "1970"),
    (good_clock(newest=NOW + timedelta(hours=2)), "gone-back", "written later"),
    (good_clock(newest=NOW + timedelta(minutes=59)), "time", ""),
]  # fmt: skip
KEPT = [
    (good_clock(), "kept", "by chrony"), (good_clock(keeper=None), "kept", "synchronised"),
    (good_clock(synchronised=False), "not-synchronised", "chrony has no answer from its server."),
    (good_clock(synchronised=False, keeper=None), "nobody-keeps-it", "timedatectl set-ntp true"),
    (good_clock(synchronised=False, keeper=UNSEEN), "not-synchronised", ""),
    (good_clock(keeper=UNSEEN), "kept", "could not"),
]  # fmt: skip
BATTERIES = [
    (good_clock(), "hardware-clock", "right"), (good_clock(rtc=None), "no-hardware-clock", ""),
    (good_clock(rtc=Rtc(0.0, 0, True)), "hardware-clock-local", "set-local-rtc 0"),
    (good_clock(rtc=Rtc(3590.0, 3600, False)), "hardware-clock-local", ""),
    (good_clock(rtc=Rtc(90.0, 3600, False)), "hardware-clock-wrong", "90 s off"),
    (good_clock(rtc=Rtc(-4e8, 0, False)), "hardware-clock-wrong", "4630 days"),
]  # fmt: skip


def line_clock(**changes: object) -> LineClock:
    facts: dict[str, Any] = {
        "plant_zone": "Europe/Berlin", "pc_zone": "Etc/UTC", "zones_differ": False, "offset_s": None,
    }  # fmt: skip
    return LineClock(**(facts | changes))


ZONES = [
    (line_clock(), "zone", "zone Europe/Berlin"),
    (line_clock(zones_differ=True), "other-zone", "timedatectl set-timezone Europe/Berlin"),
]
OFFSETS = [
    (line_clock(), "offset", ""), (line_clock(offset_s=29.9), "offset", "agrees"),
    (line_clock(offset_s=-40.0), "off", "40 s behind"), (line_clock(offset_s=46_800.0), "far-off", "13 h ahead of"),
    (line_clock(offset_s=UNSEEN), "offset", "could not"),
]  # fmt: skip


def exchange(**changes: object) -> SyncFacts:
    return SyncFacts(has_central=True, told=CONNECTED | changes, conflicts=0)


EXCHANGES = [
    (exchange(), "exchange", "nothing waits"), (exchange(waiting=1), "exchange", "1 change waits"),
    (SyncFacts(has_central=False, told=UNSEEN, conflicts=UNSEEN), "exchange", "no central server, that is fine"),
    (SyncFacts(has_central=True, told=UNSEEN, conflicts=UNSEEN), "exchange", "could not be looked at"),
    (exchange(rival="pc-2"), "rival", "pc-2"),
    (exchange(connected=False, trouble="No route.", todo="Look."), "not-connected", "nothing is lost. No route."),
    (exchange(held_back_s=600.0), "held-back", "10 min"),
    (exchange(redis={"connected": False, "since": "2026-11-23T00:00:00Z"}), "redis-away", ""),
]  # fmt: skip


def address(**changes: object) -> AddressFacts:
    facts: dict[str, Any] = {"file": "/etc/sunline/central.dsn", "user": "sunline", "there": True, "readable": True}
    return AddressFacts(**(facts | changes))


ADDRESSES = [
    (address(), "address", ""), (address(there=UNSEEN, readable=UNSEEN), "address", "could not be looked at"),
    (address(there=False, readable=False), "no-address", "/etc/sunline/central.dsn"),
    (address(readable=False), "address-closed", "chown sunline /etc/sunline/central.dsn"),
]  # fmt: skip
REFUSALS = [
    (exchange(), "refused", "nothing is parked"), (exchange(parked=1), "parked", "refused 1 change."),
    (exchange(parked=3), "parked", "refused 3 changes."), (exchange(refused=2), "not-taken", ""),
]  # fmt: skip
CONFLICTS = [(exchange(), "conflicts", "no conflicts"),
             (SyncFacts(has_central=True, told=CONNECTED, conflicts=2), "conflicts", "2 edits")]  # fmt: skip
VISITS = [
    (StickFacts(enrolled=0, failed=(), last_good=None), "visits", "none enrolled"),
    (StickFacts(enrolled=1, failed=(), last_good="2026-11-20T10:00:00Z"), "visits", "export 2026-11-20"),
    (StickFacts(enrolled=1, failed=("BLUE: full on 2026-11-20",), last_good=None), "visit-failed", "BLUE: full"),
]  # fmt: skip


def serving(**changes: object) -> ServingFacts:
    facts: dict[str, Any] = {
        "units": True, "unit_there": True, "rule_there": True, "drivers": frozenset({"vfat", "exfat"}),
    }  # fmt: skip
    return ServingFacts(**(facts | changes))


SERVINGS = [
    (serving(), "serving", "no NTFS"),
    (serving(drivers=frozenset({"vfat", "exfat", "ntfs-3g"})), "serving", "and NTFS"),
    (serving(unit_there=False), "nobody-serves-sticks", "sunline-usb@.service"),
    (serving(rule_there=False), "nobody-serves-sticks", "60-sunline-usb.rules"),
    (serving(units=False, unit_there=False), "serving", ""),
    (serving(drivers=frozenset({"vfat"})), "stick-file-system", "exfat"),
]  # fmt: skip


def unit(runs: bool = True, **changes: object) -> LineUnit:
    return LineUnit(unit=good_unit(**changes), runs=runs)


SERVICES = [
    (unit(), "service", "sunline@1 active, enabled"),
    (unit(drop_ins=("/usr/lib/x/10-growing-delays.conf", "/etc/x/own.conf")), "service", "with own.conf"),
    (unit(load="not-found", active="inactive"), "unit-missing", ""), (unit(load="bad-setting"), "unit-broken", ""),
    (unit(runs=False, active="failed", result="exit-code"), "unit-failed", "exit code"),
    (unit(active="inactive"), "by-hand", "by hand"), (unit(runs=False, active="inactive"), "service", "inactive"),
    (LineUnit(unit=UNSEEN, runs=True), "service", "could not"),
]  # fmt: skip
ENABLED = [
    (unit(), "enabled", ""), (unit(enabled="disabled"), "not-enabled", "systemctl enable sunline@1"),
    (unit(enabled="enabled-runtime"), "not-enabled", "systemctl enable sunline@1"),
    (unit(load="not-found", enabled="not enabled"), "enabled", ""),
]  # fmt: skip
RESTARTS = [
    (unit(), "restarts", ""),
    (unit(restarts=4), "restarted", "4 times"),
    (unit(restarts=1), "restarted", "once"),
]
UNIT_FILES = [
    (unit(), "unit-file", ""), (unit(watchdog=False), "no-watchdog", ""), (unit(overridden=True), "unit-changed", ""),
    (unit(reload_needed=True), "reload-units", "daemon-reload"),
    (unit(load="not-found", watchdog=False), "unit-file", ""),
]  # fmt: skip
MANAGERS = [
    (good_system(), "manager", "systemd 257"), (good_system(version=252), "manager", "every 2 s"),
    (good_system(manager=False, version=UNSEEN), "no-systemd", ""),
    (good_system(failed=("sunline-usb@sdb",)), "failed-units", "sdb"),
]  # fmt: skip
PACKAGES = [
    (good_system(), "package", ""), (good_system(package=None), "package", ""),
    (good_system(package="half-configured"), "upgrade-broken-off", "dpkg --configure sunline"),
    (good_system(package="unpacked"), "upgrade-broken-off", "dpkg --configure sunline"),
    (good_system(package="half-installed"), "upgrade-broken-off", "apt install --reinstall"),
]  # fmt: skip
PORTS = [
    (good_system(), "drivers", ""), (good_system(port_kinds=frozenset({"ttyUSB"})), "no-port-drivers", "ttyACM"),
    (good_system(manager=False, port_kinds=frozenset(), modules=frozenset()), "drivers", ""),
    (good_system(modules=frozenset({"usbserial"})), "drivers-not-loaded", "ftdi_sio"),
    (good_system(udev=False), "no-udev", ""),
    (good_system(rules=frozenset()), "no-rules", "60-sunline.rules"),
]  # fmt: skip
USERS = [(good_system(), "user", ""), (good_system(groups=None), "no-user", "systemd-sysusers"),
         (good_system(groups=frozenset({"sunline"})), "not-in-dialout", "usermod")]  # fmt: skip
TYPING = [
    (TypingFacts(group=True, groups=frozenset({"sunline", "sunline-hid"})), "typing", ""),
    (TypingFacts(group=True, groups=None), "typing", ""),
    (TypingFacts(group=False, groups=frozenset()), "no-hid-group", "systemd-sysusers"),
    (TypingFacts(group=True, groups=frozenset({"sunline"})), "not-in-hid-group", "usermod -aG sunline-hid sunline"),
    (TypingFacts(group=UNSEEN, groups=UNSEEN), "typing", "could not be looked at"),
]
LOGS = [(good_system(), "log", "kept"), (good_system(log_kept=False), "log-not-kept", "mkdir -p /var/log/journal")]


def computer(**changes: object) -> PcFacts:
    facts: dict[str, Any] = {
        "flags": frozenset(pc.NEEDED_FLAGS), "memory": Memory(4000, 2000), "killed": 0, "on_battery": None,
    }  # fmt: skip
    return PcFacts(**(facts | changes))


PROCESSORS = [(computer(), "processor", "new enough"), (computer(flags=None), "processor", "new enough"),
              (computer(flags=frozenset({"sse2", "sse4_1"})), "processor", "lacks sse4_2.")]  # fmt: skip
MEMORIES = [(computer(), "memory", "4000 MB"), (computer(killed=2), "killed-for-memory", "2 times"),
            (computer(memory=Memory(800, 500)), "little-memory", ""),
            (computer(memory=Memory(4000, 100)), "memory-used-up", "100"),
            (computer(killed=None), "memory", "")]  # fmt: skip
POWERS = [(computer(), "power", "to be seen"), (computer(on_battery=False), "power", "on mains"),
          (computer(on_battery=True), "on-battery", "mains")]  # fmt: skip
FILES = [(run_facts(), "file", "file good"),
    (run_facts(config=UNSEEN, faults=("A is wrong.", "B.")), "config-fault", "1 more"),
         (run_facts(config=UNSEEN), "file", "could not")]  # fmt: skip
RUNS = [
    (run_facts(), "runs", "takes scans, version 1"),
    (run_facts(running=Running.NO, status=UNSEEN), "not-running", "sunline@1"),
    (run_facts(running=Running.SILENT, status=UNSEEN), "silent", "restart"),
    (run_facts(running=Running.FORBIDDEN, status=UNSEEN), "runs", "could not"),
    (run_facts(installed="2"), "other-version", "installed is 2"),
    (run_facts(status={"store": {"state": "refusing", "reason": "Full.", "todo": "Free it."}}), "refusing", "Free it."),
]  # fmt: skip

Case = tuple[Any, str, str]
TABLE: list[tuple[Question[Any], list[Case]]] = [
    (FLUSH, FLUSHES), (disk.WHERE, PLACES), (disk.ROOM, ROOMS), (disk.ERRORS, ERRORS), (disk.PACE, PACES),
    (database.WHOLE, STORES), (database.OWNER, OWNERS), (clock.TIME, TIMES), (clock.KEPT, KEPT),
    (clock.BATTERY, BATTERIES), (clock.ZONE, ZONES), (clock.OFFSET, OFFSETS), (sync.EXCHANGE, EXCHANGES),
    (sync.ADDRESS, ADDRESSES), (sync.REFUSED, REFUSALS), (sync.CONFLICTS, CONFLICTS), (sticks.VISITS, VISITS),
    (sticks.SERVING, SERVINGS), (units.SERVICE, SERVICES), (units.ENABLED, ENABLED), (units.RESTARTS, RESTARTS),
    (units.UNIT_FILE, UNIT_FILES), (units.MANAGER, MANAGERS), (units.PACKAGE, PACKAGES), (units.PORTS, PORTS),
    (units.USER, USERS), (units.TYPING, TYPING), (units.LOG, LOGS),
    (pc.PROCESSOR, PROCESSORS), (pc.MEMORY, MEMORIES), (pc.POWER, POWERS),
    (running.FILE, FILES), (running.RUNS, RUNS),
]  # fmt: skip


@pytest.mark.parametrize(("question", "cases"), TABLE, ids=[one.name for one, _ in TABLE])
def test_what_was_seen_leads_to_one_finding(question: Question[Any], cases: list[Case]) -> None:
    for facts, check, words in cases:
        found = question.answer(facts)
        assert found.check == check, facts
        assert words in f"{found.message} {found.todo}", facts
        assert bool(found.todo) == (found.severity is not Severity.OK), facts
    assert {row.check for row in question.rows} <= {check for _, check, _ in cases}


def test_every_question_is_among_these() -> None:
    assert {id(one) for one in all_questions()} == {id(one) for one, _ in TABLE}


@pytest.mark.parametrize(
    ("seconds", "words"), [(5, "5 s"), (-90, "90 s"), (150, "2 min"), (7200, "2 h"), (2e5, "2 days")]
)
def test_a_span_is_written_in_the_unit_that_says_it(seconds: float, words: str) -> None:
    assert span(seconds) == words
