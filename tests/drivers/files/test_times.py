from collections.abc import Callable
from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.files.cells import Cell
from drivers.files.times import date_text, is_time, time_text

SECONDS = st.integers(0, 86_399)
DATES = st.dates(date(1990, 1, 1), date(2100, 1, 1))


def clock(second: int) -> str:
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"


def twelve(second: int) -> str:
    return f"{second // 3600 % 12 or 12}:{second // 60 % 60:02}:{second % 60:02}"


FORMS: list[Callable[[int], Cell]] = [
    lambda s: s / 86_400,
    lambda s: repr(s / 86_400),
    lambda s: f"{s / 86_400:.9f}",
    lambda s: time(s // 3600, s // 60 % 60, s % 60),
    lambda s: time(s // 3600, s // 60 % 60, s % 60, 300_000),
    lambda s: datetime.combine(date(1899, 12, 31), time(s // 3600, s // 60 % 60, s % 60)),
    lambda s: 45_720 + s / 86_400,
    clock,
    lambda s: f" {clock(s)} ",
    lambda s: ("下午" if s >= 43_200 else "上午") + " " + twelve(s),
    lambda s: ("下午" if s >= 43_200 else "上午") + twelve(s),
    lambda s: (("下午" if s >= 43_200 else "上午") + " " + twelve(s)).replace(":", "："),
    lambda s: twelve(s) + ("PM" if s >= 43_200 else "AM"),
    lambda s: twelve(s) + (" p.m." if s >= 43_200 else " a.m."),
]


@given(SECONDS, st.sampled_from(FORMS))
def test_every_form_of_one_second_gives_the_same_text(second: int, form: Callable[[int], Cell]) -> None:
    assert time_text(form(second)) == clock(second)


@pytest.mark.parametrize(
    ("given_text", "canonical"),
    [
        ("下午 5:41:27", "17:41:27"),
        ("上午 1:06:36", "01:06:36"),
        ("下午11:57:51", "23:57:51"),
        ("10:21:50PM", "22:21:50"),
        ("上午 12:00:00", "00:00:00"),
        ("下午 12:00:00", "12:00:00"),
        ("12:00:00AM", "00:00:00"),
        ("12:59:59PM", "12:59:59"),
        ("下午 17:41:27", "17:41:27"),
        ("下午 5:41:27 PM", "17:41:27"),
        ("0", "00:00:00"),
    ],
)
def test_the_testers_texts(given_text: str, canonical: str) -> None:
    assert time_text(given_text) == canonical


@pytest.mark.parametrize(
    "text", ["5:41", "25:00:00", "10:60:00", "10:00:60", "上午 13:00:00", "上午 5:00:00 PM", "late", "1.5", "-0.5"]
)
def test_what_is_no_time_of_day_stays_as_given(text: str) -> None:
    assert time_text(text) == text
    assert not is_time(text)


@given(DATES)
def test_every_year_first_form_of_a_day_gives_the_same_text(day: date) -> None:
    number = (day - date(1899, 12, 30)).days
    forms: list[Cell] = [
        day,
        datetime.combine(day, time(17, 41)),
        float(number),
        str(number),
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}-{day.month:02}-{day.day:02}",
        f"{day.year}.{day.month}.{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}/{day.month}/{day.day} 0:00:00",
    ]
    assert {date_text(form) for form in forms} == {day.isoformat()}


@pytest.mark.parametrize("text", ["3/4/2025", "2025-13-01", "2025/2/30", "yesterday", "7", "99999999"])
def test_a_date_that_could_mean_two_days_or_none_stays_as_given(text: str) -> None:
    assert date_text(text) == text


@pytest.mark.parametrize("blank", ["", "  ", "\u3000"])
def test_blank_is_not_given(blank: str) -> None:
    assert date_text(blank) is None
    assert time_text(blank) is None


@given(st.one_of(st.text(), st.floats(), st.booleans(), st.timedeltas()))
def test_no_cell_is_too_odd(cell: Cell) -> None:
    for text in (date_text(cell), time_text(cell)):
        assert text is None or text
