"""USB sticks as JSON-able objects: what they do now, who may take what, what became of their visits."""

import json

from daemon.control.face import StickStanding
from daemon.control.views.plain import Json, moment, plain
from storage.records import Stick, StickVisit
from storage.sqlite.view import View


def stick_now(one: StickStanding) -> Json:
    """Give what is said of a stick now."""
    return {
        "device": one.device, "name": one.name, "state": one.state, "text": one.text, "share": one.share,
        "since": moment(one.since),
    }  # fmt: skip


def enrolled(view: View) -> list[Json]:
    """Give every stick that was ever enrolled, by name, each with its last visit."""
    names = {user.uuid: user.username for user in view.users()}
    last = {visit.stick_uuid: visit for visit in view.sticks.last_visits()}
    return [
        plain_stick(stick, names.get(stick.enrolled_by))
        | {"last_visit": plain_visit(last[stick.uuid], stick.name) if stick.uuid in last else None}
        for stick in view.sticks.all()
    ]


def plain_stick(stick: Stick, enrolled_by: str | None = None) -> Json:
    """Give a stick with the name of who enrolled it."""
    return plain(stick) | {"enrolled_by_name": enrolled_by}


def plain_visit(visit: StickVisit, name: str | None) -> Json:
    """Give a visit with the stick's name and how many files and bytes are known to be whole; not which."""
    files = json.loads(visit.files)
    size = sum(one["bytes"] for one in files)
    return plain(visit, "files") | {"name": name, "file_count": len(files), "file_bytes": size}
