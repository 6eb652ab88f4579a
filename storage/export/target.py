"""What can go wrong with the place an export is written to, each with what to do."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from storage.errors import StorageError


class TargetError(StorageError):
    """Root of this module. Nothing stands under a final name that is not whole."""


class TargetFull(TargetError):
    """There is no room left, or a file grew larger than the file system takes."""

    todo = "Free space there or take a larger medium, then export again: finished files are kept."


class TargetReadOnly(TargetError):
    """Nothing may be written there."""

    todo = "Check the write protection and who may write there, or take another place."


class TargetGone(TargetError):
    """The medium or the folder disappeared."""

    todo = "Plug it in again, then export again: finished files are kept."


class TargetBroken(TargetError):
    """Reading or writing failed."""

    todo = "Export again; if it happens again, take another medium."


class TargetForeign(TargetError):
    """Something that is not ours has the name of a file of the export."""

    todo = "Remove or rename it, or export to another place. Nothing of it was opened or changed."


_KINDS: Final[dict[int, type[TargetError]]] = {
    errno.ENOSPC: TargetFull, errno.EDQUOT: TargetFull, errno.EFBIG: TargetFull,
    errno.EROFS: TargetReadOnly, errno.EACCES: TargetReadOnly, errno.EPERM: TargetReadOnly,
    errno.ENODEV: TargetGone, errno.ENXIO: TargetGone, errno.ENOENT: TargetGone, errno.ESTALE: TargetGone,
    errno.ENOTCONN: TargetGone, errno.ESHUTDOWN: TargetGone, errno.ENOMEDIUM: TargetGone,
    errno.EISDIR: TargetForeign, errno.ENOTDIR: TargetForeign, errno.ENOTEMPTY: TargetForeign,
    errno.EEXIST: TargetForeign, errno.ELOOP: TargetForeign,
}  # fmt: skip

_SAYING: Final[dict[type[TargetError], str]] = {
    TargetFull: "There is no room for {name}",
    TargetReadOnly: "{name} may not be written",
    TargetGone: "The place disappeared while {name} was worked on",
    TargetBroken: "{name} could not be read or written",
    TargetForeign: "Something else has the name {name}",
}


def target_error(error: OSError, name: str) -> TargetError:
    """Give our error for one of the operating system about a file or folder."""
    kind = _KINDS.get(error.errno or 0, TargetBroken)
    return kind(f"{_SAYING[kind].format(name=name)} ({error.strerror or error}).")


@contextmanager
def our_errors(name: str) -> Iterator[None]:
    """Turn every OSError within into a TargetError that names the file."""
    try:
        yield
    except OSError as error:
        raise target_error(error, name) from error
