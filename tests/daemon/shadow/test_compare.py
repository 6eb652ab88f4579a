"""Exactly what differs is reported: a perfect paper gives nothing, a spoilt one what was spoilt and nothing else."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.shadow.causes import TABLE, WORDS, Cause, Kind
from daemon.shadow.compare import compare
from daemon.shadow.report import Explained, Period, Report, Right, report
from daemon.shadow.sides import LinePanel
from storage.records import Verdict
from tests.daemon.shadow.plant import (
    CAME,
    SPOILS,
    START,
    Cells,
    Paper,
    Spoil,
    cells_of,
    examples,
    found,
    lines,
    panel,
    sides,
)

P, F, B = Verdict.PASS, Verdict.FAIL, Verdict.COSMETIC
SPOILING = st.lists(st.tuples(st.sampled_from(SPOILS), st.integers(0, 99)), max_size=12)


def line_of(*courses: list[list[Verdict]], pallet: str = "") -> dict[str, LinePanel]:
    panels = [panel(number, course, pallet) for number, course in enumerate(courses)]
    return {one.serial: one for one in panels}


def all_of(line: dict[str, LinePanel]) -> list[Cells]:
    return [row for one in line.values() for row in cells_of(one)]


def causes(line: dict[str, LinePanel], rows: list[Cells]) -> list[Cause]:
    return [one.cause for one in compare(sides(line, rows)).differences]


def totals(line: dict[str, LinePanel], rows: list[Cells], explained: tuple[str, ...] = ()) -> Report:
    both = sides(line, rows)
    why = Explained(Right.LINE, "seen", "ada", CAME)
    return report(both, compare(both), dict.fromkeys(explained, why), Period())


@examples(25)
@given(lines())
def test_a_perfect_paper_gives_no_difference(line: dict[str, LinePanel]) -> None:
    of = totals(line, all_of(line))
    assert of.differences == ()
    assert (of.compared, of.agreeing, of.without_paper) == (len(line), len(line), ())
    assert all(one.share in (None, 100.0) for one in of.stations)


@examples(60)
@given(lines(), SPOILING)
def test_what_was_spoilt_is_reported_and_nothing_else(
    line: dict[str, LinePanel], spoiling: list[tuple[Spoil, int]]
) -> None:
    paper = Paper(line)
    for serial, (spoil, at) in zip(line, spoiling, strict=False):
        spoil(paper, serial, at)
    result = compare(sides(line, paper.all_rows()))
    assert found(result.differences) == paper.expected
    assert len(result.differences) == len(paper.expected)


@examples(30)
@given(lines(), st.data())
def test_what_came_in_before_changes_nothing(line: dict[str, LinePanel], data: st.DataObject) -> None:
    """Part of the rows in one file, all of them in another: nothing counts twice."""
    rows = all_of(line)
    part = [row for row in rows if data.draw(st.booleans())]
    assert compare(sides(line, part, rows)).differences == ()


WORDS_ON_PAPER = st.fixed_dictionaries({
    "serial": st.sampled_from(["CRS26WW6010000", "CRS26WW6010137", "26WW6010137", "CRS26WW60101", "10000", "X"]),
    "station": st.sampled_from("1234"), "result": st.sampled_from(["PASS", "FAIL", "B"]),
    "time": st.sampled_from(["", "2026-11-02", "2026-11-02 09:00", "2024-02-29 23:59"]),
    "Pmax": st.sampled_from(["", "0", "250", "25"]), "pallet": st.sampled_from(["", "1", "2"]),
    "order": st.sampled_from(["", "mo-1", "MO-7"]),
})  # fmt: skip


@examples(40)
@given(lines(), st.lists(WORDS_ON_PAPER, max_size=12), st.data())
def test_whatever_the_paper_says_the_sums_are_right(
    line: dict[str, LinePanel], rows: list[Cells], data: st.DataObject
) -> None:
    ids = [one.id for one, _ in totals(line, rows).differences]
    of = totals(line, rows, tuple(one for one in ids if data.draw(st.booleans())))
    assert of.compared == of.agreeing + of.explained + of.open
    assert len(line) == of.compared + len(of.without_paper)
    assert (sum(day.panels for day in of.days), sum(day.with_paper for day in of.days)) == (len(line), of.compared)
    assert sum(day.open for day in of.days) == of.open_differences
    assert all(one.agreeing <= one.verdicts for one in of.stations)
    assert of.open_differences or not of.open
    assert of.differences or of.agreeing == of.compared


@examples(25)
@given(lines(), st.data())
def test_ids_stay_whatever_the_order_of_the_panels(line: dict[str, LinePanel], data: st.DataObject) -> None:
    paper = Paper(line)
    for serial in list(line)[:3]:
        SPOILS[2](paper, serial, 1)
    shuffled = data.draw(st.permutations(list(paper.rows.values())))
    first = compare(sides(line, paper.all_rows())).differences
    second = compare(sides(line, [row for rows in shuffled for row in rows])).differences
    assert [one.id for one in first] == [one.id for one in second]
    assert len({one.id for one in first}) == len(first)


def test_the_likely_cause_of_a_missing_verdict() -> None:
    line = line_of([[P], [F, P]])
    rows = all_of(line)
    assert causes(line, [rows[0]]) == [Cause.NOT_WRITTEN, Cause.NOT_WRITTEN]
    assert causes(line, [rows[0], rows[2]]) == [Cause.REWORK_NOT_WRITTEN]
    assert causes(line, rows[:2]) == [Cause.ATTEMPT_NOT_WRITTEN]


def test_the_likely_cause_of_a_verdict_too_many() -> None:
    line = line_of([[P], [F, P]])
    rows = all_of(line)
    assert causes(line, [*rows, {**rows[0], "station": "3"}]) == [Cause.NOT_SCANNED]
    assert causes(line, [*rows[:2], {**rows[1], "note": "x"}, rows[2]]) == [Cause.REWORK_NOT_RECORDED]
    assert causes(line, [*rows, {**rows[2], "note": "x"}]) == [Cause.ATTEMPT_NOT_RECORDED]
    (only,) = line.values()
    back = replace(only.verdicts[0], result=F, taken_back=True)
    undone = {only.serial: replace(only, verdicts=(back, *only.verdicts))}
    assert causes(undone, [{**rows[0], "result": "FAIL"}, *rows]) == [Cause.TAKEN_BACK]


def test_a_verdict_written_for_the_panel_beside_it_is_found() -> None:
    """The serials differ by one digit: the row lands on the wrong panel, and the right one lacks it."""
    one, other = panel(1, [[P], [P]]), panel(2, [[P], [P]])
    near = f"{one.serial[:-1]}{(int(one.serial[-1]) + 1) % 10}"
    line = {one.serial: one, near: replace(other, serial=near)}
    rows = all_of(line)
    rows[1]["serial"] = near
    result = compare(sides(line, rows))
    assert {(d.kind, d.serial, d.cause) for d in result.differences} == {
        (Kind.ONLY_LINE, one.serial, Cause.NOT_WRITTEN), (Kind.ONLY_PAPER, near, Cause.OTHER_PANEL),
    }  # fmt: skip
    assert next(d.words for d in result.differences if d.kind is Kind.ONLY_PAPER).count(one.serial) == 1


def test_swapped_values_name_each_other() -> None:
    line = line_of([[P], [P], [P], [P]], [[P], [P], [P], [P]], [[P], [P], [P], [P]])
    rows = all_of(line)
    first, second = rows[3], rows[7]
    for name in ("Pmax", "Voc", "Isc", "Vmp", "Imp"):
        first[name], second[name] = second[name], first[name]
    result = compare(sides(line, rows))
    assert [(d.cause, d.serial, d.hint) for d in result.differences] == [
        (Cause.SWAPPED, first["serial"], second["serial"]), (Cause.SWAPPED, second["serial"], first["serial"]),
    ]  # fmt: skip


@pytest.mark.parametrize(("spoilt", "cause"), [
    ({"Pmax": "3.151", "Voc": ""}, Cause.OTHER_VALUES),
    ({"Pmax": "2500.0"}, Cause.DECIMAL_POINT),
    ({"Voc": "31.42", "Vmp": "37.51"}, Cause.WRONG_COLUMNS),
])  # fmt: skip
def test_the_likely_cause_of_other_values(spoilt: Cells, cause: Cause) -> None:
    line = line_of([[P], [P], [P], [P]])
    rows = all_of(line)
    rows[3].update(spoilt)
    assert causes(line, rows) == [cause]


def test_values_of_another_panel_and_of_another_attempt_are_told() -> None:
    line = line_of([[P], [P], [P], [F, P]], [[P], [P], [P], [P]])
    rows = all_of(line)
    names = ("Pmax", "Voc", "Isc", "Vmp", "Imp")
    attempt = {name: rows[3][name] for name in names}
    other = {name: rows[4][name] for name in names}
    assert causes(line, [*rows[:4], {**rows[4], **attempt}, *rows[5:]]) == [Cause.EARLIER_VALUES]
    assert causes(line, [*rows[:-1], {**rows[-1], **other}]) == [Cause.OTHERS_VALUES]


def test_a_clock_that_is_off_is_one_cause_for_all_its_rows() -> None:
    line = line_of([[P], [P]], [[P], [P]])
    rows = all_of(line)
    for row in rows:
        row["time"] = row["time"].replace("2026-", "2025-")
    assert causes(line, rows) == [Cause.CLOCK_OFF] * 4


def test_morning_for_afternoon_is_told() -> None:
    (only,) = line_of([[P], [P]]).values()
    line = {only.serial: only}
    rows = cells_of(only)
    hour = int(rows[0]["time"][11:13])
    rows[0]["time"] = f"{rows[0]['time'][:11]}{(hour + 12) % 24:02d}{rows[0]['time'][13:]}"
    assert causes(line, rows) == [Cause.AM_PM]


def test_a_day_without_a_time_is_compared_as_a_day() -> None:
    line = line_of([[P], [P]])
    rows = [{**row, "time": row["time"][:10]} for row in all_of(line)]
    assert causes(line, rows) == []
    rows[0]["time"] = "2026-10-30"
    assert causes(line, rows) == [Cause.OTHER_TIME]


def test_a_serial_nobody_knows_is_open_until_it_is_clear_whose_it_is() -> None:
    line = line_of([[P], [P]])
    rows = all_of(line)
    stranger = {**rows[0], "serial": "CRS19BB72999999"}
    result = compare(sides(line, [*rows, stranger]))
    assert [(d.kind, d.serial, d.cause) for d in result.differences] == [
        (Kind.UNKNOWN_PANEL, "CRS19BB72999999", Cause.NEVER_SCANNED)
    ]
    like_a_full_one = {**rows[0], "serial": rows[0]["serial"][1:]}
    (told,) = compare(sides(line, [*rows, like_a_full_one])).differences
    assert (told.kind, told.hint) == (Kind.UNKNOWN_PANEL, rows[0]["serial"])


def test_panels_on_other_pallets_are_told_whatever_the_numbers() -> None:
    line = line_of(*[[[P], [P], [P], [P]]] * 8)
    line = {s: replace(one, pallet=f"PX-{n // 4}") for n, (s, one) in enumerate(line.items())}
    paper = {serial: f"{n // 4 + 70}" for n, serial in enumerate(line)}
    strayed, loose = list(line)[1], list(line)[6]
    paper[strayed] = "71"
    line[loose] = replace(line[loose], pallet="")
    rows = [{**row, "pallet": paper[row["serial"]]} for row in all_of(line)]
    result = compare(sides(line, rows))
    assert [(d.serial, d.kind, d.cause) for d in result.differences] == [
        (strayed, Kind.PALLET, Cause.OTHER_PALLET), (loose, Kind.PALLET, Cause.NOT_ON_PALLET),
    ]  # fmt: skip


def test_what_the_line_did_after_the_paper_came_is_not_held_against_it() -> None:
    line = line_of([[P], [P]])
    (serial,) = line
    later = replace(line[serial].verdicts[0], station=3, at=CAME + timedelta(minutes=1))
    line[serial] = replace(line[serial], verdicts=(*line[serial].verdicts, later))
    assert causes(line, all_of(line)[:2]) == []
    assert totals(line, all_of(line)[:2]).sentence == (
        "1 of 1 panel agree in everything; 1 verdict younger than the paper was not compared."
    )


def test_the_sentence_claims_no_more_than_was_compared() -> None:
    line = line_of([[P]], [[P]], [[P]], [[P], [F, P]])
    rows = all_of(line)
    assert totals(line, []).sentence == (
        "Nothing was compared: no paper came in for any panel of the line; 4 panels of the line have no paper."
    )
    rows[0]["result"], rows[1]["result"] = "B", "B"
    open_ = totals(line, [*rows[:2], *rows[3:], {**rows[0], "serial": "CRS19BB7277777"}])
    assert open_.sentence == (
        "1 of 3 panels agree in everything; 2 are open; 1 panel of the line has no paper; "
        "1 serial on paper is not on the line."
    )
    ids = tuple(one.id for one, _ in open_.differences if one.kind is Kind.VERDICT)
    assert totals(line, [*rows[:2], *rows[3:]], ids[:1]).sentence == (
        "1 of 3 panels agree in everything; 1 differs and is explained; 1 is open; 1 panel of the line has no paper."
    )


def test_days_count_while_nothing_is_open() -> None:
    line = {}
    for day in range(5):
        one = panel(day, [[P]])
        shift = timedelta(days=day)
        line[one.serial] = replace(
            one, began=one.began + shift, verdicts=tuple(replace(v, at=v.at + shift) for v in one.verdicts)
        )
    rows = all_of(line)
    rows[1]["result"] = "FAIL"
    of = totals(line, [*rows[:3], rows[4]])  # no paper of the fourth day
    assert [(day.with_paper, day.open) for day in of.days] == [(1, 0), (1, 1), (1, 0), (0, 0), (1, 0)]
    assert [day.day.day for day in of.good_days] == [START.day + 4, START.day + 2]
    explained = totals(line, [*rows[:3], rows[4]], (of.differences[0][0].id,))
    assert len(explained.good_days) == 4
    assert explained.right == {Right.LINE: 1}


def test_a_period_bounds_panels_and_differences_alike() -> None:
    line = line_of([[P]], [[P]])
    rows = [{**row, "result": "FAIL"} for row in all_of(line)]
    both = sides(line, rows)
    day = START.date()
    assert report(both, compare(both), {}, Period(day, day)).open == 2
    nothing = report(both, compare(both), {}, Period(day + timedelta(days=1)))
    assert (nothing.compared, nothing.differences, nothing.without_paper) == (0, (), ())


def test_every_cause_has_words_and_every_kind_ends_in_a_cause() -> None:
    assert set(WORDS) == set(Cause)
    assert set(TABLE) == set(Kind) - {Kind.SERIAL}
