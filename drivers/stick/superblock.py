"""What a file system's first bytes say about it: type, uuid, label and size, as blkid prints them."""

import struct
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

HEAD_BYTES: Final = 68 * 1024


@dataclass(frozen=True, slots=True)
class FileSystem:
    """A file system by its superblock. `type` is blkid's name for it; None: it does not say."""

    type: str
    uuid: str | None = None
    label: str | None = None
    size_bytes: int | None = None


def file_system(head: bytes) -> FileSystem | None:
    """Return which file system begins with `head` (its first HEAD_BYTES).

    None when it is none that is known, or several at once: leftovers of an earlier one cannot be told from the present
    one. Labels kept outside the superblock (ntfs, exfat, a renamed vfat) are not read.
    """
    whole = head.ljust(HEAD_BYTES, b"\0")
    found = [system for system in (read(whole) for read in _READERS) if system is not None]
    return found[0] if len(found) == 1 else None


def _vfat(head: bytes) -> FileSystem | None:
    """FAT12, FAT16 and FAT32 by Microsoft's FAT specification 1.03, boot sector and BPB."""
    sector, cluster, reserved, fats, small, media = struct.unpack_from("<HBHB2xHB", head, 11)
    (large,) = struct.unpack_from("<I", head, 32)
    old, new = head[54:59] in {b"FAT12", b"FAT16", b"FAT  "}, head[82:87] == b"FAT32"
    sane = sector in {512, 1024, 2048, 4096} and _is_power_of_two(cluster) and reserved and fats and media >= 0xF0
    if head[510:512] != b"\x55\xaa" or not (old or new) or not sane:
        return None
    serial_at = 67 if new else 39
    name = _text(head[serial_at + 4 : serial_at + 15])
    label = None if name == "NO NAME" else name
    return FileSystem("vfat", _dos_serial(head, serial_at), label, sector * (small or large))


def _exfat(head: bytes) -> FileSystem | None:
    """By Microsoft's exFAT specification 1.00, main boot sector."""
    shift = head[108]
    if head[3:11] != b"EXFAT   " or head[510:512] != b"\x55\xaa" or not 9 <= shift <= 12:
        return None
    (sectors,) = struct.unpack_from("<Q", head, 72)
    return FileSystem("exfat", _dos_serial(head, 100), None, sectors << shift)


def _ntfs(head: bytes) -> FileSystem | None:
    """By the layout of the NTFS boot sector: sector size at 11, sectors at 40, serial at 72."""
    sector, sectors, serial = *struct.unpack_from("<H", head, 11), *struct.unpack_from("<Q24xQ", head, 40)
    if head[3:11] != b"NTFS    " or sector not in {256, 512, 1024, 2048, 4096}:
        return None
    return FileSystem("ntfs", f"{serial:016X}" if serial else None, None, sector * sectors)


def _ext(head: bytes) -> FileSystem | None:
    """ext2, ext3 and ext4 told apart as blkid does, by the features the older drivers do not know."""
    block = head[1024:2048]
    if block[56:58] != b"\x53\xef":
        return None
    low, shift, (compatible, incompatible, read_only) = (
        *struct.unpack_from("<I", block, 4),
        *struct.unpack_from("<I", block, 24),
        struct.unpack_from("<III", block, 92),
    )
    if incompatible & _EXT_JOURNAL_DEVICE or shift > _EXT_MAX_SHIFT:
        return None
    if incompatible & ~_EXT3_INCOMPATIBLE or read_only & ~_EXT3_READ_ONLY:
        name = "ext4"
    else:
        name = "ext3" if compatible & _EXT_HAS_JOURNAL else "ext2"
    (high,) = struct.unpack_from("<I", block, 336) if incompatible & _EXT_64_BIT else (0,)
    raw = block[104:120]
    identity = str(uuid.UUID(bytes=raw)) if any(raw) else None
    return FileSystem(name, identity, _text(block[120:136]), (high << 32 | low) << (10 + shift))


def _named(head: bytes) -> FileSystem | None:
    """File systems that are known by name only, to say what is on a stick that is refused."""
    names = [name for offset, magic, name in _MAGICS if head[offset : offset + len(magic)] == magic]
    return FileSystem(names[0]) if names else None


def _dos_serial(head: bytes, at: int) -> str | None:
    serial = head[at : at + 4][::-1].hex().upper()
    return f"{serial[:4]}-{serial[4:]}" if int(serial, 16) else None


def _text(raw: bytes) -> str | None:
    return raw.partition(b"\0")[0].decode("utf-8", "replace").strip() or None


def _is_power_of_two(number: int) -> bool:
    return number > 0 and number & (number - 1) == 0


_EXT_HAS_JOURNAL: Final = 0x4
_EXT_JOURNAL_DEVICE: Final = 0x8
_EXT_64_BIT: Final = 0x80
_EXT_MAX_SHIFT: Final = 6
_EXT3_INCOMPATIBLE: Final = 0x2 | 0x4 | 0x10  # file types in folders, needs recovery, meta block groups
_EXT3_READ_ONLY: Final = 0x1 | 0x2 | 0x4  # sparse superblocks, large files, B-tree folders

_MAGICS: Final = (
    (0, b"LUKS\xba\xbe", "crypto_LUKS"),
    (3, b"-FVE-FS-", "BitLocker"),
    (0, b"XFSB", "xfs"),
    (0x10040, b"_BHRfS_M", "btrfs"),
    (1024, b"\x10\x20\xf5\xf2", "f2fs"),
    (1024, b"H+\0\x04", "hfsplus"),
    (1024, b"HX\0\x05", "hfsplus"),
    (32, b"NXSB", "apfs"),
    (0x8001, b"CD001", "iso9660"),
    (0, b"hsqs", "squashfs"),
)

_READERS: Final[tuple[Callable[[bytes], FileSystem | None], ...]] = (_vfat, _exfat, _ntfs, _ext, _named)
