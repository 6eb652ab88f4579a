"""What this machine must have for a virtual one: programs, a place to keep images, and whether it can speed one up."""

import os
import shutil
import subprocess
from pathlib import Path

PACKAGES = {
    "qemu-system-x86_64": "qemu-system-x86",
    "mmdebstrap": "mmdebstrap",
    "mke2fs": "e2fsprogs",
    "sfdisk": "fdisk",
    "mkfs.vfat": "dosfstools",
    "mkfs.exfat": "exfatprogs",
    "mkntfs": "ntfs-3g",
    "mcopy": "mtools",
    "tsk_recover": "sleuthkit",
}
"""Program -> Debian package."""

AGAIN = ("-o", "Acquire::Retries=5")
_PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


class Unable(Exception):
    """This machine cannot run the virtual one; the message is one sentence with what to do."""


def run(*words: str | Path, stdin: str = "", timeout_s: float = 900, check: bool = True) -> str:
    """Run a program to its end and give its output; raises AssertionError with what it said when it fails."""
    done = subprocess.run(
        [str(word) for word in words], input=stdin, capture_output=True, text=True, errors="replace",
        timeout=timeout_s, check=False, env=os.environ | {"PATH": _PATH, "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    if check and done.returncode:
        raise AssertionError(f"{words[0]} ended with {done.returncode}: {(done.stderr or done.stdout)[-2000:]}")
    return done.stdout


def prepare() -> None:
    """Have every program, installing what is missing where that may be done; raises Unable."""
    missing = sorted({package for program, package in PACKAGES.items() if not shutil.which(program, path=_PATH)})
    if missing:
        _install(missing)
    if os.geteuid() and not (cache() / "base").exists():
        raise Unable("Only root can build the disk of the virtual machine: run make test-vm as root.")


def _install(packages: list[str]) -> None:
    words = " ".join(packages)
    if os.geteuid() or not shutil.which("apt-get"):
        raise Unable(f"The virtual machine needs more programs: sudo apt install {words}")
    try:
        run("apt-get", *AGAIN, "update", "-qq")
        apt = ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", *AGAIN)
        run(*apt, "install", "-qq", "--no-install-recommends", *packages)
    except AssertionError as error:
        raise Unable(f"The programs for the virtual machine could not be installed ({words}): {error}") from error


def cache() -> Path:
    """Give the folder where images are kept from one run to the next."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base) / "sunline-vm"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def accelerator(kernel: Path) -> str:
    """Give the words for QEMU's fastest way that works here; asked by starting the kernel, told from a file after."""
    told = kernel.with_name("accelerated")
    if not told.exists():
        works = _kvm_works(kernel)
        told.write_text("yes" if works else "no", encoding="utf-8")
    fast = told.read_text(encoding="utf-8") == "yes" and os.access("/dev/kvm", os.R_OK | os.W_OK)
    return "kvm" if fast else "tcg,thread=multi,tb-size=256"


def _kvm_works(kernel: Path) -> bool:
    """Start the bare kernel, which panics for want of a disk and resets. A /dev/kvm may be there and hang or abort."""
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return False
    words = "-accel kvm -m 256 -nodefaults -nographic -nic none -no-reboot -append panic=-1 -kernel"
    try:
        said = subprocess.run(
            ["qemu-system-x86_64", *words.split(), kernel], capture_output=True, timeout=15, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return False
    return said.returncode == 0
