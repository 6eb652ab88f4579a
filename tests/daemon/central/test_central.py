"""A line's tie to the central server: what is wrong with it stops no line, and is said."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from uuid_utils.compat import uuid7

from daemon.central import Central, LineTaken, central_faults, central_notes, dsn_of, refuse_second_daemon
from daemon.config import CentralPart, LineConfig, load_config
from stations.runner import LineRunner
from stations.workflow.turn import Place
from storage.changes import SystemClock
from storage.errors import CentralAway, CentralUnfit
from storage.records import Batch
from storage.records.seeds import seed_records
from storage.sqlite import Readers, Writer
from storage.sync.visit import Books
from tests.daemon.control.bench import NoTester, now

SITE = "TEST"


def config(folder: Path, *, site: str = SITE, store: str = "line.db", **central: object) -> LineConfig:
    """Describe a line without devices, whose `[central]` says so."""
    stations = [{"number": number, "screen": True} for number in (1, 2, 3, 4)]
    return LineConfig.model_validate({
        "site": site, "line": 1, "store": {"path": folder / store}, "control": {"socket": folder / "line.sock"},
        "station": stations, "central": central,
    })  # fmt: skip


def kept(folder: Path, dsn: str) -> Path:
    file = folder / "central.dsn"
    file.write_text(dsn)
    return file


@dataclass(slots=True)
class Tied:
    """A line's tie, while its store is open and it exchanges."""

    central: Central
    task: asyncio.Task[None]

    async def until(self, fits: Callable[[Central], bool]) -> None:
        async with asyncio.timeout(60):
            while not fits(self.central):
                assert not self.task.done(), self.task.exception()
                await asyncio.sleep(0.02)


@asynccontextmanager
async def tied(told: LineConfig) -> AsyncIterator[Tied]:
    assert told.central is not None
    writer = await Writer.open(told.store.path, site=told.site, line_number=1)
    readers = Readers(told.store.path)
    await writer.write(Batch(seed_records(told.site, now())))
    runner = LineRunner(writer, readers, Place(told.site, 1), NoTester(), ids=uuid7, now=now)
    await runner.start()
    central = Central(told, told.central, lambda: None)
    task = asyncio.create_task(central.run(runner, Books(writer, readers, SystemClock())))
    try:
        yield Tied(central, task)
    finally:
        task.cancel()
        await asyncio.wait([task])
        await readers.close()
        await writer.close()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daemon.central.exchange._LOOK_AGAIN_S", 0.05)


@pytest.mark.usefixtures("quick")
async def test_an_address_that_cannot_be_read_stops_no_line_and_is_read_again_until_it_can(
    tmp_path: Path, migrated_dsn: str
) -> None:
    file = tmp_path / "central.dsn"
    async with tied(config(tmp_path, dsn_file=file)) as it:
        for text, words in ((None, "cannot be read: "), ("", "is empty"), ("hello world", "address of the central")):
            if text is not None:
                file.write_text(text)
            await it.until(lambda central, words=words: words in central.status.trouble)  # type: ignore[misc]
            assert not it.central.status.connected
            assert it.central.status.todo
            assert (await it.central.backlog()).waiting > 0
            with pytest.raises(CentralAway, match="address of the central server"):
                await it.central.retry([1])
        file.write_text(migrated_dsn)
        await it.until(lambda central: central.status.connected)
        assert await it.central.drained(30)
        assert (await it.central.backlog()).waiting == 0


async def test_a_line_of_another_site_takes_no_lease(tmp_path: Path, migrated_dsn: str) -> None:
    await refuse_second_daemon(config(tmp_path, site="OTHER", dsn_file=kept(tmp_path, migrated_dsn)))
    with psycopg.connect(migrated_dsn) as server:
        assert server.execute("SELECT count(*) FROM sunline.line_leases").fetchone() == (0,)


