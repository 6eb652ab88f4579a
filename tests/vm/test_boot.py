"""The line under a real service manager, with devices plugged in."""

import pytest

from tests.vm.bed import Bed

pytestmark = [pytest.mark.vm, pytest.mark.timeout(3600)]


def test_systemd_starts_the_line_and_hears_that_it_is_ready(bed: Bed) -> None:
    shown = bed.hand.out("systemctl show sunline@1 -p ActiveState,NRestarts,StatusText,User")
    assert "ActiveState=active" in shown
    assert "NRestarts=0" in shown
    assert "User=sunline" in shown
    assert "StatusText=Line 1" in shown
    assert bed.hand.out("systemctl --failed --no-legend") == ""


def test_a_scanner_that_is_plugged_in_is_found_by_its_serial_and_one_pulled_out_is_missed(bed: Bed) -> None:
    there = "systemctl show sunline@1 -p StatusText | grep -q '{} of 5 devices are there'"
    adapter = bed.machine.plug_serial("SCANNER1")
    try:
        bed.hand.until(there.format(1))
    finally:
        bed.machine.pull(adapter)
    bed.hand.until(there.format(0))
