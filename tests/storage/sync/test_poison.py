"""Rows the server takes never: they are parked with what needs them, with a reason, and hold up nothing else."""

import asyncio
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from uuid import UUID
from zlib import crc32

import orjson
import psycopg
import pytest
from uuid_utils.compat import uuid7

from storage.changes import Change
from storage.records import RawScan, SignIn, SignOut, thing_uuid
from storage.sync import parking, visit
from storage.sync.units import needs
from tests.storage.sync.plant import Line, carrying, compare, drained, exchanged, line
from tests.storage.sync.shift import SITE, now


def _nul(body: dict[str, object]) -> None:
    body["notes"] = "a\0b"


def _unknown_word(body: dict[str, object]) -> None:
    body["result"] = "SPLENDID"


def _orphan(body: dict[str, object]) -> None:
    body["panel_uuid"] = str(uuid7())


def _not_a_number(body: dict[str, object]) -> None:
    body["electrical_data"] = '{"Pmax":NaN}'


def _over_long(body: dict[str, object]) -> None:
    body["serial_number"] = "X" * 200


@dataclass(frozen=True)
class Spoil:
    """What is done to a body, what the server says to that, if it is asked at all, and a word of what people read."""

    how: Callable[[dict[str, object]], None]
    sqlstates: tuple[str | None, ...]
    word: str


RESULT_SPOILS = (
    Spoil(_nul, (None, "22021", "22P05"), "NUL"),
    Spoil(_unknown_word, ("23514",), "none of those"),
    Spoil(_orphan, ("23503",), "does not have"),
    Spoil(_not_a_number, ("22P02",), "JSON"),
)
PANEL_SPOIL = Spoil(_over_long, ("22001",), "too long")


async def log_of(it: Line) -> tuple[Change, ...]:
    return await it.books.readers.read(lambda view: view.changes_after(0, 1_000_000))


async def put(it: Line, change: Change, body: bytes) -> None:
    """Write into the log as if this program had."""
    await it.alter("UPDATE changes SET body = ?, digest = ? WHERE seq = ?", body, crc32(body), change.seq)


async def spoil(it: Line, change: Change, how: Callable[[dict[str, object]], None]) -> None:
    body = orjson.loads(change.body)
    how(body)
    await put(it, change, orjson.dumps(body))


def needing(log: tuple[Change, ...], bad: Collection[UUID]) -> set[UUID]:
    """Name the bad and everything that needs them; a result and its criteria are one."""
    found = set(bad)
    for change in log:
        if found & set(needs(change)):
            found.add(change.uuid)
    return found


async def infest(it: Line, every: int) -> dict[UUID, Spoil]:
    """Spoil so many of the panels, in all their versions, and of the results."""
    log = await log_of(it)
    uuids = dict.fromkeys(change.uuid for change in log if change.kind in ("panel", "station_result"))
    chosen = list(uuids)[every - 1 :: every]
    kinds = {change.uuid: change.kind for change in log}
    ways = cycle(RESULT_SPOILS)
    bad = {uuid: PANEL_SPOIL if kinds[uuid] == "panel" else next(ways) for uuid in chosen}
    for change in log:
        if change.uuid in bad:
            await spoil(it, change, bad[change.uuid].how)
    return bad


SMALL = pytest.param(8, 8, id="small")
FULL = pytest.param(400, 20, id="full", marks=pytest.mark.faults)


@pytest.mark.parametrize(("panels", "every"), [SMALL, FULL])
async def test_exactly_the_poison_and_what_needs_it_is_parked_and_retried_once_the_cause_is_gone(
    tmp_path: Path, central: str, panels: int, every: int
) -> None:
    async with line(tmp_path, panels=panels) as it:
        good = await log_of(it)
        bad = await infest(it, every)
        assert len(bad) >= len(RESULT_SPOILS) + 1
        expected = needing(await log_of(it), bad)
        async with carrying(it, central) as carrier:
            await drained(carrier)
            await compare(central, it, parked=expected)
            parked = await it.parked()
            for one in parked:
                if why := bad.get(one.uuid):
                    assert one.sqlstate in why.sqlstates
                    assert one.because_of is None
                    assert why.word in one.message
                else:
                    assert one.sqlstate is None
                    assert one.because_of in expected
            for change in good:
                if change.uuid in bad:
                    await put(it, change, change.body)
            await carrier.retry([one.seq for one in parked if one.uuid in bad])
        await compare(central, it, retried=True)


