"""Which sticks are plugged, and who they are: from sysfs and udev's database alone."""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeAlias

from drivers.shown import shown
from drivers.stick.adapter import Adapter, adapter_of
from drivers.stick.device import StickDevice, StickVolume
from drivers.stick.errors import NotAStick, StickError, StickGone
from drivers.stick.superblock import FileSystem
from drivers.sysfs import Roots, needed_text, parents, place, read_text, udev_values

Probe: TypeAlias = Callable[[Path], FileSystem | None]

_SECTOR_BYTES: Final = 512  # sysfs counts in these, whatever the device's own are
_SMALLEST_BYTES: Final = 2 * _SECTOR_BYTES  # an extended partition stands for the ones inside it with as much
_CD_DRIVE: Final = "5"


def stick_of(block_name: str, roots: Roots | None = None, *, probe: Probe | None = None) -> StickDevice:
    """Return the stick whose disk or partition has this name (`sda`, `sda1`).

    Opens no device by itself, but may wait some seconds for one that the kernel is resetting. `probe`
    (`drivers.stick.probe.probe_device`) reads the file system from the medium, unless the device is refused anyway;
    without it, what udev knows is taken. Raises NotAStick and StickGone, and what `probe` raises.
    """
    at = roots or Roots()
    try:
        disk = _disk(block_name, at)
        before = _presence(disk)
        stick = _stick(disk, at)
        if probe is not None and _is_probed(stick):
            stick = replace(stick, volumes=(_probed(stick.volumes[0], probe),))
        if _presence(disk) == before:
            return stick
    except OSError as error:
        raise StickGone(f"{block_name} was pulled while it was looked at.") from error
    raise StickGone(f"{block_name} was pulled while it was looked at.")


def list_sticks(roots: Roots | None = None) -> list[StickDevice]:
    """Return every disk of every plugged USB storage device, ordered by name. Waits as `stick_of`; never raises."""
    at = roots or Roots()
    found = []
    for name in _block_names(at):
        with contextlib.suppress(StickError):
            stick = stick_of(name, at)
            if stick.name == name:
                found.append(stick)
    return found


def _disk(block_name: str, roots: Roots) -> Path:
    """The folder of the disk itself, for a partition too."""
    if block_name != Path(block_name).name:
        raise NotAStick("A block device's name has no folders in it.")
    folder = (roots.sys / "class/block" / block_name).resolve(strict=True)
    return folder.parent if (folder / "partition").exists() else folder


def _presence(disk: Path) -> tuple[str | None, int]:
    """What changes when the disk goes, even if another one gets its name and its place. Raises OSError without it."""
    return read_text(disk / "diskseq"), disk.stat().st_ino


def _stick(disk: Path, roots: Roots) -> StickDevice:
    chain = parents(disk, roots.sys)
    adapter = adapter_of(chain)
    if adapter is None:
        raise NotAStick(f"{disk.name} is not on USB.")
    if read_text(disk / "device/type") == _CD_DRIVE:
        raise NotAStick(f"{disk.name} is a CD drive.")
    whole = _volume(disk, roots)
    return StickDevice(
        name=disk.name,
        file=whole.file,
        usb_serial=adapter.serial,
        vendor_id=adapter.vendor_id,
        product_id=adapter.product_id,
        manufacturer=_name(adapter.manufacturer, disk / "device/vendor"),
        product=_name(adapter.product, disk / "device/model"),
        size_bytes=whole.size_bytes,
        read_only=whole.read_only,
        volumes=_volumes(whole, disk, roots),
        interfaces=adapter.interfaces,
        slots=_slots(adapter, roots),
        place=place(chain),
        adapter=adapter.folder,
    )


def _name(of_adapter: str | None, of_disk: Path) -> str | None:
    return shown(of_adapter) or shown(read_text(of_disk))


def _volumes(whole: StickVolume, disk: Path, roots: Roots) -> tuple[StickVolume, ...]:
    """The partitions by their number; the whole disk where it has none."""
    numbered = ((read_text(folder / "partition"), folder) for folder in disk.iterdir() if _is_folder(folder))
    parts = sorted((int(number), folder) for number, folder in numbered if number is not None)
    found = [_volume(folder, roots) for _, folder in parts]
    real = tuple(volume for volume in found if volume.size_bytes > _SMALLEST_BYTES)
    return real or ((whole,) if whole.size_bytes and not parts else ())


def _volume(folder: Path, roots: Roots) -> StickVolume:
    number = needed_text(folder / "dev")
    udev = udev_values(f"b{number}", roots)
    return StickVolume(
        name=folder.name,
        file=roots.dev / folder.name,
        number=number,
        size_bytes=int(needed_text(folder / "size")) * _SECTOR_BYTES,
        read_only=needed_text(folder / "ro") != "0",
        fs_type=udev.get("ID_FS_TYPE"),
        fs_uuid=udev.get("ID_FS_UUID"),
        label=shown(udev.get("ID_FS_LABEL_ENC")),
    )


def _is_probed(stick: StickDevice) -> bool:
    return bool(stick.size_bytes) and len(stick.volumes) == 1 and not stick.is_keyboard


def _probed(volume: StickVolume, probe: Probe) -> StickVolume:
    """The volume as its medium says; udev's word where that says nothing."""
    seen = probe(volume.file)
    if seen is None:
        return volume
    label = shown(seen.label) or volume.label
    return replace(volume, fs_type=seen.type, fs_uuid=seen.uuid, label=label, fs_bytes=seen.size_bytes)


def _slots(adapter: Adapter, roots: Roots) -> int:
    """How many disks the USB device has."""
    entries = (roots.sys / "class/block" / name for name in _block_names(roots))
    folders = [entry.resolve() for entry in entries if not (entry / "partition").exists()]
    return sum(
        adapter.folder in folder.parents and read_text(folder / "device/type") != _CD_DRIVE for folder in folders
    )


def _is_folder(entry: Path) -> bool:
    return entry.is_dir() and not entry.is_symlink()


def _block_names(roots: Roots) -> list[str]:
    try:
        return sorted(entry.name for entry in (roots.sys / "class/block").iterdir())
    except OSError:
        return []
