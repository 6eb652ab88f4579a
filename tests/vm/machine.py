"""A virtual machine: started, its power cut, sticks and serial devices plugged and pulled."""

import fcntl
import itertools
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.vm.drive import Drive, Survives, nothing
from tests.vm.hand import Hand
from tests.vm.host import accelerator, run
from tests.vm.image import Image
from tests.vm.qmp import Qmp, Refused, connected

BOOT_S = 600.0
RELEASE_S = 120.0
_PREFIX = "sunline-vm-"
TIED = ("setpriv", "--pdeathsig", "KILL")
"""A killed test run leaves no machine behind."""
OPTIONS = (
    "-machine q35,usb=off -cpu Nehalem -m 1024 -smp 2 -nodefaults -nographic -nic none -no-user-config "
    "-device qemu-xhci,id=usb,p2=15,p3=15 -device virtio-serial-pci"
)
PATIENCE = "/etc/systemd/system/sunline@.service.d/50-slow-host.conf"
"""Whoever emulates the machine may stand still for longer than a line may be silent: that is no line that hangs."""
KERNEL = "root=/dev/vda rw console=ttyS0 quiet loglevel=4 mitigations=off nokaslr panic=-1 net.ifnames=0"


@dataclass(frozen=True, slots=True)
class Plugged:
    """A device in the machine's USB port."""

    name: str
    node: str | None = None
    line: socket.socket | None = None


