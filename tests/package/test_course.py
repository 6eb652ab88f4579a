"""A change of version on a model of a PC, with a fault at any call: every record stays, and the lines run again."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.upgrade.course import NotChanged, change
from daemon.upgrade.machine import ConfiguredLine, Lines, Unable

ONE, TWO = (ConfiguredLine(number, Path(f"/etc/sunline/line{number}.toml")) for number in (1, 2))
OLD, NEW = "1.0", "2.0"
AGAIN = "dpkg --configure sunline"


class PowerCut(BaseException):
    """Whoever runs the installation ends it in its midst."""


@dataclass
class Store:
    """A line's records, of a schema."""

    records: list[int] = field(default_factory=list)
    schema: int = 1
    copy: tuple[int, ...] | None = None
    id: int = 0


@dataclass
class ModelPc:
    """A PC whose lines are told to be broken in some version. `fails` names a call, version and line that fails."""

    configured: Lines = (ONE, TWO)
    at_work: str | None = OLD
    compatible: bool = False
    bad_files: frozenset[tuple[str, int]] = frozenset()
    broken: frozenset[tuple[str, int]] = frozenset()
    records_at_start: frozenset[int] = frozenset()
    fails: tuple[str, int] | None = None
    cut: bool = False
    running: dict[int, str | None] = field(default_factory=dict)
    stores: dict[int, Store] = field(default_factory=lambda: {1: Store([1, 2]), 2: Store([3])})
    calls: list[str] = field(default_factory=list)

    def lines(self) -> Lines:
        return self.configured

    def current(self) -> str | None:
        return self.at_work

    def switch(self, version: str) -> None:
        self._call("switch", 0)
        self.at_work = version

    def faults(self, version: str, line: ConfiguredLine) -> tuple[str, ...]:
        self._call("faults", line.number)
        return ("site: it is missing.",) if (version, line.number) in self.bad_files else ()

    def opens(self, version: str, line: ConfiguredLine) -> bool:
        return version == NEW or self.compatible or self.stores[line.number].schema == 1

    def take_over(self, version: str, line: ConfiguredLine) -> None:
        assert line.number not in self.running, "nobody may have the store open"
        store = self.stores[line.number]
        self._call("take_over", line.number)
        store.copy, store.schema = tuple(store.records), 2 if version == NEW else store.schema
        self._call("taken_over", line.number)

    def is_as_kept(self, version: str, line: ConfiguredLine) -> bool:
        assert line.number not in self.running
        store = self.stores[line.number]
        return store.copy == tuple(store.records)

    def give_back(self, version: str, line: ConfiguredLine) -> bool:
        self._call("give_back", line.number)
        if not self.is_as_kept(version, line):
            return False
        self.stores[line.number].schema = 1
        self.stores[line.number].id += 1
        return True

    def is_running(self, line: ConfiguredLine) -> bool:
        return line.number in self.running

    def is_well(self, line: ConfiguredLine) -> bool:
        version = self.running.get(line.number)
        return version is not None and (version, line.number) not in self.broken

    def stop(self, lines: Lines) -> None:
        for line in lines:
            self._call("stop", line.number)
            self.running.pop(line.number, None)

    def start(self, lines: Lines) -> None:
        for line in lines:
            self.calls.append(f"start {line.number}")
            self.running[line.number] = self.at_work
            if self.is_well(line) and self.at_work == NEW and line.number in self.records_at_start:
                self.stores[line.number].records.append(100 + line.number)

    def came_up(self, line: ConfiguredLine) -> bool:
        return self.is_well(line)

    def _call(self, name: str, number: int) -> None:
        self.calls.append(f"{name} {number}")
        if self.fails == (name, number):
            self.fails = None
            raise PowerCut if self.cut else Unable(f"{name} fails.")


def started(pc: ModelPc) -> ModelPc:
    """Have every line run with what is in use."""
    pc.running = {line.number: pc.at_work for line in pc.configured}
    return pc


def test_every_line_runs_with_the_new_version_and_its_store_was_copied() -> None:
    pc = started(ModelPc())
    change(pc, NEW, AGAIN)
    assert pc.running == {1: NEW, 2: NEW}
    assert {store.copy for store in pc.stores.values()} == {(1, 2), (3,)}


def test_files_are_read_before_anything_is_touched() -> None:
    pc = started(ModelPc(bad_files=frozenset({(NEW, 2)})))
    with pytest.raises(NotChanged, match="because of a fault") as told:
        change(pc, NEW, AGAIN)
    assert AGAIN in told.value.todo
    assert pc.calls == ["faults 1", "faults 2"]
    assert pc.running == {1: OLD, 2: OLD}


def test_a_faulty_file_does_not_hinder_the_first_installation() -> None:
    pc = ModelPc(at_work=None, bad_files=frozenset({(NEW, 1)}))
    change(pc, NEW, AGAIN)
    assert (pc.at_work, pc.running) == (NEW, {})


