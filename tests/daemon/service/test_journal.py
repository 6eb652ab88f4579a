"""Records reach the journal with their fields, whole, and never hold anybody up."""

import io
import json
import logging
import os
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import daemon.logs
from daemon.logs import configure_logs
from daemon.service.journal import JournalHandler, datagram, leads_to_journal, priority_of


def fields_of(data: bytes) -> list[tuple[str, str]]:
    """Read a datagram as systemd-journald does."""
    found, rest = [], data
    while rest:
        name, _, _ = rest.partition(b"\n")
        if b"=" in name:
            key, _, value = name.partition(b"=")
            rest = rest[len(name) + 1 :]
        else:
            key, begin = name, len(name) + 9
            (length,) = struct.unpack("<Q", rest[len(name) + 1 : begin])
            value, rest = rest[begin : begin + length], rest[begin + length + 1 :]
        found.append((key.decode(), value.decode()))
    return found


class Journal:
    """A socket that takes records, as many as it has room for."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.socket.bind(str(path))

    def records(self) -> list[dict[str, str]]:
        found = []
        while True:
            try:
                found.append(dict(fields_of(self.socket.recv(1 << 20))))
            except BlockingIOError:
                return found


@contextmanager
def journal(path: Path) -> Iterator[Journal]:
    made = Journal(path)
    try:
        yield made
    finally:
        made.socket.close()


@contextmanager
def logging_to(handler: logging.Handler) -> Iterator[logging.Logger]:
    log = logging.getLogger("tests.journal")
    log.propagate, log.handlers = False, [handler]
    log.setLevel(logging.DEBUG)
    try:
        yield log
    finally:
        log.handlers = []
        handler.close()


names = st.from_regex(r"[A-Z][A-Z_]{0,20}", fullmatch=True)


@given(st.lists(st.tuples(names, st.text(st.characters(exclude_categories=["Cs"])))))
def test_whatever_is_said_arrives_as_it_was(fields: list[tuple[str, str]]) -> None:
    assert fields_of(datagram(fields)) == fields


def test_a_record_carries_line_station_device_panel_and_action(tmp_path: Path) -> None:
    with journal(tmp_path / "j") as hears, logging_to(JournalHandler(2, tmp_path / "j")) as log:
        more = {"station": 4, "device": "scan-4", "panel": "CRS25WT6000001", "action": "passed", "other": "x"}
        log.info("Station %d: %s", 4, "PASS", extra=more)
        (record,) = hears.records()
    assert record == {
        "MESSAGE": "Station 4: PASS", "PRIORITY": "6", "LOGGER": "tests.journal", "LINE": "2", "STATION": "4",
        "DEVICE": "scan-4", "PANEL": "CRS25WT6000001", "ACTION": "passed", "SYSLOG_IDENTIFIER": "sunline",
    }  # fmt: skip


def test_an_error_brings_where_it_happened(tmp_path: Path) -> None:
    with journal(tmp_path / "j") as hears, logging_to(JournalHandler(1, tmp_path / "j")) as log:
        try:
            int("x")
        except ValueError:
            log.exception("It failed.", extra={"panel": None})
        (record,) = hears.records()
    assert record["MESSAGE"].startswith("It failed.\nTraceback ")
    assert record["PRIORITY"] == "3"
    assert "PANEL" not in record


def test_a_very_long_record_is_cut_not_lost(tmp_path: Path) -> None:
    with journal(tmp_path / "j") as hears, logging_to(JournalHandler(1, tmp_path / "j")) as log:
        log.warning("x" * 5_000_000)
        (record,) = hears.records()
    assert set(record["MESSAGE"]) == {"x"}
    assert len(record["MESSAGE"]) > 10_000


def test_a_journal_that_does_not_take_records_holds_up_nobody_and_hears_later_how_many_it_missed(
    tmp_path: Path,
) -> None:
    handler = JournalHandler(1, tmp_path / "j")
    with logging_to(handler) as log:
        log.info("to nobody")
        with journal(tmp_path / "j") as hears:
            log.info("first")
            assert [one["MESSAGE"] for one in hears.records()] == [
                "1 log records were lost: the journal did not take them.", "first",
            ]  # fmt: skip
            for _ in range(100_000):
                if handler._lost:
                    break
                log.info("flood")
            assert handler._lost == 1
            hears.records()
            log.info("last")
            assert [one["MESSAGE"] for one in hears.records()][-1] == "last"


def test_a_record_that_cannot_be_worded_stops_nobody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with journal(tmp_path / "j") as hears, logging_to(JournalHandler(1, tmp_path / "j")) as log:
        log.info("%d panels", "many")
        log.info("goes on")
        (record,) = hears.records()
    assert record["MESSAGE"] == "goes on"
    assert "many" in capsys.readouterr().err


def test_levels_are_told_in_the_journals_numbers() -> None:
    levels = (logging.CRITICAL, logging.ERROR, logging.WARNING, logging.INFO, logging.DEBUG, 25)
    assert [priority_of(level) for level in levels] == ["2", "3", "4", "6", "7", "6"]


def test_only_the_stream_that_systemd_connected_leads_to_the_journal(tmp_path: Path) -> None:
    with (tmp_path / "stderr").open("w") as stream:
        found = os.fstat(stream.fileno())
        told = {"JOURNAL_STREAM": f"{found.st_dev}:{found.st_ino}"}
        assert leads_to_journal(stream, told)
        assert not leads_to_journal(stream, {})
        assert not leads_to_journal(stream, {"JOURNAL_STREAM": "1:1"})
    assert not leads_to_journal(io.StringIO(), told)


@pytest.fixture
def root_logger() -> Iterator[None]:
    root = logging.getLogger()
    kept = root.handlers[:], root.level
    yield
    for handler in root.handlers:
        if handler not in kept[0]:
            handler.close()
    root.handlers[:] = kept[0]
    root.setLevel(kept[1])


@pytest.mark.usefixtures("root_logger")
def test_under_systemd_the_log_goes_to_the_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "stderr").open("w+") as stream, journal(tmp_path / "j") as hears:
        found = os.fstat(stream.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{found.st_dev}:{found.st_ino}")
        monkeypatch.setattr(sys, "stderr", stream)
        monkeypatch.setattr(daemon.logs, "SOCKET", tmp_path / "j")
        monkeypatch.setattr(daemon.logs, "JournalHandler", lambda line: JournalHandler(line, tmp_path / "j"))
        configure_logs(1)
        logging.getLogger("tests").info("Hello.", extra={"station": 2})
        (record,) = hears.records()
        assert (record["MESSAGE"], record["STATION"]) == ("Hello.", "2")
        assert (tmp_path / "stderr").read_text() == ""


@pytest.mark.usefixtures("root_logger")
def test_elsewhere_the_log_is_a_line_of_json_with_the_same_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    configure_logs(3)
    logging.getLogger("tests").warning("%s is away.", "scan-1", extra={"device": "scan-1", "other": 1})
    said = json.loads(stream.getvalue())
    assert said | {"timestamp": ""} == {
        "line": 3, "event": "scan-1 is away.", "level": "warning", "logger": "tests", "device": "scan-1",
        "timestamp": "",
    }  # fmt: skip
