"""Command sheets."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from daemon.cli.asking import ask
from daemon.cli.exits import Exit, Failed
from daemon.cli.papers import write_pages
from daemon.cli.showing import said
from daemon.cli.where import HERE, To

if TYPE_CHECKING:
    from daemon.printing import Sheet

_ALL = (1, 2, 3, 4)
_DEFAULT = Path("command-sheets.pdf")
_BINDING = Path("binding-sheet.pdf")
_TEST = Path("scanner-test.pdf")


def sheet(
    *stations: Annotated[int, Parameter(help="Stations; none: all four.")],
    pdf: Annotated[Path | None, Parameter(help="Write to this PDF (default: command-sheets.pdf).")] = None,
    html: Annotated[Path | None, Parameter(help="Write to this HTML file.")] = None,
    bind: Annotated[
        bool,
        Parameter(negative="", help="Instead the binding sheet: one scan replaces a dead scanner."),
    ] = False,
    test: Annotated[
        bool,
        Parameter(negative="", help="Instead the codes that test a scanner: sunline device test. Needs no daemon."),
    ] = False,
    to: To = HERE,
) -> None:
    """Print the command sheets: every code a station's operator needs, as barcodes."""
    from daemon.printing import sheet_pages  # noqa: PLC0415 -- only where a sheet is printed

    if test:
        _scanner_sheet(pdf, html, to)
        return
    if bind:
        _binding_sheet(stations or _ALL, pdf, html, to)
        return

    asked = [ask(to, "sheet.data", station=station) for station in stations or _ALL]
    try:
        pages = tuple(page for data in asked for page in sheet_pages(sheet_of(data)))
    except ValueError as error:
        raise Failed(Exit.REFUSED, str(error), "Change the rule defect_codes.") from error
    written = write_pages(pages, "Command sheets", pdf if pdf or html else _DEFAULT, html)
    said(to, {"written": written, "pages": len(pages)}, f"{len(pages)} pages written to {' and '.join(written)}.")


def _binding_sheet(stations: tuple[int, ...], pdf: Path | None, html: Path | None, to: To) -> None:
    from daemon.printing import binding_pages  # noqa: PLC0415 -- only where a sheet is printed

    line = [ask(to, "sheet.data", station=station)["line"] for station in stations][-1]
    pages = binding_pages(line, _printed_on(), stations)
    written = write_pages(pages, "Binding sheet", pdf if pdf or html else _BINDING, html)
    said(to, {"written": written, "pages": len(pages)}, f"{len(pages)} page written to {' and '.join(written)}.")


def _scanner_sheet(pdf: Path | None, html: Path | None, to: To) -> None:
    from daemon.printing import scanner_pages  # noqa: PLC0415 -- only where a sheet is printed

    written = write_pages(scanner_pages(_printed_on()), "Test codes", pdf if pdf or html else _TEST, html)
    said(to, {"written": written, "pages": 1}, f"1 page written to {' and '.join(written)}.")


def _printed_on() -> str:
    return f"printed {datetime.now().astimezone():%Y-%m-%d %H:%M}"


def sheet_of(data: Mapping[str, Any]) -> "Sheet":
    """Read what `sheet.data` says as a printable sheet."""
    from daemon.printing import Sheet  # noqa: PLC0415 -- only where a sheet is printed

    return Sheet(
        line=data["line"],
        station=data["station"],
        station_name=data.get("name") or data.get("station_name") or "",
        criteria={row["number"]: row["name"] for row in data["criteria"]},
        defects=_defects(data["defects"]),
        printed_on=_printed_on(),
    )


def _defects(found: Mapping[str, str] | list[Mapping[str, str]]) -> Mapping[str, str]:
    if isinstance(found, Mapping):
        return found
    return {row["code"]: row.get("name") or row.get("label") or row["code"] for row in found}
