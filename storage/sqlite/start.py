"""From a path to a store that may say green: created or checked, repaired, migrated, checkpointed."""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import apsw
from uuid_utils.compat import uuid7

from storage.changes import Clock
from storage.changes.codec import time_text
from storage.errors import NotDurable, StoreDamaged, StoreForeign
from storage.records import Alarm, is_shadow
from storage.sqlite.connection import open_writing, our_errors
from storage.sqlite.files import (
    Kind,
    Ownership,
    beside,
    draft_of,
    finish_swap,
    kind_of,
    schema_in,
    set_aside,
    swap_in,
)
from storage.sqlite.migrate import migrate, steps, version_of
from storage.sqlite.pen import Pen
from storage.sqlite.queries import QUERIES
from storage.sqlite.salvage import Salvage, salvage
from storage.sqlite.snapshot import keep_before
from storage.sqlite.walscan import stranded_commits


@dataclass(frozen=True, slots=True)
class Place:
    """Where a store stands, whose it is, and by which clocks and virtual file system it lives."""

    path: Path
    site: str
    line_number: int
    clock: Clock
    vfs: str | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """A store ready to commit."""

    connection: apsw.Connection
    store_id: UUID


def start(place: Place, ownership: Ownership, keep: str = "") -> Started:
    """Bring the store up: afterwards it is whole, of the newest schema, and its write-ahead log is empty.

    Before a migration it is copied; under a name to `keep` it by, in any case. What a damaged one lost stands in it
    as an alarm, in the commit that ends the damage: no crash can hide it.
    Raises StoreForeign for a file that is not this line's store, or damaged and a newer program's; nothing is changed
    in it. Raises NotDurable where the disk does not take writes.
    """
    if place.path.is_dir():
        raise StoreForeign(
            f"{place.path} is a folder, not a store.", todo="Name a file in it: store.path = FOLDER/line.db."
        )
    _assert_as_before(place, ownership)
    finish_swap(place.path)
    kind = kind_of(place.path)
    if kind is Kind.FOREIGN or (kind is Kind.UNREADABLE and not ownership.proven):
        raise StoreForeign(f"{place.path.name} is not a store of this program.")
    draft_of(place.path)  # what a crash left half written only takes room
    if kind is Kind.ABSENT:
        _create(place)
    try:
        connection = _checked(place, keep)
    except StoreDamaged as damage:
        _assert_repairable(place.path, damage)
        _repair(place, str(damage))
        connection = _checked(place, keep)
    store_id = _store_id(connection)
    ownership.prove(f"sunline store of line {place.line_number}{_IN_SHADOW if is_shadow(place.site) else ''}")
    return Started(connection, store_id)


def renew(place: Place, path: Path) -> None:
    """Give a copied store an id of its own, check it and leave it closed, ready to take a place."""
    with our_errors():
        connection = open_writing(path, place.vfs)
        try:
            _assert_whole(connection, deep=True)
            connection.execute(QUERIES["renew_store_id"], (str(uuid4()),))
        finally:
            _finish(connection)


def _create(place: Place) -> None:
    """Write a new, empty store whole before it gets its name. A log that lost its file is kept."""
    if _holds_commits(place.path):
        set_aside(place.path, _stamp(beside(place.path, "-wal")))
    _finish(_draft(place, draft_of(place.path)))
    swap_in(place.path)


def _finish(connection: apsw.Connection) -> None:
    """Move everything from the write-ahead log into the file, flushed, and close it."""
    with our_errors():
        try:
            connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        finally:
            connection.close(force=True)


def _draft(place: Place, draft: Path) -> apsw.Connection:
    with our_errors():
        connection = open_writing(draft, place.vfs, create=True)
        try:
            migrate(connection)
            row = (str(uuid4()), place.site, place.line_number, time_text(place.clock().wall))
            connection.execute(QUERIES["create_meta"], row)
        except BaseException:
            connection.close(force=True)
            raise
        return connection


def _checked(place: Place, keep: str) -> apsw.Connection:
    """Give the connection to a whole store."""
    if kind_of(place.path) is Kind.UNREADABLE:
        raise StoreDamaged("The store is damaged: its first page is gone.")
    schema_in(place.path).assert_opens_with(len(steps()))
    unclean = _holds_commits(place.path)
    with our_errors():
        connection = open_writing(place.path, place.vfs)
        try:
            _assert_whole(connection, deep=unclean)
            _assert_own(connection, place)
            lost = _lost_commits(connection, place)
            if keep or version_of(connection) < len(steps()):
                keep_before(connection, place.path, keep or str(len(steps())))
            migrate(connection)
            if lost:
                _alarm(connection, place, "store_log_damaged", f"The last {lost} commits of the store are unreadable.")
            connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        except BaseException:
            connection.close(force=True)
            raise
        return connection


