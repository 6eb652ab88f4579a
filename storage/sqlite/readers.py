"""Reading beside the writer: connections that cannot write, in threads of their own."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import apsw

from storage.errors import StoreClosed
from storage.sqlite.connection import open_reading, our_errors
from storage.sqlite.threads import Worker
from storage.sqlite.view import View

T = TypeVar("T")

_THREADS: Final = 2


@dataclass(frozen=True, slots=True)
class _Reader:
    connection: apsw.Connection
    inode: int


class Readers:
    """Answers pages, searches and exports. Every read sees one moment and is to be short: a long one keeps the log."""

    def __init__(self, path: Path, *, vfs: str | None = None) -> None:
        self._path = path
        self._vfs = vfs
        self._worker = Worker("reader", _THREADS)
        self._idle: deque[_Reader] = deque()
        self._closed = False

    async def read(self, read: Callable[[View], T]) -> T:
        """Run `read` on a view of one moment and give what it gives. Raises StorageError."""
        if self._closed:
            raise StoreClosed("The store is closed.")
        return await self._worker.run(lambda: self._read(read))

    async def close(self) -> None:
        """Let what is under way end, then close. Doing it again is harmless."""
        if self._closed:
            return
        self._closed = True
        await self._worker.run(lambda: None)
        self._worker.end()
        while self._idle:
            self._idle.pop().connection.close(force=True)

    def _read(self, read: Callable[[View], T]) -> T:
        with our_errors():
            reader = self._reader()
            try:
                with reader.connection:
                    answer = read(View(reader.connection))
            finally:
                self._idle.append(reader)
        return answer

    def _reader(self) -> _Reader:
        """Give an idle connection to the file that stands at the path now: a rebuilt store is another file."""
        inode = self._path.stat().st_ino
        while self._idle:
            reader = self._idle.pop()
            if reader.inode == inode:
                return reader
            reader.connection.close(force=True)
        return _Reader(open_reading(self._path, self._vfs), inode)
