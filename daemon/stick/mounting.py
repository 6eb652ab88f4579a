"""Which driver mounts which file system, with which options: tables, and what its refusals mean."""

import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from drivers.stick import FsType
from drivers.stick.errors import (
    StickError,
    VolumeBusy,
    VolumeDamaged,
    VolumeDirty,
    VolumeForbidden,
    VolumeGone,
    VolumeReadOnly,
    VolumeUnreadable,
    VolumeUnsupported,
)

NTFS_3G: Final = "ntfs-3g"
NTFS3: Final = "ntfs3"
NTFSFIX: Final = "ntfsfix"

_OWNED: Final = "uid={uid},gid={gid},umask=077"
_OPTIONS: Final = {
    FsType.VFAT: f"{_OWNED},utf8,shortname=mixed,errors=remount-ro",
    FsType.EXFAT: f"{_OWNED},iocharset=utf8,errors=remount-ro",
    FsType.EXT4: "errors=remount-ro",
}
_NTFS3_OPTIONS: Final = f"{_OWNED},iocharset=utf8"
_NTFS_3G_OPTIONS: Final = f"{_OWNED},nosuid,nodev,noexec,noatime,big_writes,streams_interface=none"


@dataclass(frozen=True, slots=True)
class Way:
    """One way to mount a file system: the kernel's driver, or ntfs-3g, with its own options.

    `mended_by` is the program that mends it before, where it was found damaged; empty: none.
    """

    driver: str
    options: str
    mended_by: str = ""


def ways(fs_type: str, *, read_only: bool, recover: bool) -> Iterator[Way]:
    """Give the ways to mount it, the best first. The next one is for a machine without the one before.

    `recover`: write also where the file system was not closed in order; then the next way is for what the one before
    cannot read any more. ntfs-3g keeps no journal: at four of ten writes of an export a pull leaves two copies of the
    first file records that differ, and it mounts that no more until ntfsfix(8) has made them the same.
    """
    owner = {"uid": os.geteuid(), "gid": os.getegid()}
    if fs_type == FsType.NTFS:
        force = ",force" if recover and not read_only else ""
        yield Way(NTFS3, _NTFS3_OPTIONS.format(**owner) + force)
        care = "recover" if recover else "norecover"
        options = _NTFS_3G_OPTIONS.format(**owner) + f",{'ro' if read_only else 'rw'},{care}"
        yield Way(NTFS_3G, options)
        if recover and not read_only:
            yield Way(NTFS_3G, options, mended_by=NTFSFIX)
    elif fs_type in _OPTIONS:
        yield Way(str(fs_type), _OPTIONS[FsType(fs_type)].format(**owner))


def refusal(error: OSError, what: str, fs_type: str | None) -> StickError:
    """Translate what the kernel says about `what`, a stick, while it was mounted, written or unmounted."""
    number = error.errno or errno.EIO
    reason = os.strerror(number)
    if number in _GONE:
        return VolumeGone(f"{what} was pulled: {reason}.")
    if number in _NO_DRIVER:
        return VolumeUnsupported(
            f"This computer cannot mount {fs_type}, the file system of {what}.", todo=_NO_DRIVER_TODO
        )
    kind, sentence = _MEANINGS.get(number, (VolumeUnreadable, "{what} cannot be used: {reason}."))
    return kind(sentence.format(what=what, reason=reason))


def refusal_of_ntfs_3g(code: int, what: str) -> StickError:
    """Translate ntfs-3g's exit code, by ntfs-3g.probe(8)."""
    kind, sentence = _EXITS.get(code, (VolumeUnreadable, "The NTFS file system of {what} cannot be mounted ({code})."))
    return kind(sentence.format(what=what, code=code))


_GONE: Final = frozenset({errno.ENOENT, errno.ENXIO, errno.ENOMEDIUM, errno.ESHUTDOWN, errno.ENOTBLK})
_NO_DRIVER: Final = frozenset({errno.ENODEV})
_NO_DRIVER_TODO: Final = "Format the stick as FAT32 or ext4, or install the driver on this computer."
_MEANINGS: Final[dict[int, tuple[type[StickError], str]]] = {
    errno.EINVAL: (VolumeUnreadable, "The file system of {what} is damaged."),
    errno.EUCLEAN: (VolumeUnreadable, "The file system of {what} is damaged."),
    errno.EBADMSG: (VolumeUnreadable, "The file system of {what} is damaged."),
    errno.EIO: (VolumeUnreadable, "{what} cannot be read or written: {reason}."),
    errno.EACCES: (VolumeReadOnly, "{what} is write-protected."),
    errno.EROFS: (VolumeReadOnly, "{what} is write-protected."),
    errno.EBUSY: (VolumeBusy, "{what} is in use by another program."),
    errno.EPERM: (VolumeForbidden, "{what} may not be mounted by this program."),
    errno.EOPNOTSUPP: (VolumeUnsupported, "The file system of {what} has features that are not known here."),
}
_EXITS: Final[dict[int, tuple[type[StickError], str]]] = {
    12: (VolumeUnreadable, "{what} has no valid NTFS file system."),
    13: (VolumeDamaged, "The NTFS file system of {what} is damaged."),
    14: (VolumeDirty, "Windows is hibernated on {what}."),
    15: (VolumeDirty, "{what} was pulled out without being ejected."),
    16: (VolumeBusy, "{what} is in use by another program."),
    19: (VolumeForbidden, "{what} may not be mounted by this program."),
}