async def test_a_second_daemon_of_a_line_is_refused_and_told_which_to_stop(tmp_path: Path, migrated_dsn: str) -> None:
    file = kept(tmp_path, migrated_dsn)
    await refuse_second_daemon(config(tmp_path, dsn_file=file))
    await refuse_second_daemon(config(tmp_path, dsn_file=file))  # the same one, started again
    with pytest.raises(LineTaken, match="already run by the daemon on") as refused:
        await refuse_second_daemon(config(tmp_path, store="other.db", dsn_file=file))
    assert "Stop the daemon on" in refused.value.todo


async def test_before_the_store_is_open_nothing_is_known_and_that_is_said(tmp_path: Path) -> None:
    told = config(tmp_path, dsn="host=127.0.0.1")
    assert told.central is not None
    central = Central(told, told.central, lambda: None)
    assert not central.status.connected
    with pytest.raises(CentralAway, match="not begun"):
        await central.backlog()
    assert central.redis is None


@pytest.mark.parametrize("dsn", ["postgresql://ada:secret@db/sunline", "host=db password=secret"])
def test_no_password_stands_in_a_lines_file(tmp_path: Path, dsn: str) -> None:
    with pytest.raises(ValueError, match="a password does not belong in this file"):
        config(tmp_path, dsn=dsn)


def test_wrong_files_are_named_and_open_secrets_pointed_at(tmp_path: Path) -> None:
    file, password = tmp_path / "central.dsn", tmp_path / "redis.password"
    told = config(tmp_path, dsn_file=file, redis="redis://127.0.0.1:1", redis_password_file=password).central
    missing = central_faults(told)
    assert [fault.split(":")[0] for fault in missing] == ["central.dsn_file", "central.redis_password_file"]
    file.write_text("host=127.0.0.1 port=1 password=secret")
    password.write_text("secret")
    for path in (file, password):
        path.chmod(0o600)
    assert (central_faults(told), central_notes(told)) == ((), ())  # nobody answers there: no fault of the file
    file.chmod(0o644)
    (note,) = central_notes(told)
    assert note == f"{file} can be read by everybody on this PC. Run: chmod o= {file}"
    file.write_text("hello world")
    (fault,) = central_faults(told)
    assert "host=... dbname=..." in fault
    assert (central_faults(None), central_notes(None)) == ((), ())


def test_the_shipped_example_shows_a_section_that_works(tmp_path: Path) -> None:
    text = (Path(__file__).parents[3] / "systemd" / "line1.toml").read_text("utf-8")
    before, section = text.split("# [central]\n")
    told = [line.removeprefix("# ") for line in section.splitlines()]
    file = tmp_path / "line1.toml"
    file.write_text("\n".join((before, "[central]", *told)), encoding="utf-8")
    part = load_config(file, environment={}).central
    assert part is not None
    assert part.dsn_file == Path("%d/central.dsn")
    assert part.redis is not None


def test_a_credential_of_the_service_is_found_in_it_and_no_fault_outside_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def part() -> CentralPart:
        told = config(tmp_path, dsn_file="%d/central.dsn", redis="redis://db", redis_password_file="%d/r").central
        assert told is not None
        return told

    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    assert central_faults(part()) == ()
    assert central_notes(part()) == (
        "%d/central.dsn can only be seen by the service: it was not looked at.",
        "%d/r can only be seen by the service: it was not looked at.",
    )
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert [fault.split(":")[0] for fault in central_faults(part())] == [
        "central.dsn_file",
        "central.redis_password_file",
    ]
    kept(tmp_path, "host=db.plant user=line1").chmod(0o600)
    assert dsn_of(part()) == "host=db.plant user=line1"
    assert part().redis_password_file == tmp_path / "r"


def test_secrets_are_in_no_message(tmp_path: Path) -> None:
    file = tmp_path / "central.dsn"
    file.write_text("password=secret nonsense")
    told = config(tmp_path, dsn_file=file)
    assert told.central is not None
    with pytest.raises(CentralUnfit) as unfit:
        dsn_of(told.central)
    assert "secret" not in f"{unfit.value} {unfit.value.todo} {unfit.value.__cause__}"
