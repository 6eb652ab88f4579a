"""Pallet sheets of an export: the same records at the same moment give the same bytes."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from storage.export.job import ExportJob, Paper


def papers(sheets: Iterable[Mapping[str, Any]], job: ExportJob) -> Iterator[Paper]:
    """Give the sheet of each pallet, drawn only where it is needed; `sheets` as `pallet.show` says them."""
    for found in sheets:
        yield Paper(str(found["pallet"]["pallet_number"]), partial(_drawn, found, ZoneInfo(job.zone), job.as_of))


def _drawn(found: Mapping[str, Any], zone: ZoneInfo, as_of: datetime) -> bytes:
    from daemon.printing import pallet_pages, read_pallet, to_pdf  # noqa: PLC0415 -- fpdf costs a quarter of a second

    sheet = read_pallet(found, zone, f"as of {as_of.astimezone(zone):%Y-%m-%d %H:%M %Z}")
    return to_pdf(pallet_pages(sheet), f"Pallet {sheet.number}", as_of)
