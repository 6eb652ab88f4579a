"""Folders the daemon needs: in plain words what is wrong with one."""

from pathlib import Path

MADE_AT_START = frozenset({Path("/run/sunline"), Path("/var/lib/sunline")})
"""Folders the service unit makes whenever it starts."""


def why_no_folder(folder: Path) -> tuple[str, str] | None:
    """Say what is wrong with a folder and what to do; None where it is one."""
    try:
        if folder.is_dir():
            return None
        if folder.exists():
            return f"{folder} is no folder.", "Name another place."
    except OSError as error:
        return f"{folder} cannot be looked into: {error.strerror}.", "Check its permissions."
    return f"There is no folder {folder}.", f"Make it: mkdir -p {folder} (or mount its disk)."
