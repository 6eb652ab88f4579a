"""Folders the daemon needs: in plain words what is wrong with one."""

from pathlib import Path


def made_at_start(line_number: int) -> frozenset[Path]:
    """Give the folders the service unit makes whenever it starts."""
    return frozenset({Path("/run/sunline"), Path(f"/var/lib/sunline/line{line_number}")})


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
