import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.daemon.control.bench import Bench, bench

if TYPE_CHECKING:
    from tests.daemon.cli.conftest import Cli, Ended

NEXT_MONTH = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}"
SERIAL = "CRS25WT6000001"
ENTRY = ("327.6", "41.0", "10.19", "34.1", "9.607")
CODES = {".": "SL-POINT"}


class Person:
    """Somebody at the line computer, working by the command line alone."""

    def __init__(self, cli: "Cli", line: Bench) -> None:
        self._cli, self._line = cli, line

    async def tries(self, *words: str) -> "Ended":
        return await asyncio.to_thread(self._cli, *words, socket=self._line.path)

    async def does(self, *words: str) -> str:
        done = await self.tries(*words)
        assert (done.status, done.err) == (0, ""), (words, done)
        return done.out

    async def gets(self, *words: str) -> Any:  # noqa: ANN401 -- JSON
        return json.loads(await self.does(*words, "--json"))

    async def builds(self, token: str) -> None:
        for station in (1, 2, 3, 4):
            for text in (f"SL-U-{token}", SERIAL, *(_entry() if station == 4 else ()), "SL-PASS"):
                await self.does("scan", str(station), text)


def _entry() -> list[str]:
    values = [[*(CODES.get(one, f"SL-N-{one}") for one in value), "SL-ENTER"] for value in ENTRY]
    return ["SL-MANUAL", *(code for value in values for code in value)]


async def test_shift(cli: "Cli", tmp_path: Path) -> None:
    """The first admin, an order, a panel through four stations, its pallet and papers: all by the command line."""
    async with bench(tmp_path) as line:
        root = Person(cli, line)
        assert (await root.tries("order", "list")).status == 0
        assert (await root.tries("order", "create", "MO-1", "60", "3")).status == 5
        boss = await root.gets("user", "add", "boss", "admin", "--os-user", "root", "--badge")
        await root.does("order", "create", "MO-1", "60", "3", "--pmax-min-w", "320")
        assert (await root.tries("order", "create", "MO-1", "60", "3")).status == 1
        assert (await root.tries("order", "create", "MO-2", "60", "-3")).status == 2
        await root.does("rule", "set", "beijing_delicacy_laser_enabled", "false")
        assert (await root.tries("scan", "1", SERIAL)).status == 1
        await root.builds(boss["badge_token"])
        history = await root.does("panel", "show", SERIAL)
        assert "Station 4: PASS by boss" in history
        assert "Pmax 327.6 W" in history
        order = await root.does("order", "show", "MO-1")
        assert "1 completed" in order
        number = (await root.gets("pallet", "list"))["rows"][0]["pallet_number"]
        await root.does("pallet", "close", number)
        await root.does("pallet", "show", number, "--pdf", str(tmp_path / "p.pdf"), "--html", str(tmp_path / "p.html"))
        assert "327.6" in (tmp_path / "p.html").read_text("utf-8")
        await root.does("sheet", "--html", str(tmp_path / "s.html"))
        assert "Glass Placement" in (tmp_path / "s.html").read_text("utf-8")


async def test_office(cli: "Cli", tmp_path: Path) -> None:
    """Everything else a supervisor asks or decides is understood by the daemon."""
    async with bench(tmp_path) as line:
        root = Person(cli, line)
        boss = await root.gets("user", "add", "boss", "admin", "--os-user", "root", "--badge")
        await root.does("order", "create", "MO-1", "60", "3")
        await root.does("scan", "1", f"SL-U-{boss['badge_token']}")
        await root.does("scan", "1", SERIAL)
        await root.does("scan", "1", "SL-PASS")
        for words in (
            ("status",), ("user", "list"), ("panel", "list", "--status", "in_production", "--station", "2"),
            ("panel", "search", "seen", "--since", "2026-01-01"), ("panel", "failed"), ("panel", "cosmetic"),
            ("panel", "results", "--result", "PASS"),
            ("panel", "note", SERIAL, "seen"), ("panel", "move", SERIAL, "3", "--reason", "test"),
            ("hold", "raise", SERIAL, "--reason", "test"), ("hold", "list"),
            ("hold", "release", SERIAL, "--reason", "ok"),
            ("panel", "undo", SERIAL, "--reason", "test"), ("panel", "scrap", SERIAL, "--reason", "test"),
            ("order", "choose", "60", "MO-1"), ("order", "choose", "60"),
            ("order", "resize", "MO-1", "5", "--reason", "x"),
            ("order", "cancel", "MO-1", "--reason", "x"), ("order", "reopen", "MO-1", "--reason", "x"),
            ("order", "list", "--status", "active"), ("criterion", "list", "--station", "1"),
            ("criterion", "add", "label", "1", "Label", "9"), ("criterion", "set", "label", "--name", "Label straight"),
            ("criterion", "set", "label", "--only-line", "1"),
            ("criterion", "set", "label", "--every-line", "--inactive"),
            ("rule", "list"), ("rule", "set", "default_pallet_size", "30"), ("flash", "tray"), ("waiver", "list"),
            ("waiver", "grant", "fill_factor_usual", "60", "--until", NEXT_MONTH, "--reason", "x"),
            ("user", "add", "otto", "operator", "--station", "1"), ("user", "set", "otto", "--anywhere", "--inactive"),
            ("user", "set", "otto", "--active"), ("user", "badge", "otto"), ("pallet", "list"), ("device", "list"),
            ("station", "1", "--json"),
        ):  # fmt: skip
            assert await root.does(*words)
        refused = ("panel", "show", "NONE"), ("pallet", "show", "P"), ("flash", "show", boss["uuid"])
        for words in refused:
            assert (await root.tries(*words, "--json")).status == 1
        for words in ("station", "9", "--json"), ("criterion", "list", "--station", "9"), ("flash", "show", "xyz"):
            assert (await root.tries(*words)).status == 2
