"""Runs the programs that build a package."""

import os
import subprocess
from pathlib import Path


class BuildFailed(Exception):
    """A program that builds the package failed; `str()` says which, and what it said."""


def run(*words: str | Path, env: dict[str, str] | None = None) -> str:
    """Run a program to its end and give its output. Raises BuildFailed."""
    command = [str(word) for word in words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | (env or {}))  # noqa: S603
    except OSError as error:
        raise BuildFailed(f"{command[0]} cannot be run: {error.strerror}.") from error
    if done.returncode:
        raise BuildFailed(f"{' '.join(command[:4])} ... ended with {done.returncode}:\n{done.stderr or done.stdout}")
    return done.stdout
