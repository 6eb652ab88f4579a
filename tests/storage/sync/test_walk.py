"""Two lines and people at the server edit the same things at random, with clocks that are hours wrong."""

import asyncio
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid5

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulators.servers import PostgresServer
from storage.changes import NOBODY, Stamp
from storage.records import (
    ConfigEntry,
    Criterion,
    Editable,
    Hold,
    HoldRelease,
    Order,
    OrderChoice,
    Override,
    Panel,
    RawScan,
    Record,
    Role,
    Stick,
    Subject,
    User,
    Waiver,
)
from storage.records.seeds import seed_records
from tests.servers.fixtures import database
from tests.storage.sync.two_lines import SITE, START, TwoLines, of, two_lines

SMALL, FULL = 10, 300

ORDER, USER, CONFIG, CRITERION = of(Order, "A"), of(User, "anna"), of(ConfigEntry, "arm_timeout_s"), UUID(int=0)
CHOICE, PANEL = of(OrderChoice, "1:60"), of(Panel, "CRS25WW6000001")
STICK = of(Stick, "0781:5581:4C53:1234-ABCD")
SERVER: Final = 0
FAR: Final = datetime(2099, 1, 1, tzinfo=UTC)
EVERYWHERE: Final = (SERVER, 1, 2)


def uuid(*name: object) -> UUID:
    return uuid5(UUID(int=9), str(name))


def first_order(at: datetime) -> Order:
    return Order(uuid=ORDER, mo_number="A", panel_type="60", line_number=1, quantity=1, created_at=at)


def first_panel(at: datetime) -> Panel:
    return Panel(
        uuid=PANEL, serial_number="CRS25WW6000001", order_uuid=ORDER, mo_number="A", panel_type="60", frame_type="W",
        backsheet_type="W", year=2025, line_number=1, created_at=at,
    )  # fmt: skip


def first_stick(at: datetime) -> Stick:
    return Stick(
        uuid=STICK, name="BLUE", usb_serial="4C53", vendor_id="0781", product_id="5581", volume_id="1234-ABCD",
        enrolled_by=USER, created_at=at,
    )  # fmt: skip


_CRITERION = next(it for it in seed_records(SITE, START) if isinstance(it, Criterion))


@dataclass(frozen=True)
class Thing:
    """One thing everybody edits: how it begins, how an edit changes it, and the same by SQL."""

    record: type[Editable]
    uuid: UUID
    first: Callable[[datetime], Editable]
    edit: Callable[[Any, int], Editable]
    update: str
    insert: str = ""
    places: tuple[int, ...] = EVERYWHERE


THINGS: Final = (
    Thing(
        Order, ORDER, first_order, lambda it, n: replace(it, quantity=n),
        "UPDATE manufacturing_orders SET quantity = %s WHERE uuid = %s",
        "INSERT INTO manufacturing_orders (quantity, uuid, mo_number, panel_type, line_number)"
        " VALUES (%s, %s, 'A', '60', 1)",
    ),
    Thing(
        User, USER, lambda at: User(uuid=USER, username="anna", role=Role.OPERATOR, created_at=at),
        lambda it, n: replace(it, station_assignment=n),
        "UPDATE users SET station_assignment = %s WHERE uuid = %s",
        "INSERT INTO users (station_assignment, uuid, username, role) VALUES (%s, %s, 'anna', 'operator')",
    ),
    Thing(
        ConfigEntry, CONFIG, lambda at: pytest.fail("it is there from the beginning"),
        lambda it, n: replace(it, config_value=str(n)),
        "UPDATE system_config SET config_value = %s WHERE uuid = %s",
    ),
    Thing(
        Criterion, _CRITERION.uuid, lambda at: pytest.fail("it is there from the beginning"),
        lambda it, n: replace(it, order_index=n), "UPDATE station_criteria SET order_index = %s WHERE uuid = %s",
    ),
    Thing(
        OrderChoice, CHOICE,
        lambda at: OrderChoice(uuid=CHOICE, line_number=1, panel_type="60", order_uuid=None, updated_at=at),
        lambda it, n: replace(it, panel_type=str(n)), "UPDATE order_choices SET panel_type = %s WHERE uuid = %s",
    ),
    Thing(
        Panel, PANEL, first_panel, lambda it, n: replace(it, notes=str(n)),
        "UPDATE panels SET notes = %s WHERE uuid = %s", places=(SERVER, 1),
    ),
    Thing(
        Stick, STICK, first_stick, lambda it, n: replace(it, recipient=str(n)),
        "UPDATE sticks SET recipient = %s WHERE uuid = %s",
    ),
)  # fmt: skip


