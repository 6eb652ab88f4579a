"""A scanner that types, on this machine's own kernel."""

import os

import pytest

from tests.drivers.hid.uinput import SERIAL, UINPUT, ordeal


@pytest.mark.skipif(
    not os.access(UINPUT, os.R_OK | os.W_OK), reason="no /dev/uinput to make a keyboard of; see test-vm"
)
async def test_a_keyboard_of_the_kernel_is_held_alone_read_exactly_and_torn_scans_are_said() -> None:
    came = await ordeal()
    assert came["first"] == [SERIAL]
    assert "used by another program" in str(came["second reader"])
    assert came["overflow"] == ["What was typed cannot be used: keys before it were lost.", SERIAL]
    assert "unplugged" in str(came["unplugged"])
