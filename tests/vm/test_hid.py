"""Scanners that type, on a real kernel: their keys reach the line alone, and two identical ones are kept apart."""

import json
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.drivers.hid import uinput
from tests.vm.bed import Bed
from tests.vm.machine import Plugged

pytestmark = [pytest.mark.vm, pytest.mark.timeout(900)]
SLOW_S = 300.0
RULE = "/etc/udev/rules.d/59-scanner.rules"
LOCAL = 'SUBSYSTEM=="input", ATTRS{id/vendor}=="0627", ATTRS{id/product}=="0001", ENV{SUNLINE_SCANNER}="1"\n'
"""QEMU's keyboard, as a site names a scanner of a maker the rules do not know."""
STATION = """
[[station]]
number = {number}
screen = true
"""
SCANNER = """[[station.scanner]]
name = "scan-{number}"
kind = "hid"
port = {{ path = "{place}" }}
"""
EAR = """
import os, select, struct, sys
end, keys = os.open(sys.argv[1], os.O_RDONLY | os.O_NONBLOCK), 0
print("listening", flush=True)
while not keys and not os.path.exists("/run/enough"):
    if select.select([end], [], [], 0.1)[0]:
        keys += sum(event[2] == 1 for event in struct.iter_unpack("llHHi", os.read(end, 24 * 64)))
print(keys)
"""
KEY_S = 0.04


@dataclass
class Desk:
    """Two scanners of one make, in sockets of their own."""

    bed: Bed
    scanners: dict[int, Plugged]
    places: dict[int, str]
    files: dict[int, str]

    def type(self, text: str) -> None:
        """Type a text and Enter; it goes to one of the keyboards, the machine decides which."""
        for char in text:
            self._key(char.lower(), shift=char.isupper())
        self._key("ret")

    def _key(self, name: str, *, shift: bool = False) -> None:
        for down in (True, False):
            keys = ("shift", name) if down else (name, "shift")
            events = [
                {"type": "key", "data": {"down": down, "key": {"type": "qcode", "data": {"-": "minus"}.get(key, key)}}}
                for key in (keys if shift else (name,))
            ]
            self.bed.machine.qmp.do("input-send-event", events=events)
            time.sleep(KEY_S)

    def said(self) -> dict[str, str]:
        """Tell what each scanner said last."""
        rows = self.bed.sunline("device", "list")["places"]
        return {row["device"]: row["said"] for row in rows if row["device"] and row["said"]}

    def scan(self, text: str, station: int) -> None:
        """Scan until it was read, as people do; whatever else was read in between was refused, never another text."""
        end = time.monotonic() + SLOW_S
        before = self.said()
        while time.monotonic() < end:
            self.type(text)
            said = self.said()
            others = {name: said.get(name) for name in ("scan-1", "scan-2") if name != f"scan-{station}"}
            assert others == {name: before.get(name) for name in others}, "another station heard it"
            if said.get(f"scan-{station}") == text:
                return
            now, was = said.get(f"scan-{station}", ""), before.get(f"scan-{station}", "")
            assert now == was or now.startswith("unreadable") or keys_lost(now, text), now
        raise AssertionError(f"{text} was not read: {self.said()}")

    def alone(self, station: int) -> None:
        """Have the scanner of one station in, and no other."""
        if station not in self.scanners:
            self.plug(station)
            self.online(station)
        for other in self.scanners.keys() - {station}:
            self.pull(other)

    def pull(self, station: int) -> None:
        """Pull a scanner out, and wait until the line has missed it."""
        self.bed.machine.pull(self.scanners.pop(station))
        self.bed.hand.until(f"! test -e /dev/sunline/{self.places[station]}")

    def plug(self, station: int) -> None:
        """Plug a scanner into its station's socket."""
        self.scanners[station] = self.bed.machine.plug_keyboard(port=str(13 + station))

    def online(self, *stations: int) -> None:
        """Wait until the line holds these scanners, and any scan is a whole one."""
        for station in stations:
            self._until_state(f"scan-{station}", "online")
        time.sleep(0.5)

    def _until_state(self, name: str, state: str) -> None:
        end = time.monotonic() + SLOW_S
        while time.monotonic() < end:
            rows: list[dict[str, Any]] = self.bed.sunline("device", "list")["places"]
            if any(row["device"] == name and row["state"] == state for row in rows):
                return
            time.sleep(0.5)
        raise AssertionError(f"{name} did not become {state}: {rows}")


def keys_lost(heard: str, typed: str) -> bool:
    """Tell whether keys are missing: QEMU forgets what a machine that stands still does not fetch in time."""
    rest = iter(typed.upper())
    return len(heard) < len(typed) and all(char in rest for char in heard.upper())


