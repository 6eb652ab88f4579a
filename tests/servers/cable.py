"""A network cable between two places on this machine, each a network namespace; it can be pulled.

Nothing leaves the machine: both ends are inside, and neither place has another way out. A pulled cable resets nothing:
each side just hears no more of the other, as when a switch dies.
"""

import os
import shutil
import subprocess
import sys
import textwrap
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Self

_numbers = count(1)
_END = "cable"
_ROOT = Path(__file__).parents[2]


class CableError(Exception):
    """This machine cannot have such a cable; the text says what would help."""


@dataclass(frozen=True, slots=True)
class Place:
    """One end of the cable: a network namespace with an address of its own."""

    name: str
    address: str

    @property
    def within(self) -> tuple[str, ...]:
        """The command that runs another one here."""
        return (_ip(), "netns", "exec", self.name)


class Cable:
    """Two places and the cable between them: the server stands at one end, its client at the other.

    `lay` it first; `remove` it at the end, also when laying failed.
    """

    def __init__(self) -> None:
        name = f"sl{os.getpid()}x{next(_numbers)}"
        self.server = Place(f"{name}s", "192.0.2.1")
        self.client = Place(f"{name}c", "192.0.2.2")

    def lay(self) -> Self:
        """Make both places and connect them. Raises CableError where that is not permitted."""
        for place in (self.server, self.client):
            _run("netns", "add", place.name)
        ends = ("link", "add", _END, "netns", self.server.name, "type", "veth", "peer", "name", _END, "netns")
        _run(*ends, self.client.name)
        for place in (self.server, self.client):
            _run("-n", place.name, "address", "add", f"{place.address}/30", "dev", _END)
            _run("-n", place.name, "link", "set", "lo", "up")
        self.plug()
        return self

    def pull(self) -> None:
        """Pull the cable at the server: bytes on their way are lost, and connections stay open on both sides."""
        _run("-n", self.server.name, "link", "set", _END, "down")

    def plug(self) -> None:
        """Plug it in again."""
        for place in (self.server, self.client):
            _run("-n", place.name, "link", "set", _END, "up")

    def remove(self) -> None:
        """Remove both places and the cable with them."""
        for place in (self.server, self.client):
            with suppress(CableError):
                _run("netns", "delete", place.name)


class Program:
    """A Python program at one end of a cable; told to go on by a line, it answers in lines. Killed after the block."""

    def __init__(self, place: Place, program: str, *arguments: str) -> None:
        command = [*place.within, sys.executable, "-c", textwrap.dedent(program), *arguments]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, cwd=_ROOT, stdin=pipe, stdout=pipe, text=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def say(self) -> None:
        """Send a line."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def heard(self) -> str:
        """Wait for its next line; empty when it ended."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def _ip() -> str:
    program = shutil.which("ip") or shutil.which("ip", path="/usr/sbin:/sbin")
    if program is None:
        raise CableError("the program ip is missing. Run: sudo apt install iproute2")
    return program


def _run(*arguments: str) -> None:
    if os.getuid() != 0:
        raise CableError("only root may pull cables. Run the tests as root to see them pulled.")
    ran = subprocess.run([_ip(), *arguments], check=False, capture_output=True, text=True)
    if ran.returncode != 0:
        raise CableError(f"network namespaces are not permitted here: {ran.stderr.strip()}")
