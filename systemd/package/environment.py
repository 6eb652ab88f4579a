"""The virtual environment in a package: built anywhere, for its release's Python and the place it will stand at."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from packaging.markers import Marker

from systemd.package.commands import run
from systemd.package.releases import Release

SITES: Final = Path("/opt/sunline")
"""Where the versions stand side by side."""
_PLATFORMS: Final = ("manylinux2014", "manylinux_2_17", "manylinux_2_28", "manylinux_2_34", "manylinux_2_36", "linux")
_PIN: Final = re.compile(r"^([^ ;\n]+==[^ ;\n]+)(?: ; ([^\\\n]+?))? (\\\n(?: +--hash=\S+(?: \\)?\n)+)", re.MULTILINE)


def build(source: Path, tree: Path, release: Release, version: str, cache: Path) -> None:
    """Build the environment of a version below `tree`, to stand at SITES/<version>."""
    modules = _modules((source / "systemd" / "requirements.txt").read_text("utf-8"), release, cache)
    shutil.copytree(modules, tree, symlinks=True)
    site = site_packages(tree, release)
    _install(source, site, cache)
    home = SITES / version
    _commands(site / "bin", tree / "bin", home)
    (tree / "bin" / "python").symlink_to(f"/usr/bin/python{release.python}")
    config = f"home = /usr/bin\ninclude-system-site-packages = false\nversion = {release.python_full}\n"
    (tree / "pyvenv.cfg").write_text(config, "utf-8")
    compile_modules(tree, release, home)


def site_packages(tree: Path, release: Release) -> Path:
    """Give the folder of an environment that its modules lie in."""
    return tree / "lib" / f"python{release.python}" / "site-packages"


def _modules(pinned: str, release: Release, cache: Path) -> Path:
    """Install what the program needs, once for each list of it."""
    needed = chosen(pinned, release)
    kept = cache / f"{release.name}-{hashlib.sha256(needed.encode()).hexdigest()[:16]}"
    if not kept.exists():
        draft = kept.with_suffix(f".part{os.getpid()}")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        listed = kept.with_suffix(".txt")
        listed.write_text(needed, "utf-8")
        site = site_packages(draft, release)
        run(*_pip("--require-hashes", "--only-binary=:all:", "--target", site, *_for(release), "-r", listed))
        shutil.rmtree(site / "bin", ignore_errors=True)
        draft.rename(kept)
    return kept


def chosen(pinned: str, release: Release) -> str:
    """Choose the requirements of a release. pip would judge their markers by the Python it runs in."""
    world = {"python_full_version": release.python_full, "python_version": release.python, "sys_platform": "linux"}

    def wanted() -> Iterator[str]:
        for pin, marker, hashes in _PIN.findall(pinned):
            if not marker or Marker(marker).evaluate(world):
                yield f"{pin} {hashes}"

    return "".join(wanted())


def _for(release: Release) -> Iterator[str]:
    yield from ("--python-version", release.python, "--implementation", "cp")
    yield from (f"--abi={abi}" for abi in (f"cp{release.python.replace('.', '')}", "abi3", "none"))
    yield from (f"--platform={platform}_x86_64" for platform in _PLATFORMS)


def _pip(*words: str | Path) -> Iterable[str | Path]:
    quiet = ("-qq", "--disable-pip-version-check", "--no-deps", "--no-compile")
    return (sys.executable, "-m", "pip", "install", *quiet, *words)


def _install(source: Path, site: Path, cache: Path) -> None:
    wheels = cache / f"wheels{os.getpid()}"
    shutil.rmtree(wheels, ignore_errors=True)
    try:
        run(sys.executable, "-m", "pip", "wheel", "-qq", "--no-deps", "--no-build-isolation", "-w", wheels, source)
        run(*_pip("--no-index", "--find-links", wheels, "--target", site, "sunline"))
    finally:
        shutil.rmtree(wheels, ignore_errors=True)


def _commands(made: Path, folder: Path, home: Path) -> None:
    """Move the commands to where an environment has them, run by its Python at its final place."""
    made.rename(folder)
    for command in folder.iterdir():
        _, _, program = command.read_text("utf-8").partition("\n")
        command.write_text(f"#!{home}/bin/python\n{program}", "utf-8")


def compile_modules(tree: Path, release: Release, home: Path) -> bool:
    """Compile the modules as the release's Python would. False where none of its version runs here."""
    python = interpreter(release)
    if python is None:
        return False
    told = ("-m", "compileall", "-q", "--invalidation-mode=unchecked-hash", "-s", str(tree), "-p", str(home))
    # A template in a dependency need not be valid for this Python: what does not compile is left as it is.
    subprocess.run([python, *told, str(tree / "lib")], capture_output=True, check=False)  # noqa: S603
    return True


def interpreter(release: Release) -> str | None:
    """Find a Python that compiles as the release's does: one of its minor version."""
    for python in (sys.executable, f"python{release.python}"):
        asked = [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        try:
            said = subprocess.run(asked, capture_output=True, text=True, check=False).stdout  # noqa: S603
        except OSError:
            continue
        if said.strip() == release.python:
            return python
    return None
