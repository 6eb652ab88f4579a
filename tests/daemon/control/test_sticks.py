"""Sticks over the wire: who may do what, and what the program that serves a plugged stick is believed."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from storage.records import StickOutcome
from tests.daemon.control.bench import Bench, Wire, wire

Be = Callable[[str], None]

BLUE = {"vendor_id": "0781", "product_id": "5581", "usb_serial": "4C530001", "volume_id": "1234-ABCD"}
DIGEST = "a" * 64


async def enrolled(client: Wire, **more: object) -> Any:  # noqa: ANN401 -- JSON
    return await client.get("usb.enrol", **BLUE, name="BLUE", **more)


async def test_admins_enrol_and_revoke_and_everybody_sees_the_list(line: Bench, be: Be) -> None:
    be("sam")
    async with wire(line.path) as client:
        assert (await client.no("usb.enrol", **BLUE, name="BLUE"))["code"] == "forbidden"
        assert (await client.no("usb.revoke", stick="BLUE", reason="lost"))["code"] == "forbidden"
    be("ada")
    async with wire(line.path) as client:
        stick = await enrolled(client, takes="data")
        assert (stick["takes"], stick["always_full"], stick["recipient"]) == ("data", False, None)
        assert (await client.no("usb.enrol", **BLUE, name="BLUE", takes="all"))["code"] == "invalid"
    be("stranger")
    async with wire(line.path) as client:
        (row,) = (await client.get("usb.list"))["sticks"]
        assert (row["name"], row["enrolled_by_name"], row["last_visit"]) == ("BLUE", "ada", None)
    be("ada")
    async with wire(line.path) as client:
        assert not (await client.get("usb.revoke", stick="BLUE", reason="lost"))["active"]


@pytest.mark.parametrize("who", ["root", "sunline", "sunline-usb"])
async def test_our_own_programs_are_told_who_is_welcome(line: Bench, be: Be, who: str) -> None:
    be(who)
    async with wire(line.path) as client:
        assert await client.get("usb.greet", **BLUE) == {"stick": None, "reason": "Nobody enrolled it."}
    be("ada")
    async with wire(line.path) as client:
        await enrolled(client)
    be(who)
    async with wire(line.path) as client:
        greeted = await client.get("usb.greet", **{**BLUE, "vendor_id": "0781"}, device="sdb")
        assert (greeted["stick"]["name"], greeted["reason"]) == ("BLUE", "")
        assert (await client.get("usb.greet", **{**BLUE, "volume_id": "other"}))["stick"] is None
    be("ada")
    async with wire(line.path) as client:
        await client.get("usb.revoke", stick="BLUE", reason="lost")
    be(who)
    async with wire(line.path) as client:
        assert "revoked" in (await client.get("usb.greet", **BLUE))["reason"]


@pytest.mark.parametrize("who", ["ada", "sam", "otto", "stranger"])
async def test_nobody_else_speaks_for_a_stick_not_even_an_admin(line: Bench, be: Be, who: str) -> None:
    be(who)
    report = {"device": "sdb", "outcome": "exported", "message": "x"}
    async with wire(line.path) as client:
        for op, args in (
            ("usb.greet", BLUE),
            ("usb.progress", {"device": "sdb", "state": "writing", "share": 0.1}),
            ("usb.file", {"export_uuid": str(uuid4()), "name": "a", "bytes": 1, "sha256": DIGEST}),
            ("usb.report", report),
        ):
            assert (await client.no(op, **args))["code"] == "forbidden", op
        assert (await client.get("usb.list"))["now"] == []


async def test_progress_and_the_end_are_on_every_screen_and_in_the_status(line: Bench, be: Be) -> None:
    be("ada")
    async with wire(line.path) as client:
        stick = await enrolled(client)
    be("sunline-usb")
    async with wire(line.path) as client:
        await client.get("usb.greet", **BLUE, device="sdb")
        await client.get("usb.progress", device="sdb", state="writing Line 1", share=0.434)
        for number in (1, 2, 3, 4):
            (shown,) = (await client.get("station.view", station=number))["sticks"]
            assert (shown["name"], shown["state"], shown["text"]) == ("BLUE", "working", "writing Line 1 43 %")
        (now,) = (await client.get("line.status"))["sticks"]
        assert (now["device"], now["share"]) == ("sdb", 0.434)
        visit = await client.get(
            "usb.report", device="sdb", described="SanDisk Ultra", outcome="full", message="The stick is full.",
            todo="Make room.", stick_uuid=stick["uuid"],
        )  # fmt: skip
        assert (visit["name"], visit["outcome"], visit["device"]) == ("BLUE", "full", "SanDisk Ultra")
        (now,) = (await client.get("usb.list"))["now"]
        assert (now["state"], now["text"]) == ("bad", "The stick is full. Make room.")
        (row,) = await client.get("usb.visits")
        assert (row["name"], row["message"], row["file_count"]) == ("BLUE", "The stick is full.", 0)
        assert (await client.get("usb.list"))["sticks"][0]["last_visit"]["outcome"] == "full"


async def test_a_visit_whose_answer_was_lost_is_told_again_and_kept_and_sounded_once(line: Bench, be: Be) -> None:
    be("sunline-usb")
    told = {"visit": str(uuid4()), "device": "sdb", "outcome": "full", "message": "The stick is full."}
    async with wire(line.path) as client:
        first = await client.get("usb.report", **told)
        await client.get("usb.progress", device="sdb", state="the next one", share=0.5)
        assert await client.get("usb.report", **told) == first
        (now,) = (await client.get("usb.list"))["now"]
        assert now["state"] == "working", "what goes on meanwhile is not talked over"
        assert [row["uuid"] for row in await client.get("usb.visits")] == [told["visit"]]


@pytest.mark.parametrize("outcome", list(StickOutcome))
async def test_a_stick_nobody_enrolled_is_told_of_too(line: Bench, be: Be, outcome: StickOutcome) -> None:
    be("root")
    async with wire(line.path) as client:
        report = {"device": "sdc", "outcome": outcome.value, "message": "Said.", "todo": "Do."}
        if outcome is StickOutcome.EXPORTED:
            assert (await client.no("usb.report", **report))["code"] == "invalid"
        else:
            await client.get("usb.report", **report)
            (row,) = await client.get("usb.visits")
            assert (row["outcome"], row["name"], row["device"]) == (outcome.value, None, "sdc")
        (now,) = (await client.get("usb.list"))["now"]
        good = outcome in (StickOutcome.EXPORTED, StickOutcome.NOTHING_NEW)
        assert now["state"] == ("good" if good else "bad"), "who stands there is told, whatever can be kept"


async def test_what_a_stick_says_of_itself_is_checked(line: Bench, be: Be) -> None:
    be("root")
    async with wire(line.path) as client:
        for device in ("", "/dev/sdb", "../sdb", "SDB", "s" * 40):
            assert (await client.no("usb.progress", device=device, state="x", share=0.5))["code"] == "invalid"
        for share in (-0.1, 1.1, "half"):
            assert (await client.no("usb.progress", device="sdb", state="x", share=share))["code"] == "invalid"
        long = {**BLUE, "usb_serial": "x" * 5000}
        assert (await client.no("usb.greet", **long))["code"] == "invalid"
        hostile = {**BLUE, "usb_serial": "x\x1b[2J\u202e\n", "volume_id": ""}
        assert (await client.get("usb.greet", **hostile))["stick"] is None
        await client.get("usb.progress", device="sdb", state="wri\x1b[2Jting\n", share=None)
        assert (await client.get("usb.list"))["now"][0]["text"].isprintable()
        unknown = {"export_uuid": str(uuid4()), "bytes": 1, "sha256": DIGEST}
        assert (await client.no("usb.file", **unknown, name="a"))["code"] == "not_found"
        assert (await client.no("usb.file", **unknown, name="../a"))["code"] == "invalid"
        assert (await client.no("usb.visits", limit=0))["code"] == "invalid"


async def test_what_to_do_is_said_however_long_the_reason_is(line: Bench, be: Be) -> None:
    be("root")
    async with wire(line.path) as client:
        await client.get("usb.report", device="sdc", outcome="unreadable", message="x" * 1000, todo="Take another.")
        assert (await client.get("usb.list"))["now"][0]["text"].endswith("… Take another.")


async def test_visits_of_one_stick_are_found_by_its_name(line: Bench, be: Be) -> None:
    be("ada")
    async with wire(line.path) as client:
        stick = await enrolled(client)
    be("root")
    async with wire(line.path) as client:
        await client.get("usb.report", device="sdc", outcome="not_enrolled", message="Who?")
        await client.get("usb.report", device="sdb", outcome="read_only", message="Locked.", stick_uuid=stick["uuid"])
        assert [row["message"] for row in await client.get("usb.visits", stick="blue")] == ["Locked."]
        assert [row["message"] for row in await client.get("usb.visits", limit=1)] == ["Locked."]
