"""What passes a link is on record, and comes out of a replay as it went in."""

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import LinkLost, Unreadable
from drivers.link import serial_link
from drivers.recording import Moment, RecordedLink, Recorder, Way, read_recording, record
from drivers.replay import replaying

if TYPE_CHECKING:
    from tests.drivers.conftest import PtyPeer


@given(st.lists(st.tuples(st.sampled_from([Way.IN, Way.OUT]), st.binary(min_size=1))))
def test_a_recording_reads_back_as_it_happened(passed: list[tuple[Way, bytes]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "wire.jsonl"
        ticks = iter(range(1000, 10**6))
        recorder = Recorder(file, "scanner", clock=lambda: next(ticks))
        recorder.begin("/dev/ttyUSB0")
        for way, data in passed:
            recorder.note(way, data)
        recorder.close()
        moments = list(read_recording(file))
    assert moments == [Moment(number, way, data) for number, (way, data) in enumerate(passed, start=1)]


async def test_a_recorded_link_notes_both_ways_and_the_loss(pty_peer: "PtyPeer", tmp_path: Path) -> None:
    file = tmp_path / "wire.jsonl"
    recorder = Recorder(file, "scanner")
    link = RecordedLink(serial_link(str(pty_peer.file)), recorder)
    await link.open()
    await pty_peer.send(b"CRS\r\xff")
    assert await link.receive(10)
    await link.write(b"\x06")
    pty_peer.unplug()
    with pytest.raises(LinkLost):
        await link.receive()
    await link.close()
    recorder.close()
    ways = [moment.way for moment in read_recording(file)]
    assert ways == [Way.OPEN, Way.IN, Way.OUT, Way.LOST, Way.CLOSE]
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert lines[0]["device"] == "scanner"
    assert lines[2]["hex"] == "4352530dff"
    assert lines[2]["text"] == "CRS\r\\xff"


async def test_record_ends_with_the_loss(pty_peer: "PtyPeer", tmp_path: Path) -> None:
    file = tmp_path / "wire.jsonl"
    link = serial_link(str(pty_peer.file))
    recording = asyncio.create_task(record(link, file, "scanner"))
    async with asyncio.timeout(60):
        while not file.exists() or '"open"' not in file.read_text():
            await asyncio.sleep(0.001)
            continue
    await pty_peer.send_read(b"A\r")
    pty_peer.unplug()
    assert isinstance(await recording, LinkLost)
    assert b"".join(moment.data for moment in read_recording(file)) == b"A\r"


async def test_a_replay_says_what_was_recorded_and_hears_answers(tmp_path: Path) -> None:
    file = tmp_path / "wire.jsonl"
    gaps = iter([0, 0, 10**9, 2 * 10**9, 3 * 10**9])
    recorder = Recorder(file, "scanner", clock=lambda: next(gaps))
    recorder.begin(None)
    for way, data in [(Way.IN, b"A\r"), (Way.OUT, b"\x06"), (Way.IN, bytes(range(256)))]:
        recorder.note(way, data)
    recorder.close()
    async with replaying(file) as replay:
        link = serial_link(replay.port)
        await link.open()
        playing = asyncio.create_task(replay.play(speed=1000))
        received = b""
        while len(received) < 258:
            chunk = await link.receive(10)
            assert chunk is not None
            received += chunk.data
            await link.write(b"\x06")
        await playing
        assert received == b"A\r" + bytes(range(256))
        await link.close()


async def test_a_replay_ends_when_nobody_listens_any_more(tmp_path: Path) -> None:
    file = tmp_path / "wire.jsonl"
    recorder = Recorder(file, "scanner", clock=lambda: 0)
    recorder.begin(None)
    for _ in range(50):
        recorder.note(Way.IN, bytes(4096))
    recorder.close()
    async with replaying(file) as replay:
        link = serial_link(replay.port)
        await link.open()
        playing = asyncio.create_task(replay.play())
        assert await link.receive(10)
        await link.close()
        await asyncio.wait_for(playing, 60)


def test_a_line_cut_off_at_the_end_is_left_out_and_a_bad_one_is_named(tmp_path: Path) -> None:
    file = tmp_path / "wire.jsonl"
    good = '{"at_ns": 1, "way": "in", "hex": "41"}\n'
    file.write_text('{"recording": 1}\n' + good + '{"at_ns": 2, "w')
    assert list(read_recording(file)) == [Moment(1, Way.IN, b"A")]
    file.write_text('{"recording": 1}\n' + good + "nonsense\n")
    with pytest.raises(Unreadable, match="line 3"):
        list(read_recording(file))
    file.write_text("CRS\n")
    with pytest.raises(Unreadable, match="not a recording"):
        list(read_recording(file))


def test_a_full_disk_ends_the_recording_and_nothing_else() -> None:
    recorder = Recorder(Path("/dev/full"), "scanner")
    recorder.begin(None)
    recorder.note(Way.IN, b"A")
    recorder.close()


async def test_a_replay_ends_in_the_middle_of_a_long_gap_when_the_port_is_closed(tmp_path: Path) -> None:
    file = tmp_path / "wire.jsonl"
    night_ns = 8 * 3600 * 10**9
    ticks = iter([0, 0, night_ns, 2 * night_ns])
    recorder = Recorder(file, "scanner", clock=lambda: next(ticks))
    recorder.begin(None)
    for text in (b"A\r", b"B\r", b"C\r"):
        recorder.note(Way.IN, text)
    recorder.close()
    async with replaying(file) as replay:
        link = serial_link(replay.port)
        await link.open()
        playing = asyncio.create_task(replay.play())
        assert await link.receive(10)
        await link.close()
        done, _ = await asyncio.wait({playing}, timeout=60)
        playing.cancel()
        await asyncio.wait({playing})
        assert done, "it waits for the next morning"


def test_a_time_beyond_all_times_is_no_line_of_a_recording(tmp_path: Path) -> None:
    file = tmp_path / "wire.jsonl"
    file.write_text('{"recording": 1}\n{"at_ns": 1e999, "way": "in", "hex": "41"}\n')
    with pytest.raises(Unreadable, match="line 2"):
        list(read_recording(file))


async def test_record_ends_when_the_disk_is_full(pty_peer: "PtyPeer") -> None:
    recording = asyncio.create_task(record(serial_link(str(pty_peer.file)), Path("/dev/full"), "scanner"))
    done, _ = await asyncio.wait({recording}, timeout=60)
    recording.cancel()
    await asyncio.wait({recording})
    assert done, "it goes on as if it wrote"
    assert isinstance(recording.exception(), OSError)
    assert "/dev/full" in str(recording.exception())
