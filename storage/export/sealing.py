"""Encryption to a recipient (age, X25519): the line only ever holds the public key."""

from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Semaphore, Thread
from typing import Final

import pyrage

from storage.errors import StorageError
from storage.export.splitting import Sink

_AHEAD: Final = 4
"""Pieces of plain text that may wait for the cipher."""


class RecipientUnfit(StorageError):
    """A recipient is no age public key."""

    todo = "Give the public key that `age-keygen` shows; it begins with age1."


def assert_recipient(text: str) -> None:
    """Refuse what is no age public key. Raises RecipientUnfit."""
    try:
        pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError as error:
        shown = "That is a secret key" if text.upper().startswith("AGE-SECRET-KEY-") else f"{text!r} is no key"
        raise RecipientUnfit(f"{shown} of a recipient.") from error


@contextmanager
def sealed(into: Sink, recipient: str) -> Iterator["Sealed"]:
    """Take plain bytes and write them encrypted, in constant memory; the context's end writes the last ones.

    Raises RecipientUnfit, and whatever writing raises.
    """
    assert_recipient(recipient)
    sealing = Sealed(into, recipient)
    try:
        yield sealing
        sealing.end()
    finally:
        sealing.stop()
    sealing.check()


class Sealed:
    """Plain bytes go in. The cipher runs in a thread of its own, because it fetches what it encrypts."""

    def __init__(self, into: Sink, recipient: str) -> None:
        self.size_bytes = 0
        self._into, self._feed, self._writing = into, _Feed(), _Writing(into)
        self._trouble: BaseException | None = None
        self._thread = Thread(target=self._run, args=(recipient,), name="sealing", daemon=True)
        self._thread.start()

    @property
    def name(self) -> str:
        """The name of the encrypted file."""
        return self._into.name

    @name.setter
    def name(self, name: str) -> None:
        self._into.name = name

    def write(self, data: bytes) -> None:
        """Encrypt and write. Raises what writing an earlier piece raised."""
        self.check()
        if data:
            self._feed.put(data)
            self.size_bytes += len(data)

    def end(self) -> None:
        """Wait until everything is written, or has failed."""
        self._feed.end()
        self._thread.join()

    def stop(self) -> None:
        """See to it that nothing more is written: whoever interrupts closes the file next."""
        self._writing.stopped = True
        self.end()

    def check(self) -> None:
        """Raise what writing raised."""
        if self._trouble is not None:
            raise self._trouble

    def _run(self, recipient: str) -> None:
        try:
            pyrage.encrypt_io(self._feed, self._writing, [pyrage.x25519.Recipient.from_str(recipient)])
        except BaseException as error:  # noqa: BLE001 -- raised again by `check`: a file that was not sealed is not whole
            self._trouble = self._writing.trouble or error
            self._feed.drain()


class _Stopped(Exception):
    """Nothing more is to be written. No OSError: the cipher tries again after an InterruptedError, for ever."""


class _Feed:
    """Hands pieces over to the cipher, a few ahead."""

    def __init__(self) -> None:
        self._waiting, self._room = SimpleQueue[bytes](), Semaphore(_AHEAD)
        self._piece, self._ended = memoryview(b""), False

    def put(self, data: bytes) -> None:
        self._room.acquire()
        self._waiting.put(data)

    def end(self) -> None:
        """Nothing more comes. Never waits."""
        self._waiting.put(b"")

    def read(self, size: int = -1) -> bytes:
        """Give some bytes; none at the end."""
        if not self._piece and not self._ended:
            self._next()
        size = len(self._piece) if size < 0 else size
        given, self._piece = self._piece[:size], self._piece[size:]
        return bytes(given)

    def drain(self) -> None:
        """Take everything to the end, so that nobody waits."""
        while not self._ended:
            self._next()

    def _next(self) -> None:
        data = self._waiting.get()
        self._room.release()
        self._piece, self._ended = memoryview(data), not data


class _Writing:
    """Takes what the cipher gives, and keeps the error that the cipher would replace by its own."""

    def __init__(self, into: Sink) -> None:
        self._into = into
        self.stopped = False
        self.trouble: BaseException | None = None

    def write(self, data: bytes) -> int:
        try:
            if self.stopped:
                raise _Stopped
            self._into.write(data)
        except BaseException as error:
            self.trouble = error
            raise
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""
