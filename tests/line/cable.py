"""The far ends of the serial lines: a scanner and a tester rig held by the test, byte by byte, on pseudo-terminals."""

import asyncio
import os
import re
import tty
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

PATIENCE_S = 60.0


class Told(StrEnum):
    """What a Honeywell scanner in host-ACK mode heard."""

    GOOD = "good"
    BAD = "bad"
    SEEN = "seen"


_WORDS = {b"\x1b7,": Told.GOOD, b"\x1b8,\x1b8,": Told.BAD, b"\x1b1,": Told.SEEN}
_WORD = re.compile(b"|".join(re.escape(word) for word in _WORDS))


class Cable:
    """A serial line by name; pulled and plugged in again it is another pseudo-terminal under the same name."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._master = self._slave = -1
        self.heard = bytearray()
        self._news = asyncio.Event()

    @property
    def target(self) -> str:
        """The pseudo-terminal's own name."""
        return os.ttyname(self._slave)

    def plug(self) -> None:
        """Appear, with nothing in the line."""
        self.pull()
        self._master, self._slave = os.openpty()
        tty.setraw(self._master)
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.heard.clear()
        fresh = self.file.with_name(self.file.name + ".new")
        fresh.symlink_to(os.ttyname(self._slave))
        fresh.replace(self.file)
        asyncio.get_running_loop().add_reader(self._master, self._read)

    def pull(self) -> None:
        """Vanish. Doing it again is harmless."""
        if self._master >= 0:
            asyncio.get_running_loop().remove_reader(self._master)
            self.file.unlink(missing_ok=True)
            os.close(self._master)
            os.close(self._slave)
            self._master = self._slave = -1

    async def send(self, data: bytes) -> None:
        """Write everything, waiting while the line is full, and for ever while it is pulled."""
        left = memoryview(data)
        while left:
            if self._master < 0:
                await asyncio.get_running_loop().create_future()
            try:
                left = left[os.write(self._master, left) :]
            except BlockingIOError:
                await asyncio.sleep(0.001)

    async def next_word(self, words: re.Pattern[bytes]) -> bytes:
        """Wait for one of some words and take it, with whatever came before."""
        async with asyncio.timeout(PATIENCE_S):
            while (found := words.search(self.heard)) is None:
                self._news.clear()
                await self._news.wait()
        word = found.group()
        del self.heard[: found.end()]
        return word

    def _read(self) -> None:
        try:
            self.heard += os.read(self._master, 4096)
        except (BlockingIOError, OSError):
            return
        self._news.set()


@dataclass
class Gun:
    """A Honeywell scanner in host-ACK mode: blocked until it hears good or bad."""

    cable: Cable
    told: list[tuple[str, Told]] = field(default_factory=list)

    async def scan(self, text: str) -> Told:
        """Read a barcode and wait for what the host says."""
        await self.cable.send(text.encode() + b"\r")
        told = await self.answer()
        self.told.append((text, told))
        return told

    async def answer(self) -> Told:
        """Wait for the host's next word."""
        return _WORDS[await self.cable.next_word(_WORD)]


_REPLY = re.compile(b"[\x06\x15]")


@dataclass
class Rig:
    """An IV tester that sends one line a flash and waits until the host says it is stored."""

    cable: Cable

    async def flash(self, line: str) -> bool:
        """Send a result; True once the host acknowledged it."""
        await self.cable.send(line.encode() + b"\r\n")
        return await self.cable.next_word(_REPLY) == b"\x06"


def result_line(number: int, sn: str = "") -> str:
    """A plausible result of a 60-cell panel, unlike any other number's, in the rig's comma-separated form."""
    imp, vmp = 9.7026 + (number % 5000) / 1e5, 33.921 + (number // 5000) / 1e4
    isc = imp + 0.4894
    when = f"2026-03-02,{number:06d}"
    return f"{sn},{when},{imp * vmp:.6f},{isc:.6f},41.0130,{imp:.6f},{vmp:.6f},0.7877,25.0,1000.1"
