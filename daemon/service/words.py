"""How a line is, in one short text: for `systemctl status`."""

from collections.abc import Iterator, Sequence
from typing import Final

from daemon.control.face import DeviceStanding, LineFace, Standing
from drivers.readings import DeviceState
from stations.rules.routing import STATIONS
from storage.records import SHADOW_WORDS, is_shadow
from storage.sync.status import SyncStatus

_NAMED: Final = 3


def line_words(line: LineFace) -> str:
    """Say how a line is, from memory."""
    runner, central = line.runner, line.central
    signed_in = [number for number in STATIONS if runner is not None and runner.state(number).session is not None]
    said = status_words(line.place.line_number, line.standing(), signed_in, central.status if central else None)
    return f"{SHADOW_WORDS}. {said}" if is_shadow(line.place.site) else said


def status_words(line_number: int, standing: Standing, signed_in: Sequence[int], exchange: SyncStatus | None) -> str:
    """Say first what stops the line, then what somebody should look at, then what is well."""
    return " ".join(_sentences(line_number, standing, signed_in, exchange))


def _sentences(
    line_number: int, standing: Standing, signed_in: Sequence[int], exchange: SyncStatus | None
) -> Iterator[str]:
    store = standing.store
    if store.state == "refusing":
        yield f"Line {line_number} refuses scans: {store.reason} {store.todo}"
    else:
        yield f"Line {line_number} takes scans."
    if store.state == "low":
        yield f"{store.reason} {store.todo}"
    yield _devices(standing.devices)
    if signed_in:
        yield f"Signed in at {'station' if len(signed_in) == 1 else 'stations'} {', '.join(map(str, signed_in))}."
    if exchange is not None:
        yield _exchange(exchange)


def _devices(devices: Sequence[DeviceStanding]) -> str:
    away = [one for one in devices if one.state is not DeviceState.ONLINE]
    if not away:
        return f"All {len(devices)} devices are there." if devices else "It has no devices."
    named = ", ".join(f"{one.name} ({one.state})" for one in away[:_NAMED])
    more = f" and {len(away) - _NAMED} more" if len(away) > _NAMED else ""
    return f"{len(devices) - len(away)} of {len(devices)} devices are there, not {named}{more}."


def _exchange(exchange: SyncStatus) -> str:
    if exchange.rival:
        return f"Another PC runs this line too: {exchange.rival}."
    if exchange.connected:
        return "Connected to the central server."
    return f"Not connected to the central server since {exchange.since:%Y-%m-%d %H:%M} UTC; the line goes on."
