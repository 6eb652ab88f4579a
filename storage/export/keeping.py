"""What an interrupted run left, and how much of it can stay."""

from collections.abc import Callable, Mapping
from typing import Final

from storage.export import layout
from storage.export.durable import Folder, Written
from storage.export.lists import ExportList
from storage.export.target import TargetError

_WHOLE: Final = frozenset(
    name + end for name in (layout.DOCUMENT, *map(layout.csv_name, ExportList)) for end in ("", layout.SEALED)
)


def keep(folder: Folder, done: Mapping[str, str], on_file: Callable[[str], object]) -> dict[str, Written]:
    """Give the files that read back with the digest they were finished with (SHA-256 in hex digits), by name.

    README.txt, which is written behind the lists, is among them only together with all of these. Without it, a list
    that stands in several files is not kept: where each part ends is not known. `on_file` hears what is read next.
    """
    kept = {}
    for name, sha256 in done.items():
        on_file(name)
        if (file := _unchanged(folder, name, sha256)) is not None:
            kept[name] = file
    if layout.README in kept and all(name in kept for name in done if layout.is_list(name)):
        return kept
    return {
        name: file
        for name, file in kept.items()
        if name in _WHOLE or not (layout.is_list(name) or name == layout.README)
    }


def _unchanged(folder: Folder, name: str, sha256: str) -> Written | None:
    try:
        found = folder.measure(name) if layout.is_ours(name) else None
    except TargetError:
        return None
    return found if found is not None and found.sha256 == sha256 else None
