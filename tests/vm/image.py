"""The disks of the virtual machine: a bare Debian, and the project at its final path; kept by their inputs' digest.

`python -m tests.vm.image` makes what is missing and says how long it took.
"""

import fcntl
import hashlib
import inspect
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.vm.host import cache, prepare, run

ROOT = Path(__file__).parents[2]
GUEST = Path(__file__).parent / "guest"
RELEASE = "bookworm"
PYTHON = "3.11"
INCLUDED = (
    "systemd-sysv", "udev", "kmod", "dbus", "linux-image-amd64", "python3", "ntfs-3g", "e2fsprogs", "iproute2",
    "less", "procps", "psmisc",
)  # fmt: skip
LEFT_OUT = (
    "/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*",
    *(f"/lib/modules/*/kernel/{part}/*" for part in (
        "sound", "drivers/gpu", "drivers/media", "drivers/infiniband", "drivers/net", "drivers/iio", "drivers/staging",
        "drivers/hwmon", "drivers/isdn", "fs/btrfs", "fs/xfs", "fs/nfs", "fs/ocfs2", "fs/ceph", "fs/smb",
    )),
)  # fmt: skip
SOURCES = ("daemon", "drivers", "stations", "storage", "simulators", "systemd")
SITE_PACKAGES = Path("lib") / f"python{PYTHON}" / "site-packages"
KEPT = 3
"""How many of each kind stay in the cache: the newest."""


@dataclass(frozen=True, slots=True)
class Image:
    """Where the disks lie; none of them is ever written to."""

    kernel: Path
    initrd: Path
    system: Path
    project: Path


def image() -> Image:
    """Give the disks, made anew where their inputs changed."""
    with _alone():
        base = _made("base", _base_digest(), _make_base)
        modules = _made("modules", _modules_digest(), _make_modules)
        project = _made("project", _project_digest(), lambda folder: _make_project(folder, modules))
    return Image(base / "vmlinuz", base / "initrd", base / "system.img", project / "project.img")


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
    return _digest([GUEST / "agent.py", *_files(GUEST / "root")], RELEASE, *INCLUDED, *LEFT_OUT, *_recipe(_make_base))


def _make_base(folder: Path) -> None:
    tree = folder / "tree"
    run(
        "mmdebstrap", "--variant=minbase", f"--include={','.join(INCLUDED)}",
        *(f"--dpkgopt=path-exclude={path}" for path in LEFT_OUT),
        f"--essential-hook=sync-in {GUEST / 'root'} /",
        f"--customize-hook=upload {GUEST / 'agent.py'} /usr/local/lib/vm-agent.py",
        "--customize-hook=chroot $1 systemctl enable vm-agent.service",
        "--customize-hook=chroot $1 systemctl mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer "
        "e2scrub_all.timer e2scrub_reap.service fstrim.timer getty@.service serial-getty@.service",
        "--customize-hook=echo vm > $1/etc/hostname; mkdir -p $1/opt/sunline",
        RELEASE, tree,
    )  # fmt: skip
    for name in ("vmlinuz", "initrd.img"):
        shutil.copyfile((tree / "boot" / next((tree / "boot").glob(f"{name}-*")).name), folder / name.split(".")[0])
    _disk(folder / "system.img", "system", tree, "2G")
    shutil.rmtree(tree)


def _modules_digest() -> str:
    return _digest([ROOT / "systemd" / "requirements.txt"], *_recipe(_make_modules))


