"""The commands on USB sticks: which is meant, what is asked for it, what a person reads."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from daemon.stick.ports import FolderPort
from drivers.stick import StickDevice, StickVolume, UsbInterface
from drivers.stick.errors import StickGone
from tests.daemon.cli.conftest import Cli
from tests.daemon.cli.fake import FakeLine

BLUE = {
    "uuid": "01234567-89ab-5def-8123-456789abcdef", "name": "BLUE", "usb_serial": "4C53", "vendor_id": "0781",
    "product_id": "5581", "volume_id": "1234-ABCD", "takes": "everything", "always_full": False, "recipient": None,
    "active": True, "enrolled_by": "u", "enrolled_by_name": "ada", "created_at": "2025-06-02T08:00:00Z",
    "last_visit": {"outcome": "nothing_new", "created_at": "2025-06-02T09:00:00Z"},
}  # fmt: skip
RED = {
    **BLUE,
    "uuid": "f" * 36,
    "name": "RED",
    "usb_serial": "9",
    "active": False,
    "takes": "sheets",
    "last_visit": None,
}


def stick(name: str = "sdb", *, serial: str = "4C53", label: str | None = "BLUE", **more: Any) -> StickDevice:  # noqa: ANN401
    volume = StickVolume(
        name=f"{name}1", file=Path(f"/dev/{name}1"), number="8:17", size_bytes=10**9, fs_type="vfat",
        fs_uuid="1234-ABCD", label=label,
    )  # fmt: skip
    made: dict[str, Any] = {"volumes": (volume,), "interfaces": (), "product": "Ultra", **more}
    return StickDevice(
        name=name, file=Path(f"/dev/{name}"), usb_serial=serial, vendor_id="0781", product_id="5581",
        manufacturer="SanDisk", size_bytes=10**9, read_only=False, **made,
    )  # fmt: skip


@pytest.fixture
def plugged(monkeypatch: pytest.MonkeyPatch) -> list[StickDevice]:
    """The sticks of this computer."""
    there: list[StickDevice] = []

    def stick_of(name: str, *, probe: object = None) -> StickDevice:
        for one in there:
            if one.name == name:
                return replace(one, volumes=(replace(one.volumes[0], fs_uuid="FROM-MEDIUM"),)) if probe else one
        raise StickGone(f"{name} was pulled while it was looked at.")

    monkeypatch.setattr("drivers.stick.list_sticks", lambda: list(there))
    monkeypatch.setattr("drivers.stick.stick_of", stick_of)
    return there


@pytest.fixture
def known(line: FakeLine) -> FakeLine:
    line.answers |= {
        "usb.list": {"sticks": [dict(BLUE), dict(RED)], "now": []},
        "usb.enrol": lambda args: {**BLUE, **args},
        "usb.revoke": {**BLUE, "active": False},
    }
    return line


def test_the_list_says_who_may_take_what_and_what_is_plugged(
    cli: Cli, known: FakeLine, plugged: list[StickDevice]
) -> None:
    plugged += [stick(), stick("sdc", serial="7", label=None)]
    shown = cli("usb", "list", socket=known.path)
    assert shown.status == 0
    for words in ("BLUE", "what is new", "nothing new", "revoked", "ada", "sdb", "sdc", "not enrolled", "89abcdef"):
        assert words in shown.out, words
    rows = json.loads(cli("usb", "list", "--json", socket=known.path).out)["plugged"]
    assert [(row["device"], row["known_as"]) for row in rows] == [("sdb", "BLUE"), ("sdc", "not enrolled")]


def test_an_empty_list_says_what_to_do(cli: Cli, line: FakeLine, plugged: list[StickDevice]) -> None:
    line.answers["usb.list"] = {"sticks": [], "now": []}
    assert "sunline usb enrol" in cli("usb", "list", socket=line.path).out
    assert "No stick is plugged in" in cli("usb", "list", socket=line.path).out
    assert plugged == []


def test_the_only_plugged_stick_is_enrolled_by_its_label(cli: Cli, known: FakeLine, plugged: list[StickDevice]) -> None:
    plugged.append(stick())
    done = cli("usb", "enrol", socket=known.path)
    assert done.status == 0
    assert "The stick BLUE may take everything away. Take it out and plug it in again." in done.out
    assert known.asked[-1] == (
        "usb.enrol",
        {"vendor_id": "0781", "product_id": "5581", "usb_serial": "4C53", "volume_id": "1234-ABCD", "name": "BLUE",
         "takes": "everything", "full": False},
    )  # fmt: skip


def test_a_name_and_what_it_takes_are_sent_on(cli: Cli, known: FakeLine, plugged: list[StickDevice]) -> None:
    plugged += [stick(), stick("sdc", serial="7")]
    key = "age1s7qssevgjxk4mhd5gfm6pvzgsplfxfq57fkf5tt9vxlssfdf9fzsc9am8w"
    done = cli(
        "usb", "enrol", "OFFICE", "--device", "/dev/sdc", "--takes", "sheets", "--full", "--recipient", key,
        socket=known.path,
    )  # fmt: skip
    assert done.status == 0, done.err
    asked = known.asked[-1][1]
    assert (asked["name"], asked["usb_serial"], asked["takes"]) == ("OFFICE", "7", "sheets")
    assert (asked["full"], asked["recipient"]) == (True, key)


def test_no_stick_and_several_sticks_are_told_with_what_to_do(
    cli: Cli, known: FakeLine, plugged: list[StickDevice]
) -> None:
    none = cli("usb", "enrol", socket=known.path)
    assert none.status != 0
    assert "No stick is plugged in here. Plug the stick into this computer" in none.err
    plugged += [stick(), stick("sdc", serial="7")]
    several = cli("usb", "enrol", socket=known.path)
    assert "Several sticks are plugged in" in several.err
    assert "--device sdb" in several.err
    gone = cli("usb", "enrol", "--device", "sdx", socket=known.path)
    assert "pulled" in gone.err
    assert known.ops() == []


def test_a_stick_that_is_also_a_keyboard_is_not_even_asked_for(
    cli: Cli, known: FakeLine, plugged: list[StickDevice]
) -> None:
    plugged.append(stick(interfaces=(UsbInterface("08"), UsbInterface("03"))))
    refused = cli("usb", "enrol", socket=known.path)
    assert refused.status != 0
    assert "keyboard" in refused.err
    assert known.ops() == []


def test_a_stick_without_a_label_is_given_a_name(cli: Cli, known: FakeLine, plugged: list[StickDevice]) -> None:
    plugged.append(stick(label=None, product=None))
    assert "Give it a name: sunline usb enrol NAME." in cli("usb", "enrol", socket=known.path).err
    assert cli("usb", "enrol", "X", socket=known.path).status == 0


def test_where_udev_does_not_say_what_is_on_a_stick_its_medium_is_asked(
    cli: Cli, known: FakeLine, plugged: list[StickDevice]
) -> None:
    plugged.append(stick())
    plugged[0] = replace(plugged[0], volumes=(replace(plugged[0].volumes[0], fs_uuid=None),))
    assert cli("usb", "enrol", socket=known.path).status == 0
    assert known.asked[-1][1]["volume_id"] == "FROM-MEDIUM"


def test_a_folder_that_stands_for_a_stick_is_enrolled_as_usb_watch_knows_it(
    cli: Cli, known: FakeLine, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    done = cli("usb", "enrol", "--folder", str(tmp_path / "out"), socket=known.path)
    assert done.status == 0, done.err
    asked, device = known.asked[-1][1], FolderPort(tmp_path / "out").look()
    assert (asked["usb_serial"], asked["volume_id"]) == (device.usb_serial, device.volumes[0].fs_uuid)
    assert cli("usb", "enrol", "--folder", str(tmp_path / "none"), socket=known.path).status != 0


def test_a_stick_is_revoked_with_a_reason(cli: Cli, known: FakeLine) -> None:
    assert cli("usb", "revoke", "BLUE", socket=known.path).status != 0
    assert "The stick BLUE is revoked." in cli("usb", "revoke", "BLUE", "--reason", "lost", socket=known.path).out
    assert known.asked[-1] == ("usb.revoke", {"stick": "BLUE", "reason": "lost"})


def test_visits_say_what_became_of_every_stick(cli: Cli, line: FakeLine) -> None:
    line.answers["usb.visits"] = [
        {"created_at": "2025-06-02T09:00:00Z", "name": "BLUE", "outcome": "exported", "file_count": 14,
         "message": "Safe to remove.", "device": "SanDisk Ultra"},
        {"created_at": "2025-06-02T08:00:00Z", "name": None, "outcome": "not_enrolled", "file_count": 0,
         "message": "This stick is not known here.", "device": "No\x1b[2JName"},
    ]  # fmt: skip
    shown = cli("usb", "visits", "--stick", "BLUE", "--limit", "5", socket=line.path).out
    for words in ("exported", "not enrolled", "14", "Safe to remove.", "SanDisk Ultra"):
        assert words in shown
    assert "\x1b" not in shown
    assert line.asked[-1] == ("usb.visits", {"limit": 5, "stick": "BLUE"})
