"""A line and the central server answer alike: one suite, run against both."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from storage.reads import (
    BEGINNING,
    EARLIEST,
    LATEST,
    Found,
    FoundNote,
    FoundOrder,
    ListFailed,
    ListOrders,
    ListPallets,
    ListPanels,
    ListResults,
    Mark,
    OrderReport,
    Piece,
    Question,
    SearchNotes,
    words,
)
from storage.records import OrderStatus, PalletStatus, PanelStatus, Record, Verdict
from tests.storage.reads.factory import BEGAN, SAID, Factory, Model, factory
from tests.storage.reads.sides import Side

_MINUTES = st.integers(0, 60).map(lambda minutes: BEGAN + timedelta(minutes=minutes))
_SINCE: st.SearchStrategy[datetime] = st.just(EARLIEST) | _MINUTES
_UNTIL: st.SearchStrategy[datetime] = st.just(LATEST) | _MINUTES
_ORDERS = st.none() | st.sampled_from([*(f"MO-{number}" for number in range(6)), "MO-unknown"])
_STATIONS = st.none() | st.integers(1, 4)
_WORDS = st.lists(st.sampled_from(sorted({word for said in SAID for word in words(said)})), max_size=3, unique=True)


def _maybe(
    kind: type[PanelStatus] | type[Verdict] | type[OrderStatus] | type[PalletStatus],
) -> st.SearchStrategy[object]:
    return st.none() | st.sampled_from(list(kind))


QUESTIONS: st.SearchStrategy[Question] = st.one_of(
    st.builds(
        SearchNotes, words=_WORDS.map(tuple), status=_maybe(PanelStatus), order=_ORDERS, station=_STATIONS,
        since=_SINCE, until=_UNTIL,
    ),
    st.builds(ListPanels, status=_maybe(PanelStatus), order=_ORDERS, station=_STATIONS),
    st.builds(ListFailed, order=_ORDERS),
    st.builds(
        ListResults, result=_maybe(Verdict), order=_ORDERS, station=_STATIONS, standing=st.booleans(), since=_SINCE,
        until=_UNTIL,
    ),
    st.builds(ListOrders, status=_maybe(OrderStatus)),
    st.builds(ListPallets, status=_maybe(PalletStatus), order=_ORDERS),
)  # fmt: skip

_unhurried = settings(
    deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def whole(side: Side, question: Question, limit: int, after: Mark = BEGINNING) -> tuple[Found, ...]:
    """Turn the pages to the end."""
    found: list[Found] = []
    piece = Piece(limit, after)
    while True:
        page = side.ask(question, piece)
        assert len(page.rows) <= limit
        found += page.rows
        if page.after is None:
            return tuple(found)
        assert len(page.rows) == limit
        piece = replace(piece, after=page.after)


@_unhurried
@given(question=QUESTIONS, limit=st.integers(1, 40))
@example(SearchNotes(words=words("scratch")), 7)
@example(SearchNotes(words=words("lötstelle 3"), status=PanelStatus.FAILED), 2)
@example(ListResults(), 13)
@example(ListPanels(), 1)
def test_a_list_is_what_fits_newest_first_in_pieces_of_any_size(
    side: Side, model: Model, question: Question, limit: int
) -> None:
    assert whole(side, question, limit) == model.answer(question)


def test_every_word_somebody_wrote_is_found_and_no_part_of_one(side: Side, model: Model, made: Factory) -> None:
    everything = {word for one in _noted(made) for word in words(one)}
    for word in everything:
        asked = SearchNotes(words=(word,))
        assert whole(side, asked, 100) == model.answer(asked) != ()
    for unheard in ("scratc", "otstelle", "能板", "unheard"):
        assert side.ask(SearchNotes(words=words(unheard)), Piece()).rows == ()


def test_a_search_without_words_finds_nothing(side: Side) -> None:
    assert side.ask(SearchNotes(words=words(" - ")), Piece()).rows == ()


def test_a_note_written_anew_is_found_by_its_new_words_only(fresh: Side) -> None:
    made = factory(seed=2, panels=3)
    fresh.write(*made.records)
    panel = replace(made.panels[0], notes="Kante Splitter")
    for notes, there, gone in (("Kante Splitter", "splitter", "umbau"), ("Kante Umbau", "umbau", "splitter")):
        panel = replace(panel, notes=notes)
        fresh.write(panel)
        (found,) = fresh.ask(SearchNotes(words=("kante", there)), Piece()).rows
        assert isinstance(found, FoundNote)
        assert (found.notes, found.serial_number) == (notes, panel.serial_number)
        assert fresh.ask(SearchNotes(words=(gone,)), Piece()).rows == ()
    fresh.write(replace(panel, notes=None))
    assert fresh.ask(SearchNotes(words=("kante",)), Piece()).rows == ()


@pytest.mark.parametrize("question", [ListResults(), ListPanels(), SearchNotes(words=("scratch",))])
def test_what_comes_in_meanwhile_neither_doubles_nor_hides_a_row(fresh: Side, question: Question) -> None:
    made = factory(seed=3, panels=12)
    fresh.write(*made.records)
    before = whole(fresh, question, 500)
    first = fresh.ask(question, Piece(2))
    fresh.write(*_newer(made))
    assert first.after is not None
    assert (*first.rows, *whole(fresh, question, 2, first.after)) == before
    assert whole(fresh, question, 500) != before


def test_an_order_report_adds_up(side: Side, model: Model, made: Factory) -> None:
    for order in made.orders:
        report = side.report(order.mo_number)
        assert isinstance(report, OrderReport)
        assert FoundOrder(report.order, report.counts) in model.answer(ListOrders())
        assert report.order == order
        assert report.pallets == model.answer(ListPallets(order=order.mo_number))[::-1]
    assert side.report("MO-unknown") is None


def test_a_history_has_everything_recorded_of_the_panel(side: Side, made: Factory) -> None:
    for panel in made.panels:
        history = side.history(panel.serial_number)
        assert history is not None
        assert history.panel == panel
        results = {one for one in made.results if one.panel_uuid == panel.uuid}
        assert set(history.results) == results
        assert set(history.criteria) == {
            one for one in made.marks if one.station_result_uuid in {result.uuid for result in results}
        }
        placed = {one for one in made.placed if one.panel_uuid == panel.uuid}
        assert set(history.placements) == placed
        assert set(history.removals) == {
            one for one in made.removed if one.pallet_panel_uuid in {place.uuid for place in placed}
        }
    assert side.history("CRS25WT6099999") is None


def _noted(made: Factory) -> list[str]:
    notes = [one.notes for one in made.panels] + [one.notes for one in made.results] + [one.notes for one in made.marks]
    return [one for one in notes if one is not None]


def _newer(made: Factory) -> list[Record]:
    """Give results and panels like those there, a day later."""
    late = BEGAN + timedelta(days=1)
    panels = [replace(one, uuid=uuid4(), serial_number=uuid4().hex, created_at=late) for one in made.panels]
    results = [replace(one, uuid=uuid4(), supersedes=None, created_at=late) for one in made.results]
    return [*panels, *results]
