"""What comes in by paper and what people explain, kept beside the shadow's store: one file a fact, never rewritten.

A fact stands whole under its name, flushed, or not at all: it is written beside, flushed, renamed, and the folder is
flushed before anybody is told. Sheets are kept as their bytes came, before they are read.
"""

import hashlib
import logging
import os
from base64 import b64decode, b64encode
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Final
from uuid import UUID

import orjson

from daemon.shadow.report import Right

log = logging.getLogger(__name__)

_ENDING: Final = ".json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A file of paper as it came in, or what was typed at the desk."""

    KIND: ClassVar[str] = "sheet"
    uuid: UUID
    name: str
    raw: bytes
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """A sheet, or a row by its key, was copied wrongly: it no longer counts."""

    KIND: ClassVar[str] = "withdrawal"
    uuid: UUID
    what: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Where a difference comes from, and who was right. The newest of a difference counts."""

    KIND: ClassVar[str] = "explanation"
    uuid: UUID
    difference: str
    right: Right
    reason: str
    by: str
    at: datetime


Kept = Sheet | Withdrawal | Explanation
_KINDS: Final[dict[str, type[Any]]] = {one.KIND: one for one in (Sheet, Withdrawal, Explanation)}


class Folder:
    """The facts of one shadow run, read once and remembered: they never change."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, Kept | None] = {}

    def all(self) -> tuple[Kept, ...]:
        """Give every fact, oldest first; what cannot be read is told in the log. Raises OSError."""
        names = sorted(name for name in self._names() if name.endswith(_ENDING))
        for name in names:
            if name not in self._known:
                self._known[name] = self._read(name)
        facts = (self._known[name] for name in names)
        return tuple(sorted((one for one in facts if one is not None), key=lambda one: (one.at, one.uuid)))

    def damaged(self) -> tuple[str, ...]:
        """Name the files that are not as they were written."""
        return tuple(name for name, fact in sorted(self._known.items()) if fact is None)

    def keep(self, *facts: Kept) -> None:
        """Keep facts durably, each whole or not at all. Raises OSError."""
        self._path.mkdir(mode=0o750, exist_ok=True)
        for fact in facts:
            self._write(fact)
        _flush(self._path)
        _flush(self._path.parent)

    def _names(self) -> list[str]:
        try:
            return [one.name for one in self._path.iterdir()]
        except FileNotFoundError:
            return []

    def _write(self, fact: Kept) -> None:
        draft = self._path / f"{fact.uuid}.part"
        try:
            with draft.open("wb") as file:
                file.write(_written(fact))
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._path / f"{fact.uuid}{_ENDING}")
        except BaseException:
            draft.unlink(missing_ok=True)
            raise

    def _read(self, name: str) -> Kept | None:
        try:
            return _fact((self._path / name).read_bytes())
        except (ValueError, KeyError, TypeError) as error:
            log.error("%s is not as it was written (%s): it is left out.", self._path / name, error)
            return None


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _written(fact: Kept) -> bytes:
    """Write a fact as two lines: its digest, and itself as JSON."""
    body = orjson.dumps({"kind": fact.KIND} | {one.name: _plain(getattr(fact, one.name)) for one in fields(fact)})
    return hashlib.sha256(body).hexdigest().encode() + b"\n" + body + b"\n"


def _plain(value: object) -> object:
    return b64encode(value).decode() if isinstance(value, bytes) else value


def _fact(data: bytes) -> Kept:
    digest, _, body = data.removesuffix(b"\n").partition(b"\n")
    if hashlib.sha256(body).hexdigest().encode() != digest:
        raise ValueError("its digest is another")
    values: dict[str, Any] = orjson.loads(body)
    kind = _KINDS[values.pop("kind")]
    values["uuid"], values["at"] = UUID(values["uuid"]), datetime.fromisoformat(values["at"])
    if kind is Sheet:
        values["raw"] = b64decode(values["raw"])
    if kind is Explanation:
        values["right"] = Right(values["right"])
    fact: Kept = kind(**values)
    return fact
