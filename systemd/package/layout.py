"""Where each file of the project goes on a line's PC."""

import gzip
import shutil
import sys
from pathlib import Path
from typing import Final

from systemd.package.commands import run
from systemd.package.environment import SITES
from systemd.package.releases import Release

OWNED: Final = Path("usr/lib/sunline")
"""The environment as the package owns it. What runs is a copy of it by hard links, at SITES/<version>: the package
manager removes an old version's files while that version is still running."""
_SYSTEM: Final = Path("usr/lib/systemd/system")
_DOCS: Final = Path("usr/share/doc/sunline")
_UNITS: Final = ("sunline.target", "sunline@.service", "sunline-usb@.service")
MANUAL: Final = {
    "sunline.1": "usr/share/man/man1/sunline.1",
    "sunline-usb.1": "usr/share/man/man1/sunline-usb.1",
    "sunline.bash": "usr/share/bash-completion/completions/sunline",
    "_sunline": "usr/share/zsh/vendor-completions/_sunline",
    "sunline.fish": "usr/share/fish/vendor_completions.d/sunline.fish",
}
"""What the program writes about itself, and where it goes."""


def lay_out(source: Path, tree: Path, release: Release) -> None:
    """Put everything but the environment below `tree`."""
    _service_files(source / "systemd", tree, release)
    _links(tree)
    _papers(source, tree)
    _manual(source, tree)


def _service_files(systemd: Path, tree: Path, release: Release) -> None:
    for name in _UNITS:
        _put(systemd / name, tree / _SYSTEM / name)
    for name in release.drop_ins:
        shutil.copytree(systemd / name, tree / _SYSTEM / name)
    for rules in systemd.glob("*.rules"):
        _put(rules, tree / "usr/lib/udev/rules.d" / rules.name)
    for name in ("sysusers.d", "tmpfiles.d", "modules-load.d"):
        shutil.copytree(systemd / name, tree / "usr/lib" / name)


def _links(tree: Path) -> None:
    (tree / "usr/bin").mkdir(parents=True)
    for name in ("sunline", "sunline-usb"):
        (tree / "usr/bin" / name).symlink_to(SITES / "current" / "bin" / name)


def _papers(source: Path, tree: Path) -> None:
    """Lay out what people read."""
    docs = tree / _DOCS
    for name in ("line1.toml", "stick.toml"):
        _put(source / "systemd" / name, docs / "examples" / name)
    shutil.copytree(source / "docs" / "monitoring", docs / "examples" / "monitoring")
    for page in (*(source / "docs").glob("*.md"), *(source / "docs").glob("*.svg")):
        _put(page, docs / page.name)
    _put(source / "LICENSE", docs / "copyright")
    _zipped(docs / "changelog.gz", (source / "CHANGELOG.md").read_bytes())


def _manual(source: Path, tree: Path) -> None:
    """Have the program write its manual page and completions."""
    made = tree.with_name(f"{tree.name}-manual")
    made.mkdir()
    run(sys.executable, "-m", "daemon.manual", made, env={"PYTHONPATH": str(source)})
    for name, place in MANUAL.items():
        if place.endswith(".1"):
            _zipped(tree / f"{place}.gz", (made / name).read_bytes())
        else:
            _put(made / name, tree / place)
    shutil.rmtree(made)


def _put(file: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, place)


def _zipped(place: Path, content: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(gzip.compress(content, mtime=0))