async def test_a_bad_order_holds_up_all_that_needs_it_and_no_other_order(tmp_path: Path, central: str) -> None:
    async with line(tmp_path, panels=3) as it:
        await exchanged(it, central)
        long = "MO-" + "7" * 200
        bad = replace(it.shift.order, uuid=thing_uuid(SITE, "order", long), mo_number=long)
        await it.write(bad)
        good, it.shift.order = it.shift.order, bad
        await it.make(2)
        it.shift.order = good
        await it.make(1)
        await exchanged(it, central)
        parked = needing(await log_of(it), {bad.uuid})
        assert len(parked) > 2 * 20
        await compare(central, it, parked=parked)


async def test_a_later_good_version_frees_what_needed_the_bad_one(
    tmp_path: Path, central: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visit, "BATCH", 10)
    async with line(tmp_path, panels=1) as it:
        bad = replace(it.shift.operator, email="x" * 200)
        await exchanged(it, central)
        await it.write(replace(it.shift.order, notes="x"), bad)
        await it.make(1)
        async with carrying(it, central) as carrier:
            await drained(carrier)
            assert len(await it.parked()) > 10
            await it.write(replace(bad, email="op@example.org"))
            await drained(carrier)
            await compare(central, it)


@pytest.mark.faults
async def test_what_a_whole_order_parked_is_freed_by_its_correction(tmp_path: Path, central: str) -> None:
    async with line(tmp_path) as it:
        await exchanged(it, central)
        long = "MO-" + "7" * 200
        bad = it.shift.order = replace(it.shift.order, uuid=thing_uuid(SITE, "order", long), mo_number=long)
        await it.write(bad)
        await it.make(200)
        async with carrying(it, central) as carrier:
            await drained(carrier)
            assert len(await it.parked()) > 8_000
            await it.write(replace(bad, mo_number="MO-7"))
            while await it.parked():  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        await compare(central, it, retried=True)


async def test_a_good_version_in_the_same_batch_frees_what_needed_the_bad_one(tmp_path: Path, central: str) -> None:
    async with line(tmp_path) as it:
        await exchanged(it, central)
        bad = replace(it.shift.operator, email="x" * 200)
        session = SignIn(uuid=uuid7(), user_uuid=bad.uuid, station_number=1, created_at=now(), expires_at=now())
        other = replace(it.shift.boss, email="y" * 200)  # makes the batch be halved
        await it.write(bad, session, other, replace(bad, email="op@example.org"))
        await exchanged(it, central)
        await compare(central, it, parked={other.uuid})


async def test_what_is_discarded_stays_parked_with_what_needs_it_and_the_rest_goes_on(
    tmp_path: Path, central: str
) -> None:
    async with line(tmp_path, panels=2) as it:
        (bad,) = [change for change in await log_of(it) if change.kind == "station_result"][:1]
        await spoil(it, bad, _nul)
        gone = needing(await log_of(it), {bad.uuid})
        async with carrying(it, central) as carrier:
            await drained(carrier)
            await carrier.discard(bad.seq, it.shift.boss.uuid, "Nobody can read it.")
            await it.make(1)
            await drained(carrier)
            assert (await carrier.backlog()).parked == len(gone) - 1
            await compare(central, it, parked=gone)
            await carrier.retry([one.seq for one in await it.parked() if one.discarded_at is None])
            await compare(central, it, parked=gone)
            (it_,) = [one for one in await it.parked() if one.uuid == bad.uuid]
            assert (it_.discarded_by, it_.reason) == (it.shift.boss.uuid, "Nobody can read it.")
        await exchanged(it, central)
        await compare(central, it, parked=gone)


