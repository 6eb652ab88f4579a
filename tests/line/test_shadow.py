"""A whole line beside paper: it works as a real one, its facts stay apart, and the paper made from it agrees."""

import asyncio
from base64 import b64encode
from datetime import UTC, datetime
from getpass import getuser
from pathlib import Path
from typing import Any

from daemon.control.client import ControlClient
from daemon.shadow.gather import line_side
from storage.records import SHADOW_WORDS, Batch, Role, User, shadow_of, thing_uuid
from storage.sqlite import Store
from tests.daemon.shadow.plant import csv_of, written_in
from tests.line.house import House, at_work
from tests.line.premises import LINE, SITE, premises, provision, serial

NUMBERS = (1, 2, 3)


def furnish(store: Path) -> None:
    """Make the shadow's store with people and an order; whoever runs the tests supervises."""
    boss = User(
        uuid=thing_uuid(SITE, "user", "boss"), username="boss", role=Role.SUPERVISOR, os_user=getuser(),
        created_at=datetime.now(UTC),
    )  # fmt: skip
    shadow = Store.open(store, site=shadow_of(SITE), line_number=LINE)
    shadow.write(Batch((*provision(100), boss)))
    shadow.close()


async def ask(house: House, op: str, **args: object) -> Any:  # noqa: ANN401 -- JSON
    return await asyncio.to_thread(ControlClient(house.line.config.control.socket).call, op, **args)


async def test_a_line_beside_paper_works_as_a_real_one_and_apart_from_it(tmp_path: Path) -> None:
    shadow = tmp_path / "data" / "shadow.db"
    section = f'[shadow]\nstore = "{shadow}"\n[central]\ndsn = "host=203.0.113.1"\n'
    with premises(tmp_path, extra=section) as at:
        real = at.store.read_bytes()
        furnish(shadow)
        async with at_work(at) as house:
            await house.ready()
            await house.sign_in()
            for number in NUMBERS:
                await house.passed(number, 1, 2, 3, 4)
            status = await ask(house, "line.status")
            assert (status["shadow"], status["site"], status["central"]) == (True, shadow_of(SITE), None)
            assert house.line.words().startswith(SHADOW_WORDS)
            assert (await ask(house, "station.view", station=4))["shadow"] is True
            assert house.line.runner is not None
            zone = house.line.runner.surroundings.rules.plant_zone
            panels = await line_side(house.line.runner)
            (pallet,) = {one.pallet for one in panels.values()}
            assert pallet.startswith(f"P{shadow_of(SITE)}-1-")
            await paper_agrees(house, csv_of([row for one in panels.values() for row in written_in(one, zone)]))
        assert at.store.read_bytes() == real


async def paper_agrees(house: House, raw: bytes) -> None:
    brought = await ask(house, "shadow.import", name="week.csv", raw=b64encode(raw).decode())
    assert (brought["rows"], brought["faults"]) == (4 * len(NUMBERS), [])
    found = await ask(house, "shadow.report")
    assert found["sentence"] == f"{len(NUMBERS)} of {len(NUMBERS)} panels agree in everything."
    wrong = raw.replace(f"{serial(2)},3,PASS".encode(), f"{serial(2)},3,FAIL".encode())
    await ask(house, "shadow.withdraw", what="week.csv", reason="To see what a difference looks like.")
    await ask(house, "shadow.import", name="wrong.csv", raw=b64encode(wrong).decode())
    (one,) = (await ask(house, "shadow.report"))["differences"]
    assert (one["serial"], one["station"], one["differs"]) == (serial(2), 3, "verdict")
