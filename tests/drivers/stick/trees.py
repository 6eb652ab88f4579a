"""Machines with a stick in them, recorded: what sysfs and udev's database said, one thing a line.

`python -m tests.drivers.stick.trees` records the machine at hand. `F` is an attribute, `L` a link, `U` a line of udev's
database. Those kept here are of virtual machines with Debian 12 and 13, some with Linux's own USB gadget as the stick.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from drivers.sysfs import Roots

FOLDER = Path(__file__).with_name("recorded")
ATTRIBUTES = frozenset(
    "idVendor idProduct serial manufacturer product bcdDevice bMaxPower bNumInterfaces bDeviceClass removable "  # noqa: SIM905
    "bInterfaceNumber bInterfaceClass bInterfaceSubClass bInterfaceProtocol vendor model rev type dev size ro "
    "partition start diskseq".split()
)
LINKS = frozenset({"subsystem", "device"})
DULL = frozenset({"power", "queue", "mq", "scsi_device", "scsi_disk", "scsi_generic", "scsi_host", "bsg", "input"})


def load(name: str, root: Path) -> Roots:
    """Put a recorded machine below `root`."""
    roots = Roots(sys=root / "sys", dev=root / "dev", run_udev=root / "run/udev")
    (roots.sys / "devices").mkdir(parents=True)
    for line in (FOLDER / f"{name}.txt").read_text().splitlines():
        kind, place, value = line.split(" ", 2)
        target = roots.run_udev / "data" / place if kind == "U" else roots.sys / place
        target.parent.mkdir(parents=True, exist_ok=True)
        if kind == "L":
            target.symlink_to(value)
        else:
            with target.open("a") as file:
                file.write(_plain(value) + "\n")
    return roots


def record(roots: Roots) -> Iterator[str]:
    """Every USB device that has a disk, from its root hub down, and its disks."""
    blocks = [entry for entry in sorted((roots.sys / "class/block").iterdir()) if "/usb" in str(entry.resolve())]
    for entry in blocks:
        yield _link(entry, roots.sys)
    tops = {parent for entry in blocks for parent in entry.resolve().parents if parent.name.startswith("usb")}
    for top in sorted(tops):
        yield _link(top.parent / "subsystem", roots.sys)
        yield from _folder(top, roots.sys)
    for entry in blocks:
        number = (entry / "dev").read_text().strip()
        database = roots.run_udev / "data" / f"b{number}"
        if database.exists():
            yield from (f"U b{number} {_escaped(line)}" for line in database.read_text().splitlines())


def _folder(top: Path, sys: Path) -> Iterator[str]:
    for place, folders, files in os.walk(top):
        folder = Path(place)
        links = sorted(name for name in LINKS & {*folders, *files} if (folder / name).is_symlink())
        yield from (_link(folder / name, sys) for name in links)
        for name in sorted(ATTRIBUTES & set(files)):
            value = (folder / name).read_text("utf-8", "replace").removesuffix("\n")
            yield f"F {(folder / name).relative_to(sys)} {_escaped(value)}"
        folders[:] = sorted(name for name in folders if name not in DULL and not name.startswith(("ep_", "0003:")))


def _link(link: Path, sys: Path) -> str:
    return f"L {link.relative_to(sys)} {link.readlink()}"


def _escaped(value: str) -> str:
    """The text in printable characters, with a bar behind outer blanks."""
    return value.encode("unicode_escape").decode() + ("|" if value.endswith(" ") else "")


def _plain(value: str) -> str:
    return value.removesuffix("|").encode().decode("unicode_escape")


if __name__ == "__main__":
    print("\n".join(record(Roots())))
