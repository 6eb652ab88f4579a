"""What Prometheus reads is what the line is, under names that the documentation, the alerts and the dashboard know."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from prometheus_client.parser import text_string_to_metric_families

from daemon.control.face import DeviceStanding, LineFace, Standing, StoreStanding
from daemon.service.exposition import Metric, Sample, exposed
from daemon.service.metrics import METRICS, Metrics
from daemon.service.tally import BOUNDS_S, Tally, Waits
from daemon.service.watching import watch_pages
from drivers.readings import DeviceState
from stations.workflow.state import StationState
from stations.workflow.turn import Place
from storage.redis.client import LinkState
from storage.sync.status import SyncStatus

DOCS = Path(__file__).parents[3] / "docs"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def a_line(*, store: str = "ok", central: bool = True, running: bool = True) -> LineFace:
    standing = Standing(
        at=NOON, version="1.2", started_at=NOON, store=StoreStanding(state=store, free_mb=3),
        devices=(
            DeviceStanding(name='scan "4"', kind="scanner", station=4, state=DeviceState.ONLINE, since=NOON),
            DeviceStanding(name="rig", kind="tester", station=4, state=DeviceState.SEARCHING, since=NOON),
        ),
    )  # fmt: skip
    tie = SimpleNamespace(
        status=SyncStatus(False, NOON, trouble="No answer.", clock_offset=timedelta(seconds=1.5)),
        redis=LinkState(connected=True),
    )
    runner = SimpleNamespace(state=StationState)
    made = SimpleNamespace(
        place=Place("P1", 2), standing=lambda: standing, central=tie if central else None,
        runner=runner if running else None,
    )  # fmt: skip
    return cast("LineFace", made)


def tally() -> Tally:
    made = Tally()
    made.scans[1, "good"] += 3
    made.verdicts[1, "PASS"] += 2
    made.flashes["tray"] += 1
    made.unreadable["rig"] += 1
    made.alarms["order_nearly_done"] += 1
    made.waits[1] = Waits()
    for seconds in (0.0005, 0.004, 99.0):
        made.waits[1].add(seconds)
    return made


def values(text: str) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *(f"{name}={value}" for name, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_every_metric_is_read_by_prometheus_own_parser_with_kind_and_meaning() -> None:
    found = {family.name: family for family in text_string_to_metric_families(Metrics(a_line(), tally()).text())}
    assert set(found) == {metric.name.removesuffix("_total") for metric in METRICS}
    for metric in METRICS:
        family = found[metric.name.removesuffix("_total")]
        assert (family.type, family.documentation) == (metric.kind, metric.meaning)
        assert family.samples, metric.name
        assert all(sample.labels["line"] == "2" for sample in family.samples)


def test_values_are_those_of_the_line() -> None:
    told = values(Metrics(a_line(store="low"), tally()).text())
    assert told["sunline_info", "line=2", "site=P1", "version=1.2"] == 1
    assert told["sunline_store_free_bytes", "line=2"] == 3 << 20
    assert (told["sunline_store_saving", "line=2"], told["sunline_store_low", "line=2"]) == (1, 1)
    assert told["sunline_device_online", 'device=scan "4"', "kind=scanner", "line=2", "station=4"] == 1
    assert told["sunline_device_online", "device=rig", "kind=tester", "line=2", "station=4"] == 0
    assert told["sunline_scans_total", "answer=good", "line=2", "station=1"] == 3
    assert told["sunline_central_connected", "line=2"] == 0
    assert told["sunline_central_since_timestamp_seconds", "line=2"] == NOON.timestamp()
    assert told["sunline_central_clock_offset_seconds", "line=2"] == 1.5
    assert told["sunline_redis_connected", "line=2"] == 1


def test_waits_are_a_histogram() -> None:
    told = values(Metrics(a_line(), tally()).text())
    bucket = [told["sunline_scan_seconds_bucket", f"le={bound}", "line=2", "station=1"] for bound in BOUNDS_S]
    assert bucket == [1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]
    assert told["sunline_scan_seconds_bucket", "le=+Inf", "line=2", "station=1"] == 3
    assert told["sunline_scan_seconds_count", "line=2", "station=1"] == 3
    assert told["sunline_scan_seconds_sum", "line=2", "station=1"] == 99.0045


def test_a_line_without_servers_or_before_its_store_is_open_says_nothing_of_them() -> None:
    text = Metrics(a_line(central=False, running=False), Tally()).text()
    assert "sunline_central_connected" not in text
    assert values(text)["sunline_store_saving", "line=2"] == 1
    assert not [key for key in values(text) if key[0] == "sunline_station_signed_in"]


def test_any_text_is_safe_in_a_label() -> None:
    metric = Metric("x", "gauge", 'of \\ "\n')
    strange = 'a\\n"\n}b'
    (family,) = text_string_to_metric_families(exposed([(metric, [Sample(1e15, {"a": strange})])]))
    assert family.samples[0].labels == {"a": strange}
    assert family.samples[0].value == 1e15


def test_a_line_that_refuses_is_not_healthy() -> None:
    for state, status in (("ok", 200), ("low", 200), ("refusing", 503)):
        page = watch_pages(a_line(store=state), Tally())["/healthz"]()
        assert page.status == status
        told = json.loads(page.text)
        assert (told["status"], told["line"], told["site"]) == (state, 2, "P1")
        assert told["says"].startswith("Line 2 ")


def test_the_documentation_lists_every_metric_as_it_is() -> None:
    text = (DOCS / "metrics.md").read_text("utf-8")
    listed = re.findall(r"^\| `(sunline_\w+)` \| (\w+) \| [^|]* \| (.*) \|$", text, re.MULTILINE)
    assert listed == [(metric.name, metric.kind, metric.meaning) for metric in METRICS]


def test_alerts_and_dashboard_use_only_what_there_is() -> None:
    known = {metric.name for metric in METRICS} | {
        f"sunline_scan_seconds_{part}" for part in ("bucket", "sum", "count")
    }
    dashboard = json.loads((DOCS / "monitoring" / "dashboard.json").read_text("utf-8"))
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]
    rules = (DOCS / "monitoring" / "alerts.yml").read_text("utf-8")
    used = set(re.findall(r"sunline_[a-z_]+", " ".join((*asked, *re.findall(r"expr: (.*)", rules)))))
    assert len(asked) > 8
    assert used <= known
    assert {"sunline_store_saving", "sunline_device_online", "sunline_central_connected"} <= used
