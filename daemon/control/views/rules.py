"""The factory's rules as people see them: every one there is, also those nobody ever changed."""

from collections.abc import Iterator

from daemon.control.calls import NoArguments
from daemon.control.views.plain import Json
from stations.office.finding import rules_in_force
from stations.rules.serialform import serial_in_words
from stations.rules.settings import KEYS, TYPES_TAKE
from storage.sqlite.view import View


def list_rules(view: View, _: NoArguments) -> list[Json]:
    """Give every rule by key: its value, its meaning, what it takes, who changed it (None: nobody)."""
    return sorted((*_stored(view), *_untouched(view)), key=lambda row: str(row["key"]))


def _stored(view: View) -> Iterator[Json]:
    names = {user.uuid: user.username for user in view.users()}
    for one in view.config_entries():
        changer = names.get(one.updated_by) if one.updated_by else None
        yield _row(view, one.config_key, one.config_value, one.description) | {"updated_by": changer}


def _untouched(view: View) -> Iterator[Json]:
    for key in KEYS.keys() - view.config().keys():
        yield _row(view, key, KEYS[key].default, None) | {"updated_by": None}


def _row(view: View, key: str, value: str, described: str | None) -> Json:
    known = KEYS.get(key)
    meaning = (known.meaning if known else described) or ""
    if key == "serial_pattern":
        meaning += f": {serial_in_words(rules_in_force(view).serial_pattern)}"
    return {"key": key, "value": value, "description": meaning, "takes": known.reader.takes if known else TYPES_TAKE}