def _lost_commits(connection: apsw.Connection, place: Place) -> int:
    """Count what stands behind damage in the write-ahead log, and keep a copy of such a log."""
    log = beside(place.path, "-wal")
    frames, _ = connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
    lost = stranded_commits(log, frames)
    if lost:
        shutil.copyfile(log, beside(place.path, f".damaged-{_stamp(log)}-wal"))
    return lost


def _holds_commits(path: Path) -> bool:
    """Say whether the write-ahead log still holds something: the last process did not close the store."""
    log = beside(path, "-wal")
    return log.exists() and log.stat().st_size > 0


def _assert_repairable(path: Path, damage: StoreDamaged) -> None:
    """Leave a newer program's damaged store to it: what it added, this one would not carry over."""
    if kind_of(path) is Kind.OURS and schema_in(path).version > len(steps()):
        raise StoreForeign(
            f"{damage} A newer program wrote it, and only that can carry everything over.",
            todo="Install the newer program again; nothing was changed in the store.",
        ) from damage


def _assert_whole(connection: apsw.Connection, *, deep: bool) -> None:
    check = "integrity_check(20)" if deep else "quick_check(20)"
    found = [str(row[0]) for row in connection.execute(f"PRAGMA {check}")]
    if found != ["ok"]:
        raise StoreDamaged(f"The store is damaged: {found[0].splitlines()[-1]}.")


def _assert_own(connection: apsw.Connection, place: Place) -> None:
    rows: list[Any] = connection.execute(QUERIES["meta"]).fetchall()
    if not rows:
        raise StoreDamaged("The store is damaged: it does not say whose it is.")
    _, site, line_number = rows[0]
    if is_shadow(site) != is_shadow(place.site):
        raise _other_world(is_shadow(site))
    if (site, line_number) != (place.site, place.line_number):
        raise StoreForeign(f"The store belongs to line {line_number} of site {site}.")


_IN_SHADOW: Final = " in a shadow run"


def _assert_as_before(place: Place, ownership: Ownership) -> None:
    """Refuse real work where a shadow's store ever stood, and the other way round: also when that store is damaged."""
    was_shadow = ownership.proof.endswith(_IN_SHADOW)
    if ownership.proven and was_shadow != is_shadow(place.site):
        raise _other_world(was_shadow)


def _other_world(shadow: bool) -> StoreForeign:
    if shadow:
        return StoreForeign(
            "This is the store of a shadow run; real work begins with a store of its own.",
            todo="Name another file by store.path. This one is kept, as it is.",
        )
    return StoreForeign(
        "This is the store of real work; a shadow run has a store of its own.",
        todo="Name another file by shadow.store. This one is kept, as it is.",
    )


def _store_id(connection: apsw.Connection) -> UUID:
    return UUID(str(connection.execute(QUERIES["meta"]).fetchall()[0][0]))


def _repair(place: Place, damage: str) -> None:
    """Carry over what can be read into a new store, which takes the damaged one's place; that is kept beside it."""
    aside = set_aside(place.path, _stamp(place.path))
    draft = _draft(place, draft_of(place.path))
    try:
        saved = _salvaged(place, draft, Salvage(damage, aside.name))
        with our_errors():
            _alarm(draft, place, "store_salvaged", str(saved))
    finally:
        _finish(draft)
    swap_in(place.path)


def _salvaged(place: Place, draft: apsw.Connection, found: Salvage) -> Salvage:
    try:
        with our_errors():
            salvage(place.path, draft, place.clock, found)
    except NotDurable:
        raise
    except Exception as error:  # noqa: BLE001 -- bad data must not keep the line from starting
        return Salvage(found.damage, found.aside, gaps=[f"everything: {error}"])
    return found


def _alarm(connection: apsw.Connection, place: Place, code: str, message: str) -> None:
    pen = Pen(connection, _store_id(connection), place.clock)
    with connection:
        pen.begin()
        pen.records((Alarm(uuid=uuid7(), code=code, message=message, created_at=pen.moment.wall),))


def _stamp(file: Path) -> str:
    """Name the moment a file was last written: however often a start is tried, it is set aside under one name."""
    return datetime.fromtimestamp(file.stat().st_mtime, UTC).strftime("%Y%m%dT%H%M%S%f")
