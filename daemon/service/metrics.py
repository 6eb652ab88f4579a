"""What Prometheus is told of a line, all of it from memory: docs/metrics.md lists it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from daemon.control.face import LineFace, Standing
from daemon.service.exposition import Metric, Sample, exposed
from daemon.service.tally import BOUNDS_S, Tally, Waits
from drivers.readings import DeviceState
from stations.rules.routing import STATIONS
from stations.workflow.state import StationState
from storage.records import is_shadow

Told = Iterable[tuple[Metric, Iterable[Sample]]]

INFO: Final = Metric("sunline_info", "gauge", "Always 1: which line of which site, and the version that runs it.")
STARTED: Final = Metric("sunline_started_timestamp_seconds", "gauge", "When the daemon began, in Unix time.")
SHADOW: Final = Metric("sunline_shadow", "gauge", "1 in a shadow run: the paper counts, and nothing here is real work.")
SAVING: Final = Metric("sunline_store_saving", "gauge", "1 while facts are saved, 0 while the stations say NOT SAVED.")
FREE: Final = Metric("sunline_store_free_bytes", "gauge", "Room left on the data disk.")
LOW: Final = Metric("sunline_store_low", "gauge", "1 while the data disk has less room than warn_free_mb.")
ONLINE: Final = Metric("sunline_device_online", "gauge", "1 while a scanner or tester is there and talking.")
SINCE: Final = Metric(
    "sunline_device_since_timestamp_seconds", "gauge", "When a device came to be as it is, in Unix time."
)
SIGNED_IN: Final = Metric("sunline_station_signed_in", "gauge", "1 while an operator is signed in at a station.")
OPEN: Final = Metric("sunline_station_panel_open", "gauge", "1 while a panel is open at a station.")
SCANS: Final = Metric(
    "sunline_scans_total", "counter", "Scans taken, by what the operator heard: good, bad or seen (no effect)."
)
WAIT: Final = Metric("sunline_scan_seconds", "histogram", "From the last byte of a scan to its answer, saved.")
VERDICTS: Final = Metric(
    "sunline_verdicts_total", "counter", "Verdicts of a station: PASS, FAIL, B; VOID takes one back."
)
FLASHES: Final = Metric(
    "sunline_flashes_total",
    "counter",
    "Flashes by where they went: attached, tray, discarded, repeat, reference, error.",
)
UNREADABLE: Final = Metric("sunline_unreadable_total", "counter", "What a device sent that nobody can read.")
ALARMS: Final = Metric("sunline_alarms_total", "counter", "What every station of the line was told, by code.")
CENTRAL: Final = Metric("sunline_central_connected", "gauge", "1 while the central server is connected.")
CENTRAL_SINCE: Final = Metric(
    "sunline_central_since_timestamp_seconds", "gauge", "Since when it is connected, or is not, in Unix time."
)
CLOCK: Final = Metric(
    "sunline_central_clock_offset_seconds", "gauge", "How far this PC's clock is ahead of the server's."
)
RIVAL: Final = Metric("sunline_central_rival", "gauge", "1 while another PC runs this line too.")
REDIS: Final = Metric("sunline_redis_connected", "gauge", "1 while Redis answers.")

METRICS: Final = (
    INFO, STARTED, SHADOW, SAVING, FREE, LOW, ONLINE, SINCE, SIGNED_IN, OPEN, SCANS, WAIT, VERDICTS, FLASHES,
    UNREADABLE, ALARMS, CENTRAL, CENTRAL_SINCE, CLOCK, RIVAL, REDIS,
)  # fmt: skip
"""Every metric there is. The last five: only where the line has a central server, or a Redis."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """The metrics of one line. Every sample carries the number of the line."""

    line: LineFace
    tally: Tally

    def text(self) -> str:
        """Give all of them as they are now."""
        number = {"line": self.line.place.line_number}
        return exposed(
            (metric, [Sample(one.value, {**number, **one.labels}, one.suffix) for one in samples])
            for metric, samples in (*self._state(), *self._counts(), *self._servers())
        )

    def _state(self) -> Told:
        standing = self.line.standing()
        yield INFO, [Sample(1, {"site": self.line.place.site, "version": standing.version})]
        yield STARTED, [Sample(standing.started_at.timestamp())]
        yield SHADOW, [Sample(is_shadow(self.line.place.site))]
        yield SAVING, [Sample(standing.store.state != "refusing")]
        yield FREE, [Sample((standing.store.free_mb or 0) << 20)]
        yield LOW, [Sample(standing.store.state == "low")]
        yield from _devices(standing)
        states = self._stations()
        yield SIGNED_IN, [Sample(state.session is not None, {"station": n}) for n, state in states.items()]
        yield OPEN, [Sample(state.open is not None, {"station": n}) for n, state in states.items()]

    def _stations(self) -> Mapping[int, StationState]:
        runner = self.line.runner
        return {number: runner.state(number) for number in STATIONS} if runner is not None else {}

    def _counts(self) -> Told:
        tally = self.tally
        yield SCANS, _by(tally.scans, "station", "answer")
        yield WAIT, [one for station, waits in sorted(tally.waits.items()) for one in _histogram(station, waits)]
        yield VERDICTS, _by(tally.verdicts, "station", "result")
        yield FLASHES, [Sample(count, {"disposition": name}) for name, count in sorted(tally.flashes.items())]
        yield UNREADABLE, [Sample(count, {"device": name}) for name, count in sorted(tally.unreadable.items())]
        yield ALARMS, [Sample(count, {"code": name}) for name, count in sorted(tally.alarms.items())]

    def _servers(self) -> Told:
        central = self.line.central
        if central is None:
            return
        status, redis = central.status, central.redis
        yield CENTRAL, [Sample(status.connected)]
        yield CENTRAL_SINCE, [Sample(status.since.timestamp())]
        if status.clock_offset is not None:
            yield CLOCK, [Sample(status.clock_offset.total_seconds())]
        yield RIVAL, [Sample(bool(status.rival))]
        if redis is not None:
            yield REDIS, [Sample(redis.connected)]


def _devices(standing: Standing) -> Told:
    named = [(one, {"device": one.name, "kind": one.kind, "station": one.station}) for one in standing.devices]
    yield ONLINE, [Sample(one.state is DeviceState.ONLINE, labels) for one, labels in named]
    yield SINCE, [Sample(one.since.timestamp(), labels) for one, labels in named]


def _by(counts: Counter[tuple[int, str]], *names: str) -> list[Sample]:
    return [Sample(count, dict(zip(names, key, strict=True))) for key, count in sorted(counts.items())]


def _histogram(station: int, waits: Waits) -> Iterator[Sample]:
    total = sum(waits.counts)
    for bound, count in zip((*BOUNDS_S, "+Inf"), accumulate(waits.counts), strict=True):
        yield Sample(count, {"station": station, "le": bound}, "_bucket")
    yield Sample(waits.sum_s, {"station": station}, "_sum")
    yield Sample(total, {"station": station}, "_count")