def _make_modules(folder: Path) -> None:
    """Install what the project needs, for the machine's Python whatever Python runs this.

    pip would judge a marker of the Python version by the one it runs in: what an older 3.11 needs is taken for all.
    """
    needed = folder / "requirements.txt"
    pinned = (ROOT / "systemd" / "requirements.txt").read_text(encoding="utf-8")
    needed.write_text(re.sub(r" ; python_full_version < '[0-9.]+'", "", pinned), encoding="utf-8")
    platforms = ("manylinux2014", "manylinux_2_17", "manylinux_2_28", "manylinux_2_34", "manylinux_2_36", "linux")
    run(
        sys.executable, "-m", "pip", "install", "-qq", "--require-hashes", "--no-deps", "--only-binary=:all:",
        "--target", folder / SITE_PACKAGES, "--python-version", PYTHON, "--implementation", "cp", "--no-compile",
        *(f"--abi={abi}" for abi in (f"cp{PYTHON.replace('.', '')}", "abi3", "none")),
        *(f"--platform={platform}_x86_64" for platform in platforms),
        "-r", needed,
    )  # fmt: skip
    shutil.rmtree(folder / SITE_PACKAGES / "bin", ignore_errors=True)
    _compile(folder)


def _project_digest() -> str:
    files = (path for source in SOURCES for path in _files(ROOT / source))
    return _digest([ROOT / "pyproject.toml", *files], _modules_digest(), _VENV, *_recipe(_make_project, _commands))


def _make_project(folder: Path, modules: Path) -> None:
    """Lay out /opt/sunline: a virtual environment with the project's wheel in it, and what systemd and udev need."""
    tree = folder / "tree"
    run("cp", "-al", modules, tree)
    wheels = folder / "wheels"
    run(sys.executable, "-m", "pip", "wheel", "-qq", "--no-deps", "--no-build-isolation", "-w", wheels, ROOT)
    site = tree / SITE_PACKAGES
    run(
        sys.executable, "-m", "pip", "install", "-qq", "--no-deps", "--no-index", "--no-compile", "--target", site,
        next(wheels.iterdir()),
    )  # fmt: skip
    _commands(site / "bin", tree / "bin")
    (tree / "bin" / "python").symlink_to("/usr/bin/python3")
    (tree / "pyvenv.cfg").write_text(_VENV, encoding="utf-8")
    shutil.copytree(ROOT / "systemd", tree / "share" / "systemd")
    _compile(*(site / source for source in SOURCES if (site / source).exists()))
    _disk(folder / "project.img", "project", tree, "512M")
    shutil.rmtree(tree)
    shutil.rmtree(wheels)


_VENV = f"home = /usr/bin\ninclude-system-site-packages = false\nversion = {PYTHON}\n"
_PYTHON = "#!/opt/sunline/bin/python"


def _commands(made: Path, folder: Path) -> None:
    """Move the project's commands to where a virtual environment has them, run by its Python."""
    made.rename(folder)
    for command in folder.iterdir():
        _, _, program = command.read_text(encoding="utf-8").partition("\n")
        command.write_text(f"{_PYTHON}\n{program}", encoding="utf-8")


def _compile(*folders: Path) -> None:
    """Compile as the machine's own Python would, where one of that version runs here: emulated, it takes minutes."""
    python = sys.executable if sys.version_info[:2] == tuple(map(int, PYTHON.split("."))) else f"python{PYTHON}"
    if shutil.which(python):
        run(python, "-m", "compileall", "-qq", "--invalidation-mode=unchecked-hash", *folders, check=False)


def _disk(path: Path, label: str, tree: Path, size: str) -> None:
    run("mke2fs", "-q", "-t", "ext4", "-L", label, "-d", tree, path, size)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def _recipe(*made_by: Callable[..., None]) -> Iterator[str]:
    """Give what a cached folder depends on beside its files: how it is made."""
    makers: tuple[Callable[..., None], ...] = (*made_by, _compile, _disk)
    return map(inspect.getsource, makers)


def _digest(files: Iterable[Path], *words: str) -> str:
    whole = hashlib.sha256("\0".join(words).encode())
    for path in files:
        whole.update(f"{path.relative_to(ROOT)}\0{path.stat().st_mode}\0".encode())
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()[:16]


if __name__ == "__main__":
    started = time.monotonic()
    prepare()
    print(f"{image()}\nmade or found in {time.monotonic() - started:.0f} s")