def test_lines_that_did_not_run_stay_as_they_are() -> None:
    pc = ModelPc(running={1: OLD})
    change(pc, NEW, AGAIN)
    assert pc.running == {1: NEW}
    assert pc.stores[2].copy is None


def test_a_line_that_was_not_at_work_is_no_reason_to_go_back() -> None:
    pc = started(ModelPc(broken=frozenset({(OLD, 1), (NEW, 1)}), fails=("take_over", 1)))
    change(pc, NEW, AGAIN)
    assert pc.running == {1: NEW, 2: NEW}


@pytest.mark.parametrize("compatible", [True, False])
def test_a_version_that_does_not_come_up_is_put_back(compatible: bool) -> None:
    pc = started(ModelPc(broken=frozenset({(NEW, 2)}), compatible=compatible))
    with pytest.raises(NotChanged, match=r"line 2 did not come up\. Everything is as it was: 1"):
        change(pc, NEW, AGAIN)
    assert pc.running == {1: OLD, 2: OLD}
    assert [store.schema for store in pc.stores.values()] == ([2, 2] if compatible else [1, 1])
    assert [store.id for store in pc.stores.values()] == ([0, 0] if compatible else [1, 1])


def test_nothing_goes_back_to_a_version_that_cannot_open_what_was_given_back() -> None:
    class Salvaged(ModelPc):
        """The store was damaged: what was copied is what the new version saved of it."""

        def give_back(self, version: str, line: ConfiguredLine) -> bool:
            self._call("give_back", line.number)
            return True

    pc = started(Salvaged(broken=frozenset({(NEW, 2)})))
    with pytest.raises(NotChanged, match=r"cannot be given back to 1\.0\. 2\.0 stays in use"):
        change(pc, NEW, AGAIN)
    assert pc.running == {1: NEW, 2: NEW}


@pytest.mark.parametrize("compatible", [True, False])
def test_what_was_recorded_is_never_undone_by_itself(compatible: bool) -> None:
    pc = started(ModelPc(broken=frozenset({(NEW, 2)}), records_at_start=frozenset({1}), compatible=compatible))
    with pytest.raises(NotChanged, match="line 1 recorded something with it") as told:
        change(pc, NEW, AGAIN)
    assert "sunline-upgrade back" in told.value.todo
    assert pc.running == {1: NEW, 2: NEW}
    assert 101 in pc.stores[1].records


def test_the_same_version_again_starts_the_lines_anew_and_has_no_way_back() -> None:
    pc = started(ModelPc(at_work=NEW))
    change(pc, NEW, AGAIN)
    assert pc.running == {1: NEW, 2: NEW}
    pc.broken = frozenset({(NEW, 1), (NEW, 2)})
    pc.running = {1: NEW}
    pc.broken = frozenset()
    pc.fails = ("take_over", 1)
    with pytest.raises(NotChanged, match="no other version"):
        change(pc, NEW, AGAIN)
    assert pc.running == {1: NEW}


CALLS = st.sampled_from(["switch", "faults", "take_over", "taken_over", "give_back", "stop"])
SOME = st.frozensets(st.tuples(st.just(NEW), st.sampled_from([1, 2])))


@given(
    broken=SOME, recording=st.frozensets(st.sampled_from([1, 2])), compatible=st.booleans(), cut=st.booleans(),
    fails=st.none() | st.tuples(CALLS, st.sampled_from([0, 1, 2])), running=st.sets(st.sampled_from([1, 2])),
)  # fmt: skip
def test_whatever_fails_the_lines_run_and_every_record_stands(
    broken: frozenset[tuple[str, int]],
    recording: frozenset[int],
    compatible: bool,
    cut: bool,
    fails: tuple[str, int] | None,
    running: set[int],
) -> None:
    pc = ModelPc(broken=broken, records_at_start=recording, compatible=compatible, fails=fails, cut=cut)
    pc.running = dict.fromkeys(running, OLD)
    recorded = {number: list(store.records) for number, store in pc.stores.items()}
    try:
        change(pc, NEW, AGAIN)
        refused = False
    except (NotChanged, Unable, PowerCut):
        refused = True
    assert set(pc.running) == running, "what ran runs"
    assert set(pc.running.values()) <= {pc.at_work}, "all lines run with the version in use"
    for number, store in pc.stores.items():
        assert store.records[: len(recorded[number])] == recorded[number]
        assert pc.at_work == NEW or cut or pc.opens(OLD, pc.configured[number - 1])
        if store.id:
            assert store.records == recorded[number], "a store is only given back with nothing new in it"
        if pc.at_work == OLD:
            assert store.records == recorded[number]
    if not refused:
        assert pc.at_work == NEW
        assert all(pc.is_well(line) for line in pc.configured if line.number in running)
