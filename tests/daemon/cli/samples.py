"""Results as the control API gives them."""

from typing import Any

Body = dict[str, Any]

AT = "2026-11-23T08:41:12Z"
SERIAL = "CRS25WT6000010"
VALUES = {"Pmax": 301.2, "Voc": 38.51, "Isc": 9.871, "Vmp": 31.42, "Imp": 9.586, "source": "live"}
ORDER: Body = {
    "mo_number": "MO-2026-0815", "panel_type": "60", "line_number": 1, "quantity": 100, "status": "active",
    "watt_class_w": 300, "pmax_min_w": 295.0, "pmax_max_w": None, "notes": "für Müller & Söhne, eilig " * 3,
    "created_at": AT, "completed_at": None, "joined": 63, "completed": 60, "scrapped": 1, "room": 38, "remaining": 40,
}  # fmt: skip
ORDER_SHOWN: Body = {
    **ORDER, "panels": {"completed": ["A"] * 60, "in_production": ["B", "C"], "rework": [], "failed": ["D"]},
    "pallets": [{"pallet_number": "PX-1-2026-000012", "count": 25, "status": "completed"}],
}  # fmt: skip
PANEL: Body = {
    "serial_number": SERIAL, "mo_number": "MO-2026-0815", "panel_type": "60", "frame_type": "W", "backsheet_type": "T",
    "year": 2025, "line_number": 1, "status": "in_production", "current_station": 2, "electrical_pending": False,
    "notes": None, "created_at": AT,
}  # fmt: skip
USER: Body = {
    "username": "Jürgen", "role": "operator", "email": None, "os_user": "jm", "station_assignment": 2, "active": True,
    "last_login": AT, "has_badge": True, "has_password": False,
}  # fmt: skip
ISSUED: Body = {**USER, "badge_token": "0123456789ABCDEF0123456789ABCDEF"}
RULING: Body = {
    "disposition": "tray", "reason": "Two panels were armed.", "decided_by_name": None, "created_at": AT,
    "findings": [{"rule": "ff_high", "severity": "warn", "detail": "FF is 0.85."}],
}  # fmt: skip
FLASH: Body = {
    "uuid": "019370c2-0000-7000-8000-000000000001", "device": "tester", "seen_at": AT, "serial_text": None,
    "values": VALUES,
}  # fmt: skip
PALLET: Body = {
    "pallet_number": "PX-1-2026-000012", "status": "completed", "mo_number": "MO-2026-0815", "count": 2,
    "created_at": AT, "completed_at": AT,
}  # fmt: skip
PALLET_SHOWN: Body = {
    "pallet": PALLET, "order": ORDER, "count": 2, "holds": [{"reason": "A late value fails."}],
    "rows": [
        {"position": 1, "serial": SERIAL, "values": VALUES, "result": "PASS", "time": AT, "operator": "Jürgen"},
        {"position": 2, "serial": "CRS25WT6000011", "values": None, "result": "B", "time": AT, "operator": None},
    ],
}  # fmt: skip
CRITERION: Body = {
    "code": "solder_joints", "station_number": 1, "criterion_name": "Solder Joints", "order_index": 3,
    "line_specific": False, "line_number": None, "active": True,
}  # fmt: skip
RULE: Body = {"key": "default_pallet_size", "value": "25", "description": "Default number of panels per pallet"}
WAIVER: Body = {
    "rule": "ff_high", "panel_type": "60", "until": "2026-12-31T23:00:00Z", "reason": "new cells",
}  # fmt: skip
HOLD: Body = {
    "uuid": "019370c2-0000-7000-8000-000000000002", "subject": "panel", "name": SERIAL, "code": "stale",
    "reason": "Equal values under two serials.", "raised_by": None, "created_at": AT,
}  # fmt: skip
STATUS: Body = {
    "line": 1, "site": "X", "version": "0.1.0", "started_at": AT, "uptime_s": 12.5,
    "store": {"state": "ok", "reason": "", "todo": "", "free_mb": 4096, "days_left": 300.0},
    "devices": [
        {"name": "scanner-1", "kind": "scanner", "station": 1, "state": "online", "port": "/dev/ttyUSB0", "reason": "",
         "todo": "", "since": AT},
        {"name": "tester", "kind": "tester", "station": 4, "state": "searching", "port": None,
         "reason": "No port with this identity is plugged in.", "todo": "Check the cable.", "since": AT},
    ],
    "stations": [
        {"station": 1, "name": "Assembly & EL", "phase": "idle", "colour": "green", "headline": "PASS",
         "detail": f"{SERIAL} saved", "todo": "", "warning": "", "serial": None, "operator": "Jürgen"},
        {"station": 2, "name": "Framing", "phase": "signed_out", "colour": "white", "headline": "", "detail": "",
         "todo": "", "warning": "", "serial": None, "operator": None},
    ],
    "orders": [ORDER], "alarms": [{"code": "stale", "message": "The tester repeats itself.", "station_number": 4,
                                   "created_at": AT}],
    "notices": ["Order MO-2026-0815: 50 panels remaining."], "at": AT,
}  # fmt: skip
HISTORY: Body = {
    "panel": PANEL, "order": ORDER, "pallet": {**PALLET, "position": 1}, "holds": [HOLD],
    "events": [
        {"at": "2026-11-23T08:01:00Z", "kind": "scan", "station_number": 1, "code": "opened", "message": "Inspect",
         "operator": "Jürgen"},
        {"at": "2026-11-23T08:02:00Z", "kind": "result", "station_number": 1, "result": "FAIL", "attempt": 1,
         "counts": False, "notes": "Cracked cell", "operator": "Jürgen", "values": None,
         "criteria": [{"name": "Solder Joints", "result": "FAIL", "notes": None}]},
        {"at": "2026-11-23T08:03:00Z", "kind": "result", "station_number": 4, "result": "PASS", "attempt": 2,
         "counts": True, "notes": None, "operator": "Jürgen", "values": VALUES, "criteria": []},
        {"at": "2026-11-23T08:04:00Z", "kind": "flash", **FLASH, "rulings": [RULING]},
        {"at": "2026-11-23T08:05:00Z", "kind": "hold", "by": None, **HOLD},
        {"at": "2026-11-23T08:06:00Z", "kind": "hold_release", "by": "eva", "reason": "checked"},
        {"at": "2026-11-23T08:07:00Z", "kind": "override", "by": "eva", "action": "move", "station_number": 2,
         "reason": "reframe"},
        {"at": "2026-11-23T08:08:00Z", "kind": "pallet", "pallet_number": "PX-1-2026-000012",
         "position_in_pallet": 1},
        {"at": "2026-11-23T08:09:00Z", "kind": "pallet_removal", "by": "eva", "reason": "undo"},
        {"at": "2026-11-23T08:10:00Z", "kind": "something_new", "reason": "later versions"},
    ],
}  # fmt: skip
NOTE: Body = {
    "uuid": "019370c2-0000-7000-8000-000000000003", "created_at": AT, "noted": "station_result",
    "notes": "Scratch on frame, left side", "panel_uuid": "019370c2-0000-7000-8000-000000000004",
    "serial_number": SERIAL, "mo_number": "MO-2026-0815", "status": "rework", "station_number": 2, "result": "FAIL",
    "criterion": None, "operator": "Jürgen", "voided": False,
}  # fmt: skip
RESULT: Body = {**{key: NOTE[key] for key in NOTE if key not in ("noted", "criterion")}, "result": "B", "attempt": 1}


def piece(*rows: Body, after: str | None = None, **told: object) -> Body:
    """A piece of a list, from the line unless said otherwise."""
    return {"rows": list(rows), "next": after, "source": "local", "away_since": None, "away_because": None, **told}


SHEET: Body = {
    "site": "X", "line": 1, "station": 1, "name": "Assembly & EL",
    "criteria": [{"number": 1, "name": "Glass Placement", "barcode": "SL-F-1"}],
    "commands": [], "defects": [{"code": "101", "name": "Cracked cell", "barcode": "SL-D-101"}],
}  # fmt: skip
