"""The drives under a file system: sysfs, walked down from a partition or volume to what holds the bits."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from daemon.checkup.looking import number_in, words_in
from daemon.checkup.mounts import Mount


class Kind(StrEnum):
    """How a drive hangs on the PC, as a person calls it."""

    SATA = "SATA"
    NVME = "NVMe"
    SCSI = "SCSI or RAID controller"
    USB = "USB"
    SD = "SD card"
    EMMC = "eMMC"
    VIRTUAL = "virtual disk"
    LOOP = "loop device"
    MEMORY = "memory"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drive:
    """One drive, as the kernel knows it; None: it does not say.

    `write_cache` is what the kernel reckons with ("write back": it sends flushes), `cache_type` what the drive says.
    `failed_commands` counts also harmless ones; `wear` is the eMMC's own word, 1 (new) to 3 (worn out).
    """

    name: str
    kind: Kind
    model: str = ""
    rotational: bool | None = None
    removable: bool = False
    write_cache: str | None = None
    cache_type: str | None = None
    fua: bool | None = None
    failed_commands: int | None = None
    state: str | None = None
    wear: int | None = None

    def __str__(self) -> str:
        return f"/dev/{self.name} ({', '.join(part for part in (self.kind.value, self.model) if part)})"


@dataclass(frozen=True, slots=True)
class Stack:
    """What a file system stands on: the drives at the bottom, the volumes above them that lost a member."""

    drives: tuple[Drive, ...]
    degraded: tuple[str, ...] = ()


_SCANNED: Final = 32
_VIRTUAL_MODELS: Final = re.compile(r"QEMU|VBOX|VMWARE|VIRTUAL|MSFT|XEN|AMAZON|NUTANIX", re.IGNORECASE)
_KINDS: Final = (
    (re.compile(r"z?ram\d"), Kind.MEMORY),
    (re.compile(r"loop\d"), Kind.LOOP),
    (re.compile(r"vd[a-z]|xvd[a-z]|nbd\d|rbd\d|drbd\d"), Kind.VIRTUAL),
    (re.compile(r"nvme\d"), Kind.NVME),
)
_BUSES: Final = (("/usb", Kind.USB), ("/virtio", Kind.VIRTUAL), ("/VMBUS", Kind.VIRTUAL), ("/ata", Kind.SATA))


def stack_of(mount: Mount, root: Path = Path("/")) -> Stack:
    """Walk down from a mounted file system. Raises FileNotFoundError where it has no device that sysfs knows."""
    top = _block(mount, root)
    found = {one.name: one for one in _walk(top, _SCANNED)}
    drives = tuple(_drive(one) for one in found.values() if not _members(one))
    degraded = tuple(one.name for one in found.values() if number_in(one / "md/degraded"))
    return Stack(drives, degraded)


def _block(mount: Mount, root: Path) -> Path:
    """Find the device: by its number; a file system of several devices has its own and only names one of them."""
    by_number = root / "sys/dev/block" / mount.device
    by_name = root / "sys/class/block" / mount.source.rpartition("/")[2]
    found = next((one for one in (by_number, by_name) if one.exists()), None)
    if found is None:
        raise FileNotFoundError(2, "no such device", f"device {mount.source} in /sys")
    return found.resolve()


def _walk(device: Path, deep: int) -> Iterator[Path]:
    device = device.parent if (device / "partition").exists() else device
    yield device
    for member in _members(device) if deep else ():
        yield from _walk(member, deep - 1)


def _members(device: Path) -> list[Path]:
    return sorted(one.resolve() for one in (device / "slaves").glob("*"))


def _drive(at: Path) -> Drive:
    model = " ".join((words_in(at / "device/model") or words_in(at / "device/name") or "").split())
    maker = " ".join((words_in(at / "device/vendor") or "").split())
    return Drive(
        name=at.name, kind=_kind(at, f"{maker} {model}"), model=model,
        rotational=_flag(at / "queue/rotational"), removable=_flag(at / "removable") is True,
        write_cache=words_in(at / "queue/write_cache"), fua=_flag(at / "queue/fua"),
        cache_type=next((words_in(one) for one in (at / "device/scsi_disk").glob("*/cache_type")), None),
        failed_commands=number_in(at / "device/ioerr_cnt"), state=words_in(at / "device/state"),
        wear=number_in(at / "device/pre_eol_info"),
    )  # fmt: skip


def _kind(at: Path, named: str) -> Kind:
    if at.name.startswith("mmcblk"):
        return Kind.SD if words_in(at / "device/type") == "SD" else Kind.EMMC
    by_name = next((kind for form, kind in _KINDS if form.match(at.name)), None)
    if _VIRTUAL_MODELS.search(named) and by_name in (None, Kind.NVME):
        return Kind.VIRTUAL
    where = str(at)
    by_bus = next((kind for part, kind in _BUSES if part in where), Kind.SCSI if at.name.startswith("sd") else None)
    return by_name or by_bus or Kind.OTHER


def _flag(file: Path) -> bool | None:
    number = number_in(file)
    return None if number is None else bool(number)
