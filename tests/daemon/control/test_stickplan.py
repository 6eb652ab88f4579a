"""What a stick is to get: everything, then what is new; what was broken off is gone on with."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.daemon.control.bench import Bench, Wire, bench, wire
from tests.daemon.control.test_sticks import BLUE, DIGEST
from tests.stations.office.shop import OTHER, PEOPLE, SERIAL, Shop, order

Be = Callable[[str], None]
KEY = "age1s7qssevgjxk4mhd5gfm6pvzgsplfxfq57fkf5tt9vxlssfdf9fzsc9am8w"
FOLDER = "sunline-IN-line1-2025-06-02_2025-06-02"


@pytest.fixture
def worked(tmp_path: Path) -> Path:
    """The folder of a line with one finished panel."""
    shop = Shop(tmp_path / "line.db")
    shop.write(*PEOPLE, order())
    shop.work(SERIAL, 1, 2, 3, 4)
    shop.store.close()
    return tmp_path


async def enrolled(line: Bench, be: Be, **more: object) -> str:
    be("ada")
    async with wire(line.path) as client:
        stick = await client.get("usb.enrol", **BLUE, name="BLUE", **more)
    be("sunline-usb")
    return str(stick["uuid"])


async def file(client: Wire, plan: Any, name: str) -> None:  # noqa: ANN401 -- JSON
    told = {"name": f"{FOLDER}/{name}", "bytes": 7, "sha256": DIGEST}
    await client.get("usb.file", export_uuid=plan["export_uuid"], **told)


async def end(client: Wire, plan: Any, outcome: str, **more: object) -> None:  # noqa: ANN401 -- JSON
    await client.get(
        "usb.report", device="sdb", outcome=outcome, message="Said.", export_uuid=plan["export_uuid"],
        stick_uuid=plan["stick_uuid"], **more,
    )  # fmt: skip


async def asked(client: Wire, stick: str, *, full: bool = False) -> Any:  # noqa: ANN401 -- JSON
    return {**await client.get("usb.plan", stick_uuid=stick, full=full), "stick_uuid": stick}


async def test_a_new_stick_gets_everything_in_the_name_of_who_enrolled_it(worked: Path, be: Be) -> None:
    async with bench(worked) as line:
        stick = await enrolled(line, be)
        async with wire(line.path) as client:
            plan = await asked(client, stick)
            begun = await client.get("export.begin")
        same = ("site", "line_number", "zone", "first_day", "last_day", "since", "until", "store_id", "counts")
        assert {key: plan[key] for key in same} == {key: begun[key] for key in same}
        assert (plan["exported_by"], plan["takes"], plan["recipient"]) == ("ada", "everything", None)
        assert (plan["after_seq"], plan["resumed"], plan["done"]) == (0, False, {})
        assert plan["counts"]["station_results"] == 4


async def test_an_interrupted_visit_is_gone_on_with_even_by_the_next_daemon(worked: Path, be: Be) -> None:
    async with bench(worked) as line:
        stick = await enrolled(line, be)
        async with wire(line.path) as client:
            plan = await asked(client, stick)
            await file(client, plan, "export.json")
            again = await asked(client, stick)
            assert (again["export_uuid"], again["resumed"]) == (plan["export_uuid"], True), "not even reported yet"
            assert again["done"] == {f"{FOLDER}/export.json": DIGEST}
            await end(client, plan, "pulled_early")
    async with bench(worked) as line, wire(line.path) as client:
        be("sunline-usb")
        again = await asked(client, stick)
        assert (again["export_uuid"], again["resumed"], again["as_of"]) == (plan["export_uuid"], True, plan["as_of"])
        assert again["done"] == {f"{FOLDER}/export.json": DIGEST}
        await file(client, again, "csv/panels.csv")
        assert set((await asked(client, stick))["done"]) == {f"{FOLDER}/export.json", f"{FOLDER}/csv/panels.csv"}
        told = [{"name": f"{FOLDER}/manifest.json", "bytes": 7, "sha256": DIGEST}]
        await end(client, again, "exported", files=told)
        assert not (await asked(client, stick))["resumed"]
        assert (await client.get("usb.visits"))[0]["file_count"] == 1


async def test_afterwards_it_gets_what_is_new_and_nothing_twice(worked: Path, be: Be) -> None:
    async with bench(worked) as line:
        stick = await enrolled(line, be)
        async with wire(line.path) as client:
            first = await asked(client, stick)
            await end(client, first, "exported")
            second = await asked(client, stick)
            assert second["after_seq"] == first["upto_seq"]
            assert not any(second["counts"].values())
            await end(client, second, "nothing_new")
            await line.line.scan(1, "SL-U-otto", OTHER, "SL-PASS", "SL-OUT")
            third = await asked(client, stick)
            assert third["after_seq"] == second["upto_seq"]
            assert third["counts"]["station_results"] == 1
            whole = await asked(client, stick, full=True)
            assert (whole["after_seq"], whole["counts"]["station_results"]) == (0, 5)


async def test_an_empty_plan_that_was_never_reported_is_not_gone_on_with(worked: Path, be: Be) -> None:
    async with bench(worked) as line:
        stick = await enrolled(line, be)
        async with wire(line.path) as client:
            await end(client, await asked(client, stick), "exported")
            empty = await asked(client, stick)
            await line.line.scan(1, "SL-U-otto", OTHER, "SL-PASS", "SL-OUT")
            plan = await asked(client, stick)
            assert (plan["resumed"], plan["after_seq"]) == (False, empty["after_seq"])
            assert plan["counts"]["station_results"] == 1


async def test_a_stick_that_takes_something_else_now_begins_anew(worked: Path, be: Be) -> None:
    async with bench(worked) as line:
        stick = await enrolled(line, be)
        async with wire(line.path) as client:
            await end(client, await asked(client, stick), "exported")
            assert (await asked(client, stick))["after_seq"] > 0
        assert await enrolled(line, be, recipient=KEY) == stick
        async with wire(line.path) as client:
            plan = await asked(client, stick)
            assert (plan["after_seq"], plan["recipient"], plan["resumed"]) == (0, KEY, False)


async def test_only_an_enrolled_stick_has_a_plan_and_only_our_own_programs_ask(worked: Path, be: Be) -> None:
    async with bench(worked) as line:
        stick = await enrolled(line, be)
        async with wire(line.path) as client:
            assert (await client.no("usb.plan", stick_uuid=str(uuid4())))["code"] == "not_found"
        be("ada")
        async with wire(line.path) as client:
            assert (await client.no("usb.plan", stick_uuid=stick))["code"] == "forbidden"
            await client.get("usb.revoke", stick="BLUE", reason="lost")
        be("root")
        async with wire(line.path) as client:
            assert "revoked" in (await client.no("usb.plan", stick_uuid=stick))["message"]
