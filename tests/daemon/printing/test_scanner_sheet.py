from collections.abc import Callable
from itertools import pairwise

from daemon.printing import scanner_pages
from daemon.printing.shapes import A4_MM, Code, Page
from stations.rules.commands import TEST_CODES

Reader = Callable[[tuple[Page, ...]], list[str]]


def test_every_code_reads_back_from_both_forms(codes_in_pdf: Reader, codes_in_html: Reader) -> None:
    pages = scanner_pages("printed 2026-11-23")
    assert sorted(codes_in_pdf(pages)) == sorted(codes_in_html(pages)) == sorted(TEST_CODES)


def test_no_scanner_line_crosses_two_codes_and_all_have_their_quiet_zones_on_the_page() -> None:
    (page,) = scanner_pages()
    codes = sorted((one for one in page.shapes if isinstance(one, Code)), key=lambda one: one.y)
    assert [one.symbol.text for one in codes] == list(TEST_CODES)
    assert all(below.y - above.y - above.h >= 6 for above, below in pairwise(codes))
    assert codes[-1].y + codes[-1].h < 280
    for one in codes:
        quiet = one.symbol.quiet * one.w / one.symbol.width
        assert one.x - quiet > 14
        assert one.x + one.w + quiet < A4_MM[0] - 14
