"""Whatever a scanner sends: refused in plain words or read right, kept as it came, and the next scan works."""

import asyncio
from pathlib import Path

import pytest

from tests.line.cable import Told
from tests.line.house import House, at_work
from tests.line.people import as_kept
from tests.line.premises import premises, serial

GLUED = (serial(1) + serial(2)).encode()

REFUSED = {
    "binary": b"\x80\x81\xfe\xff\x00\x01\x7f\x1b[2J",
    "a NUL in the middle": b"CRS26WW60\x0000001",
    "a NUL before a good serial": b"\x00" + serial(1).encode(),
    "an emoji": "CRS26WW60\N{BLACK SUN WITH RAYS}\N{GRINNING FACE}0001".encode(),
    "half an emoji": "\N{GRINNING FACE}".encode()[:3],
    "digits of another script": "CRS26WW60\u0660\u0660\u0660\u0660\u0661".encode(),
    "two serials glued": GLUED,
    "a serial and an identifier": serial(1).encode() + b"]d6",
    "too short": b"S26WW6000001",
    "one digit more": serial(1).encode() + b"2",
    "a file name": b"../../etc/passwd",
    "a query": b"'; DROP TABLE local_panels; --",
    "our prefix alone": b"SL-",
    "a criterion nobody has": b"SL-F-99",
    "a criterion in another script": "SL-F-²".encode(),
    "a badge nobody has": b"SL-U-NOBODY",
    "a defect nobody has": b"SL-D-99999",
    "longer than any code": b"A" * 200,
    "very long": b"B" * 1_000_000,
}

READ = {
    "full-width characters": "\uff23\uff32\uff33\uff12\uff16WW60\uff10\uff10\uff10\uff10\uff11".encode(),
    "small letters": serial(1).lower().encode(),
    "blanks around": b"  " + serial(1).encode() + b" ",
    "an AIM identifier": b"]C0" + serial(1).encode(),
    "CR LF behind": serial(1).encode() + b"\r\n",
}


async def send(house: House, raw: bytes) -> Told:
    await house.cables["scanner-1"].send(raw + b"\r")
    return await house.guns[1].answer()


async def test_every_bad_scan_is_refused_kept_and_the_next_one_works(tmp_path: Path) -> None:
    with premises(tmp_path) as at:
        async with at_work(at) as house:
            await house.ready()
            await house.sign_in()
            for number, (name, raw) in enumerate(REFUSED.items(), start=100):
                before = await house.read(lambda view: view.last_seq())
                assert await send(house, raw) is Told.BAD, name
                kept = await house.read(lambda view, at=before: [c.record() for c in view.changes_after(at, 100)])  # type: ignore[misc]
                raws = [record.raw for record in kept if hasattr(record, "raw")]
                kept_raw = as_kept(raw.decode()).encode() if raw.startswith(b"SL-U-") else raw
                assert raws == [kept_raw[: len(raws[0])]], name
                assert len(raws[0]) == min(len(kept_raw), 128), name
                assert house.banner(1).headline, name
                await house.passed(number, 1)
            panels = await house.read(lambda view: view.panels(limit=1000))
            assert {panel.serial_number for panel in panels} == {serial(n) for n in range(100, 100 + len(REFUSED))}
            assert not await house.read(lambda view: view.intake_errors(1))


@pytest.mark.parametrize("name", READ)
async def test_a_serial_in_another_guise_opens_its_panel(tmp_path: Path, name: str) -> None:
    with premises(tmp_path) as at:
        async with at_work(at) as house:
            await house.ready()
            await house.sign_in()
            assert await send(house, READ[name]) is Told.GOOD
            assert [panel.serial_number for panel in await house.read(lambda view: view.panels())] == [serial(1)]
            assert await house.scan(1, "SL-PASS") == [Told.GOOD]


async def test_a_scanner_that_babbles_without_end_is_told_and_works_when_it_stops(tmp_path: Path) -> None:
    with premises(tmp_path) as at:
        async with at_work(at) as house:
            await house.ready()
            await house.sign_in()
            await house.cables["scanner-1"].send(b"x" * 1_000_000)
            assert await house.guns[1].answer() is Told.BAD
            assert await house.scan(2, serial(5)) == [Told.BAD]  # the other stations never noticed
            told: list[Told] = []
            while not told:  # a person scans again when nothing beeps
                await house.cables["scanner-1"].send(serial(1).encode() + b"\r")
                try:
                    async with asyncio.timeout(1):
                        told.append(await house.guns[1].answer())
                except TimeoutError:
                    continue
            assert told == [Told.GOOD]
            assert len(await house.read(lambda view: view.garbles(10))) == 1