@pytest.fixture(scope="module")
def desk(bed: Bed) -> Generator[Desk, None, None]:
    """A line whose first two stations have scanners that type."""
    config = bed.hand.get("/etc/sunline/line1.toml").decode()
    bed.hand.put(RULE, LOCAL)
    bed.hand.out("udevadm control --reload")
    made = Desk(bed, {}, {}, {})
    try:
        for station in (1, 2):
            made.plug(station)
            _find(made, station)
        typing = "".join(
            STATION.format(number=number)
            + (SCANNER.format(number=number, place=made.places[number]) if number in made.places else "")
            for number in (1, 2, 3, 4)
        )
        bed.hand.put("/etc/sunline/line1.toml", config[: config.index("[[station]]")] + typing)
        bed.hand.out("sunline check-config /etc/sunline/line1.toml && systemctl reload sunline@1", timeout_s=SLOW_S)
        made.online(1, 2)
        yield made
    finally:
        for scanner in made.scanners.values():
            bed.machine.pull(scanner)
        bed.hand.put("/etc/sunline/line1.toml", config)
        bed.hand.out(f"rm {RULE}; systemctl reload sunline@1", timeout_s=SLOW_S)


def _find(desk: Desk, station: int) -> None:
    """Find the scanner that was plugged in last, as a technician does."""
    known = set(desk.places.values())
    end = time.monotonic() + SLOW_S
    while time.monotonic() < end:
        rows = json.loads(desk.bed.hand.out("sunline device ports --json"))
        fresh = [row for row in rows if row["sort"] == "scanner" and row["path"] not in known]
        if fresh:
            desk.places[station], desk.files[station] = fresh[0]["path"], fresh[0]["file"]
            desk.bed.hand.until(f"test -e /dev/sunline/{fresh[0]['path']}")
            return
        time.sleep(0.5)
    raise AssertionError(f"no scanner is listed: {rows}")


def test_a_scan_arrives_at_its_station_and_two_identical_scanners_are_kept_apart(desk: Desk) -> None:
    assert desk.places[1] != desk.places[2]
    for station, serial in ((1, "CRS25WT6000001"), (2, "CRS25WT6000002"), (1, "CRS25WT6000003")):
        desk.alone(station)
        desk.scan(serial, station)


def test_nobody_else_gets_the_keys_while_the_line_runs(desk: Desk) -> None:
    desk.bed.hand.put("/root/ear.py", EAR)
    desk.alone(1)
    try:
        _prick_up_an_ear(desk)
        desk.scan("CRS25WT6000004", 1)
        assert _overheard(desk) == 0
        desk.bed.hand.out("systemctl stop sunline@1")
        _prick_up_an_ear(desk)
        desk.type("CRS25WT6000004")
        desk.bed.hand.until("test $(wc -l < /root/heard) = 2")
        assert _overheard(desk) > 0
    finally:
        desk.bed.hand.out("systemctl start sunline@1")
        desk.online(1)


def test_what_the_kernel_had_to_drop_is_said_and_the_next_scan_is_whole(bed: Bed) -> None:
    bed.hand.put("/root/uinput.py", Path(uinput.__file__).read_bytes())
    bed.hand.out("modprobe uinput && udevadm settle", timeout_s=SLOW_S)
    told = bed.hand.out('"$(dirname "$(readlink -f /usr/bin/sunline)")"/python /root/uinput.py', timeout_s=SLOW_S)
    came = json.loads(told)
    assert came["first"] == [uinput.SERIAL]
    assert "used by another program" in came["second reader"]
    assert came["overflow"] == ["What was typed cannot be used: keys before it were lost.", uinput.SERIAL]
    assert "unplugged" in came["unplugged"]


def _prick_up_an_ear(desk: Desk) -> None:
    """Have another program open the scanner and wait for keys."""
    file = desk.bed.hand.out(f"readlink -e /dev/sunline/{desk.places[1]}").strip()
    desk.bed.hand.out(f"rm -f /root/heard /run/enough; python3 /root/ear.py {file} > /root/heard 2>&1 &")
    desk.bed.hand.until("grep -q listening /root/heard")


def _overheard(desk: Desk) -> int:
    """Tell how many events of keys it got."""
    desk.bed.hand.out("touch /run/enough")
    return int(desk.bed.hand.until("sed -n 2p /root/heard | grep ."))


def test_the_line_may_read_scanners_and_no_keyboard(desk: Desk) -> None:
    owner = desk.bed.hand.out(f"stat -L -c '%G %a' /dev/sunline/{desk.places[1]}").strip()
    assert owner == "sunline-hid 640"
    own = desk.bed.hand.out("grep -l 'AT Translated' /sys/class/input/event*/device/name").strip().split("/")[4]
    assert desk.bed.hand.run(f"runuser -u sunline -- test -r /dev/input/{own}").code != 0
    assert desk.bed.hand.run(f"runuser -u sunline -- test -r /dev/sunline/{desk.places[1]}").code == 0


def test_what_device_allow_means_is_known_before_any_scanner_is_there(desk: Desk) -> None:
    """The kernel itself has input devices: no driver has to be loaded before the line starts."""
    assert desk.bed.hand.out("grep -w input /proc/devices").split() == ["13", "input"]
    assert "\ninput " not in desk.bed.hand.out("cat /proc/modules")
