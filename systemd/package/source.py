"""The sources a package is made of: a copy of exactly what belongs into it, under the version it is to have."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Final

PARTS: Final = ("daemon", "drivers", "stations", "storage", "simulators", "systemd", "docs")
FILES: Final = ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md")
_LEFT_OUT: Final = shutil.ignore_patterns("__pycache__", "*.pyc", "*.egg-info")
_VERSION: Final = re.compile(r'^version = ".*"$', re.MULTILINE)
_SOME_DAY: Final = 1_767_225_600  # 2026-01-01, for sources outside a repository


def version_of(source: Path) -> str:
    """Read the version of the program in a source tree."""
    return str(tomllib.loads((source / "pyproject.toml").read_text("utf-8"))["project"]["version"])


def copied(source: Path, folder: Path, version: str) -> Path:
    """Copy the sources into a new folder and give them a version."""
    folder.mkdir(parents=True)
    for name in PARTS:
        shutil.copytree(source / name, folder / name, ignore=_LEFT_OUT, symlinks=True)
    for name in FILES:
        shutil.copy2(source / name, folder / name)
    project = folder / "pyproject.toml"
    project.write_text(_VERSION.sub(f'version = "{version}"', project.read_text("utf-8"), count=1), "utf-8")
    return folder


def moment_of(source: Path) -> int:
    """Give the time that every file of the package bears, so that the same sources give the same bytes."""
    told = os.environ.get("SOURCE_DATE_EPOCH")
    if told:
        return int(told)
    asked = ["git", "-C", str(source), "log", "-1", "--format=%ct"]
    try:
        said = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603
    except OSError:
        said = ""
    return int(said) if said.isdigit() else _SOME_DAY
