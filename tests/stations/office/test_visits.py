import json
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stations.office.outcome import Refused
from stations.office.sticks import RevokeStick, enrol_stick, revoke_stick
from stations.office.visits import (
    MOST_FILES,
    BeginExport,
    Given,
    Next,
    ReportVisit,
    Span,
    WrittenFile,
    begin_export,
    checked_file,
    clean,
    next_export,
    report_visit,
)
from storage.records import Stick, StickExport, StickOutcome, Takes
from tests.stations.office.shop import START, Shop
from tests.stations.office.test_sticks import BLUE

STORE = UUID(int=5)
SPAN = Span(
    log_store=STORE, upto_seq=100, since=START, until=START + timedelta(days=1), first_day="2025-06-02",
    last_day="2025-06-02",
)  # fmt: skip
FILE = WrittenFile("sunline-IN-line1/export.json", 12, "a" * 64)
STICK = Stick(
    uuid=uuid4(), name="BLUE", usb_serial="4C53", vendor_id="0781", product_id="5581", volume_id="1234-ABCD",
    enrolled_by=uuid4(), created_at=START,
)  # fmt: skip


def exported(after: int, upto: int, *, complete: bool, **more: object) -> Given:
    export = StickExport(
        uuid=uuid4(), stick_uuid=STICK.uuid, log_store=STORE, after_seq=after, upto_seq=upto, since=START, until=START,
        first_day="", last_day="", takes=Takes.EVERYTHING, exported_by=STICK.enrolled_by, created_at=START,
    )  # fmt: skip
    return Given(replace(export, **more), complete)  # type: ignore[arg-type]


def enrolled(shop: Shop) -> Stick:
    return shop.get(enrol_stick, BLUE, "ada")


def begun(shop: Shop, stick: Stick, after_seq: int = 0) -> StickExport:
    return shop.get(begin_export, BeginExport(stick_uuid=stick.uuid, after_seq=after_seq, span=SPAN), "sunline")


def visit(stick: Stick | None, export: StickExport | None, outcome: StickOutcome, **more: object) -> ReportVisit:
    asked = ReportVisit(
        stick_uuid=stick.uuid if stick else None, export_uuid=export.uuid if export else None, device="SanDisk Ultra",
        outcome=outcome, message="Said.",
    )  # fmt: skip
    return replace(asked, **more)  # type: ignore[arg-type]


def test_a_new_stick_gets_everything_and_then_what_is_new() -> None:
    assert next_export([], STICK, full=False) == Next(0)
    assert next_export([exported(0, 100, complete=True)], STICK, full=False) == Next(100)
    assert next_export([exported(0, 100, complete=True)], STICK, full=True) == Next(0)
    assert next_export([exported(0, 100, complete=True)], replace(STICK, always_full=True), full=False) == Next(0)


def test_an_export_that_was_broken_off_is_gone_on_with() -> None:
    broken = exported(100, 200, complete=False)
    before = exported(0, 100, complete=True)
    assert next_export([broken, before], STICK, full=False) == Next(100, broken.export)
    assert next_export([broken, before], STICK, full=True) == Next(0), "everything is wanted, not a part of it"
    whole = exported(0, 200, complete=False)
    assert next_export([whole, before], STICK, full=True) == Next(0, whole.export)


def test_an_older_broken_export_is_covered_by_a_newer_complete_one() -> None:
    assert next_export([exported(0, 300, complete=True), exported(0, 200, complete=False)], STICK, full=False) == Next(
        300
    )


def test_what_a_stick_got_in_another_form_or_for_another_recipient_is_not_what_it_is_to_have() -> None:
    given = [exported(0, 100, complete=True, takes=Takes.SHEETS), exported(0, 50, complete=True, recipient="age1old")]
    assert next_export(given, STICK, full=False) == Next(0)
    broken = [exported(0, 100, complete=False, recipient="age1old")]
    assert next_export(broken, replace(STICK, recipient="age1new"), full=False) == Next(0)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50), st.booleans()), max_size=8), st.booleans())
def test_whatever_was_given_before_nothing_is_left_out(rows: list[tuple[int, int, bool]], full: bool) -> None:
    given = [exported(after, after + more, complete=complete) for after, more, complete in rows]
    chosen = next_export(given, STICK, full=full)
    covered = max((one.export.upto_seq for one in given if one.complete), default=0)
    if chosen.resumed is None:
        assert chosen.after_seq <= covered
    assert chosen.after_seq == 0 or any(
        chosen.after_seq == (one.export.after_seq if chosen.resumed else one.export.upto_seq) for one in given
    )


def test_only_a_stick_that_is_enrolled_and_not_revoked_gets_anything(shop: Shop) -> None:
    stick = enrolled(shop)
    export = begun(shop, stick)
    assert (export.log_store, export.upto_seq, export.exported_by) == (STORE, 100, stick.enrolled_by)
    assert shop.no(begin_export, BeginExport(stick_uuid=uuid4(), after_seq=0, span=SPAN)).code == "not_found"
    shop.get(revoke_stick, RevokeStick(stick="BLUE", reason="lost"), "ada")
    assert "revoked" in shop.no(begin_export, BeginExport(stick_uuid=stick.uuid, after_seq=0, span=SPAN)).message


