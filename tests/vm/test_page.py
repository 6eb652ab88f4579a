"""The page "From an empty PC to a running line" was followed to the letter, on an empty PC."""

import pytest

from tests.vm.page import Followed, numbered, sections
from tests.vm.wire import GREEN

pytestmark = [pytest.mark.vm, pytest.mark.timeout(3600)]


def printed(followed: Followed, section: str) -> str:
    return next(text for title, text in followed.printed.items() if section in title)


def test_every_command_of_the_page_succeeds_in_its_order(followed: Followed) -> None:
    typed = [one.title for one in numbered() if any(kind == "sh" for kind, _ in one.frames)]
    assert list(followed.printed) == typed


def test_the_first_panel_is_answered_green_at_every_scan_and_is_completed(followed: Followed) -> None:
    assert [answer for _, answer in followed.answers] == [GREEN] * 12
    shown = printed(followed, "first panel")
    assert "completed" in shown
    assert "329" in shown


def test_every_port_is_listed_by_what_the_configuration_names_it(followed: Followed) -> None:
    listed = printed(followed, "ports")
    for name in ("SCANNER1", "SCANNER2", "SCANNER3", "SCANNER4", "RIG4"):
        assert name in listed


def test_nothing_is_bad_in_the_end_and_no_unit_has_failed(followed: Followed) -> None:
    found = printed(followed, "rely on it")
    assert "BAD" not in found
    assert "0 loaded units listed" in found


def test_what_is_typed_for_the_spare_pc_is_tested_too() -> None:
    _, *spare = (title for title in sections() if not title[0].isdigit())
    typed = [title for title in spare if sections()[title].frames]
    assert typed == ["If the drive of the dead PC still works", "Check"], "test_spare.py follows these"
