"""The tester's own export, as its stand-in writes it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from simulators.exports import content, rows
from simulators.rig import Flash, Laid, Rig
from tests.bench.site import serial

_FIRST = datetime(2025, 3, 4, tzinfo=UTC)
_EVERY = timedelta(seconds=81)
_MODELS = 40


def export(count: int, *, seed: int = 0) -> bytes:
    """Give a workbook with `count` rows: panels 99,999 downwards, each flashed once, no two alike."""
    models = _models(seed)
    flashes = [_variant(models[number % _MODELS], number) for number in range(count)]
    return content(Path("export.xlsx"), rows(flashes))


def drop(folder: Path, name: str, data: bytes) -> None:
    """Put a file into a folder in one piece."""
    part = folder / f".{name}.part"
    part.write_bytes(data)
    part.rename(folder / name)


def _models(seed: int) -> list[Flash]:
    """Flash some panels on the rig: solving a diode for each of thousands would take minutes."""
    rig = Rig(seed)
    for number in range(_MODELS):
        rig.lay(Laid(serial(number), "60"))
        rig.flash(_FIRST)
    return rig.flashes


def _variant(model: Flash, number: int) -> Flash:
    share = 1 + (number // _MODELS) * 1e-5
    values = replace(model.values, isc_a=model.values.isc_a * share, imp_a=model.values.imp_a * share)
    moment = model.at + number * _EVERY
    return replace(model, number=number + 1, serial=serial(99_999 - number), values=values, at=moment)
