"""One bad row never holds up the others, and nothing goes without what it needs."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.changes import Change
from storage.errors import CentralAway, RowsRefused
from storage.records import CriterionResult, Mark, Panel, Record, StationResult, Verdict
from storage.sync.sender import send
from storage.sync.units import needs, units
from tests.storage.sync.changes import START, change, uuid


def panel(number: int) -> Panel:
    return Panel(
        uuid=uuid(f"panel {number}"), serial_number=f"CRS25WT60{number:05}", order_uuid=uuid("order"), mo_number="MO",
        panel_type="60", frame_type="W", backsheet_type="T", year=2025, line_number=1, created_at=START,
    )  # fmt: skip


def result(number: int, of: int) -> tuple[Record, ...]:
    it = StationResult(
        uuid=uuid(f"result {number}"), panel_uuid=uuid(f"panel {of}"), station_number=1, operator_uuid=uuid("op"),
        result=Verdict.PASS, attempt=1, created_at=START,
    )  # fmt: skip
    marks = (
        CriterionResult(
            uuid=uuid(f"mark {number} {n}"), station_result_uuid=it.uuid, criterion_uuid=uuid(f"criterion {n}"),
            result=Mark.PASS, created_at=START,
        )
        for n in range(3)
    )  # fmt: skip
    return (it, *marks)


def log(panels: int, results: Sequence[int]) -> list[Change]:
    records: list[Record] = [panel(number) for number in range(panels)]
    for number, of in enumerate(results):
        records += result(number, of % panels)
    return [change(record, seq) for seq, record in enumerate(records, 1)]


class Server:
    """Takes what is not poison and whose needs it holds; notes the order."""

    def __init__(self, poison: set[UUID], held: set[UUID]) -> None:
        self.poison = poison
        self.stored: list[Change] = []
        self.held = held

    async def upload(self, changes: Sequence[Change]) -> None:
        mine = {one.uuid for one in changes}
        for one in changes:
            assert set(needs(one)) <= self.held | mine, "sent before what it needs"
        if self.poison & mine:
            raise RowsRefused("poison", sqlstate="22P05")
        self.stored += changes
        self.held |= mine


GIVEN = {uuid("order"), uuid("op"), *(uuid(f"criterion {n}") for n in range(3))}


@given(
    panels=st.integers(1, 5),
    results=st.lists(st.integers(0, 4), max_size=12),
    poison=st.sets(st.integers(0, 60), max_size=8),
)
async def test_everything_but_poison_and_what_needs_it_goes_up_once_and_in_order(
    panels: int, results: list[int], poison: set[int]
) -> None:
    changes = log(panels, results)
    bad = {one.uuid for one in changes if one.seq in poison}
    server = Server(bad, set(GIVEN))
    refused = await send(changes, frozenset(), server.upload)
    parked = {one.change.uuid for one in refused}
    assert sorted([*(one.seq for one in server.stored), *(one.change.seq for one in refused)]) == [
        one.seq for one in changes
    ]
    assert [one.seq for one in server.stored] == sorted(one.seq for one in server.stored)
    assert bad <= parked
    for unit in units(changes):
        innocent = not any(one.uuid in bad or set(needs(one)) & parked for one in unit)
        assert innocent == all(one in server.stored for one in unit)
    assert all(one.because_of in parked for one in refused if one.change.uuid not in bad and one.sqlstate is None)


async def test_what_needs_something_parked_before_is_parked_too() -> None:
    changes = log(2, [0, 1])
    server = Server(set(), GIVEN | {uuid("panel 1")})
    refused = await send(changes[2:], frozenset({uuid("panel 0")}), server.upload)
    assert {one.because_of for one in refused} == {uuid("panel 0")}
    assert [one.seq for one in server.stored] == [7, 8, 9, 10]


async def test_a_later_version_of_a_parked_thing_is_tried_for_itself() -> None:
    server = Server(set(), set(GIVEN))
    assert await send([change(panel(0), 9)], frozenset({uuid("panel 0")}), server.upload) == []


async def test_a_server_that_goes_away_is_not_a_refusal() -> None:
    async def upload(_: Sequence[Change]) -> None:
        raise CentralAway("gone")

    with pytest.raises(CentralAway):
        await send(log(1, [0]), frozenset(), upload)
