"""Carries input events from the kernel to the loop, from a thread of its own.

The kernel keeps few events for a reader, about ten keystrokes, and drops them all when that is too few: a loop that
is busy for a moment must not tear a scan.
"""

import asyncio
import contextlib
import errno
import os
import select
import threading
from typing import Final

from drivers.hid.events import EVENT_BYTES, SYN, SYN_DROPPED, unpack
from drivers.hid.kernel import READ_BYTES, Grabbed
from drivers.link.inbox import Inbox

_GONE: Final = "unplugged"


class EventTransport(asyncio.Transport):
    """Delivers what a grabbed keyboard types into an inbox, with the kernel's time; nothing can be sent.

    `told` is how its keys were when it was grabbed: it goes before the first of them. Whatever ends it, its thread
    closes the keyboard before the inbox hears of the end. Raises OSError where there is none to be had, and closes
    nothing then.
    """

    def __init__(self, inbox: Inbox, keyboard: Grabbed, told: bytes, port: str) -> None:
        super().__init__()
        self._loop = asyncio.get_running_loop()
        self._inbox = inbox
        self._keyboard = keyboard
        self._told = told
        self._bell = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._ringing = threading.Lock()
        self._closing = self._paused = self._over = False
        self._taken = self._passed_on = 0
        try:
            threading.Thread(target=self._run, name=f"read {port}", daemon=True).start()
        except RuntimeError as error:
            os.close(self._bell)
            raise OSError(errno.EAGAIN, "no more threads") from error
        inbox.connection_made(self)  # what the thread has for it comes by the loop, later
        inbox.unread = self._is_unread

    def is_closing(self) -> bool:
        """Tell whether the end was asked for."""
        return self._closing

    def close(self) -> None:
        """Ask for the end."""
        self._closing = True
        self._ring()

    def abort(self) -> None:
        """Ask for the end."""
        self.close()

    def pause_reading(self) -> None:
        """Leave what is typed to the kernel, which says when it had to drop it."""
        self._paused = True
        self._ring()

    def resume_reading(self) -> None:
        """Read again."""
        self._paused = False
        self._ring()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Do nothing: nothing is written."""

    def get_write_buffer_size(self) -> int:
        """Return 0: nothing waits."""
        return 0

    def _ring(self) -> None:
        with self._ringing:
            if not self._over:
                os.eventfd_write(self._bell, 1)

    def _run(self) -> None:
        error: OSError | None = None
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
            try:
                self._read()
            except OSError as caught:
                error = caught
            finally:
                self._release()
            self._loop.call_soon_threadsafe(self._ended, error)

    def _release(self) -> None:
        with self._ringing:
            self._over = True
        os.close(self._bell)
        self._keyboard.close()  # the kernel takes milliseconds for it: the loop must not wait on the lock

    def _read(self) -> None:
        """Read until the end is asked for or nothing can come any more."""
        while self._ready():
            self._taken += 1
            data = self._typed()
            if data == b"":
                return
            if data is None:
                self._taken -= 1
                continue
            at_ns = unpack(data[:EVENT_BYTES])[0].at_ns
            self._loop.call_soon_threadsafe(self._arrived, self._told + self._restated(data), at_ns)
            self._told = b""

    def _typed(self) -> bytes | None:
        """Take what was typed; empty at the end, None when it was nothing."""
        try:
            return os.read(self._keyboard.descriptor, READ_BYTES)
        except BlockingIOError:
            return None

    def _arrived(self, data: bytes, at_ns: int) -> None:
        self._passed_on += 1
        self._inbox.arrived(data, at_ns)

    def _ready(self) -> bool:
        """Wait for events; False when the end was asked for."""
        while not self._closing:
            waiting = select.poll()
            waiting.register(self._bell, select.POLLIN)
            if not self._paused:
                waiting.register(self._keyboard.descriptor, select.POLLIN)
            ready = {descriptor for descriptor, _ in waiting.poll()}
            if self._bell in ready:
                os.eventfd_read(self._bell)
            elif ready:
                return True
        return False

    def _is_unread(self) -> bool:
        """Tell whether something was typed that the loop has not got: this thread may be late on a busy computer."""
        with self._ringing:
            if self._over:
                return False
            waiting = select.poll()
            waiting.register(self._keyboard.descriptor, select.POLLIN)
            typed = any(event & select.POLLIN for _, event in waiting.poll(0))
        return typed or self._taken != self._passed_on

    def _restated(self, data: bytes) -> bytes:
        """Where the kernel dropped events, tell how the keys are now in place of what came after them."""
        dropped = [at for at, event in enumerate(unpack(data)) if event[1:3] == (SYN, SYN_DROPPED)]
        return data[: dropped[-1] * EVENT_BYTES] + self._keyboard.restate() if dropped else data

    def _ended(self, error: OSError | None) -> None:
        self._inbox.break_off(error, f"{_GONE} ({error.strerror})" if error else _GONE)
        self._inbox.connection_lost(error)
