from dataclasses import replace
from datetime import UTC, datetime

import pytest

from simulators.chance import seeded
from simulators.faults import (
    FAULTS,
    FaultLog,
    Frame,
    Injection,
    Injector,
    On,
    PlannedFault,
    UnknownFaultError,
    fault,
    pieces,
    value_effects,
)
from simulators.rig import Flash, Laid, Rig

FRAME = Frame(b"CRS25WT6000002\r", b"CRS25WT6000001\r", seeded("test"))
NOON = datetime(2025, 3, 4, 12, 0, 0, tzinfo=UTC)
NAMES = {
    "noise", "split", "glued", "duplicate", "silent", "hung", "unplugged", "renamed", "slow", "half_a_file",
    "wrong_clock", "stale_repeat", "no_contact", "imp_over_isc", "voc_scale",
}  # fmt: skip


def struck(name: str) -> list[PlannedFault]:
    return [PlannedFault(name=name, device="d", at_event=1)]


def written(name: str) -> list[bytes]:
    return [piece.data for piece in pieces(struck(name), FRAME)]


def flashed(name: str) -> tuple[Flash, Flash]:
    honest, lying = Rig(), Rig()
    for rig in (honest, lying):
        rig.lay(Laid("A", "60"))
        rig.flash(NOON)
        rig.lay(Laid("B", "60"))
    return honest.flash(NOON), lying.flash(NOON, value_effects(struck(name)))


def test_every_fault_is_in_the_table_with_the_effect_it_needs() -> None:
    assert set(FAULTS) == NAMES
    for entry in FAULTS.values():
        effects = (entry.bytes_effect, entry.value_effect, entry.port_effect)
        assert sum(effect is not None for effect in effects) == 1
        assert (entry.on is On.PORT) == (entry.port_effect is not None)


def test_a_misspelt_fault_names_the_nearest_one() -> None:
    with pytest.raises(UnknownFaultError, match=r"'unpluged'.*'unplugged'"):
        fault("unpluged")
    with pytest.raises(UnknownFaultError, match="'glued'"):
        PlannedFault(name="glud", device="d", at_event=1)


@pytest.mark.parametrize("moment", [{}, {"at_event": 1, "at_s": 2.0}])
def test_a_fault_needs_exactly_one_moment(moment: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="exactly one"):
        PlannedFault(name="noise", device="d", **moment)  # type: ignore[arg-type]


def test_bytes_are_disturbed_as_named() -> None:
    assert b"".join(written("split")) == FRAME.data
    assert len(written("split")) == 2
    assert written("glued") == [b"CRS25WT6000001CRS25WT6000002\r"]
    assert written("duplicate") == [FRAME.data, FRAME.data]
    assert b"".join(written("slow")) == FRAME.data
    assert len(written("slow")) == len(FRAME.data)
    [noisy] = written("noise")
    assert noisy.endswith(FRAME.data)
    assert len(noisy) > len(FRAME.data)
    assert [piece.data for piece in pieces([], FRAME)] == [FRAME.data]


def test_values_are_disturbed_as_named() -> None:
    assert flashed("no_contact")[1].values.pmax_w == 0.0
    over = flashed("imp_over_isc")[1].values
    assert over.imp_a > over.isc_a
    assert 0.84 <= over.fill_factor <= 0.91
    assert over.pmax_w == pytest.approx(over.imp_a * over.vmp_v)
    honest, scaled = flashed("voc_scale")
    assert scaled.values.voc_v == pytest.approx(honest.values.voc_v * 1.48)
    assert scaled.values.fill_factor < 0.85


def test_a_stale_repeat_shows_the_values_before_under_the_new_serial() -> None:
    rig = Rig()
    rig.lay(Laid("A", "60"))
    first = rig.flash(NOON)
    rig.lay(Laid("B", "60"))
    second = rig.flash(NOON, value_effects(struck("stale_repeat")))
    assert (second.values, second.serial) == (first.values, "B")


def test_a_wrong_clock_changes_nothing_but_the_clock() -> None:
    honest, lying = flashed("wrong_clock")
    assert lying.at != honest.at
    assert replace(lying, at=honest.at) == honest


def test_faults_strike_at_their_event_or_time_once() -> None:
    planned = [
        PlannedFault(name="noise", device="d", at_event=2),
        PlannedFault(name="split", device="d", at_s=5.0),
        PlannedFault(name="unplugged", device="d", at_s=7.0),
        PlannedFault(name="glued", device="other", at_event=1),
    ]
    injector = Injector("d", planned, FaultLog(), started_s=100.0)
    assert injector.wake_at_s == 107.0
    assert [one.name for one in injector.next_event(101.0)] == []
    assert [one.name for one in injector.next_event(102.0)] == ["noise"]
    assert [one.name for one in injector.by_time(106.0)] == []
    assert [one.name for one in injector.next_event(106.0)] == ["split"]
    assert [one.name for one in injector.by_time(107.0)] == ["unplugged"]
    assert [one.name for one in injector.next_event(108.0)] == []


def test_the_log_tells_when_a_device_works_again() -> None:
    heard: list[tuple[str, float | None]] = []
    log = FaultLog(lambda injection: heard.append((injection.name, injection.recovered_s)))
    log.injected(PlannedFault(name="noise", device="d", at_event=1), 10.0)
    log.worked("d", 9.0, 10.5)
    log.worked("other", 11.0, 11.5)
    assert log.injections[0].recovered_s is None
    log.worked("d", 11.0, 11.5)
    log.worked("d", 12.0, 12.5)
    assert log.injections == [Injection("noise", "d", 10.0, 11.5)]
    assert heard == [("noise", None), ("noise", 11.5)]
