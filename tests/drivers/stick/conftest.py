"""A machine with USB sticks in it, as Linux 6.1 and udev 252 show one."""

import shutil
from pathlib import Path

import pytest

from drivers.sysfs import Roots
from tests.drivers.sysfolder import put_on_bus, write_attributes

STORAGE = ("08", "06", "50")
UAS = ("08", "06", "62")
KEYBOARD = ("03", "01", "01")
MIB = 1 << 20


class StickTree:
    """/sys, /dev and udev's database below a folder of the test's own. Places are the kernel's: `2`, `2.3`."""

    def __init__(self, root: Path) -> None:
        self.roots = Roots(sys=root / "sys", dev=root / "dev", run_udev=root / "run/udev")
        for folder in ("bus/usb", "bus/pci", "bus/scsi", "class/block"):
            (self.roots.sys / folder).mkdir(parents=True)
        self.roots.dev.mkdir()
        self._controller = self.roots.sys / "devices/pci0000:00/0000:00:14.0"
        self._seq = 0
        hub = self._controller / "usb1"
        write_attributes(hub, idVendor="1d6b", idProduct="0002", serial="0000:00:14.0", bDeviceClass="09")
        put_on_bus(self._controller, self.roots.sys, "pci")
        put_on_bus(hub, self.roots.sys, "usb")
        self.ssd()

    def usb(self, place: str, *interfaces: tuple[str, str, str], **attributes: str | None) -> Path:
        """Plug a USB device in; attributes given as None are those it does not have."""
        adapter = self.adapter(place)
        said: dict[str, str | None] = {
            "idVendor": "0781",
            "idProduct": "5581",
            "manufacturer": "SanDisk",
            "product": "Ultra",
            "serial": "4C530001230705117412",
            "bcdDevice": "0100",
            "bMaxPower": "224mA",
            "bNumInterfaces": f"{len(interfaces):2d}",
            "bDeviceClass": "00",
            "speed": "480",
            "removable": "removable",
            "authorized": "1",
        }
        write_attributes(adapter, **{name: text for name, text in (said | attributes).items() if text is not None})
        put_on_bus(adapter, self.roots.sys, "usb")
        for number, (code, subclass, protocol) in enumerate(interfaces or (STORAGE,)):
            face = adapter / f"{adapter.name}:1.{number}"
            write_attributes(face, bInterfaceNumber=f"{number:02x}", bInterfaceClass=code)
            write_attributes(face, bInterfaceSubClass=subclass, bInterfaceProtocol=protocol)
            put_on_bus(face, self.roots.sys, "usb")
        return adapter

    def hub(self, place: str, **attributes: str) -> Path:
        said = {"idVendor": "05e3", "idProduct": "0608", "product": "USB2.0 Hub", "bDeviceClass": "09"} | attributes
        return self.usb(place, ("09", "00", "00"), manufacturer=None, serial=None, **said)

    def disk(
        self,
        name: str,
        place: str,
        *sizes: int,
        size: int = 64 * MIB,
        lun: int = 0,
        interface: int = 0,
        scsi_type: str = "0",
        read_only: bool = False,
    ) -> Path:
        """A disk of the device at `place`, with a partition of each of the `sizes`."""
        adapter = self.adapter(place)
        device = adapter / f"{adapter.name}:1.{interface}" / "host6/target6:0:0" / f"6:0:0:{lun}"
        write_attributes(device, vendor="SanDisk ", model="Ultra           ", rev="1.00", type=scsi_type)
        (device / "delete").write_text("")
        put_on_bus(device, self.roots.sys, "scsi")
        self._seq += 1
        folder = device / "block" / name
        minor = (ord(name[-1]) - ord("a")) * 16
        major = "11" if scsi_type == "5" else "8"
        self._block(folder, f"{major}:{minor}", size, ro=str(int(read_only)), diskseq=str(self._seq), removable="1")
        write_attributes(folder / "queue", rotational="1")
        (folder / "device").symlink_to(device)
        for number, part_size in enumerate(sizes, 1):
            self.partition(folder, number, part_size, ro=str(int(read_only)))
        return folder

    def partition(self, disk: Path, number: int, size: int, **attributes: str) -> None:
        dev = (disk / "dev").read_text().split(":")
        folder = disk / f"{disk.name}{number}"
        said = {"partition": str(number), "start": "2048", "ro": "0"} | attributes
        self._block(folder, f"{dev[0]}:{int(dev[1]) + number}", size, **said)

    def ssd(self) -> None:
        """The machine's own disk, and a loop device: neither is a stick."""
        device = self.roots.sys / "devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0"
        write_attributes(device, vendor="ATA", model="SAMSUNG MZ7LN256", type="0")
        self._block(device / "block/sda", "8:0", 256 * MIB, ro="0", diskseq="900")
        self.partition(device / "block/sda", 1, 255 * MIB)
        (device / "block/sda/device").symlink_to(device)
        self._block(self.roots.sys / "devices/virtual/block/loop0", "7:0", 0, ro="0", diskseq="901")

    def udev(self, name: str, **values: str) -> None:
        """Let udev's database say something about a disk or partition."""
        number = (self.roots.sys / "class/block" / name / "dev").read_text().strip()
        file = self.roots.run_udev / f"data/b{number}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("S:disk/by-id/x\nI:123\n" + "".join(f"E:{key}={value}\n" for key, value in values.items()))

    def unplug(self, place: str) -> None:
        """Take the device away, with all that hangs on it."""
        adapter = self.adapter(place)
        for entry in (self.roots.sys / "class/block").iterdir():
            if adapter in entry.resolve().parents:
                entry.unlink()
        shutil.rmtree(adapter)

    def adapter(self, place: str) -> Path:
        """The folder of the device at `place`, below those of the hubs on the way."""
        ports = place.split(".")
        names = [f"1-{'.'.join(ports[: count + 1])}" for count in range(len(ports))]
        return self._controller.joinpath("usb1", *names)

    def _block(self, folder: Path, number: str, size: int, **attributes: str) -> None:
        write_attributes(folder, dev=number, size=str(size // 512), **attributes)
        entry = self.roots.sys / "class/block" / folder.name
        entry.symlink_to(Path("../..") / folder.relative_to(self.roots.sys))
        (self.roots.dev / folder.name).touch()


@pytest.fixture
def tree(tmp_path: Path) -> StickTree:
    root = tmp_path / "machine"
    root.mkdir()
    return StickTree(root)
