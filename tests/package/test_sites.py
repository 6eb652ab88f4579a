"""Versions side by side, and which is in use."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.upgrade.__main__ import main
from daemon.upgrade.course import NotChanged
from daemon.upgrade.linepc import LinePc
from daemon.upgrade.machine import Unable
from daemon.upgrade.sites import Sites


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for version in ("1.0", "2.0", "3.0"):
        (tmp_path / version / "bin").mkdir(parents=True)
        (tmp_path / version / "pyvenv.cfg").touch()
    (tmp_path / "4.0.new").mkdir()
    (tmp_path / "4.0.new" / "pyvenv.cfg").touch()
    return tmp_path


def test_what_is_in_use_is_one_link(root: Path) -> None:
    assert Sites(root).current is None
    for version in ("1.0", "2.0"):
        Sites(root).switch(version)
        assert Sites(root).current == version
        assert (root / "current").readlink() == Path(version)


def test_a_version_that_is_not_there_is_never_put_into_use(root: Path) -> None:
    sites = Sites(root)
    sites.switch("1.0")
    for version in ("4.0", "4.0.new", "current", "..", ""):
        with pytest.raises(Unable, match="There is no version"):
            sites.switch(version)
    assert sites.current == "1.0"


def test_a_link_that_leads_nowhere_names_nothing(root: Path) -> None:
    (root / "current").symlink_to("9.0")
    assert Sites(root).current is None


def test_only_what_is_wanted_is_kept(root: Path) -> None:
    sites = Sites(root)
    sites.switch("3.0")
    sites.remember("2.0")
    sites.keep_only((sites.current, sites.previous, None))
    assert sites.versions() == ("2.0", "3.0")
    sites.remember(None)
    assert sites.previous is None


def test_versions_are_listed_with_the_words_that_change_them(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sites = Sites(root)
    sites.switch("2.0")
    sites.remember("1.0")
    assert main([], root) == 0
    assert sorted(capsys.readouterr().out.splitlines()) == [
        "1.0  (before it: sunline-upgrade back)", "2.0  (in use)", "3.0  (sunline-upgrade to 3.0)",
    ]  # fmt: skip


def test_a_way_back_that_is_not_there_is_said(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Sites(root).switch("1.0")
    assert main(["back"], root) == 1
    assert "There is no version before this one here." in capsys.readouterr().err
    assert main(["back"], root / "nothing here") == 1


@pytest.fixture
def to(root: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Do a change on a PC without lines."""
    monkeypatch.setattr("daemon.upgrade.linepc.LinePc.lines", lambda _: ())
    return lambda *words: main(words, root)


def test_the_version_before_is_kept_and_older_ones_go(root: Path, to: Callable[..., int]) -> None:
    sites = Sites(root)
    assert to("to", "1.0") == 0
    assert (sites.current, sites.previous, sites.versions()) == ("1.0", None, ("1.0",))


@pytest.mark.parametrize("at", ["before the link", "after the link"])
def test_a_power_cut_loses_no_way_back(
    root: Path, to: Callable[..., int], monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    sites = Sites(root)
    sites.switch("2.0")
    sites.remember("1.0")

    def cut(machine: LinePc, version: str, again: str) -> None:
        if at == "after the link":
            machine.switch(version)
        os._exit(7)  # nothing that would be done at the end is done

    with monkeypatch.context() as midst:
        midst.setattr("daemon.upgrade.__main__.change", cut)
        child = os.fork()
        if not child:
            to("to", "3.0")
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert to("to", "3.0") == 0
    assert (sites.current, sites.previous, sites.versions()) == ("3.0", "2.0", ("2.0", "3.0"))


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT, signal.SIGTERM])
def test_a_change_goes_to_its_end_whoever_is_impatient(
    root: Path, to: Callable[..., int], monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    def change(machine: LinePc, version: str, again: str) -> None:
        os.kill(os.getpid(), number)
        machine.switch(version)

    monkeypatch.setattr("daemon.upgrade.__main__.change", change)
    heard: list[int] = []
    before = signal.signal(number, lambda one, _: heard.append(one))
    try:
        assert to("to", "3.0") == 0
        assert (Sites(root).current, heard) == ("3.0", [])
        os.kill(os.getpid(), number)
        assert heard == [number]
    finally:
        signal.signal(number, before)


def test_a_version_that_did_not_stay_changes_no_way_back(
    root: Path, to: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    sites = Sites(root)
    sites.switch("2.0")
    sites.remember("1.0")

    def refused(machine: LinePc, version: str, again: str) -> None:
        machine.switch(version)
        machine.switch("2.0")
        raise NotChanged("It did not come up.", again)

    monkeypatch.setattr("daemon.upgrade.__main__.change", refused)
    assert to("to", "3.0") == 1
    assert (sites.current, sites.previous) == ("2.0", "1.0")


def test_back_goes_back_once_and_forward_is_by_name(root: Path, to: Callable[..., int]) -> None:
    sites = Sites(root)
    sites.switch("1.0")
    for words, current, previous in (
        (("to", "2.0"), "2.0", "1.0"), (("to", "2.0"), "2.0", "1.0"), (("back",), "1.0", None),
        (("to", "2.0"), "2.0", "1.0"), (("back",), "1.0", None),
    ):  # fmt: skip
        assert to(*words) == 0
        assert (sites.current, sites.previous, set(sites.versions())) == (current, previous, {"1.0", "2.0"})
    assert to("back") == 1
    assert to("to", "3.0") == 1
    assert sites.current == "1.0"
