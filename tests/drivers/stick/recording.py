"""Superblocks as the tools that make file systems write them, with what blkid says of them.

`python -m tests.drivers.stick.recording` makes them anew with the tools of this machine.
"""

import base64
import json
import os
import subprocess
import zlib
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("superblocks.json")
HEAD = 68 * 1024
KEPT = 4096
MIB = 1 << 20

MADE_BY = {
    "fat12": ("mkfs.vfat -F 12 -n SMALL", 2 * MIB),
    "fat16": ("mkfs.vfat -F 16 -i 0a0b0c0d -n PLANT", 32 * MIB),
    "fat32": ("mkfs.vfat -F 32 -i cafe0001 -n SUNLINE", 64 * MIB),
    "fat32 without a name": ("mkfs.vfat -F 32", 64 * MIB),
    "fat32 of large sectors": ("mkfs.vfat -F 32 -S 4096", 512 * MIB),
    "exfat": ("mkfs.exfat -L PLANT", 32 * MIB),
    "ntfs": ("mkntfs -q -Q -F -L PLANT", 16 * MIB),
    "ext4": ("mkfs.ext4 -q -L plant", 16 * MIB),
    "ext4 of large blocks": ("mkfs.ext4 -q -b 4096", 32 * MIB),
    "ext4 of 32 bits": ("mkfs.ext4 -q -O ^64bit,^metadata_csum", 16 * MIB),
    "ext4 without a journal": ("mkfs.ext4 -q -O ^has_journal", 16 * MIB),
    "ext3": ("mkfs.ext3 -q", 16 * MIB),
    "ext2": ("mkfs.ext2 -q -L zwei", 8 * MIB),
}


@dataclass(frozen=True)
class Recorded:
    """`label` and `uuid` as blkid prints them; a label it takes from elsewhere than the superblock is not in it."""

    name: str
    head: bytes
    size: int
    type: str
    uuid: str | None
    label: str | None


def recorded() -> list[Recorded]:
    """The superblocks that are kept beside this file."""
    return [
        Recorded(
            name=name,
            head=zlib.decompress(base64.b64decode(entry["head"])).ljust(HEAD, b"\0"),
            size=entry["size"],
            type=entry["type"],
            uuid=entry["uuid"],
            label=entry["label"],
        )
        for name, entry in json.loads(FILE.read_text()).items()
    ]


def make(name: str, folder: Path) -> Recorded:
    """Make a file system of its kind in a file, and ask blkid about it. Needs the tools."""
    command, size = MADE_BY[name]
    image = folder / "image"
    image.write_bytes(b"")
    os.truncate(image, size)
    subprocess.run([*command.split(), image], check=True, capture_output=True, env=_sbin())
    asked = subprocess.run(["blkid", "-p", "-o", "export", image], check=True, capture_output=True, env=_sbin())
    said = dict(line.split("=", 1) for line in asked.stdout.decode().splitlines())
    with image.open("rb") as file:
        head = file.read(HEAD)
    return Recorded(name, head, size, said["TYPE"], said.get("UUID"), said.get("LABEL"))


def _sbin() -> dict[str, str]:
    return {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"}


def _kept(made: Recorded) -> dict[str, object]:
    head = base64.b64encode(zlib.compress(made.head[:KEPT], 9)).decode()
    return {"type": made.type, "uuid": made.uuid, "label": made.label, "size": made.size, "head": head}


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        FILE.write_text(json.dumps({name: _kept(make(name, Path(place))) for name in MADE_BY}, indent=1) + "\n")
