"""A PC as files: sysfs, procfs and etc below a folder, laid out as kernels lay them out."""

import os
from dataclasses import dataclass
from pathlib import Path

PCI = "devices/pci0000:00/0000:00:17.0"
SATA = f"{PCI}/ata1/host0/target0:0:0/0:0:0:0/block/{{}}"
RAID = "devices/pci0000:00/0000:00:1c.0/host0/target0:2:0/0:2:0:0/block/{}"
USB = "devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0/host4/target4:0:0/4:0:0:0/block/{}"
NVME = "devices/pci0000:00/0000:00:1d.0/0000:01:00.0/nvme/nvme0/{}"
MMC = "devices/platform/soc/mmc_host/mmc0/mmc0:0001/block/{}"
VIRTIO = "devices/pci0000:00/0000:00:04.0/virtio1/block/{}"
VIRTUAL = "devices/virtual/block/{}"


@dataclass
class Machine:
    """`root` is its root folder."""

    root: Path

    def write(self, name: str, text: str | int) -> Path:
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{text}\n")
        return file

    def block(self, place: str, name: str, number: str, **files: str | int) -> Path:
        """A whole disk or volume; `files` by their path below it, `__` for a slash."""
        at = self.root / "sys" / place.format(name)
        for file, text in {"queue__rotational": 0, "queue__write_cache": "write back", "removable": 0, **files}.items():
            self.write(f"{at.relative_to(self.root)}/{file.replace('__', '/')}", text)
        self._list(at, name, number)
        return at

    def partition(self, disk: Path, name: str, number: str) -> Path:
        at = disk / name
        self.write(f"{at.relative_to(self.root)}/partition", 1)
        self._list(at, name, number)
        return at

    def stands_on(self, upper: Path, *lower: Path) -> None:
        (upper / "slaves").mkdir()
        for one in lower:
            (upper / "slaves" / one.name).symlink_to(os.path.relpath(one, upper / "slaves"))

    def _list(self, at: Path, name: str, number: str) -> None:
        for folder, link in (("dev/block", number), ("class/block", name)):
            place = self.root / "sys" / folder
            place.mkdir(parents=True, exist_ok=True)
            (place / link).symlink_to(os.path.relpath(at, place))
