"""Where a panel belongs and where it goes next."""

from collections.abc import Mapping, Sequence

from storage.records import Panel, PanelStatus, StationResult, Verdict

STATIONS: Mapping[int, str] = {1: "Assembly & EL", 2: "Framing", 3: "Junction Box", 4: "Performance & Final"}
FIRST_STATION = 1
LAST_STATION = 4


def line_of(panel_type: str, line_types: Mapping[str, int]) -> int | None:
    """Name the line a panel type is built on; None for an unknown type, which nobody may build."""
    return line_types.get(panel_type)


def effective(results: Sequence[StationResult]) -> tuple[StationResult, ...]:
    """Drop VOID rows and the rows they took back; the rest in the order given."""
    voided = {row.supersedes for row in results if row.result is Verdict.VOID}
    return tuple(row for row in results if row.result is not Verdict.VOID and row.uuid not in voided)


def fail_count(results: Sequence[StationResult]) -> int:
    """Count the verdicts that sent the panel to rework. A voided attempt is no rework."""
    return sum(row.result is Verdict.FAIL for row in effective(results))


def next_attempt(results: Sequence[StationResult], station_number: int) -> int:
    """Number the coming attempt at a station, from 1."""
    return 1 + sum(row.station_number == station_number for row in effective(results))


def after_verdict(
    station_number: int, verdict: Verdict, earlier: Sequence[StationResult], max_rework_attempts: int
) -> tuple[PanelStatus, int]:
    """Tell status and station of a panel after a verdict.

    PASS and B move on, after station 4 the panel is completed. FAIL re-enters at the station that failed it, until
    the panel has been reworked `max_rework_attempts` times: then it is scrap.
    """
    if verdict is Verdict.FAIL:
        scrapped = fail_count(earlier) >= max_rework_attempts
        return (PanelStatus.FAILED if scrapped else PanelStatus.REWORK), station_number
    if station_number == LAST_STATION:
        return PanelStatus.COMPLETED, LAST_STATION
    return PanelStatus.IN_PRODUCTION, station_number + 1


def before_verdict(station_number: int, earlier: Sequence[StationResult]) -> PanelStatus:
    """Tell the status a panel had while it was being worked on at a station, for taking a verdict back."""
    rows = effective(earlier)
    failed_here = bool(rows) and rows[-1].result is Verdict.FAIL and rows[-1].station_number == station_number
    return PanelStatus.REWORK if failed_here else PanelStatus.IN_PRODUCTION


def is_expected(panel: Panel, station_number: int) -> bool:
    """Tell whether a panel may be worked on at a station now."""
    open_for_work = panel.status in (PanelStatus.IN_PRODUCTION, PanelStatus.REWORK)
    return open_for_work and panel.current_station == station_number
