"""The line's service as systemd runs it: what it may, what it says, and that it is given up for dead when it hangs."""

import json

import pytest

from tests.vm.bed import Bed

pytestmark = [pytest.mark.vm, pytest.mark.timeout(900)]
AGAIN_S = 300.0
READY = "systemctl show sunline@1 -p StatusText | grep -q 'takes scans'"


def shown(bed: Bed, name: str) -> str:
    return bed.hand.out(f"systemctl show sunline@1 -P {name}").strip()


def test_the_running_service_is_exposed_no_more_than_the_file_promised(bed: Bed) -> None:
    bed.hand.out("systemd-analyze security --no-pager --threshold=15 sunline@1", timeout_s=120)


def test_nothing_it_does_at_its_start_is_an_error(bed: Bed) -> None:
    bed.hand.out("systemctl restart sunline@1")
    bed.hand.until(READY)
    assert bed.hand.out(f"journalctl -q -o cat -p err _SYSTEMD_INVOCATION_ID={shown(bed, 'InvocationID')}") == ""


def test_its_log_is_found_by_its_fields(bed: Bed) -> None:
    line = bed.hand.out("journalctl -b -q -o json -t sunline LINE=1 _SYSTEMD_UNIT=sunline@1.service -n 1").strip()
    record = json.loads(line)
    assert record["LOGGER"].startswith(("daemon", "stations", "drivers", "storage"))
    assert record["_TRANSPORT"] == "journal"


def test_its_metrics_are_for_this_machine(bed: Bed) -> None:
    ask = "exec 3<>/dev/tcp/127.0.0.1/8401; printf 'GET %s HTTP/1.0\\r\\n\\r\\n' {} >&3; cat <&3"
    assert '"status": "ok"' in bed.hand.out(ask.format("/healthz"))
    assert 'sunline_store_saving{line="1"} 1\n' in bed.hand.out(ask.format("/metrics"))
    assert "127.0.0.1:8401" in bed.hand.out("ss -Hltn 'sport = :8401'")


def test_a_reload_ends_when_the_file_was_taken_over(bed: Bed) -> None:
    before, cursor = shown(bed, "MainPID"), bed.cursor()
    bed.hand.out("systemctl reload sunline@1")
    bed.told(cursor, "sunline", "configuration was read again")
    bed.hand.until('test "$(systemctl show sunline@1 -P ActiveState)" = active')
    assert shown(bed, "MainPID") == before


def test_a_secret_that_only_root_can_read_reaches_the_service_alone(bed: Bed) -> None:
    config, cursor = bed.hand.get("/etc/sunline/line1.toml"), bed.cursor()
    bed.hand.put("/etc/credstore/sunline1.dsn", "host=127.0.0.1 port=1 user=line1\n", 0o600)
    try:
        bed.hand.put("/etc/sunline/line1.toml", config + b'\n[central]\ndsn_file = "%d/central.dsn"\n')
        bed.hand.out("systemctl restart sunline@1", timeout_s=AGAIN_S)
        bed.hand.until("systemctl show sunline@1 -P StatusText | grep -q 'Not connected to the central server since'")
        bed.told(cursor, "sunline", "Not connected to the central server: ")
        bed.hand.out("test -s /run/credentials/sunline@1.service/central.dsn")
        denied = bed.hand.run("runuser -u nobody -- cat /run/credentials/sunline@1.service/central.dsn")
        assert denied.code != 0
    finally:
        bed.hand.put("/etc/sunline/line1.toml", config)
        bed.hand.out("rm /etc/credstore/sunline1.dsn; systemctl restart sunline@1", timeout_s=AGAIN_S)


def test_a_daemon_that_hangs_is_killed_and_started_again_with_everything_it_had(bed: Bed) -> None:
    bed.hand.until(READY)
    with bed.machine.impatient():
        bed.hand.out("systemctl restart sunline@1")
        bed.hand.until(READY)
        assert shown(bed, "WatchdogUSec") == "30s"
        pid, cursor = shown(bed, "MainPID"), bed.cursor()
        bed.hand.out(f"kill -STOP {pid}")
        bed.hand.until(f"test -n \"$(systemctl show sunline@1 -P MainPID | grep -vxE '0|{pid}')\" && {READY}")
        bed.told(cursor, "systemd", "Watchdog timeout")
        assert bed.sunline("status")["store"]["state"] == "ok"
