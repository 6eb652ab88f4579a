"""From sources to a package file."""

import os
import shutil
import stat
import string
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from systemd.package.commands import run
from systemd.package.environment import build
from systemd.package.layout import OWNED, lay_out
from systemd.package.releases import Release
from systemd.package.source import copied, moment_of, version_of

HERE: Final = Path(__file__).parent


def package(source: Path, release: Release, out: Path, cache: Path, version: str | None = None) -> Path:
    """Build the package of a source tree for a release, and give its path. Raises BuildFailed.

    `version` takes the place of the one in the sources; `cache` keeps what the program needs from one run to the next.
    """
    version = version or version_of(source)
    cache.mkdir(parents=True, exist_ok=True)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="sunline-package-") as made:
        work = Path(made)
        sources, moment = copied(source, work / "source", version), moment_of(source)
        tree, packaged = work / "tree", release.package_version(version)
        build(sources, tree / OWNED, release, packaged, cache)
        lay_out(sources, tree, release)
        scripts = _scripts(sources / "systemd" / "package" / "scripts", tree, release, packaged)
        _same_for_all(tree, moment)
        file = out / f"sunline_{version}_{release.name}_amd64.deb"
        _pack(work / "nfpm.yaml", recipe(release, packaged, tree, scripts, moment), moment, file)
    return file


def _scripts(scripts: Path, tree: Path, release: Release, version: str) -> Path:
    """Fill in the version; the command for upgrades goes into the tree, the others are the package manager's."""
    for script in scripts.iterdir():
        text = script.read_text("utf-8").replace("@VERSION@", version).replace("@PYTHON@", release.python)
        script.write_text(text, "utf-8")
    command = tree / "usr" / "sbin" / "sunline-upgrade"
    command.parent.mkdir(parents=True)
    shutil.move(scripts / "sunline-upgrade", command)
    command.chmod(0o755)
    return scripts


def recipe(release: Release, version: str, tree: Path, scripts: Path, moment: int) -> str:
    """Give the recipe that nfpm takes."""
    words = {
        "version": version, "tree": str(tree), "scripts": str(scripts),
        "mtime": datetime.fromtimestamp(moment, UTC).isoformat(),
        "depends": _listed(release.depends), "recommends": _listed(release.recommends),
    }  # fmt: skip
    return string.Template((HERE / "nfpm.yaml").read_text("utf-8")).substitute(words)


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f'"{word}"' for word in words)


def _same_for_all(tree: Path, moment: int) -> None:
    """Give every file the time and the rights it has on every PC, whoever builds the package."""
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or (path.parent.name in ("bin", "sbin") and path.stat().st_mode & stat.S_IXUSR)
            path.chmod(0o755 if runs else 0o644)
        os.utime(path, (moment, moment), follow_symlinks=False)


def _pack(config: Path, text: str, moment: int, file: Path) -> None:
    config.write_text(text, "utf-8")
    nfpm = Path(sys.executable).with_name("nfpm")
    draft = file.with_suffix(".part")
    run(
        nfpm, "package", "--config", config, "--packager", "deb", "--target", draft,
        env={"SOURCE_DATE_EPOCH": str(moment)},
    )  # fmt: skip
    draft.replace(file)
