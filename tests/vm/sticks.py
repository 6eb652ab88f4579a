"""Stick images: made outside, and read back outside, by programs that share no code with the kernel's drivers."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.vm.host import run

MIB = 1 << 20
SECTOR = 512
FILE_SYSTEMS = ("vfat", "exfat", "ntfs", "ext4")
_TYPES = {"vfat": "c", "exfat": "7", "ntfs": "7", "ext4": "83"}
_MAKE = {
    "vfat": "mkfs.vfat -F 32 -n SUNSTICK",
    "exfat": "mkfs.exfat -L SUNSTICK",
    "ntfs": "mkntfs -F -Q -q -L SUNSTICK",
    "ext4": "mke2fs -q -F -t ext4 -L SUNSTICK",
}


@dataclass(frozen=True, slots=True)
class Stick:
    """An image of a stick; each part is (where it begins, how long it is, in bytes; its file system)."""

    path: Path
    serial: str
    parts: tuple[tuple[int, int, str], ...]

    @property
    def whole(self) -> bytes:
        """Every byte of it."""
        return self.path.read_bytes()


def make_stick(
    path: Path, *file_systems: str, size_mib: int = 64, partitioned: bool = True, serial: str = "",
    content: dict[str, bytes] | None = None,
) -> Stick:  # fmt: skip
    """Make a stick with one partition for each file system, or one file system on the whole disk, and files on it."""
    size = size_mib * MIB
    with path.open("wb") as image:
        image.truncate(size)
    share = (size - MIB) // len(file_systems) // MIB * MIB
    layout = [(MIB + share * number, share, kind) for number, kind in enumerate(file_systems)]
    parts = tuple(layout) if partitioned else ((0, size, file_systems[0]),)
    if partitioned:
        run("sfdisk", "-q", path, stdin=_table(parts))
    for start, length, kind in parts:
        with _apart(path.parent) as part:
            _format(part, kind, length, content or {})
            _copy(part, path, start)
    return Stick(path, serial or path.stem.upper(), parts)


def _table(parts: Sequence[tuple[int, int, str]]) -> str:
    lines = (f"{start // SECTOR}, {length // SECTOR}, {_TYPES[kind]}" for start, length, kind in parts)
    return "label: dos\nunit: sectors\n" + "\n".join(lines) + "\n"


def _format(part: Path, kind: str, length: int, content: dict[str, bytes]) -> None:
    with part.open("wb") as image:
        image.truncate(length)
    run(*_MAKE[kind].split(), part)
    for name, data in content.items():
        with _apart(part.parent) as source:
            source.write_bytes(data)
            match kind:
                case "vfat":
                    run("mcopy", "-i", part, source, f"::{name}")
                case "ntfs":
                    run("ntfscp", "-q", part, source, name)
                case "ext4":
                    run("debugfs", "-w", "-R", f'write {source} "{name}"', part)
                case _:
                    raise NotImplementedError(f"Nothing here puts files into {kind}.")


def read_stick(stick: Stick, into: Path, part: int = 0) -> Path:
    """Take every file of a partition out into a folder, after what any computer repairs when it mounts it."""
    start, length, kind = stick.parts[part]
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir()
    with _apart(into.parent) as apart:
        run(
            "dd",
            f"if={stick.path}",
            f"of={apart}",
            "bs=1M",
            f"skip={start // MIB}",
            f"count={length // MIB}",
            "conv=sparse",
        )
        if kind == "ext4":
            run("e2fsck", "-fy", apart, check=False)
        run("tsk_recover", "-a", "-f", {"vfat": "fat"}.get(kind, kind), apart, into)
    for own in into.glob("$*"):
        own.unlink()
    return into


def cut_apart(stick: Stick) -> None:
    """Have the two copies of an NTFS stick's first file record differ, as a pull between writing them does.

    Where they lie stands at its begin (https://flatcap.github.io/linux-ntfs/ntfs/files/boot.html); eight bytes into a
    record is the number of the log entry that changed it last.
    """
    (start, _, kind), *_ = stick.parts
    assert kind == "ntfs"
    with stick.path.open("r+b") as image:
        image.seek(start)
        boot = image.read(SECTOR)
        cluster = int.from_bytes(boot[0x0B:0x0D], "little") * boot[0x0D]
        image.seek(start + cluster * int.from_bytes(boot[0x38:0x40], "little") + 8)
        image.write(b"\xa5" * 8)


def _copy(part: Path, path: Path, start: int) -> None:
    run("dd", f"if={part}", f"of={path}", "bs=1M", f"seek={start // MIB}", "conv=notrunc,sparse")


@contextmanager
def _apart(folder: Path) -> Iterator[Path]:
    """Give the name of a file that is gone afterwards."""
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".part-") as file:
        yield Path(file.name)
