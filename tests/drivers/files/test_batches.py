import resource

from drivers.files import batches
from drivers.readings import FileRows

from .helpers import result_file
from .workbooks import LAYOUT_A, Formula, csv_text, flash_row, workbook


def shape(found: list[FileRows]) -> list[tuple[int, int, bool]]:
    return [(batch.first_row, len(batch.rows), batch.last) for batch in found]


def test_rows_come_in_bounded_batches_and_the_last_says_so() -> None:
    file = result_file(workbook([LAYOUT_A, *(flash_row(k) for k in range(1, 8))]))
    found = list(batches(file, "iv", size=3))
    assert shape(found) == [(2, 3, False), (5, 3, False), (8, 1, True)]
    assert {(batch.device, batch.file, batch.digest) for batch in found} == {("iv", "export.xlsx", file.digest)}


def test_a_full_last_batch_is_the_last() -> None:
    file = result_file(workbook([LAYOUT_A, *(flash_row(k) for k in range(1, 7))]))
    assert shape(list(batches(file, "iv", size=3))) == [(2, 3, False), (5, 3, True)]


def test_no_rows_are_one_empty_last_batch() -> None:
    assert shape(list(batches(result_file(workbook([LAYOUT_A])), "iv"))) == [(0, 0, True)]


def test_an_unfinished_row_is_left_out_and_no_batch_is_the_last() -> None:
    file = result_file((csv_text([LAYOUT_A, flash_row(1), flash_row(2)]) + "3,=").encode(), "e.csv")
    assert shape(list(batches(file, "iv", complete=False))) == [(2, 2, False)]
    assert shape(list(batches(file, "iv", complete=True))) == [(2, 3, True)]


def test_ten_thousand_rows_come_through_in_little_memory() -> None:
    serials = (Formula(f"CRS24WW144A{k:05}") for k in range(10_000))
    file = result_file(workbook([LAYOUT_A, *(flash_row(k, serial) for k, serial in enumerate(serials, 1))]))
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    count = sum(len(batch.rows) for batch in batches(file, "iv"))
    assert count == 10_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib < 64 << 10