@pytest.mark.parametrize("body", [b"", b'{"uuid":7}', b"\xff\xfe"])
async def test_a_change_altered_on_the_disk_is_parked_and_never_taken_for_a_fact(
    tmp_path: Path, central: str, body: bytes
) -> None:
    async with line(tmp_path, panels=1) as it:
        log = await log_of(it)
        some = [
            next(change for change in log if change.kind == kind) for kind in ("criterion_result", "override", "alarm")
            if any(change.kind == kind for change in log)
        ]  # fmt: skip
        for change in some:
            await it.alter("UPDATE changes SET body = ? WHERE seq = ?", body, change.seq)
        async with carrying(it, central) as carrier:
            await drained(carrier)
            parked = await it.parked()
            assert {one.seq for one in parked} == {change.seq for change in some}
            assert all("altered" in one.message for one in parked)
            await compare(central, it, parked={change.uuid for change in some})
            for change in some:
                await it.alter("UPDATE changes SET body = ? WHERE seq = ?", change.body, change.seq)
            await carrier.retry([one.seq for one in parked])
            await compare(central, it)


@pytest.mark.parametrize("how", ["kind = 'telemetry'", "schema_version = 2"])
async def test_what_a_newer_program_recorded_waits_for_it_and_then_goes_up_by_itself(
    tmp_path: Path, central: str, how: str
) -> None:
    async with line(tmp_path, panels=1) as it:
        change = next(change for change in await log_of(it) if change.kind == "scan_outcome")
        await it.alter(f"UPDATE changes SET {how} WHERE seq = ?", change.seq)
        for _ in range(2):
            await exchanged(it, central)
            (parked,) = await it.parked()
            assert parked.seq == change.seq
            assert "newer program" in parked.message
            await compare(central, it, parked={change.uuid})
        was = (change.kind, change.schema_version, change.seq)
        await it.alter("UPDATE changes SET kind = ?, schema_version = ? WHERE seq = ?", *was)
        await exchanged(it, central)
        assert await it.parked() == ()
        await compare(central, it)


async def test_a_flipped_digit_never_becomes_a_measured_value(tmp_path: Path, central: str) -> None:
    async with line(tmp_path, panels=1) as it:
        (flash,) = [change for change in await log_of(it) if change.kind == "raw_flash"]
        await it.alter("UPDATE changes SET body = ? WHERE seq = ?", flash.body.replace(b"300.1", b"380.1"), flash.seq)
        await exchanged(it, central)
        await compare(central, it, parked=needing(await log_of(it), {flash.uuid}))


async def test_raw_rows_are_refused_for_nothing_but_what_no_text_can_be(tmp_path: Path, central: str) -> None:
    async with line(tmp_path) as it:
        odd = ["", " ", "x" * 100_000, "\x01\x1b[31m", "\U0001f600", '{"a":"\\u0000"}', "\\"]
        scans = [
            RawScan(uuid=uuid7(), device="d", station_number=1, raw=t.encode(), text=t, seen_at=now()) for t in odd
        ]
        await it.write(*scans)
        await exchanged(it, central)
        await compare(central, it)


async def test_what_refers_to_something_not_there_yet_goes_up_by_itself_when_it_is(
    tmp_path: Path, central: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parking, "_FIRST_WAIT", timedelta(milliseconds=1))
    guest = uuid7()
    async with line(tmp_path) as it:
        session = SignIn(
            uuid=uuid7(), user_uuid=it.shift.boss.uuid, station_number=1, created_at=now(), expires_at=now()
        )
        await it.write(session, SignOut(uuid=uuid7(), sign_in_uuid=session.uuid, reason="badge", created_at=now()))
        (change,) = [change for change in await log_of(it) if change.uuid == session.uuid]
        await spoil(it, change, lambda body: body.update(user_uuid=str(guest)))
        async with carrying(it, central) as carrier:
            await drained(carrier)
            assert len(await it.parked()) == 2
            with psycopg.connect(central, autocommit=True) as person:
                person.execute(
                    "INSERT INTO sunline.users (uuid, username, role) VALUES (%s, 'guest', 'operator')", [guest]
                )
            while await it.parked():  # noqa: ASYNC110
                await asyncio.sleep(0.01)


async def test_a_refusal_is_logged_once_and_in_our_words(
    tmp_path: Path, central: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with line(tmp_path, panels=2) as it:
        await infest(it, 4)
        with caplog.at_level(logging.INFO):
            await exchanged(it, central)
        assert {record.name for record in caplog.records} <= {"storage.sync.carrier", "storage.sync.visit"}
