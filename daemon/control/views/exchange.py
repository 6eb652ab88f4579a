"""The exchange with the central server, as the control API tells it."""

from uuid import UUID

from daemon.control.face import CentralFace
from daemon.control.views.plain import Json, moment
from storage.errors import StorageError
from storage.postgres.conflicts import FoundConflict, Side
from storage.redis.client import LinkState
from storage.sqlite.ledger import Parked
from storage.sqlite.view import View
from storage.sync.units import body_of, is_sound, key_of


async def in_short(central: CentralFace) -> Json:
    """Say whether the server is connected, since when or since when not, and how much waits."""
    told = central.status
    try:
        backlog = await central.backlog()
    except StorageError:
        waiting, parked = None, None
    else:
        waiting, parked = backlog.waiting, backlog.parked
    return {
        "connected": told.connected, "since": moment(told.since), "waiting": waiting, "parked": parked,
        "rival": told.rival,
    }  # fmt: skip


def redis_view(state: LinkState) -> Json:
    """Say how the tie to Redis is."""
    return {
        "connected": state.connected, "since": moment(state.since),
        "trouble": None if state.connected else state.last_error,
        "todo": None if state.connected else state.last_error_todo,
    }  # fmt: skip


def list_parked(view: View) -> list[Json]:
    """Give what is parked with what it is about, and the number each waits for."""
    found = view.ledger.parked()
    number = {one.uuid: one.seq for one in reversed(found)}  # of several versions the first is the cause
    return [
        parked_view(one) | {"key": _about(view, one.seq), "waits_for": one.because_of and number.get(one.because_of)}
        for one in found
    ]


def _about(view: View, seq: int) -> str | None:
    """Name what a change is about: the thing itself, or the panel it belongs to."""
    change = view.ledger.change(seq)
    body = body_of(change.body) if change is not None and is_sound(change) else {}
    if (result := body.get("station_result_uuid")) and (verdict := view.result(UUID(result))):
        body = {"panel_uuid": str(verdict.panel_uuid)}
    panel = view.panel_by_uuid(UUID(body["panel_uuid"])) if body.get("panel_uuid") else None
    return panel.serial_number if panel is not None else key_of(body)


def parked_view(one: Parked) -> Json:
    """Give a parked change."""
    return {
        "number": one.seq, "kind": one.kind, "uuid": str(one.uuid), "reason": one.message, "sqlstate": one.sqlstate,
        "because_of": str(one.because_of) if one.because_of else None, "attempts": one.attempts,
        "parked_at": moment(one.parked_at), "discarded_at": moment(one.discarded_at),
        "discarded_because": one.reason,
    }  # fmt: skip


def conflict_view(one: FoundConflict) -> Json:
    """Give a conflict without its versions."""
    return {
        "id": str(one.uuid), "kind": one.kind, "key": one.key, "rule": one.rule, "found_at": moment(one.found_at),
        "differs": list(one.differing), "winner_from": _origin(one.winner), "loser_from": _origin(one.loser),
        "ruling": one.ruling,
    }  # fmt: skip


def _origin(side: Side) -> str:
    return "the server" if side.line_number is None else f"line {side.line_number}"


def side_view(side: Side) -> Json:
    """Give one version of a conflict, without secrets."""
    hidden = {name: "(kept secret)" for name in ("password_hash", "badge_hash") if side.body.get(name)}
    return {"from": _origin(side), "edited_at": moment(side.edited_at), "values": side.body | hidden}
