"""Compare an export with its manifest, and the manifest with its signature; nothing found there is trusted."""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Final

from storage.export import layout
from storage.export.durable import PART, Folder, Written
from storage.export.manifest import Manifest, ManifestUnreadable
from storage.export.signing import SIGNATURE_BYTES, fingerprint, fits
from storage.export.target import TargetBroken, TargetError, TargetForeign, TargetGone

_MANIFEST_BYTES: Final = 64 << 20
_MOST_FAULTS: Final = 1_000
_OWN_FOLDERS: Final = frozenset({layout.CSV_FOLDER, layout.SHEET_FOLDER})


class FaultKind(StrEnum):
    """What can be wrong with an export."""

    INCOMPLETE = "incomplete"
    MISSING = "missing"
    CHANGED = "changed"
    UNREADABLE = "unreadable"
    EXTRA = "extra"
    UNSIGNED = "unsigned"
    BAD_SIGNATURE = "bad_signature"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: with which file, and a sentence."""

    kind: FaultKind
    name: str
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found. `manifest` is None where there is none that can be read."""

    manifest: Manifest | None
    faults: tuple[Fault, ...]

    @property
    def good(self) -> bool:
        """Nothing is wrong."""
        return not self.faults


def verify(folder: Folder, public_key: bytes | None = None, on_file: Callable[[str], object] = str) -> Report:
    """Check an export: complete, unchanged, nothing beside it, and signed by the owner of the key.

    Without a key the signature is checked with the key that the manifest names: that finds damage, not forgery; and an
    export that says that it is unsigned passes. At most a thousand faults are told. `on_file` hears what is read next.
    Raises TargetBroken where the manifest cannot be read from the medium.
    """
    try:
        data = folder.read(layout.MANIFEST, _MANIFEST_BYTES)
        manifest = Manifest.read(data)
    except (TargetGone, TargetForeign, ManifestUnreadable) as error:
        return Report(None, (_without_manifest(error),))
    faults = _faults(folder, manifest, data, public_key, on_file)
    return Report(manifest, tuple(islice(faults, _MOST_FAULTS)))


def _without_manifest(error: Exception) -> Fault:
    if isinstance(error, TargetGone):
        message = "It is written last, and is not there: the export is not complete."
        return Fault(FaultKind.INCOMPLETE, layout.MANIFEST, message)
    return Fault(FaultKind.CHANGED, layout.MANIFEST, str(error))


def _faults(
    folder: Folder, manifest: Manifest, data: bytes, public_key: bytes | None, on_file: Callable[[str], object]
) -> Iterator[Fault]:
    yield from _signature(folder, manifest, data, public_key)
    for file in manifest.files:
        on_file(file.name)
        yield from _file(folder, file)
    yield from _extra(folder, manifest)


def _signature(folder: Folder, manifest: Manifest, data: bytes, given: bytes | None) -> Iterator[Fault]:
    named = base64.b64decode(manifest.public_key) if manifest.public_key is not None else None
    if named is None:
        if given is not None:
            yield Fault(FaultKind.UNSIGNED, layout.SIGNATURE, "The export is not signed.")
        return
    try:
        signature = folder.read(layout.SIGNATURE, SIGNATURE_BYTES)
    except TargetError as error:
        yield Fault(FaultKind.UNSIGNED, layout.SIGNATURE, f"The signature is missing: {error}")
        return
    if not fits(signature, data, given or named):
        yield Fault(FaultKind.BAD_SIGNATURE, layout.SIGNATURE, _misfit(signature, data, given, named))


def _misfit(signature: bytes, data: bytes, given: bytes | None, named: bytes) -> str:
    if given is not None and fits(signature, data, named):
        return f"Signed with another key than the given one: {fingerprint(named)}, not {fingerprint(given)}."
    return (
        f"The signature does not fit: {layout.MANIFEST} was changed, or {layout.SIGNATURE} belongs to another export."
    )


def _file(folder: Folder, file: Written) -> Iterator[Fault]:
    try:
        found = folder.measure(file.name)
    except TargetGone:
        yield Fault(FaultKind.MISSING, file.name, "It is not there.")
    except TargetForeign as error:
        yield Fault(FaultKind.CHANGED, file.name, str(error))
    except TargetError as error:
        yield Fault(FaultKind.UNREADABLE, file.name, str(error))
    else:
        if found.bytes != file.bytes:
            message = f"It has {found.bytes} bytes, not {file.bytes}."
            yield Fault(FaultKind.CHANGED, file.name, message)
        elif found.sha256 != file.sha256:
            yield Fault(FaultKind.CHANGED, file.name, "Its contents were changed.")


def _extra(folder: Folder, manifest: Manifest) -> Iterator[Fault]:
    """Tell what lies in the folder and is not the export's; no folder but the export's own is looked into."""
    known = {file.name for file in manifest.files} | {layout.MANIFEST, layout.SIGNATURE}
    for name, is_folder in folder.names():
        if is_folder and name in _OWN_FOLDERS:
            yield from _extra_within(folder, name, known)
        elif is_folder or name not in known:
            yield _foreign(name, is_folder=is_folder)


def _extra_within(folder: Folder, name: str, known: set[str]) -> Iterator[Fault]:
    try:
        with folder.open(name) as inner:
            for one, is_folder in inner.names():
                if is_folder or f"{name}/{one}" not in known:
                    yield _foreign(f"{name}/{one}", is_folder=is_folder)
    except TargetBroken as error:
        yield Fault(FaultKind.UNREADABLE, name, str(error))


def _foreign(name: str, *, is_folder: bool) -> Fault:
    shown = "".join(one if one.isprintable() else "?" for one in name)
    if name.endswith(PART) and not is_folder:
        return Fault(FaultKind.EXTRA, shown, "An unfinished file, left by an interruption.")
    return Fault(FaultKind.EXTRA, shown, f"A {'folder' if is_folder else 'file'} that is not the export's.")