@dataclass
class Version:
    """One version of a thing, upon which it was made, and when it really was."""

    thing: int
    stamp: Stamp
    parent: "Version | None"
    at: datetime
    value: int
    place: int = SERVER
    boot: int = 0
    ahead: timedelta = timedelta(0)
    told: bool = False
    known_time: bool = True
    override: bool = False

    def line_of_descent(self) -> Iterator["Version"]:
        it: Version | None = self
        while it is not None:
            yield it
            it = it.parent

    def __contains__(self, other: "Version") -> bool:
        """Say whether this was made knowing another."""
        return any(it is other for it in self.line_of_descent())


@dataclass
class Walk:
    """Does what it is told, and remembers what ought to come of it."""

    here: TwoLines
    versions: list[Version] = field(default_factory=list)
    known: dict[tuple[int, int], Version] = field(default_factory=dict)
    facts: dict[int, list[Record]] = field(default_factory=lambda: {1: [], 2: []})
    by_hand: list[UUID] = field(default_factory=list)
    last: int = 10

    def __post_init__(self) -> None:
        for number, thing in enumerate(THINGS):
            if thing.record in (ConfigEntry, Criterion):
                root = Version(number, Stamp(0, NOBODY), None, START - timedelta(days=9), 0)
                self.versions.append(root)
                self.known |= {(place, number): root for place in EVERYWHERE}

    def value(self, same: bool) -> int:
        self.last += not same
        return self.last

    async def edit(self, place: int, number: int, same: bool = False) -> None:
        """Somebody edits a thing, making it where it is not there."""
        thing = THINGS[number]
        if place in thing.places:
            value = self.value(same)
            await (self._by_sql(number, value) if place == SERVER else self._on_line(place, number, value))

    async def _on_line(self, place: int, number: int, value: int, *more: Record) -> None:
        thing, pc, now = THINGS[number], self.here.lines[place], self.here.time.now
        stands = await pc.thing(thing.record, thing.uuid)
        if thing.record is Panel and stands is None and await pc.thing(Order, ORDER) is None:
            await self._on_line(place, 0, self.value(False))
        await pc.write(*more, thing.edit(stands or thing.first(pc.clock().wall), value))
        made = (await pc.changes())[-1]
        version = Version(
            number, Stamp(made.hlc, made.store_id), self.known.get((place, number)), now, value, place,
            pc.clock.boots, pc.clock.ahead, override=bool(more),
        )  # fmt: skip
        self.versions.append(version)
        self.known[place, number] = version

    async def _by_sql(self, number: int, value: int) -> None:
        thing = THINGS[number]
        sql: Any = thing.update if (SERVER, number) in self.known else thing.insert
        if not sql:
            return
        self.here.server.run(sql, value, thing.uuid)
        stamp = self.here.server.things(thing.record, [thing.uuid])[thing.uuid][1]
        before = self.known.get((SERVER, number))
        if before is not None and before.stamp == stamp:
            return  # nothing was changed by it
        version = Version(number, stamp, before, self.here.time.now, value)
        self.versions.append(version)
        self.known[SERVER, number] = version

    async def override(self) -> None:
        """A supervisor of line 1 decides about the panel."""
        if (1, 5) not in self.known:
            await self.edit(1, 5)
        value = self.value(False)
        row = Override(
            uuid=uuid("override", value), panel_uuid=PANEL, action="move", station_number=2, reason="because",
            decided_by=uuid("boss"), created_at=self.here.time.now,
        )  # fmt: skip
        self.facts[1].append(row)
        await self._on_line(1, 5, value, row)

    async def fact(self, place: int) -> None:
        """Something happens on a line, or a person writes a waiver on the server."""
        at, name = self.here.time.now, uuid("fact", len(self.facts[1]), len(self.facts[2]), len(self.by_hand))
        if place == SERVER:
            self.here.server.run(
                "INSERT INTO waivers (store_id, hlc, clock_state, uuid, rule, panel_type, until, reason, granted_by,"
                " created_at) SELECT central_id, 1, 'synced', %s, 'r', '60', %s, 'x', %s, %s FROM central_meta",
                name, FAR, uuid("boss"), at,
            )  # fmt: skip
            self.by_hand.append(name)
            return
        pc = self.here.lines[place]
        scan = RawScan(uuid=name, device="s", station_number=1, raw=b"x", text="x", seen_at=pc.clock().wall)
        hold = Hold(
            uuid=uuid(name, "hold"), subject=Subject.PANEL, subject_uuid=PANEL, code="late", reason="x", created_at=at
        )
        release = HoldRelease(
            uuid=uuid(name, "end"), hold_uuid=hold.uuid, reason="x", released_by=uuid("boss"), created_at=at
        )
        waiver = Waiver(
            uuid=uuid(name, "waiver"), rule="r", panel_type="60", until=FAR, reason="x",
            granted_by=uuid("boss"), created_at=at,
        )  # fmt: skip
        rows = (scan, hold, release, waiver)[: 1 + len(self.facts[place]) % 4]
        await pc.write(*rows)
        self.facts[place] += rows

    async def meet(self, place: int, how: str) -> None:
        """A line comes and goes."""
        await self.here.meet(place, **({how: True} if how else {}))
        clock = self.here.lines[place].clock
        for version in self.versions:
            if version.place == place and not version.told:
                version.told = True
                version.known_time = version.boot == clock.boots or version.ahead == clock.ahead
        await self.look()
        await (self.learned(place) if how else self.agreed(place))

    async def learned(self, place: int) -> None:
        """A line that only sent may have been told how a thing of it ended."""
        noted = {(it.uuid, it.hlc, it.store_id) for it in await self.here.lines[place].changes()}
        for number, thing in enumerate(THINGS):
            stands = self.known.get((SERVER, number))
            if stands is not None and (thing.uuid, stands.stamp.hlc, stands.stamp.store_id) in noted:
                self.known[place, number] = stands

    async def look(self) -> None:
        """See what stands on the server."""
        for number, thing in enumerate(THINGS):
            stands = self.here.server.things(thing.record, [thing.uuid])
            if stands:
                self.known[SERVER, number] = self.named(number, stands[thing.uuid][1])

    def named(self, number: int, stamp: Stamp) -> Version:
        return next(it for it in self.versions if (it.thing, it.stamp) == (number, stamp))

    async def agreed(self, place: int) -> None:
        """A line that met the server holds what stands there."""
        for number, thing in enumerate(THINGS):
            if place in thing.places and (SERVER, number) in self.known:
                there = self.here.server.things(thing.record, [thing.uuid])[thing.uuid][0]
                assert await self.here.lines[place].thing(thing.record, thing.uuid) == there, (place, thing.record)
                self.known[place, number] = self.known[SERVER, number]

    async def check(self) -> None:
        """Let everybody meet until it is quiet, and see what came of it."""
        for place in (1, 2, 1, 2):
            await self.meet(place, "")
        await self.here.settle()
        await self.look()
        for place in (1, 2):
            await self.agreed(place)
        await self._check_facts()
        lost = self._conflicts()
        for number in range(len(THINGS)):
            self._check_versions(number, lost)

    def _conflicts(self) -> list[Version]:
        numbers = {thing.uuid: number for number, thing in enumerate(THINGS)}
        rows = self.here.server.run(
            "SELECT thing_uuid, winner_hlc, winner_store, loser_hlc, loser_store, rule FROM sync_conflicts"
        )
        lost = []
        for thing, winner_hlc, winner_store, loser_hlc, loser_store, _ in rows:
            winner = self.named(numbers[thing], Stamp(winner_hlc, winner_store))
            loser = self.named(numbers[thing], Stamp(loser_hlc, loser_store))
            assert winner not in loser, "the loser knew the winner"
            assert loser not in winner, "the winner knew the loser"
            lost.append(loser)
        return lost

    def _check_versions(self, number: int, lost: list[Version]) -> None:
        mine = [it for it in self.versions if it.thing == number]
        if not mine:
            return
        final = self.known[SERVER, number]
        heard = {(it.thing, it.value) for end in (*lost, final) for it in end.line_of_descent()}
        for version in mine:
            followed = any(version is it.parent for it in mine)
            assert followed or (number, version.value) in heard, f"lost in silence: {version}"
            assert not version.override or version in final, f"an override lost: {version}"
        newest = max(mine, key=lambda it: it.at)
        if all(it.known_time for it in mine) and not any(it.override for it in mine):
            assert final.value == newest.value, f"an older edit won: {final} {newest}"

    async def _check_facts(self) -> None:
        tables = {RawScan: "raw_scans", Hold: "holds", HoldRelease: "hold_releases", Waiver: "waivers",
                  Override: "overrides"}  # fmt: skip
        made = [*self.facts[1], *self.facts[2]]
        for record, table in tables.items():
            rows: Any = self.here.server.run(f"SELECT uuid FROM {table}")
            mine = [it.uuid for it in made if type(it) is record]
            by_hand = self.by_hand if record is Waiver else []
            assert sorted(row[0] for row in rows) == sorted([*mine, *by_hand]), table
        for pc in self.here.lines.values():
            waivers = await pc.readers.read(lambda view: view.waivers(START))
            assert {it.uuid for it in waivers} == {*self.by_hand, *(it.uuid for it in made if type(it) is Waiver)}
            logged = [it.uuid for it in await pc.changes() if type(it.record()) in tables]
            assert len(logged) == len(set(logged)), "a fact stands twice in the log"


