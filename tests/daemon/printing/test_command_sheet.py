from collections.abc import Callable
from itertools import pairwise

import pytest

from daemon.printing import Sheet, sheet_pages
from daemon.printing.shapes import Code, Page
from stations.rules.commands import COMMANDS, Meaning, read_code
from stations.rules.settings import DEFAULT_DEFECTS

Reader = Callable[[tuple[Page, ...]], list[str]]

_FIRST = {1: "Glass Placement", 2: "Barcode Application", 3: "Solder Joints", 6: "Mirror Examination"}
_LAST = {n: f"Manual Entry {n}" for n in range(1, 8)}
_MANY = {n: f"Prüfpunkt {n} – sehr ausführlich beschrieben, damit er nirgends hinpasst" for n in range(1, 41)}

ONLY_LAST = {"SL-CLOSE", "SL-MANUAL", "SL-LATER", "SL-POINT", "SL-ENTER", "SL-CLEAR"}


def _sheet(station: int, criteria: dict[int, str]) -> Sheet:
    return Sheet(2, station, "Performance & Final", criteria, DEFAULT_DEFECTS, "printed 2026-11-23")


SHEETS = [_sheet(1, _FIRST), _sheet(4, _LAST), _sheet(3, _MANY), _sheet(2, {})]


def _expected(sheet: Sheet) -> set[str]:
    fixed = {code for code in COMMANDS if sheet.station == 4 or code not in ONLY_LAST}
    digits = {f"SL-N-{digit}" for digit in range(10)} if sheet.station == 4 else set()
    return fixed | digits | {f"SL-F-{n}" for n in sheet.criteria} | {f"SL-D-{code}" for code in sheet.defects}


@pytest.mark.parametrize("sheet", SHEETS)
def test_every_code_of_the_pdf_reads_back_and_is_the_stations_whole_table(sheet: Sheet, codes_in_pdf: Reader) -> None:
    found = codes_in_pdf(sheet_pages(sheet))
    assert len(found) == len(set(found))
    assert set(found) == _expected(sheet)


@pytest.mark.parametrize("sheet", SHEETS)
def test_every_code_of_the_html_reads_back_too(sheet: Sheet, codes_in_html: Reader) -> None:
    assert set(codes_in_html(sheet_pages(sheet))) == _expected(sheet)


@pytest.mark.parametrize("sheet", SHEETS)
def test_every_printed_code_means_something_to_a_station(sheet: Sheet) -> None:
    meanings = {read_code(code.symbol.text).meaning for code in _codes(*sheet_pages(sheet))}
    assert not meanings & {Meaning.UNKNOWN, Meaning.SERIAL}


@pytest.mark.parametrize("sheet", SHEETS)
def test_no_scanner_line_crosses_two_codes(sheet: Sheet) -> None:
    for page in sheet_pages(sheet):
        rows = sorted((code.y, code.y + code.h) for code in _codes(page))
        assert all(below[0] - above[1] >= 6 for above, below in pairwise(rows))


@pytest.mark.parametrize("sheet", SHEETS)
def test_codes_are_large_and_keep_their_quiet_zone(sheet: Sheet) -> None:
    for code in _codes(*sheet_pages(sheet)):
        module = code.w / code.symbol.width
        assert module >= 0.33
        assert code.h >= 8
        assert code.x >= 10 * module
        assert code.x + code.w <= 210 - 10 * module


def _codes(*pages: Page) -> list[Code]:
    return [shape for page in pages for shape in page.shapes if isinstance(shape, Code)]
