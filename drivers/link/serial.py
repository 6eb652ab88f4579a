"""Serial ports: pyserial opens them in a thread, pyserial-asyncio carries the bytes."""

import asyncio
import contextlib
import errno
import os
import termios
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import serial
from serial_asyncio import SerialTransport

from drivers.errors import DriverError, LinkLost, NeedsPerson, PortAbsent, PortBusy, PortForbidden
from drivers.link.apart import apart
from drivers.link.inbox import Inbox
from drivers.link.transport import TransportLink, Wire

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


_PSEUDO_TERMINALS = Path("/dev/pts")  # they carry whole bytes and refuse to be set otherwise


@dataclass(frozen=True, slots=True)
class SerialSettings:
    """How the line is set. `dtr` and `rts` are the levels held while the port is open."""

    baud: int = 9600
    bytesize: Literal[5, 6, 7, 8] = 8
    parity: Literal["N", "E", "O", "M", "S"] = "N"
    stopbits: Literal[1, 2] = 1
    dtr: bool = True
    rts: bool = True


def serial_link(
    device_file: str,
    settings: SerialSettings | None = None,
    *,
    verify: Callable[[], None] | None = None,
    drain_s: float = 1.0,
    stall_s: float = 5.0,
) -> TransportLink:
    """Return a closed link to the serial port at `device_file`, held exclusively while open.

    `verify` is called in the opening thread once the port is open; the DriverError it raises fails the open.
    """
    connect = partial(_connect, device_file, settings or SerialSettings(), verify)
    return TransportLink(device_file, connect, drain_s=drain_s, stall_s=stall_s)


class _LoopPort(serial.Serial):
    """A port that never blocks the loop.

    pyserial's own read needs descriptors below 1024, its write spins while the line is full, and its flush, which
    the transport calls when closing, can wait for ever.
    """

    broke: Callable[[OSError | None], None]

    def read(self, size: int = 1, /) -> bytes:
        try:
            data = os.read(self.fileno(), size)
        except (BlockingIOError, InterruptedError):
            return b""
        except OSError as error:
            self.broke(error)
            raise serial.SerialException from error
        if not data:  # VMIN is 1: no data would be EAGAIN, so this is the end
            self.broke(None)
            raise serial.SerialException
        return data

    def write(self, data: "ReadableBuffer", /) -> int:
        try:
            return os.write(self.fileno(), data)
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError as error:
            # Raised, it would be reported as an unhandled error of the loop.
            self.broke(error)
            return memoryview(data).nbytes

    def flush(self) -> None:
        pass


async def _connect(device_file: str, settings: SerialSettings, verify: Callable[[], None] | None, inbox: Inbox) -> Wire:
    work = partial(_verified, device_file, settings, verify)
    try:
        port = await apart(work, _LoopPort.close, name=f"open {device_file}")
    except TimeoutError as error:
        raise LinkLost(f"{device_file} hangs: an earlier attempt to open it has not ended.") from error
    transport = _transport(device_file, inbox, port)
    inbox.gone.clear()
    wire = Wire(transport, partial(_send, transport, port), partial(_unsent, transport, port), partial(_discard, port))

    def broke(error: OSError | None) -> None:
        inbox.break_off(error, _unplugged(error))
        asyncio.get_running_loop().call_soon(wire.drop)

    port.broke = broke
    return wire


def _transport(device_file: str, inbox: Inbox, port: _LoopPort) -> SerialTransport:
    try:
        return SerialTransport(asyncio.get_running_loop(), inbox, port)  # it sets the port up once more
    except (OSError, ValueError, termios.error) as error:
        port.close()
        raise _translated(device_file, error) from error


def _verified(device_file: str, settings: SerialSettings, verify: Callable[[], None] | None) -> _LoopPort:
    port = _opened(device_file, settings)
    try:
        if verify is not None:
            verify()
    except BaseException:
        port.close()
        raise
    return port


def _opened(device_file: str, settings: SerialSettings) -> _LoopPort:
    on_wire = Path(device_file).resolve().parent != _PSEUDO_TERMINALS
    try:
        port = _LoopPort(
            baudrate=settings.baud,
            bytesize=settings.bytesize if on_wire else 8,
            parity=settings.parity if on_wire else "N",
            stopbits=settings.stopbits,
            exclusive=True,
            timeout=0,
            inter_byte_timeout=0,  # sets VMIN to 1: an empty read then means unplugged, never "no data"
        )
        port.dtr, port.rts = settings.dtr, settings.rts
        port.port = device_file
        port.open()
    except (OSError, ValueError, termios.error) as error:
        raise _translated(device_file, error) from error
    return port


def _translated(device_file: str, error: Exception) -> DriverError:
    match _errno(error):
        case errno.ENOENT | errno.ENXIO | errno.ENODEV | errno.ENOTDIR:
            return PortAbsent(f"{device_file} is not there.")
        case errno.EBUSY | errno.EAGAIN:
            return PortBusy(f"{device_file} is used by another program.")
        case errno.EACCES | errno.EPERM:
            return PortForbidden(f"This user may not open {device_file}.")
        case errno.ENOTTY | errno.EISDIR:
            return NeedsPerson(f"{device_file} is not a serial port.", todo="Configure the right device file.")
        case errno.EINVAL | None:
            return NeedsPerson(f"{device_file} refuses its settings: {error}.", todo="Correct the port settings.")
        case _:
            return LinkLost(f"{device_file} could not be opened: {error}.")


def _errno(error: BaseException | None) -> int | None:
    while error is not None:
        if isinstance(error, OSError) and error.errno is not None:
            return error.errno
        if isinstance(error, termios.error):
            return int(error.args[0])
        error = error.__context__
    return None


def _unplugged(error: OSError | None) -> str:
    return f"unplugged ({error.strerror})" if error is not None else "unplugged"


def _send(transport: SerialTransport, port: _LoopPort, data: bytes) -> None:
    """Write straight to the port while nothing queues before it: the transport would wait a round of the loop."""
    sent = 0 if transport.get_write_buffer_size() else port.write(data)
    if sent < len(data):
        transport.write(data[sent:])


def _unsent(transport: SerialTransport, port: _LoopPort) -> int:
    buffered: int = transport.get_write_buffer_size()
    try:
        return buffered + (port.out_waiting if port.is_open else 0)
    except OSError:  # hung up: nothing will leave any more
        return buffered


def _discard(port: _LoopPort) -> None:
    if port.is_open:
        with contextlib.suppress(OSError, termios.error):
            port.reset_output_buffer()