def test_a_visit_completes_an_export_or_leaves_it_to_the_next_one(shop: Shop) -> None:
    stick = enrolled(shop)
    export = begun(shop, stick)
    assert shop.view.sticks.exports(stick.uuid, STORE) == ((export, False),)
    shop.get(report_visit, visit(stick, export, StickOutcome.PULLED_EARLY, files=(FILE,)), "sunline")
    assert shop.view.sticks.exports(stick.uuid, STORE) == ((export, False),)
    shop.get(report_visit, visit(stick, export, StickOutcome.EXPORTED), "sunline")
    assert shop.view.sticks.exports(stick.uuid, STORE) == ((export, True),)
    assert shop.view.sticks.exports(stick.uuid, uuid4()) == (), "another store's sequence numbers mean something else"
    first, second = shop.view.sticks.visits_of(export.uuid)
    assert json.loads(first.files) == [{"name": FILE.name, "bytes": 12, "sha256": FILE.sha256}]
    assert shop.view.sticks.last_visits() == (second,)


def test_a_visit_that_is_told_twice_is_kept_once(shop: Shop) -> None:
    stick = enrolled(shop)
    export = begun(shop, stick)
    told = visit(stick, export, StickOutcome.EXPORTED, uuid=uuid4())
    assert shop.get(report_visit, told, "sunline") == shop.get(report_visit, told, "sunline")
    assert [one.uuid for one in shop.view.sticks.visits_of(export.uuid)] == [told.uuid]


def test_finding_nothing_new_completes_too(shop: Shop) -> None:
    stick = enrolled(shop)
    export = begun(shop, stick)
    shop.get(report_visit, visit(stick, export, StickOutcome.NOTHING_NEW), "sunline")
    assert shop.view.sticks.exports(stick.uuid, STORE) == ((export, True),)


def test_a_stick_nobody_enrolled_leaves_its_visit_and_its_words_in_one_line(shop: Shop) -> None:
    hostile = "Free\x1b[2J\nMoney\0 \ud800" + "x" * 900
    made = shop.get(
        report_visit, visit(None, None, StickOutcome.NOT_ENROLLED, device=hostile, message=hostile), "sunline-usb"
    )
    assert (made.stick_uuid, made.outcome) == (None, StickOutcome.NOT_ENROLLED)
    assert made.device.isprintable()
    assert len(made.device) <= 200
    assert len(made.message) <= 500
    assert shop.view.sticks.visits(5) == (made,)
    assert shop.view.sticks.last_visits() == ()


def test_a_visit_that_names_what_is_not_here_is_refused(shop: Shop) -> None:
    stick, other = enrolled(shop), shop.get(enrol_stick, replace(BLUE, usb_serial="4C539", name="RED"), "ada")
    export = begun(shop, stick)
    exported = StickOutcome.EXPORTED
    assert shop.no(report_visit, visit(STICK, None, StickOutcome.FULL)).code == "not_found"
    assert shop.no(report_visit, visit(other, export, exported)).code == "not_found"
    assert shop.no(report_visit, visit(stick, None, exported)).code == "invalid"
    assert shop.no(report_visit, visit(stick, None, exported, export_uuid=uuid4())).code == "not_found"


def test_a_visit_keeps_no_more_files_than_are_useful(shop: Shop) -> None:
    stick = enrolled(shop)
    export = begun(shop, stick)
    many = tuple(replace(FILE, name=f"pallet_sheets/{n}.pdf") for n in range(MOST_FILES + 5))
    made = shop.get(report_visit, visit(stick, export, StickOutcome.PULLED_EARLY, files=many), "sunline")
    assert len(json.loads(made.files)) == MOST_FILES


@pytest.mark.parametrize(
    ("name", "size", "digest"),
    [
        ("", 1, "a" * 64), ("/etc/passwd", 1, "a" * 64), ("a/../b", 1, "a" * 64), ("a//b", 1, "a" * 64),
        ("a/./b", 1, "a" * 64), ("a\\b", 1, "a" * 64), ("a\nb", 1, "a" * 64), ("x" * 256, 1, "a" * 64),
        ("a", -1, "a" * 64), ("a", 1, "a" * 63), ("a", 1, "A" * 64), ("a", 1, "g" * 64), ("a\0", 1, "a" * 64),
    ],
)  # fmt: skip
def test_what_no_file_of_an_export_is_is_refused(name: str, size: int, digest: str) -> None:
    with pytest.raises(Refused):
        checked_file(name, size, digest)


def test_a_file_is_taken_as_it_is() -> None:
    assert checked_file("sunline/pallet_sheets/P-1.pdf", 0, "0" * 64).name == "sunline/pallet_sheets/P-1.pdf"


@given(st.text(), st.integers(1, 60))
def test_any_text_becomes_one_line_that_prints(text: str, longest: int) -> None:
    line = clean(text, longest)
    assert len(line) <= longest
    assert line.isprintable()
    line.encode()
