"""What a stretch of a line's change log adds to an export: what changed there, and what that belongs to."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daemon.control.calls import Call
from daemon.control.exporting import Taking
from storage.export import ExportList, Scope
from storage.export.rendering import SHEETS
from storage.records import Batch, FlashRuling, Hold, Order, Override, Pallet, PanelStatus, StationResult, Verdict
from storage.sqlite import Store, View
from tests.storage.exporting.plant import EVER, Plant, plant
from tests.storage.exporting.test_both import records
from tests.storage.samples import open_store

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a call needs of a line: reads, one after the other."""

    view: View

    @property
    def runner(self) -> "Reading":
        return self

    async def read(self, read: Callable[[View], T]) -> T:
        return read(self.view)


@pytest.fixture(scope="module")
def small() -> Plant:
    return plant(seed=3, panels=25)


@pytest.fixture(scope="module")
def path(small: Plant, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stretch")
    store = open_store(folder / "line.db")
    for record in small.records:
        store.write(Batch((record,)))
    store.close()
    return folder / "line.db"


@pytest.fixture
def store(path: Path) -> Generator[Store, None, None]:
    store = open_store(path)
    yield store
    store.close()


async def _taken(view: View, scope: Scope) -> dict[str, list[str]]:
    """Take every list of a stretch: the uuids of its rows."""
    taking = await Taking.begin(Call(Reading(view), None), scope)  # type: ignore[arg-type]
    found = {}
    for of in ExportList:
        table = "".join([piece.csv async for piece in taking.pieces(of, "")])
        key = {ExportList.FAILED: "panel_id", ExportList.COSMETIC: "result_id"}.get(of, "id")
        found[of.value] = [row[key] for row in records(of, table)]
    counts = await taking.counts()
    assert all(counts[of] == len(found[of]) for of in (ExportList.ORDERS, ExportList.PANELS, ExportList.PALLETS))
    assert any(counts.values()) == any(found.values())
    sheets = [piece.count async for piece in taking.pieces(SHEETS, "")]
    assert sum(sheets) == len(found[ExportList.PALLETS])
    return found


def _said_otherwise(small: Plant, changed: set[UUID]) -> set[UUID]:
    """Name the pallets whose sheet says something else now: a panel put on or taken off, a hold, a late value."""
    made = small.made
    moved = {one.pallet_panel_uuid for one in made.removed if one.uuid in changed} | changed
    about: set[UUID | None] = {
        one.subject_uuid for one in small.others if isinstance(one, Hold) and one.uuid in changed
    }
    about |= {one.panel_uuid for one in small.others if isinstance(one, FlashRuling) and one.uuid in changed}
    return {one.pallet_uuid for one in made.placed if one.uuid in moved or one.panel_uuid in about}


def _wanted(small: Plant, view: View, after: int, upto: int) -> dict[str, set[str]]:
    made = small.made
    changed = {one.uuid for one in view.changes_after(after, upto - after)}
    results = [one for one in made.results if one.uuid in changed]
    panels = {one.uuid for one in made.panels if one.uuid in changed} | {one.panel_uuid for one in results}
    panels |= {one.panel_uuid for one in small.others if isinstance(one, Override) and one.uuid in changed}
    gone = {one.pallet_panel_uuid for one in made.removed}
    carrying = {one.pallet_uuid for one in made.placed if one.uuid not in gone and one.panel_uuid in panels}
    pallets = {one.uuid for one in made.pallets if one.uuid in changed} | carrying | _said_otherwise(small, changed)
    orders = {one.uuid for one in made.orders if one.uuid in changed}
    orders |= {one.order_uuid for one in made.panels if one.uuid in panels}
    orders |= {one.order_uuid for one in made.pallets if one.uuid in pallets}
    back = {one.supersedes for one in made.results}
    cosmetic = {one.uuid for one in results if one.result is Verdict.COSMETIC and one.uuid not in back}
    failed = {one.uuid for one in made.panels if one.uuid in panels and one.status is PanelStatus.FAILED}
    found = (orders, panels, {one.uuid for one in results}, pallets, failed, cosmetic)
    return {of.value: set(map(str, uuids)) for of, uuids in zip(ExportList, found, strict=True)}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shares=st.tuples(st.integers(0, 1_000), st.integers(0, 1_000)))
async def test_a_stretch_holds_what_changed_and_what_that_belongs_to(
    store: Store, small: Plant, shares: tuple[int, int]
) -> None:
    last = store.view.last_seq()
    after, upto = (1 + (last - 1) * share // 1_000 for share in sorted(shares))
    scope = Scope(since=EVER.since, until=EVER.until, after_seq=after, upto_seq=upto)
    found = await _taken(store.view, scope)
    assert all(len(set(uuids)) == len(uuids) for uuids in found.values())
    assert {of: set(uuids) for of, uuids in found.items()} == _wanted(small, store.view, after, upto)


async def test_an_export_and_what_is_added_later_are_together_everything(store: Store, small: Plant) -> None:
    last = store.view.last_seq()
    whole = await _taken(store.view, Scope(since=EVER.since, until=EVER.until, upto_seq=last))
    for middle in (last // 3, last // 2, last - 1):
        first = await _taken(store.view, Scope(since=EVER.since, until=EVER.until, upto_seq=middle))
        then = await _taken(store.view, Scope(since=EVER.since, until=EVER.until, after_seq=middle, upto_seq=last))
        for of in ExportList:
            assert set(first[of]) | set(then[of]) == set(whole[of])
        assert not set(first[ExportList.RESULTS]) & set(then[ExportList.RESULTS])


async def test_what_is_stored_after_the_last_change_is_not_in(path: Path, small: Plant, tmp_path: Path) -> None:
    """A result is bounded by the log, and what its row names is there."""
    store = open_store(tmp_path / "line.db")
    try:
        for record in small.records:
            store.write(Batch((record,)))
            if isinstance(record, StationResult | Order | Pallet):
                upto = store.view.last_seq()
                scope = Scope(since=EVER.since, until=EVER.until, upto_seq=upto)
                if isinstance(record, StationResult) and upto % 7 == 0:
                    found = await _taken(store.view, scope)
                    known = {UUID(one) for one in found[ExportList.RESULTS]}
                    assert record.uuid in known
                    assert len(known) == sum(one.kind == "station_result" for one in store.view.changes_after(0, upto))
    finally:
        store.close()
