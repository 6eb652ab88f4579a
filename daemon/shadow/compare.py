"""Hold the paper against the line: where they differ, and how much of both was compared. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import chain

from daemon.shadow import times, values
from daemon.shadow.attribution import Attributed, Row, attributed
from daemon.shadow.causes import Clues, Kind, cause_of
from daemon.shadow.differing import NOTHING, Difference, named
from daemon.shadow.likeness import alike
from daemon.shadow.pairing import Pair, paired
from daemon.shadow.pallets import misplaced
from daemon.shadow.paper import PaperVerdict
from daemon.shadow.sides import LinePanel, LineVerdict, Sides
from stations.rules.routing import STATIONS
from storage.records import Verdict

_MOST_ALIKE = 3


@dataclass(frozen=True, slots=True)
class Compared:
    """A panel both sides have: at each station, how many verdicts there were to agree on and how many agree.

    `later` verdicts the line gave after the panel's last paper came in: they were not compared.
    """

    panel: LinePanel
    verdicts: Mapping[int, int]
    agreeing: Mapping[int, int]
    later: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that was compared, and all that differs. `unknown` counts the serials of the paper that no panel has."""

    panels: Mapping[str, Compared]
    differences: tuple[Difference, ...]
    unknown: int


def compare(sides: Sides) -> Comparison:
    """Compare everything. The line's verdicts that are younger than a panel's paper are not held against it."""
    found = attributed(sides)
    bench = _Bench(sides, found)
    differences = chain(found.differences, *(bench.of_panel(serial) for serial in found.rows), bench.of_pallets())
    panels = {serial: bench.compared(serial) for serial in found.rows}
    return Comparison(panels, named(differences), found.unknown)


@dataclass(frozen=True, slots=True)
class _About:
    """What a difference is about."""

    panel: LinePanel
    day: date
    station: int | None = None
    rows: tuple[str, ...] = ()
    hint: str = ""


def _made(kind: Kind, about: _About, clues: Clues, line: str, paper: str) -> Difference:
    return Difference(
        kind=kind, cause=cause_of(kind, clues), serial=about.panel.serial, day=about.day, line=line, paper=paper,
        station=about.station, hint=about.hint, rows=about.rows,
    )  # fmt: skip


def _pallet(rows: Sequence[Row]) -> str:
    """Give the pallet the paper names for a panel; the row that came last counts."""
    return next((row.verdict.pallet.strip() for row in reversed(rows) if row.verdict.pallet.strip()), "")


