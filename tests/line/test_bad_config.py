"""Whatever stands in the configuration: refused before anything is touched, in sentences that name the cure."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.config import ConfigRefused, load_config
from daemon.control.server import SocketRefused
from daemon.line.line import Line
from tests.line.premises import Premises, premises

Edit = Callable[[str], str]


def replaced(old: str, new: str) -> Edit:
    def edit(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return edit


FAULTS: dict[str, tuple[Edit, str]] = {
    "a key that nearly is one": (
        replaced("warn_free_mb", "warn_fre_mb"),
        "store.warn_fre_mb is no setting; did you mean warn_free_mb?",
    ),
    "a section that nearly is one": (
        replaced("[control]", "[controll]"),
        "controll is no setting; did you mean control?",
    ),
    "a scanner's key": (replaced("kind =", "knd ="), "did you mean kind?"),
    "an unknown kind of scanner": (replaced("honeywell-host-ack", "honeywell"), "station.1.scanner.1.kind"),
    "text for a number": (replaced("line = 1", 'line = "one"'), "line: must be a whole number, not 'one'."),
    "a negative number": (replaced("warn_free_mb = 2", "warn_free_mb = -2"), "store.warn_free_mb"),
    "warning below refusal": (
        replaced("warn_free_mb = 2", "warn_free_mb = 1"),
        "the warning comes long before the refusal",
    ),
    "a site that cannot be in a number": (replaced('site = "T"', 'site = "t t"'), "site"),
    "no site": (replaced('site = "T"\n', ""), "site is missing: add it."),
    "a station without an answer": (
        lambda text: text.replace("screen = true", "screen = false").replace("honeywell-host-ack", "plain"),
        "Station 1 cannot answer its operator",
    ),
    "a station twice": (replaced("number = 2", "number = 1"), "Station 1 stands twice"),
    "a station missing": (replaced("number = 2", "number = 1"), "Station 2 is missing"),
    "a station nobody has": (replaced("number = 2", "number = 7"), "station.2.number"),
    "two devices on one port": (replaced("/scanner-2", "/scanner-1"), "Two devices are bound to the same port"),
    "two devices of one name": (replaced('"scanner-2"', '"scanner-1"'), "Two devices are named scanner-1"),
    "a port by two ways": (replaced("port = {", 'port = { tcp = "h:1",'), "name the port by path"),
    "a tester without a port": (replaced("[tester]", '[tester]\nfolder = "x"'), ""),
    "not TOML": (lambda text: text + "\n[[[", "is not valid TOML"),
    "not text": (lambda text: text, "this is no text file (UTF-8)"),
}


def spoil(at: Premises, name: str) -> None:
    if name == "not text":
        at.config.write_bytes(b"\xff\xfe" + at.config.read_bytes())
    else:
        at.config.write_text(FAULTS[name][0](at.config.read_text()))


@pytest.mark.parametrize("name", [name for name in FAULTS if FAULTS[name][1]])
def test_a_faulty_configuration_is_refused_with_the_cure(tmp_path: Path, name: str) -> None:
    with premises(tmp_path) as at:
        spoil(at, name)
        with pytest.raises(ConfigRefused) as refused:
            load_config(at.config, environment={})
        assert any(FAULTS[name][1] in fault for fault in refused.value.faults), refused.value.faults
        assert all(fault.endswith((".", "?")) for fault in refused.value.faults)


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    with premises(tmp_path) as at:
        for name in ("two devices on one port", "two devices of one name", "a station nobody has"):
            if name != "a station nobody has":
                spoil(at, name)
        with pytest.raises(ConfigRefused) as refused:
            load_config(at.config, environment={})
        assert len(refused.value.faults) == 2


@pytest.mark.parametrize("variable", ["SUNLINE_SITTE", "SUNLINE_STOR__PATH"])
def test_a_mistyped_environment_variable_is_refused_with_the_nearest(tmp_path: Path, variable: str) -> None:
    with premises(tmp_path) as at, pytest.raises(ConfigRefused, match="did you mean SUNLINE_S"):
        load_config(at.config, environment={variable: "x"})


DIALECTS = {
    "a file that is not there": ("none.toml", "none.toml cannot be read"),
    "a name nobody ships": ("klingon", "klingon"),
    "a file with an unknown key": ("odd.toml", "did you mean"),
}


@pytest.mark.parametrize("name", DIALECTS)
def test_a_tester_dialect_that_cannot_be_used_is_refused_like_any_other_fault(tmp_path: Path, name: str) -> None:
    dialect, words = DIALECTS[name]
    with premises(tmp_path) as at:
        odd = (tmp_path / "rig.toml").read_text().replace("separator =", "seperator =")
        (tmp_path / "odd.toml").write_text(odd)
        path = f"{tmp_path}/{dialect}" if dialect.endswith(".toml") else dialect
        at.config.write_text(at.config.read_text().replace(f"{tmp_path}/rig.toml", path))
        with pytest.raises(ConfigRefused) as refused:
            load_config(at.config, environment={})
        (fault,) = refused.value.faults
        assert words in fault


SOCKETS = {
    "a path too long": ("line.sock", "x" * 120, "is too long"),
    "a folder that is not there": ("line.sock", "none/line.sock", "There is no folder"),
    "a group nobody has": ('line.sock"', 'line.sock"\ngroup = "nobody-has-it"', "nobody-has-it"),
}


@pytest.mark.parametrize("name", SOCKETS)
async def test_a_control_socket_that_cannot_be_made_ends_the_start_in_a_sentence(tmp_path: Path, name: str) -> None:
    old, new, words = SOCKETS[name]
    with premises(tmp_path) as at:
        at.config.write_text(at.config.read_text().replace(old, new))
        with pytest.raises(SocketRefused, match=words) as refused:
            await Line(at.load()).serve(asyncio.Event())
        assert refused.value.todo.endswith(".")
