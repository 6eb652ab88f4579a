"""Folders as the kernel shows devices in sysfs."""

from pathlib import Path


def write_attributes(folder: Path, **attributes: str) -> None:
    """Make a folder with attributes, a file each."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in attributes.items():
        (folder / name).write_text(value + "\n")


def put_on_bus(folder: Path, sys: Path, bus: str) -> None:
    """Say which bus a device is on, unless it says so already."""
    if not (folder / "subsystem").is_symlink():
        (folder / "subsystem").symlink_to(sys / "bus" / bus)
