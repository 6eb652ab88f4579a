r"""A wire on record: every byte both ways with its time, one JSON line each, readable by eye and by `replay`.

    {"recording": 1, "device": "scanner-1", "port": "/dev/ttyUSB0", "wall": "2025-03-04T17:50:00+00:00"}
    {"at_ns": 1204511, "way": "in", "hex": "4352530d", "text": "CRS\r"}

`at_ns` counts from the first line. `in` came from the device, `out` went to it; `open`, `lost` and `close`
carry no bytes.
"""

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TextIO

from drivers.errors import LinkLost, Unreadable
from drivers.link.base import ByteLink
from drivers.protocol import Chunk


class Way(StrEnum):
    """What one line of a recording tells."""

    IN = "in"
    OUT = "out"
    OPEN = "open"
    LOST = "lost"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of a recording. `data` is empty unless bytes went in or out."""

    at_ns: int
    way: Way
    data: bytes = b""


class Recorder:
    """Appends moments to a file as they happen. Each is flushed: it survives this process.

    `fault` tells why nothing is written any more.
    """

    def __init__(self, file: Path, device: str, *, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self._clock = clock
        self._began_ns = clock()
        self._device = device
        self._file = file
        self.fault: OSError | None = None
        self._stream: TextIO | None = file.open("w", encoding="utf-8")

    def begin(self, port: str | None) -> None:
        """Write the head line."""
        wall = datetime.now(UTC).isoformat()
        self._line({"recording": 1, "device": self._device, "port": port, "wall": wall})

    def note(self, way: Way, data: bytes = b"") -> None:
        """Write one moment. A full disk ends the recording, never the device."""
        said: dict[str, object] = {"at_ns": self._clock() - self._began_ns, "way": way.value}
        if data:
            said |= {"hex": data.hex(), "text": data.decode("ascii", "backslashreplace")}
        self._line(said)

    def close(self) -> None:
        """End the recording."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def _line(self, said: dict[str, object]) -> None:
        if self._stream is None:
            return
        try:
            self._stream.write(json.dumps(said) + "\n")
            self._stream.flush()
        except OSError as error:
            self.fault = OSError(error.errno, error.strerror, str(self._file))
            stream, self._stream = self._stream, None
            _close_quietly(stream)


class RecordedLink:
    """A `ByteLink` that behaves exactly like the one inside, and tells the recorder what passes."""

    def __init__(self, link: ByteLink, recorder: Recorder) -> None:
        self._link = link
        self._recorder = recorder
        recorder.begin(link.port)

    @property
    def port(self) -> str | None:
        """The port of the link inside."""
        return self._link.port

    async def open(self) -> None:
        """Open; see `ByteLink.open`."""
        await self._link.open()
        self._recorder.note(Way.OPEN)

    async def receive(self, timeout_s: float | None = None) -> Chunk | None:
        """Return the next bytes; see `ByteLink.receive`."""
        try:
            chunk = await self._link.receive(timeout_s)
        except LinkLost:
            self._recorder.note(Way.LOST)
            raise
        if chunk is not None:
            self._recorder.note(Way.IN, chunk.data)
        return chunk

    async def write(self, data: bytes) -> None:
        """Hand over `data`; see `ByteLink.write`. Recorded when taken."""
        await self._link.write(data)
        if data:
            self._recorder.note(Way.OUT, data)

    async def close(self) -> None:
        """Close; see `ByteLink.close`."""
        await self._link.close()
        self._recorder.note(Way.CLOSE)

    def abort(self) -> None:
        """Abort; see `ByteLink.abort`."""
        self._link.abort()
        self._recorder.note(Way.CLOSE)


async def record(link: ByteLink, file: Path, device: str) -> LinkLost:
    """Open `link`, write everything that comes to `file`, and return why it ended.

    Cancelled, it closes link and file. Raises what `ByteLink.open` raises, and OSError for the file, also when its
    disk is full.
    """
    recorder = Recorder(file, device)
    recorded = RecordedLink(link, recorder)
    try:
        await recorded.open()
        while recorder.fault is None:
            await recorded.receive()
        raise recorder.fault
    except LinkLost as error:
        return error
    finally:
        await recorded.close()
        recorder.close()


def read_recording(file: Path) -> Iterator[Moment]:
    """Yield the moments of a recording in order.

    Raises Unreadable, naming the line. A last line cut off by a power loss is left out.
    """
    with file.open(encoding="utf-8", errors="replace") as stream:
        head = stream.readline()
        if '"recording"' not in head:
            raise Unreadable(f"{file} is not a recording.", todo="Make one with `sunline device record`.")
        for number, line in enumerate(stream, start=2):
            if line.endswith("\n"):
                yield _moment(file, number, line)


def _moment(file: Path, number: int, line: str) -> Moment:
    try:
        said = json.loads(line)
        return Moment(int(said["at_ns"]), Way(said["way"]), bytes.fromhex(said.get("hex", "")))
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise Unreadable(f"{file}, line {number}: this is no line of a recording.") from error


def _close_quietly(stream: TextIO) -> None:
    with contextlib.suppress(OSError):
        stream.close()
