"""The disks of the virtual machine: a clean Debian, and one with the project's packages; kept by their inputs' digest.

Nothing of the project is in the Debian. It holds what a new installation of Debian 12 from its network installer has,
and what `apt install ./sunline...deb` would fetch from Debian's mirror, since the machine has no network: the package's
dependencies and recommendations. Left out is what no test looks at: documentation, translations, drivers.

`python -m tests.vm.image` makes what is missing and says how long it took.
"""

import fcntl
import hashlib
import inspect
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from systemd.package.build import package
from systemd.package.releases import RELEASES
from systemd.package.source import FILES, PARTS, version_of
from tests.vm.host import cache, prepare, run
from tests.vm.versions import DEAD, NEXT, dead, newer

ROOT = Path(__file__).parents[2]
GUEST = Path(__file__).parent / "guest"
RELEASE = "bookworm"
INCLUDED = (
    "systemd-sysv", "udev", "kmod", "dbus", "linux-image-amd64", "e2fsprogs", "iproute2", "less", "procps", "psmisc",
    "systemd-timesyncd", "tzdata",
    "python3", "libudev1", "debconf", "ntfs-3g",
)  # fmt: skip
LEFT_OUT = (
    "/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*",
    *(f"/lib/modules/*/kernel/{part}/*" for part in (
        "sound", "drivers/gpu", "drivers/media", "drivers/infiniband", "drivers/net", "drivers/iio", "drivers/staging",
        "drivers/hwmon", "drivers/isdn", "fs/btrfs", "fs/xfs", "fs/nfs", "fs/ocfs2", "fs/ceph", "fs/smb",
    )),
)  # fmt: skip
TAKEN_IN = ("/usr/share/doc/sunline/*", "/usr/share/man/man1/sunline*")
KEPT = 3
"""How many of each kind stay in the cache: the newest."""


@dataclass(frozen=True, slots=True)
class Image:
    """Where the disks lie; none of them is ever written to."""

    kernel: Path
    initrd: Path
    system: Path
    packages: Path


def image() -> Image:
    """Give the disks, made anew where their inputs changed."""
    with _alone():
        base = _made("base", _base_digest(), _make_base)
        packages = _made("packages", _packages_digest(), _make_packages)
    return Image(base / "vmlinuz", base / "initrd", base / "system.img", packages / "packages.img")


@contextmanager
def _alone() -> Iterator[None]:
    with (cache() / "lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _made(kind: str, digest: str, make: Callable[[Path], None]) -> Path:
    folder = cache() / kind / digest
    if not folder.exists():
        fresh = folder.with_name(digest + ".part")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        make(fresh)
        fresh.rename(folder)
        for old in sorted(folder.parent.iterdir(), key=lambda path: path.stat().st_mtime)[:-KEPT]:
            shutil.rmtree(old)
    os.utime(folder)
    return folder


def _base_digest() -> str:
    words = (RELEASE, *INCLUDED, *LEFT_OUT, *TAKEN_IN, *_recipe(_make_base))
    return _digest([GUEST / "agent.py", *_files(GUEST / "root")], *words)


def _make_base(folder: Path) -> None:
    tree = folder / "tree"
    run(
        "mmdebstrap", '--aptopt=Acquire::Retries "5"', "--variant=minbase", f"--include={','.join(INCLUDED)}",
        *(f"--dpkgopt=path-exclude={path}" for path in LEFT_OUT),
        *(f"--dpkgopt=path-include={path}" for path in TAKEN_IN),
        f"--essential-hook=sync-in {GUEST / 'root'} /",
        f"--customize-hook=upload {GUEST / 'agent.py'} /usr/local/lib/vm-agent.py",
        "--customize-hook=chroot $1 systemctl enable vm-agent.service",
        "--customize-hook=chroot $1 systemctl mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer "
        "e2scrub_all.timer e2scrub_reap.service fstrim.timer getty@.service serial-getty@.service",
        "--customize-hook=echo vm > $1/etc/hostname; mkdir -p $1/usr/share/man/man1 $1/usr/share/man/man8",
        RELEASE, tree,
    )  # fmt: skip
    for name in ("vmlinuz", "initrd.img"):
        shutil.copyfile((tree / "boot" / next((tree / "boot").glob(f"{name}-*")).name), folder / name.split(".")[0])
    _disk(folder / "system.img", "system", tree, "5G")
    shutil.rmtree(tree)


def _packages_digest() -> str:
    files = (path for part in PARTS for path in _files(ROOT / part))
    words = (*_recipe(_make_packages, newer, dead), NEXT, DEAD)
    return _digest([*files, *(ROOT / name for name in FILES)], *words)


def _make_packages(folder: Path) -> None:
    """Build the package as `make deb` does, and two newer ones from changed sources."""
    tree, kept, release = folder / "tree", cache() / "modules", RELEASES[RELEASE]
    package(ROOT, release, tree, kept)
    package(newer(ROOT, folder / "newer"), release, tree / "next", kept, NEXT)
    package(dead(ROOT, folder / "dead"), release, tree / "next", kept, DEAD)
    _disk(folder / "packages.img", "SUNLINE", tree, "300M")
    for name in ("tree", "newer", "dead"):
        shutil.rmtree(folder / name)


def _disk(path: Path, label: str, tree: Path, size: str) -> None:
    run("mke2fs", "-q", "-t", "ext4", "-L", label, "-d", tree, path, size)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def _recipe(*made_by: Callable[..., object]) -> Iterator[str]:
    """Give what a cached folder depends on beside its files: how it is made."""
    return map(inspect.getsource, (*made_by, _disk))


def _digest(files: Iterable[Path], *words: str) -> str:
    whole = hashlib.sha256("\0".join(words).encode())
    for path in files:
        whole.update(f"{path.relative_to(ROOT)}\0{path.stat().st_mode}\0".encode())
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()[:16]


if __name__ == "__main__":
    started = time.monotonic()
    prepare()
    print(f"{image()}\nmade or found in {time.monotonic() - started:.0f} s, of version {version_of(ROOT)}")
