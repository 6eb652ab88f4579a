from collections.abc import Callable
from itertools import pairwise

import pytest

from daemon.printing import binding_pages
from daemon.printing.shapes import Code, Page
from stations.rules.commands import Meaning, bind_code, read_code

Reader = Callable[[tuple[Page, ...]], list[str]]
ALL = [bind_code(1, station) for station in (1, 2, 3, 4)]


def test_every_code_reads_back_from_both_forms(codes_in_pdf: Reader, codes_in_html: Reader) -> None:
    pages = binding_pages(1, "printed 2026-11-23")
    assert sorted(codes_in_pdf(pages)) == sorted(codes_in_html(pages)) == ALL
    assert {read_code(text).meaning for text in ALL} == {Meaning.BIND}


@pytest.mark.parametrize("station", [1, 2, 3, 4])
def test_one_station_alone_can_be_printed(station: int, codes_in_pdf: Reader) -> None:
    assert codes_in_pdf(binding_pages(2, stations=(station,))) == [bind_code(2, station)]


def test_no_scanner_line_crosses_two_codes() -> None:
    (page,) = binding_pages(1)
    rows = sorted((one.y, one.y + one.h) for one in page.shapes if isinstance(one, Code))
    assert all(below[0] - above[1] >= 6 for above, below in pairwise(rows))
    assert rows[-1][1] < 280