PLACES = st.sampled_from(EVERYWHERE)
LINES = st.sampled_from((1, 2))
Step = tuple[str, tuple[Any, ...]]
STEPS: Final = st.lists(
    st.one_of(
        st.tuples(st.just("edit"), st.tuples(PLACES, st.integers(0, len(THINGS) - 1), st.just(False))),
        st.tuples(st.just("edit"), st.tuples(PLACES, st.sampled_from((0, 5)), st.sampled_from((False,) * 3 + (True,)))),
        st.tuples(st.just("meet"), st.tuples(LINES, st.sampled_from(("", "", "up_only", "unheard")))),
        st.tuples(st.just("override"), st.tuples()),
        st.tuples(st.just("fact"), st.tuples(PLACES)),
        st.tuples(st.just("set_clock"), st.tuples(LINES, st.sampled_from((-30.0, -3.0, 0.0, 0.2, 4.0, 300.0)))),
        st.tuples(st.just("reboot"), st.tuples(LINES)),
        st.tuples(st.just("rebuild"), st.tuples(LINES)),
        st.tuples(st.just("restart"), st.tuples(LINES)),
    ),
    min_size=20,  # left to itself, a walk is too short for two places to edit one thing unaware
    max_size=40,
)  # fmt: skip


async def do(walk: Walk, step: str, values: tuple[Any, ...]) -> None:
    lines = walk.here.lines
    walk.here.time.pass_by(1.0)
    match step, values:
        case "set_clock", (line, hours):
            lines[line].clock.ahead = timedelta(hours=hours)
        case "reboot", (line,):
            lines[line].clock.reboot()
            await lines[line].restart()
        case "rebuild", (line,):
            await lines[line].rebuild()
        case "restart", (line,):
            await lines[line].restart()
        case _:
            await getattr(walk, step)(*values)


async def walked(dsn: str, steps: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with two_lines(Path(folder), dsn) as here:
            walk = Walk(here)
            for step, values in steps:
                await do(walk, step, values)
            await walk.check()


@pytest.mark.parametrize("walks", [SMALL, pytest.param(FULL, marks=[pytest.mark.faults, pytest.mark.timeout(3600)])])
def test_two_lines_and_the_server_come_to_the_same_and_lose_nothing_in_silence(
    postgres: PostgresServer, migrated: str, walks: int
) -> None:
    @settings(
        max_examples=walks, deadline=None, derandomize=walks == SMALL, print_blob=True,
        suppress_health_check=list(HealthCheck), database=None,
    )  # fmt: skip
    @given(STEPS)
    def walk(steps: list[Step]) -> None:
        with database(postgres, migrated) as name:
            asyncio.run(walked(postgres.dsn(dbname=name), steps))

    walk()
