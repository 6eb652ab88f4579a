"""Files that go on in another one before they grow too large for the file system of a stick."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import Final, Protocol, Self

from storage.export.layout import part_name

MOST_BYTES: Final = 3_758_096_384
"""3.5 GiB: FAT32 ends at 4."""


class Sink(Protocol):
    """A file that takes bytes. `name` may be changed until it is finished; `size_bytes` is what it took."""

    name: str
    size_bytes: int

    def write(self, data: bytes) -> object:
        """Take all of the data."""


Create = Callable[[str], AbstractContextManager[Sink]]
"""Begins a file; at the end of the context it is whole, and if that raises it is not there."""


class Split:
    """A file under one name, or its parts under numbered ones. A context: at its end the last part is whole."""

    def __init__(self, create: Create, name: str, most_bytes: int = MOST_BYTES) -> None:
        self._create, self._name, self._most_bytes = create, name, most_bytes
        self._number = 1
        self._stack = ExitStack()
        self._file: Sink | None = None

    def __enter__(self) -> Self:
        self._file = self._stack.enter_context(self._create(self._name))
        return self

    def __exit__(self, *error: object) -> bool | None:
        return self._stack.__exit__(*error)  # type: ignore[arg-type]

    def takes(self, size: int) -> bool:
        """Say whether so many bytes more still fit into this part."""
        return self._now.size_bytes == 0 or self._now.size_bytes + size <= self._most_bytes

    def write(self, data: bytes) -> None:
        """Add to the part that is open."""
        self._now.write(data)

    def turn(self) -> None:
        """Finish this part and begin the next one."""
        self._now.name = part_name(self._name, self._number)
        self._stack.close()
        self._number += 1
        self._file = self._stack.enter_context(self._create(part_name(self._name, self._number)))

    @property
    def _now(self) -> Sink:
        assert self._file is not None, "only within its context"  # noqa: S101
        return self._file
