"""Random histories of a line, the paper that goes with them, and what people do to paper."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from daemon.shadow.causes import Kind
from daemon.shadow.paper import NO_VALUES, VALUE_NAMES, Five
from daemon.shadow.reading import COLUMNS, read_sheet
from daemon.shadow.sides import LinePanel, LineVerdict, PaperSheet, Sides
from storage.records import Verdict

ZONE = ZoneInfo("America/Indiana/Indianapolis")
START = datetime(2026, 11, 2, 13, 0, tzinfo=UTC)
CAME = datetime(2026, 12, 24, tzinfo=UTC)

Cells = dict[str, str]


def examples(count: int) -> settings:
    """Take so many examples, however slow the machine is just now."""
    return settings(max_examples=count, deadline=None, suppress_health_check=[HealthCheck.too_slow])


Expected = set[tuple[Kind, str, int | None]]


def values_of(number: int) -> Five:
    """Give five values no other panel has: more than 1 % from any other's."""
    scale = 1.013**number
    return (250.0 * scale, 37.51 * scale, 8.871 * scale, 31.42 * scale, 8.123 * scale)


def panel(number: int, course: list[list[Verdict]], pallet: str = "") -> LinePanel:
    """Make a panel that went through its stations, hours between two verdicts."""
    at = START + timedelta(minutes=7 * number)
    verdicts = []
    for station, results in enumerate(course, 1):
        for attempt, result in enumerate(results):
            at += timedelta(minutes=190)
            given = values_of(4 * number + attempt) if station == 4 else NO_VALUES
            verdicts.append(LineVerdict(station=station, result=result, at=at, values=given, operator="ana"))
    serial = f"CRS26WW60{number * 137 + 10000:05d}"
    return LinePanel(
        serial=serial, order="MO-1", began=START + timedelta(minutes=7 * number), pallet=pallet,
        verdicts=tuple(verdicts),
    )  # fmt: skip


FINAL = st.sampled_from([Verdict.PASS, Verdict.PASS, Verdict.COSMETIC])
COURSE = st.lists(
    st.builds(lambda fails, last: [Verdict.FAIL] * fails + [last], st.sampled_from([0, 0, 0, 1, 2]), FINAL),
    min_size=1, max_size=4,
)  # fmt: skip


@st.composite
def lines(draw: st.DrawFn) -> dict[str, LinePanel]:
    """Make a line with four to twelve panels; the finished ones lie on pallets of four."""
    courses = draw(st.lists(COURSE, min_size=4, max_size=12))
    panels = [panel(number, course) for number, course in enumerate(courses)]
    done = [one.serial for one in panels if len(courses[panels.index(one)]) == 4]
    lies = {serial: f"PX-SHADOW-1-2026-{n // 4 + 1:06d}" for n, serial in enumerate(done)}
    return {one.serial: replace(one, pallet=lies.get(one.serial, "")) for one in panels}


def cells_of(line: LinePanel) -> list[Cells]:
    """Write the paper of a panel as it should be."""
    return written_in(line, ZONE)


def written_in(line: LinePanel, zone: ZoneInfo) -> list[Cells]:
    """Write it by the clock of a zone."""
    return [
        {
            "serial": line.serial, "station": str(one.station), "result": one.result.value, "note": "",
            "operator": one.operator, "time": f"{one.at.astimezone(zone):%Y-%m-%d %H:%M}", "order": line.order,
            "pallet": f"no. {line.pallet[-2:]}" if line.pallet else "",
            **{name: "" if v is None else f"{v:.2f}" for name, v in zip(VALUE_NAMES, one.values, strict=True)},
        }
        for one in line.verdicts if not one.taken_back
    ]  # fmt: skip


def csv_of(rows: list[Cells], delimiter: str = ",") -> bytes:
    """Write rows as a file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def sides(line: dict[str, LinePanel], *files: list[Cells]) -> Sides:
    """Hold papers against a line."""
    sheets = [PaperSheet(str(n), CAME, read_sheet(csv_of(rows), ZONE).verdicts) for n, rows in enumerate(files)]
    return Sides(line, sheets, ZONE)


@dataclass
class Paper:
    """The paper of a line while people spoil it: each panel is touched once, so that every difference has one cause."""

    line: dict[str, LinePanel]
    rows: dict[str, list[Cells]] = field(default_factory=dict)
    expected: Expected = field(default_factory=set)

    def __post_init__(self) -> None:
        self.rows = {serial: cells_of(one) for serial, one in self.line.items()}

    def all_rows(self) -> list[Cells]:
        return [row for rows in self.rows.values() for row in rows]


Spoil = Callable[[Paper, str, int], None]


def _row(paper: Paper, serial: str, at: int) -> Cells:
    return paper.rows[serial][at % len(paper.rows[serial])]


def drop(paper: Paper, serial: str, at: int) -> None:
    row = _row(paper, serial, at)
    if len(paper.rows[serial]) > 1:
        paper.rows[serial].remove(row)
        paper.expected.add((Kind.ONLY_LINE, serial, int(row["station"])))


def lose(paper: Paper, serial: str, _: int) -> None:
    paper.rows[serial] = []


def flip(paper: Paper, serial: str, at: int) -> None:
    row = _row(paper, serial, at)
    row["result"] = {"PASS": "FAIL", "FAIL": "B", "B": "PASS"}[row["result"]]
    paper.expected.add((Kind.VERDICT, serial, int(row["station"])))


def add(paper: Paper, serial: str, at: int) -> None:
    row = _row(paper, serial, at)
    extra = {**row, "result": "FAIL", "note": "again", **dict.fromkeys(VALUE_NAMES, "")}
    paper.rows[serial].insert(paper.rows[serial].index(row), extra)
    paper.expected.add((Kind.ONLY_PAPER, serial, int(row["station"])))


def misspell(paper: Paper, serial: str, at: int) -> None:
    row = _row(paper, serial, at)
    row["serial"] = (f"Q{serial[1:]}", serial[3:], serial[:-1], f"{serial} {serial}", serial.replace("RS", "SR"))[
        at % 5
    ]
    paper.expected.add((Kind.SERIAL, serial, None))


def write_small(paper: Paper, serial: str, at: int) -> None:
    row = _row(paper, serial, at)
    row["serial"] = f"  {serial.lower()} "
    row["result"] = row["result"].lower()


def mismeasure(paper: Paper, serial: str, at: int) -> None:
    rows = [row for row in paper.rows[serial] if row["Pmax"]]
    if rows:
        name, row = VALUE_NAMES[at % 5], rows[at % len(rows)]
        row[name] = f"{float(row[name]) * 1.013:.3f}"
        paper.expected.add((Kind.VALUES, serial, 4))


def delay(paper: Paper, serial: str, at: int) -> None:
    row = _row(paper, serial, at)
    row["time"] = f"{datetime.fromisoformat(row['time']) + timedelta(hours=26):%Y-%m-%d %H:%M}"
    paper.expected.add((Kind.TIME, serial, int(row["station"])))


def reorder(paper: Paper, serial: str, at: int) -> None:
    _row(paper, serial, at)["order"] = "MO-2"
    paper.expected.add((Kind.ORDER, serial, None))


SPOILS: list[Spoil] = [drop, lose, flip, add, misspell, write_small, mismeasure, delay, reorder]


def found(differences: Any) -> Expected:  # noqa: ANN401 -- differences
    """Give what tests expect of differences."""
    return {(one.kind, one.serial, one.station) for one in differences}
