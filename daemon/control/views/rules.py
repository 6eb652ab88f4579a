"""The factory's rules as people see them: every one there is, also those nobody ever changed."""

from collections.abc import Callable
from uuid import UUID

from daemon.control.calls import NoArguments
from daemon.control.views.plain import Json
from stations.office.finding import rules_in_force
from stations.rules.serialform import serial_in_words
from stations.rules.settings import KEYS, takes
from storage.records import ConfigEntry
from storage.sqlite.view import View

_UNKNOWN = "There is no such rule: it has no effect."


def list_rules(view: View, _: NoArguments) -> list[Json]:
    """Give every rule by key: its value, its meaning, what it takes, who changed it (null: nobody)."""
    stored = {entry.config_key: entry for entry in view.config_entries()}
    names = {user.uuid: user.username for user in view.users()}
    return [_row(view, key, stored.get(key), names.get) for key in sorted(stored.keys() | KEYS.keys())]


def _row(view: View, key: str, entry: ConfigEntry | None, name_of: Callable[[UUID], str | None]) -> Json:
    return {
        "key": key,
        "value": entry.config_value if entry else KEYS[key].default,
        "description": _meaning(view, key, entry),
        "takes": takes(key),
        "updated_by": name_of(entry.updated_by) if entry and entry.updated_by else None,
    }


def _meaning(view: View, key: str, entry: ConfigEntry | None) -> str:
    if key == "serial_pattern":
        return f"{KEYS[key].meaning}: {serial_in_words(rules_in_force(view).serial_pattern)}"
    if key in KEYS:
        return KEYS[key].meaning
    return (entry.description if entry else None) or ("" if takes(key) else _UNKNOWN)
