"""What an interrupted visit may have left on a stick: found by its names alone, and taken away before it is redone."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from storage.export.durable import PART, Folder
from storage.export.layout import CSV_FOLDER, DOCUMENT, MANIFEST, README, SEALED, SHEET_FOLDER, SIGNATURE
from storage.export.lists import ExportList
from storage.export.target import TargetForeign

_MOST: Final = 20_000
"""Names in a folder of ours; one with more is somebody's trap."""

_PART_NUMBER: Final = "(-[0-9]+)?"
_END: Final = f"({re.escape(SEALED)})?({re.escape(PART)})?"
_LISTS: Final = "|".join(ExportList)
_OURS: Final = {
    "": re.compile(
        f"({DOCUMENT.partition('.')[0]}{_PART_NUMBER}\\.json|{re.escape(README)}|{re.escape(SIGNATURE)}"
        f"|{re.escape(MANIFEST + PART)}){_END}"
    ),
    CSV_FOLDER: re.compile(f"({_LISTS}){_PART_NUMBER}\\.csv{_END}"),
    SHEET_FOLDER: re.compile(f"[A-Za-z0-9._-]+\\.pdf{_END}"),
}


def cleared(top: Folder, name: str) -> Folder | None:
    """Open the folder of an export that never was complete, emptied; None for any other.

    It has no manifest, and nothing in it that an export has not. The caller closes it. Raises TargetError.
    """
    try:
        folder = top.open(name)
    except TargetForeign:
        return None
    try:
        left = _left(folder)
        for one in left or ():
            folder.remove(one)
    except BaseException:
        folder.close()
        raise
    if left is None:
        folder.close()
        return None
    return folder


def _left(folder: Folder) -> list[str] | None:
    """List the files of an incomplete export; None where something else is among them."""
    found: list[str] = []
    for name, is_folder in _names(folder):
        if is_folder and name in _OURS:
            with folder.open(name) as within:
                inner = list(_names(within))
            found += [f"{name}/{one}" for one, _ in inner]
            if not all(_OURS[name].fullmatch(one) and not deeper for one, deeper in inner):
                return None
        elif not is_folder and _OURS[""].fullmatch(name):
            found.append(name)
        else:
            return None
    return found if len(found) <= _MOST else None


def _names(folder: Folder) -> Iterator[tuple[str, bool]]:
    return islice(folder.names(), _MOST + 1)
