"""Facts as they stand in the files of a PC, recorded from real ones, and what systemctl says."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from daemon.checkup.clock import Rtc
from daemon.checkup.clockfacts import keeper, look_at_clock, look_at_zone, pc_zone, synchronised, zones_differ
from daemon.checkup.finding import Unseen
from daemon.checkup.looking import look
from daemon.checkup.pc import PcFacts, lacking_flags, look_at_pc
from daemon.checkup.sticks import ServingFacts, look_at_serving
from daemon.checkup.unitfacts import has_manager, look_at_system, look_at_unit, read_unit
from daemon.checkup.units import UnitFacts
from tests.daemon.checkup.machine import Machine

CPUINFO = "processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu sse sse2 ssse3 sse4_1 sse4_2 popcnt\nbugs\t: x\n"
MEMINFO = "MemTotal:        3919536 kB\nMemFree:  99 kB\nMemAvailable:    2519536 kB\nHugePages_Total:  0\n"


@pytest.fixture
def computer(machine: Machine) -> Machine:
    machine.write("proc/cpuinfo", CPUINFO)
    machine.write("proc/meminfo", MEMINFO)
    machine.write("proc/vmstat", "nr_free_pages 1\noom_kill 2")
    return machine


def test_processor_memory_and_kills_are_read(computer: Machine) -> None:
    facts = look_at_pc(computer.root)
    assert not lacking_flags(facts)
    assert (facts.memory.total_mb, facts.memory.free_mb) == (3827, 2460)  # type: ignore[union-attr]
    assert (facts.killed, facts.on_battery) == (2, None)


def test_an_old_processor_is_found_and_another_kind_is_not_judged(computer: Machine) -> None:
    computer.write("proc/cpuinfo", CPUINFO.replace("sse4_1 sse4_2", "sse4_1"))
    assert lacking_flags(look_at_pc(computer.root)) == ("sse4_2",)
    computer.write("proc/cpuinfo", "processor : 0\nFeatures : fp asimd")
    assert look_at_pc(computer.root).flags is None


def test_files_that_say_nothing_known_are_not_seen(machine: Machine) -> None:
    for name in ("cpuinfo", "meminfo", "vmstat"):
        machine.write(f"proc/{name}", "")
    (machine.root / "proc/meminfo").unlink()
    machine.write("proc/vmstat", "x")
    facts = look_at_pc(machine.root)
    assert isinstance(facts.memory, Unseen)
    assert isinstance(facts.killed, Unseen)


@pytest.mark.parametrize(("supplies", "on_battery"), [
    ({}, None), ({"AC": ("Mains", "online", 1)}, None),
    ({"AC": ("Mains", "online", 0), "BAT0": ("Battery", "status", "Discharging")}, True),
    ({"AC": ("Mains", "online", 1), "BAT0": ("Battery", "status", "Full")}, False),
    ({"ups0": ("UPS", "status", "Discharging")}, True), ({"ups0": ("UPS", "status", "Full")}, False),
])  # fmt: skip
def test_the_battery_is_told_by_the_mains(
    machine: Machine, supplies: dict[str, tuple[str, str, str | int]], on_battery: bool | None
) -> None:
    for name, (kind, file, text) in supplies.items():
        machine.write(f"sys/class/power_supply/{name}/type", kind)
        machine.write(f"sys/class/power_supply/{name}/{file}", text)
    assert look_at_pc(machine.root).on_battery is on_battery


def test_the_battery_of_a_scanner_is_not_the_pcs(machine: Machine) -> None:
    for file, text in (("type", "Battery"), ("status", "Discharging"), ("scope", "Device")):
        machine.write(f"sys/class/power_supply/hid-scanner/{file}", text)
    assert look_at_pc(machine.root).on_battery is None


def test_the_keeper_of_the_time_is_found_by_its_name(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.write("proc/1/comm", "systemd")
    assert keeper(machine.root / "proc") is None
    machine.write("proc/412/comm", "systemd-timesyn")
    assert keeper(machine.root / "proc") == "systemd-timesyncd"
    (machine.root / "proc/1/comm").unlink()
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(PermissionError):
        keeper(machine.root / "proc")


def test_the_kernel_says_whether_its_clock_is_kept() -> None:
    assert isinstance(look(synchronised), bool | Unseen)  # a container may forbid the question


def test_the_zone_is_the_link_else_the_file_else_utc(machine: Machine) -> None:
    etc = machine.root / "etc"
    etc.mkdir(parents=True)
    assert pc_zone(etc) == "UTC"
    machine.write("etc/timezone", "Europe/Paris")
    assert pc_zone(etc) == "Europe/Paris"
    (etc / "localtime").symlink_to("/usr/share/zoneinfo/Europe/Berlin")
    assert pc_zone(etc) == "Europe/Berlin"


def test_zones_differ_where_their_clocks_ever_do() -> None:
    assert zones_differ("Europe/London", "UTC")
    assert not zones_differ("Europe/Berlin", "Europe/Paris")


def test_the_plants_zone_is_compared_or_said_to_be_unseen(machine: Machine) -> None:
    machine.write("etc/timezone", "UTC")
    rules = [{"key": "session_h", "value": "10"}, {"key": "plant_time_zone", "value": "Europe/Berlin"}]
    found = look_at_zone(rules, 0.5, machine.root)  # type: ignore[arg-type]
    assert (found.plant_zone, found.pc_zone, found.zones_differ, found.offset_s) == ("Europe/Berlin", "UTC", True, 0.5)
    blind = look_at_zone(Unseen("asleep"), None, machine.root)
    assert (blind.plant_zone, blind.zones_differ) == (Unseen("asleep"), Unseen("asleep"))
    assert isinstance(
        look_at_zone([{"key": "plant_time_zone", "value": "Mars/Sea"}], None, machine.root).zones_differ, Unseen
    )


def test_the_newest_store_and_the_hardware_clock_are_read(machine: Machine, tmp_path: Path) -> None:
    store = tmp_path / "line.db"
    store.touch()
    (tmp_path / "line.db-wal").touch()
    os.utime(tmp_path / "line.db-wal", (1_900_000_000, 1_900_000_000))
    machine.write("sys/class/rtc/rtc0/since_epoch", 1_000_000_000)
    machine.write("etc/adjtime", "0.0 0 0.0\n0\nLOCAL")
    facts = look_at_clock((store, tmp_path / "none.db"), machine.root)
    assert facts.newest == datetime.fromtimestamp(1_900_000_000, UTC)
    assert isinstance(facts.rtc, Rtc)
    assert facts.rtc.ahead_s < -1e8
    assert facts.rtc.said_local


def test_a_pc_without_hardware_clock_or_store_has_none(machine: Machine) -> None:
    facts = look_at_clock((), machine.root)
    assert (facts.newest, facts.rtc) == (None, None)


def test_what_serves_sticks_is_found_wherever_it_was_installed(machine: Machine) -> None:
    machine.write("proc/filesystems", "nodev\tsysfs\nnodev\tproc\n\text4\n\tvfat")
    machine.write(
        f"lib/modules/{os.uname().release}/modules.dep", "kernel/fs/exfat/exfat.ko.xz:\nkernel/fs/xfs/xfs.ko:"
    )
    bare = look_at_serving(machine.root)
    assert bare == ServingFacts(
        units=False, unit_there=False, rule_there=False, drivers=frozenset({"vfat", "exfat"})
    )  # fmt: skip
    machine.write("usr/lib/systemd/system/sunline-usb@.service", "")
    machine.write("etc/udev/rules.d/60-sunline-usb.rules", "")
    machine.write("usr/bin/ntfs-3g", "")
    (machine.root / "run/systemd/system").mkdir(parents=True)
    assert look_at_serving(machine.root) == ServingFacts(
        units=True, unit_there=True, rule_there=True, drivers=frozenset({"vfat", "exfat", "ntfs-3g"})
    )  # fmt: skip


SHOWN = """\
Id=sunline@1.service
LoadState=loaded
ActiveState=active
UnitFileState=enabled
Result=success
NRestarts=3
WatchdogUSec=30s
NeedDaemonReload=no
DropInPaths=/usr/lib/systemd/system/sunline@.service.d/10-growing-delays.conf /etc/systemd/system/a.conf
FragmentPath={}
"""


def test_what_systemctl_shows_of_a_unit_is_read(tmp_path: Path) -> None:
    file = tmp_path / "sunline@.service"
    file.write_text("[Unit]\n")
    shown = SHOWN.format(file)
    found = read_unit("sunline@1", shown, "[Unit]")
    assert found == UnitFacts(
        name="sunline@1", load="loaded", active="active", enabled="enabled", result="success", restarts=3,
        watchdog=True, reload_needed=False, overridden=False,
        drop_ins=(
            "/usr/lib/systemd/system/sunline@.service.d/10-growing-delays.conf", "/etc/systemd/system/a.conf"),
    )  # fmt: skip
    assert read_unit("sunline@1", shown, "[Unit]\nDescription=x").overridden
    assert not read_unit("sunline@1", shown, None).overridden
    off = read_unit("sunline@1", shown.replace("=30s", "=infinity").replace("=enabled", "="), None)
    assert (off.watchdog, off.enabled) == (False, "not enabled")


def test_a_pc_without_systemd_is_told_from_one_that_has_it(machine: Machine) -> None:
    assert not has_manager(machine.root)
    assert look_at_unit(1, machine.root) == Unseen("this PC is not run by systemd")
    (machine.root / "run/systemd/system").mkdir(parents=True)
    assert has_manager(machine.root)


def test_drivers_rules_and_log_are_found_as_files(machine: Machine) -> None:
    machine.write("proc/devices", "Character devices:\n  4 ttyS\n188 ttyUSB\n\nBlock devices:\n  8 sd")
    machine.write("sys/module/ftdi_sio/refcnt", 0)
    machine.write(f"lib/modules/{os.uname().release}/modules.builtin", "kernel/drivers/usb/class/cdc-acm.ko")
    machine.write("usr/lib/udev/rules.d/60-sunline.rules", "")
    machine.write("run/udev/control", "")
    facts = look_at_system(machine.root)
    assert (facts.manager, facts.port_kinds, facts.udev) == (False, frozenset({"ttyUSB"}), True)
    assert facts.modules == frozenset({"ftdi_sio", "cdc_acm"})
    assert facts.rules == frozenset({"60-sunline.rules"})
    assert facts.log_kept is False
    machine.write("var/log/journal/1234/system.journal", "")
    assert look_at_system(machine.root).log_kept is True


PACKAGE = """\
Package: sunline
Status: {}
Maintainer: the sunline authors <sunline@localhost>
Architecture: amd64
Version: 1.0
Description: line daemon

"""


@pytest.mark.skipif(shutil.which("dpkg-query") is None, reason="dpkg is not on this machine")
@pytest.mark.parametrize(("said", "state"), [
    ("install ok installed", "installed"), ("install ok half-configured", "half-configured"),
    ("install reinstreq half-installed", "half-installed"), ("deinstall ok config-files", "config-files"),
])  # fmt: skip
def test_how_far_the_package_was_installed_is_read_in_dpkgs_list(machine: Machine, said: str, state: str) -> None:
    assert look_at_system(machine.root).package is None
    machine.write("var/lib/dpkg/status", PACKAGE.format(said))
    assert look_at_system(machine.root).package == state


def test_this_very_machine_can_be_looked_at() -> None:
    facts = look_at_pc()
    assert isinstance(facts, PcFacts)
    assert not isinstance(facts.memory, Unseen)