@dataclass
class _Bench:
    """Everything that is looked up while panels are compared."""

    sides: Sides
    found: Attributed
    pairs: dict[str, dict[int, tuple[Pair, ...]]] = field(init=False)

    def __post_init__(self) -> None:
        self.pairs = {serial: self._pairs(serial, rows) for serial, rows in self.found.rows.items()}

    def _pairs(self, serial: str, rows: Sequence[Row]) -> dict[int, tuple[Pair, ...]]:
        panel, until = self.sides.line[serial], max(row.sheet.came for row in rows)
        given = {}
        for station in STATIONS:
            paper = [row.verdict for row in rows if row.verdict.station == station]
            pairs = paired(panel.at_station(station), paper)
            given[station] = tuple(pair for pair in pairs if pair[1] is not None or _is_due(pair[0], until))
        return given

    def compared(self, serial: str) -> Compared:
        panel, pairs = self.sides.line[serial], self.pairs[serial]
        return Compared(
            panel,
            {station: len(some) for station, some in pairs.items()},
            {station: sum(_agrees(pair) for pair in some) for station, some in pairs.items()},
            sum(not one.taken_back for one in panel.verdicts)
            - sum(line is not None for line, _ in chain(*pairs.values())),
        )

    def of_panel(self, serial: str) -> Iterator[Difference]:
        panel = self.sides.line[serial]
        yield from self._orders(panel)
        for station, pairs in self.pairs[serial].items():
            for pair in pairs:
                yield from self._of_pair(panel, station, pair)

    def _of_pair(self, panel: LinePanel, station: int, pair: Pair) -> Iterator[Difference]:
        line, paper = pair
        if line is None and paper is not None:
            yield self._only_paper(panel, paper)
        elif paper is None and line is not None:
            here = sum(other is not None for _, other in self.pairs[panel.serial][station])
            clues = Clues(line=line.result, here_on_paper=here)
            yield _made(Kind.ONLY_LINE, self._about(panel, station), clues, line.result.value, NOTHING)
        elif line is not None and paper is not None:
            about = self._about(panel, station, paper)
            if line.result is not paper.result:
                clues = Clues(line=line.result, paper=paper.result)
                yield _made(Kind.VERDICT, about, clues, line.result.value, paper.result.value)
            yield from self._values(about, line, paper)
            yield from self._times(about, line, paper)

    def _only_paper(self, panel: LinePanel, paper: PaperVerdict) -> Difference:
        station = paper.station
        near = tuple(serial for serial, _ in alike(panel.serial, self._lacking[station, paper.result]))
        clues = Clues(
            paper=paper.result,
            here_on_line=len(panel.at_station(station)),
            taken_back=any(
                one.taken_back and one.result is paper.result for one in panel.verdicts if one.station == station
            ),
            alike=near if len(near) <= _MOST_ALIKE else (),
        )
        about = self._about(panel, station, paper, " or ".join(clues.alike))
        return _made(Kind.ONLY_PAPER, about, clues, NOTHING, paper.result.value)

    def _values(self, about: _About, line: LineVerdict, paper: PaperVerdict) -> Iterator[Difference]:
        places = values.disagreeing(line.values, paper.values)
        if places:
            others = [one for one in about.panel.verdicts if one.station == line.station]
            clues = values.clues(about.panel.serial, line, paper.values, others, self._ledger)
            about = replace(about, hint=" or ".join(clues.owners))
            said, written = values.written(line.values, places), values.written(paper.values, places)
            yield _made(Kind.VALUES, about, clues, said, written)

    def _times(self, about: _About, line: LineVerdict, paper: PaperVerdict) -> Iterator[Difference]:
        if times.far_apart(line, paper, self.sides):
            clues = times.clues(times.gap(line, paper), self._usual_gaps.get(paper.key))
            said = times.moment(line, self.sides, day_only=paper.at is None)
            written = f"{paper.at:%Y-%m-%d %H:%M}" if paper.at is not None else str(paper.day)
            yield _made(Kind.TIME, about, clues, said, written)

    def _orders(self, panel: LinePanel) -> Iterator[Difference]:
        written = {row.verdict.order.strip() for row in self.found.rows[panel.serial]}
        for order in sorted(one for one in written if one and one.upper() != panel.order.upper()):
            yield _made(Kind.ORDER, self._about(panel), Clues(), panel.order, order)

    def of_pallets(self) -> Iterator[Difference]:
        written = {serial: _pallet(rows) for serial, rows in self.found.rows.items()}
        for serial, others in misplaced(self.sides.line, written).items():
            panel = self.sides.line[serial]
            clues = Clues(lies_on_pallet=bool(panel.pallet))
            paper = f"{written[serial]}{f', as {others}' if others and others != panel.pallet else ''}"
            yield _made(Kind.PALLET, self._about(panel), clues, panel.pallet or NOTHING, paper)

    def _about(
        self, panel: LinePanel, station: int | None = None, row: PaperVerdict | None = None, hint: str = ""
    ) -> _About:
        return _About(panel, self.sides.day_of(panel.began), station, (row.key,) if row else (), hint)

    @cached_property
    def _lacking(self) -> Mapping[tuple[int, Verdict], set[str]]:
        """Give the panels that have paper, but not of a verdict of a station."""
        found = defaultdict[tuple[int, Verdict], set[str]](set)
        for serial, stations in self.pairs.items():
            for line, paper in chain.from_iterable(stations.values()):
                if line is not None and paper is None:
                    found[line.station, line.result].add(serial)
        return found

    @cached_property
    def _ledger(self) -> values.Ledger:
        line = {serial: [one.values for one in panel.verdicts] for serial, panel in self.sides.line.items()}
        paper = {serial: [row.verdict.values for row in rows] for serial, rows in self.found.rows.items()}
        return values.Ledger(line, paper)

    @cached_property
    def _usual_gaps(self) -> Mapping[str, timedelta]:
        """Give for each row of paper the gap that the rows of its sheet usually have to the line."""
        sheets = {row.verdict.key: row.sheet for rows in self.found.rows.values() for row in rows}
        gaps = defaultdict[int, list[timedelta]](list)
        both = chain.from_iterable(some for pairs in self.pairs.values() for some in pairs.values())
        for line, paper in both:
            if line is not None and paper is not None and (ahead := times.gap(line, paper)) is not None:
                gaps[id(sheets[paper.key])].append(ahead)
        usual = {sheet: times.usual_gap(some) for sheet, some in gaps.items()}
        of_rows = ((key, usual.get(id(sheet))) for key, sheet in sheets.items())
        return {key: ahead for key, ahead in of_rows if ahead is not None}


def _is_due(line: LineVerdict | None, until: datetime) -> bool:
    return line is not None and line.at <= until


def _agrees(pair: Pair) -> bool:
    line, paper = pair
    return line is not None and paper is not None and line.result is paper.result
