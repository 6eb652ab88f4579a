"""README.txt: what a person who opens the folder needs to know."""

from collections.abc import Mapping
from typing import Final

from storage.export.document import metadata
from storage.export.job import ExportJob
from storage.export.layout import CSV_FOLDER, DOCUMENT, MANIFEST, SEALED, SHEET_FOLDER, SIGNATURE, Format
from storage.export.lists import ExportList
from storage.records import SHADOW_WORDS, is_shadow

_ABOUT: Final[Mapping[ExportList, str]] = {
    ExportList.ORDERS: "manufacturing orders",
    ExportList.PANELS: "panels and where they stand",
    ExportList.RESULTS: "PASS, FAIL, B (cosmetic), VOID (taken back)",
    ExportList.PALLETS: "pallets",
    ExportList.FAILED: "scrapped panels, and why",
    ExportList.COSMETIC: "cosmetic defects of panels that went on",
}
_WIDTH: Final = 22

_SPREADSHEET: Final = """Opening a CSV file
  A double click opens it in a spreadsheet. Where everything lands in one column,
  import it instead: UTF-8, comma, text in double quotes. Text that begins with
  = + - or @ stands behind an apostrophe, so that no spreadsheet calculates it.
"""
_PARTS: Final = """  What was too large for one file stands in several: -1, -2 and so on.
"""
_WORDS: Final = """What the words mean
  Days are the plant's, times are UTC (the Z at their end).
  id is the name of a thing everywhere, for ever: the same in every export, on
  the line and on the central server. panel_id is the id of the panel, and so on.
  A row is in when it was recorded in these days; beside it stands what it belongs
  to, also when that is older. A row says what was true when it was read.
"""
_CHECK: Final = f"""Is it complete, and unchanged?
  sunline export verify FOLDER --public-key KEY
  `sunline export key` shows the key, on the line this came from. Without sunline:
  {MANIFEST} lists every file with its SHA-256, and {SIGNATURE} signs its digest
  (Ed25519). Where {MANIFEST} is missing, the export was interrupted: it is not
  complete.
"""
_UNSIGNED: Final = f"""Is it complete, and unchanged?
  sunline export verify FOLDER
  Without sunline: {MANIFEST} lists every file with its SHA-256. This export is
  not signed. Where {MANIFEST} is missing, the export was interrupted: it is
  not complete.
"""


def readme(job: ExportJob, counts: Mapping[ExportList, int], *, signed: bool, in_parts: bool) -> bytes:
    """Write it, with the line ends that every editor knows.

    `counts` are the rows of each list, none without lists; `in_parts`: some list stands in several files.
    """
    parts = [
        _head(job),
        _files(job) + (_PARTS if in_parts else ""),
        _rows(counts),
        _sealed(job),
        _SPREADSHEET if Format.CSV in job.formats else "",
    ]
    text = "\n".join(part for part in (*parts, _WORDS, _CHECK if signed else _UNSIGNED) if part)
    return text.replace("\n", "\r\n").encode()


def _head(job: ExportJob) -> str:
    line = f"line {job.line_number}" if job.line_number is not None else "all lines"
    rows = {
        "Plant": f"{job.site}, {line}",
        "Days": f"{job.dates}, both included ({job.zone})",
        "Made": f"{metadata(job)['export_date']} for {job.exported_by}",
        "Holds": "what is new since the last export onto this stick" if job.scope.after_seq else "",
    }
    body = "".join(f"  {name:<8}{text}\n" for name, text in rows.items() if text)
    shadow = f"{SHADOW_WORDS}\n  None of this is real work: a line ran beside paper, to be compared with it.\n\n"
    title = "Production data of a solar-panel line, exported by sunline"
    return f"{shadow if is_shadow(job.site) else ''}{title}\n\n{body}"


def _files(job: ExportJob) -> str:
    end = SEALED if job.recipient else ""
    known = {
        Format.JSON: (DOCUMENT + end, "all lists in one document, for programs"),
        Format.CSV: (f"{CSV_FOLDER}/", "one table a list, for spreadsheets"),
        Format.SHEETS: (f"{SHEET_FOLDER}/", "the sheet of each pallet, to print"),
    }
    rows = [known[one] for one in Format if one in job.formats]
    return "Files\n" + "".join(f"  {name:<{_WIDTH}}{text}\n" for name, text in rows)


def _rows(counts: Mapping[ExportList, int]) -> str:
    rows = "".join(f"  {of.value:<{_WIDTH}}{counts[of]:>9}  {_ABOUT[of]}\n" for of in ExportList if of in counts)
    return f"Rows\n{rows}" if rows else ""


def _sealed(job: ExportJob) -> str:
    if job.recipient is None:
        return ""
    return (
        f"Encrypted\n  Files that end in {SEALED} can only be read by the owner of the key\n  {job.recipient}\n"
        f"  age --decrypt -i KEY-FILE -o {DOCUMENT} {DOCUMENT}{SEALED}\n"
    )
