"""Whatever the tester sends: kept, never attached by guess, the panel keeps waiting, and a good flash still counts."""

from pathlib import Path

import pytest

from stations.workflow.state import Banner
from storage.records import Disposition
from storage.sqlite import View
from tests.line.cable import Told, result_line
from tests.line.house import House, at_work
from tests.line.premises import premises, serial

GOOD = result_line(7).split(",")


def with_field(place: int, text: str) -> bytes:
    return ",".join([*GOOD[:place], text, *GOOD[place + 1 :]]).encode()


UNREADABLE = {
    "noise": bytes(range(0x80, 0xB0)),
    "a NUL": with_field(3, "329\x00"),
    "one field less": ",".join(GOOD[:-1]).encode(),
    "one field more": ",".join([*GOOD, "1"]).encode(),
    "two lines glued": ",".join(GOOD + GOOD).encode(),
    "words for numbers": with_field(3, "much"),
    "a decimal comma": with_field(3, "329,12"),
    "infinity": with_field(3, "1e999"),
    "too long": b"9" * 10_000,
    "not utf-8": with_field(0, "x").replace(b"x", b"\xff"),
}

NO_MEASUREMENT = {
    "not a number": with_field(3, "nan"),
    "the instrument's not-a-number": with_field(6, "9.91E37"),
    "zeros": ",".join([*GOOD[:3], *(["0"] * 5), *GOOD[8:]]).encode(),
    "a negative current": with_field(4, "-10.2"),
    "impossible physics": with_field(3, "659.0"),
}


async def waiting_panel(house: House) -> None:
    """Bring a panel to the last station and put it on the table."""
    await house.ready()
    await house.sign_in()
    await house.passed(1, 1, 2, 3)
    assert await house.scan(4, serial(1)) == [Told.GOOD]


async def good_flash_counts(house: House) -> None:
    """The rig measures well at last, the panel passes."""
    assert await house.rig.flash(result_line(1))
    assert await house.scan(4, "SL-PASS") == [Told.GOOD], house.banner(4)
    panel = await house.read(lambda view: view.panel(serial(1)))
    assert panel is not None
    history = await house.read(lambda view: view.history(panel.uuid))
    assert history is not None
    attached = [ruling for ruling in history.rulings if ruling.disposition is Disposition.ATTACHED]
    assert len(attached) == 1
    row = await house.read(lambda view: view.raw_flash(attached[0].flash_uuid))
    assert row is not None
    assert row.raw.decode() == result_line(1)


@pytest.mark.parametrize("name", UNREADABLE)
async def test_a_line_nobody_can_read_is_kept_and_the_panel_waits(tmp_path: Path, name: str) -> None:
    with premises(tmp_path) as at:
        async with at_work(at) as house:
            await waiting_panel(house)
            await house.cables["tester"].send(UNREADABLE[name] + b"\r\n")
            await house.stored(lambda view: bool(view.garbles(10)))
            garbles = await house.read(lambda view: view.garbles(10))
            assert [UNREADABLE[name].startswith(one.raw) and one.reason for one in garbles] == [garbles[0].reason]
            assert garbles[0].reason.startswith("The tester's result cannot be read")
            await house.until(lambda: house.banner(4).headline == "Flash again")
            house.cables["tester"].heard.clear()  # the dialect asks for it again
            await good_flash_counts(house)


@pytest.mark.parametrize("name", NO_MEASUREMENT)
async def test_a_flash_that_measured_nothing_asks_for_another(tmp_path: Path, name: str) -> None:
    def ruled(view: View) -> bool:
        return len(view.changes_after(0, 10_000)) > 0 and not view.undecided_flashes(1)

    with premises(tmp_path) as at:
        async with at_work(at) as house:
            await waiting_panel(house)
            assert await house.rig.flash(NO_MEASUREMENT[name].decode())
            assert await house.read(ruled)
            assert house.banner(4).headline == "Flash again", house.banner(4)
            assert house.banner(4).todo
            assert await house.read(lambda view: view.results_of(view.panel(serial(1)).uuid)[3:] == ())  # type: ignore[union-attr]
            await good_flash_counts(house)


async def test_a_tester_that_reports_a_fault_asks_for_another_flash(tmp_path: Path) -> None:
    def asked(banner: Banner) -> bool:
        return banner.headline == "Flash again" and "no contact" in banner.detail

    with premises(tmp_path) as at:
        async with at_work(at) as house:
            await waiting_panel(house)
            await house.cables["tester"].send(b"ERROR 17: no contact\r\n")
            await house.until(lambda: asked(house.banner(4)))
            house.cables["tester"].heard.clear()
            await good_flash_counts(house)


async def test_a_flash_under_another_serial_goes_to_the_tray(tmp_path: Path) -> None:
    with premises(tmp_path) as at:
        async with at_work(at) as house:
            await waiting_panel(house)
            assert await house.rig.flash(result_line(8, serial(2)))
            ((row, ruling),) = await house.read(lambda view: view.tray(10))
            assert row.serial_number == serial(2)
            assert serial(1) in ruling.reason
            assert house.banner(4).headline == "Flash not used"
            await good_flash_counts(house)
