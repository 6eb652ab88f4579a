"""The machine's drive as the worst one that honours flush: what was not flushed when the power went may all be lost.

Killing QEMU alone would prove less: the host keeps whatever the guest has written, flushed or not, as a drive without
a cache would. So QEMU logs every write and flush of the drive, in the order they came, and after a cut the drive is
made again from what it held at power on: every write before the last flush, and of those after it what `survives`
says, none or each by chance, in pieces of the 4 KiB that drives write whole. (Torn smaller, ext4 can lose its own
superblock, which it reads before its journal: then the file system needs a repair, whatever wrote to it.)

What this cannot prove: that a real drive does what it is told. `sunline doctor` asks the drive at hand for that.

The log: https://docs.kernel.org/admin-guide/device-mapper/log-writes.html
"""

import os
import random
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from tests.vm.host import run

SECTOR = 512
WHOLE = 4096
UNDER_WAY = 16 << 20
Survives = Callable[[], bool]
_SUPER = struct.Struct("<QQQI")
_ENTRY = struct.Struct("<QQQQ")
_MAGIC = 0x6A736677736872
_FLUSH, _FUA, _DISCARD = 1, 2, 4


def nothing() -> bool:
    """Let nothing unflushed survive."""
    return False


def by_chance(seed: int) -> Survives:
    """Let about half of what is unflushed survive."""
    chance = random.Random(seed)
    return lambda: chance.random() < 0.5


@dataclass(frozen=True, slots=True)
class Drive:
    """A drive and, while the power is on, what it held at power on and what happened to it since."""

    path: Path

    @property
    def _before(self) -> Path:
        return self.path.with_suffix(".before")

    @property
    def _log(self) -> Path:
        return self.path.with_suffix(".log")

    def power_on(self) -> tuple[str, ...]:
        """Give the words for QEMU; from now on everything is logged. The host itself need not flush.

        Without the command that writes zeroes: QEMU logs where those begin, and what is written meanwhile comes between
        that and the zeroes themselves, so that whoever reads the log loses the thread.
        """
        run("cp", "--sparse=always", "--reflink=auto", self.path, self._before)
        self._log.write_bytes(b"")
        return (
            "-blockdev", f"driver=file,node-name=drive-file,filename={self.path},discard=unmap,cache.no-flush=on",
            "-blockdev", f"driver=file,node-name=drive-log,filename={self._log},cache.no-flush=on",
            "-blockdev", "driver=blklogwrites,node-name=drive,file=drive-file,log=drive-log",
            "-device", "virtio-blk-pci,drive=drive,write-cache=on,write-zeroes=off",
        )  # fmt: skip

    def power_off(self, survives: Survives) -> None:
        """Let what was not flushed get lost."""
        with self._log.open("rb") as log, self._before.open("r+b") as drive:
            writes = list(_writes(log))
            flushed = max((number for number, write in enumerate(writes) if write.flags & _FLUSH), default=0)
            for number, write in enumerate(writes):
                kept = number < flushed or write.flags & _FUA
                write.put(log, drive, (lambda: True) if kept else survives)
        self._before.replace(self.path)


@dataclass(frozen=True, slots=True)
class _Write:
    sector: int
    flags: int
    length: int
    at: int

    def put(self, log: BinaryIO, drive: BinaryIO, survives: Survives) -> None:
        log.seek(self.at)
        data = log.read(self.length)
        for offset in range(0, self.length, WHOLE):
            if survives():
                drive.seek(self.sector * SECTOR + offset)
                drive.write(data[offset : offset + WHOLE])


def _writes(log: BinaryIO) -> Iterator[_Write]:
    """Give what is logged; a discard leaves what was there, which a drive may do.

    The log counts its entries only when it is flushed itself, so what came after the last flush is found by its size.
    """
    magic, _, _, size = _SUPER.unpack(log.read(_SUPER.size).ljust(_SUPER.size, b"\0"))
    assert magic in {0, _MAGIC}, "not a log of writes"
    size, end = size or SECTOR, log.seek(0, os.SEEK_END)
    at = size
    while at + size <= end:
        log.seek(at)
        sector, count, flags, _ = _ENTRY.unpack(log.read(_ENTRY.size))
        length = 0 if flags & _DISCARD else count * SECTOR
        if not (count or flags) or at + size + length > end:
            assert end - at < UNDER_WAY, f"the log of writes cannot be read from {at} on, of {end} bytes"
            return  # was under way, as everything behind it
        yield _Write(sector, flags, length, at + size)
        at += size + length
