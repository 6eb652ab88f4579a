"""The outer ends of the line's cables: bytes as scanners and testers send them, and the bytes they are answered with.

What a Honeywell scanner in host-ACK mode waits for, from its maker's guide, judged without the line's own codec.
"""

import itertools
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from socket import MSG_PEEK, socket

from tests.vm.machine import Machine, Plugged

GREEN = b"\x1b7,"
RED = b"\x1b8,\x1b8,"
SEEN = b"\x1b1,"
HEARD_S = 120.0
FOUND_S = 180.0
NAMES = (*(f"SCANNER{number}" for number in (1, 2, 3, 4)), "RIG4")
ALL_FOUND = "systemctl show sunline@1 -P StatusText | grep -q 'All 5 devices'"


class Unplugged(Exception):
    """The other end is gone."""


@dataclass(frozen=True, slots=True)
class Scanner:
    """A scanner at a station."""

    line: socket

    def trigger(self, text: str) -> None:
        """Read a barcode."""
        try:
            self.line.sendall(text.encode() + b"\r")
        except OSError as error:
            raise Unplugged from error

    def heard(self) -> bytes:
        """Wait for the answer."""
        first = self._string()
        return first + self._string() if first == RED[:3] else first

    def scan(self, text: str) -> bytes:
        """Read a barcode and wait for the answer."""
        self.trigger(text)
        return self.heard()

    def silent(self) -> bool:
        """Tell whether nothing has been said that was not heard yet."""
        self.line.settimeout(0.2)
        try:
            return not self.line.recv(1, MSG_PEEK)
        except TimeoutError:
            return True

    def _string(self) -> bytes:
        """Read to the comma that ends an escape string."""
        self.line.settimeout(HEARD_S)
        heard = b""
        while not heard.endswith(b","):
            try:
                byte = self.line.recv(1)
            except ConnectionError as error:
                raise Unplugged from error
            if not byte:
                raise Unplugged
            heard += byte
        return heard


@dataclass(frozen=True, slots=True)
class Rig:
    """The tester at station 4."""

    line: socket

    def flash(self, pmax_w: float, voc_v: float = 26.0) -> tuple[float, ...]:
        """Send the values of a flash as one line, without a serial; give Pmax, Voc, Isc, Vmp, Imp as sent."""
        number = next(_FLASHES)
        imp_a, isc_a = 9.3 + number / 1000, 9.62
        vmp_v = round(pmax_w / imp_a, 5)
        ff = pmax_w / isc_a / voc_v
        self.line.sendall(
            f",2026-11-23,10:{number // 60:02}:{number % 60:02},{pmax_w:.4f},{isc_a:.5f},{voc_v:.4f},{imp_a:.5f},"
            f"{vmp_v:.5f},{ff:.5f},25.10,1000.20\r\n".encode()
        )
        return (pmax_w, voc_v, isc_a, vmp_v, imp_a)


_FLASHES = itertools.count(1)


@dataclass
class Cables:
    """The five devices of the line, plugged in."""

    machine: Machine
    plugged: list[Plugged] = field(default_factory=list)

    def plug(self) -> None:
        """Plug in what the line's configuration names, and wait until the machine has a port for each."""
        for name in NAMES:
            self.plugged.append(self.machine.plug_serial(name))
        self.machine.hand.until(" && ".join(f"test -e {_by_id(name)}" for name in NAMES), FOUND_S)

    def found(self) -> None:
        """Wait until the line has found all of it."""
        self.machine.hand.until(ALL_FOUND, FOUND_S)

    def empty(self, *stations: int) -> None:
        """Leave stations as a test may find them: nothing lies open there, nobody is signed in."""
        for station in stations:
            for code in ("SL-DONE", "SL-PASS", "SL-OUT"):  # each is refused where there is nothing to end
                self.scanner(station).scan(code)

    def pull(self) -> None:
        """Pull all of it out, and wait until the line has missed it: what it says of itself is up to a second old."""
        while self.plugged:
            self.machine.pull(self.plugged.pop())
        self.machine.hand.until(f"! {{ {ALL_FOUND}; }}", FOUND_S)

    def drop(self) -> None:
        """Forget what was plugged into a machine that has no power."""
        while self.plugged:
            if line := self.plugged.pop().line:
                line.close()

    def scanner(self, station: int) -> Scanner:
        """Give the scanner of a station."""
        return Scanner(self._line(station - 1))

    @property
    def rig(self) -> Rig:
        """Give the tester."""
        return Rig(self._line(4))

    def _line(self, place: int) -> socket:
        line = self.plugged[place].line
        assert line is not None
        return line


def _by_id(name: str) -> str:
    return f"/dev/serial/by-id/*_{name}-*"


@contextmanager
def cables(machine: Machine, *, found: bool = True) -> Generator[Cables, None, None]:
    """Have the line's devices plugged in for a while, and found by a line that is at work."""
    made = Cables(machine)
    try:
        made.plug()
        if found:
            made.found()
        yield made
    finally:
        made.pull()
