"""A shadow run as the control API tells it."""

from collections.abc import Mapping

from daemon.control.views.plain import Json, moment
from daemon.shadow.desk import Told
from daemon.shadow.differing import Difference
from daemon.shadow.report import Explained, Report, Right
from daemon.shadow.standing import ReadSheet
from storage.records import SHADOW_WORDS


def plain_report(told: Told) -> Json:
    """Give a report: its sentence first, then what it adds up to, then every difference."""
    of = told.report
    return {
        "shadow": SHADOW_WORDS,
        "sentence": of.sentence,
        "compared": of.compared, "agreeing": of.agreeing, "explained": of.explained, "open": of.open,
        "open_differences": of.open_differences, "unknown": of.unknown,
        "without_paper": list(of.without_paper), "later": of.later,
        "unread": [{"sheet": name, "row": fault.row, "why": fault.why} for name, fault in told.unread],
        "right": {one.value: of.right[one] for one in Right if of.right.get(one)},
        "good_days": [day.day.isoformat() for day in of.good_days],
        "stations": [
            {"station": one.station, "verdicts": one.verdicts, "agreeing": one.agreeing, "percent": one.share}
            for one in of.stations
        ],
        "days": _days(of),
        "differences": [plain_difference(one, why, told.places) for one, why in of.differences],
    }  # fmt: skip


def _days(of: Report) -> list[Json]:
    return [
        {
            "day": one.day.isoformat(), "panels": one.panels, "with_paper": one.with_paper, "agreeing": one.agreeing,
            "open": one.open,
        }
        for one in of.days
    ]  # fmt: skip


def plain_difference(one: Difference, why: Explained | None, places: Mapping[str, str]) -> Json:
    """Give a difference, with where its rows stand and what explains it."""
    return {
        "id": one.id, "day": one.day.isoformat(), "serial": one.serial, "station": one.station,
        "differs": one.kind.value, "line": one.line, "paper": one.paper, "cause": one.cause.value, "words": one.words,
        "rows": [{"id": key, "place": places.get(key, "")} for key in one.rows],
        "explained": why and {
            "right": why.right.value, "reason": why.reason, "by": why.by, "at": moment(why.at),
        },
    }  # fmt: skip


def plain_sheet(one: ReadSheet) -> Json:
    """Give a sheet that came in."""
    rows = one.reading.verdicts
    return {
        "id": one.id, "name": one.sheet.name, "at": moment(one.sheet.at), "by": one.sheet.by, "rows": len(rows),
        "panels": len({row.serial for row in rows}),
        "faults": [{"row": fault.row, "why": fault.why} for fault in one.reading.faults],
        "unfit": one.unfit,
    }  # fmt: skip