@dataclass
class Machine:
    """One machine with its own disk: what is written to it stays over a power cut, until `machine()` ends."""

    image: Image
    folder: Path
    booted_in_s: float = 0.0
    _boot: str = ""
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def start(self) -> None:
        """Switch on and wait until its system is up."""
        disk = self.folder / "system.img"
        if not disk.exists():
            run("cp", "--sparse=always", "--reflink=auto", self.image.system, disk)
        self._drive = Drive(disk)
        for path in (self.folder / "qmp", self.folder / "hand"):
            path.unlink(missing_ok=True)
        started = time.monotonic()
        with (self.folder / "said").open("wb") as errors:
            self._process = subprocess.Popen(
                self._words(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors
            )
        try:
            self.hand, self.qmp = Hand(self.folder / "hand"), Qmp(self.folder / "qmp")
        except OSError as error:
            self._process.kill()
            self._process.wait()
            said = (self.folder / "said").read_text(errors="replace")
            raise AssertionError(f"QEMU did not start: {said}") from error
        self._await_boot(started)

    def _words(self) -> list[str]:
        sockets = ("qmp", "hand")
        return [
            *TIED, "qemu-system-x86_64", "-accel", accelerator(self.image.kernel), *OPTIONS.split(),
            "-kernel", str(self.image.kernel), "-initrd", str(self.image.initrd), "-append", KERNEL,
            *self._drive.power_on(),
            "-drive", f"file={self.image.packages},format=raw,if=none,id=packages,readonly=on",
            "-device", "virtio-blk-pci,drive=packages",
            *(word for name in sockets for word in
              ("-chardev", f"socket,id={name},path={self.folder / name},server=on,wait=off")),
            "-mon", "chardev=qmp,mode=control", "-device", "virtserialport,chardev=hand,name=sunline.tests",
            "-serial", f"file:{self.folder / 'console'}",
        ]  # fmt: skip

    def _await_boot(self, started: float) -> None:
        before = self._boot
        try:
            while self._boot == before:  # the hand says hello again whenever it is started
                self._boot = self.hand.booted(BOOT_S)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.console()[-3000:]}") from error
        self.booted_in_s = time.monotonic() - started

    def console(self) -> str:
        """Give what the machine printed on its console."""
        return (self.folder / "console").read_text(errors="replace")

    def reboot(self) -> None:
        """Restart it as its own systemd does."""
        started = time.monotonic()
        self.hand.tell("systemctl --no-block reboot")
        self._await_boot(started)

    def be_patient(self) -> None:
        """Let a line be silent for minutes before it is taken for dead."""
        self.hand.put(PATIENCE, "[Service]\nWatchdogSec=180\n")
        self.hand.out("systemctl daemon-reload")

    @contextmanager
    def impatient(self) -> Iterator[None]:
        """Let a line that is started meanwhile be silent for as long as its unit says."""
        self.hand.out(f"rm {PATIENCE} && systemctl daemon-reload")
        try:
            yield
        finally:
            self.be_patient()

    def power_cut(self, survives: Survives = nothing) -> None:
        """Switch off without a word; what was not yet flushed to the drive is gone, but for what `survives`."""
        self._kill()
        self._drive.power_off(survives)

    def _kill(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
            self._process.wait()
            self.hand.close()
            self.qmp.close()

    def plug(self, image: Path, serial: str, *, read_only: bool = False) -> Plugged:
        """Plug in a USB stick with an image, or what a socket serves; a read-only one has its write protection set."""
        number = next(self._numbers)
        node, name = f"node{number}", f"stick{number}"
        self.qmp.do(
            "blockdev-add", driver="raw", node_name=node, read_only=read_only,
            file=_storage(image),
        )  # fmt: skip
        self.qmp.do("device_add", driver="usb-storage", id=name, drive=node, serial=serial, bus="usb.0", removable=True)
        return Plugged(name, node)

    def plug_serial(self, serial: str) -> Plugged:
        """Plug in a USB serial adapter; `line` of what is returned speaks with whoever opens it inside."""
        name = f"serial{next(self._numbers)}"
        path = self.folder / name
        backend = {
            "type": "socket",
            "data": {"addr": {"type": "unix", "data": {"path": str(path)}}, "server": True, "wait": False},
        }
        self.qmp.do("chardev-add", id=f"{name}-line", backend=backend)
        self.qmp.do("device_add", driver="usb-serial", id=name, chardev=f"{name}-line", serial=serial, bus="usb.0")
        return Plugged(name, line=connected(path, 60))

    def plug_keyboard(self, **where: str) -> Plugged:
        """Plug in a USB keyboard, into the next free port or the one that is named."""
        name = f"keyboard{next(self._numbers)}"
        self.qmp.do("device_add", driver="usb-kbd", id=name, bus="usb.0", **where)
        return Plugged(name)

    def moved(self, stick: Plugged) -> int:
        """Tell how many bytes have been read from and written to a stick since it was plugged in."""
        blocks = self.qmp.do("query-blockstats")
        found = next(block["stats"] for block in blocks if f"/{stick.name}/" in f"{block.get('qdev', '')}/")
        return int(found["rd_bytes"] + found["wr_bytes"])

    def pull(self, device: Plugged) -> None:
        """Pull a device out, whatever it is doing."""
        self.qmp.do("device_del", id=device.name)
        self.qmp.wait_for("DEVICE_DELETED", device=device.name)
        if device.node:
            self._release(device.node)
        if device.line:
            device.line.close()
            self.qmp.do("chardev-remove", id=f"{device.name}-line")

    def _release(self, node: str) -> None:
        end = time.monotonic() + RELEASE_S
        while True:
            try:
                self.qmp.do("blockdev-del", node_name=node)
            except Refused:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)
            else:
                return


def _storage(image: Path) -> dict[str, object]:
    if image.is_socket():
        return {"driver": "nbd", "server": {"type": "unix", "path": str(image)}}
    return {"driver": "file", "filename": str(image)}


@contextmanager
def machine(image: Image) -> Iterator[Machine]:
    """Give a running machine; whatever happens, it and its disk are gone afterwards."""
    _clear_away()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    made = Machine(image, folder)
    with (folder / "lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            made.start()
            made.be_patient()
            yield made
        finally:
            with suppress(AttributeError, OSError):
                made._kill()
            shutil.rmtree(folder)


def _clear_away() -> None:
    """Remove what killed runs have left: gigabytes each."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError), (folder / "lock").open("w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder)
