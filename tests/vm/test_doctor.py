"""The doctor on a PC with a service manager of its own: what is well is found well, and what is broken is found."""

import json
from typing import Any

import pytest

from tests.vm.bed import Bed

pytestmark = [pytest.mark.vm, pytest.mark.timeout(900)]
SLOW_S = 300.0

Findings = dict[str, dict[str, Any]]


def doctor(bed: Bed, before: str = "") -> Findings:
    """Every finding by the check that made it."""
    told = bed.hand.run(f"{before} sunline doctor --json", timeout_s=SLOW_S)
    rows = json.loads(told.out)
    assert told.code == int(any(row["bad"] for row in rows)), told.err
    return {f"{row['area']} {row['check']}": row for row in rows}


def test_service_drivers_user_and_rules_are_found_in_order(bed: Bed) -> None:
    found = doctor(bed)
    for check in ("service", "manager", "drivers", "user"):
        assert found[f"Units {check}"]["severity"] == "ok", found[f"Units {check}"]
    for check in (
        "Line file",
        "Line runs",
        "Database store",
        "Database owner",
        "Sticks serving",
        "Disk where",
        "Disk room",
    ):
        assert found[check]["severity"] == "ok", found[check]
    assert "active, enabled" in found["Units service"]["message"]
    assert found["Disk flush-up-to-the-host"]["severity"] == "not seen"


def test_somebody_without_rights_is_told_what_only_root_sees(bed: Bed) -> None:
    found = doctor(bed, "runuser -u nobody --")
    assert found["Disk errors"]["severity"] == "not seen"
    assert "only root may" in found["Database store"]["message"]
    assert "only root and the group sunline" in found["Line runs"]["message"]


def test_a_line_that_was_stopped_disabled_and_robbed_of_its_rules_is_found_so(bed: Bed) -> None:
    rules = bed.hand.out(
        "ls -d /etc/udev/rules.d/60-sunline*.rules /usr/lib/udev/rules.d/60-sunline*.rules || :"
    ).split()
    try:
        bed.hand.out("systemctl disable --now sunline@1")
        bed.hand.out(f"mkdir /root/rules && mv {' '.join(rules)} /root/rules/")
        found = doctor(bed)
        assert found["Line not-running"]["bad"]
        assert {"Units not-enabled", "Units no-rules", "Sticks nobody-serves-sticks"} <= found.keys()
        assert "checked at the next start" in found["Database store"]["message"]
    finally:
        for rule in rules:
            bed.hand.out(f"mv /root/rules/{rule.rpartition('/')[2]} {rule}")
        bed.hand.out("rmdir /root/rules; udevadm control --reload; systemctl enable --now sunline@1")
