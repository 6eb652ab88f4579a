"""Station views as the control API gives them, one for every phase and colour."""

from typing import Any

View = dict[str, Any]

_CRITERIA = [
    "Glass Placement",
    "Barcode Application",
    "Solder Joints",
    "String Spacing",
    "Polarity Check",
    "Mirror Examination",
]
_LAST = [
    "Manual Entry - Pmax",
    "Manual Entry - Voc",
    "Manual Entry - Isc",
    "Manual Entry - Vmp",
    "Manual Entry - Imp",
    "High Pot Test",
    "Second EL Test",
]
_OK = {"state": "online", "reason": "", "todo": ""}


def _criteria(names: list[str], **marks: str) -> list[View]:
    return [{"number": n, "name": name, "mark": marks.get(f"c{n}")} for n, name in enumerate(names, 1)]


def _before() -> list[View]:
    rows = [("PASS", None, 8), ("B", "Glass scratch", 9), ("FAIL", "Solder joint open", 7), ("PASS", None, 6)]
    return [
        {"serial": f"CRS25WT60{n:05d}", "result": result, "at": f"2026-11-23T08:{39 - n}:00+00:00", "notes": notes}
        for result, notes, n in rows
    ]


def view(**changes: object) -> View:
    base: View = {
        "station": 1, "name": "Assembly & EL", "line": 1, "phase": "idle", "colour": "white", "headline": "",
        "detail": "", "todo": "", "warning": "", "serial": None, "panel_type": None, "mo_number": None,
        "remaining": None, "operator": "ana", "attempt": 1, "criteria": [], "values": None, "entry": None, "note": "",
        "panel_status": None, "expected_station": None, "armed_since": None, "last_results": _before(),
        "devices": [{"name": "scanner-1", **_OK}], "storage": {"state": "ok", "reason": "", "todo": ""},
        "notices": [], "at": "2026-11-23T08:41:12+00:00",
    }  # fmt: skip
    return {**base, **changes}


def _open(**changes: object) -> View:
    panel = {
        "phase": "inspecting", "serial": "CRS25WT6000010", "panel_type": "60", "mo_number": "MO-2026-0815",
        "remaining": 37, "panel_status": "in_production", "expected_station": 1,
        "criteria": _criteria(_CRITERIA, c6="N_A"),
    }  # fmt: skip
    return view(**{**panel, **changes})


def _final(**changes: object) -> View:
    panel = {
        "station": 4, "name": "Performance & Final", "line": 2, "criteria": _criteria(_LAST), "panel_type": "144",
        "serial": "CRS25BB14400031", "devices": [{"name": "scanner-4", **_OK}, {"name": "tester", **_OK}],
    }  # fmt: skip
    return _open(**{**panel, **changes})


_VALUES = {"Pmax": 545.31, "Voc": 49.62, "Isc": 13.914, "Vmp": 41.8, "Imp": 13.046, "source": "live"}
_TESTER_GONE = {
    "name": "tester", "state": "waiting", "reason": "The tester's cable was unplugged.", "todo": "Plug it in again.",
}  # fmt: skip

SAMPLES: dict[str, View] = {
    "signed_out": view(
        phase="signed_out", operator=None, headline="Signed out", todo="Scan your badge.", last_results=[]
    ),
    "fresh": view(phase="signed_out", operator=None, last_results=[]),
    "hello": view(headline="Hello Jürgen", detail="Assembly & EL", todo="Scan a panel.", operator="Jürgen"),
    "opened": _open(headline="Inspect", detail="CRS25WT6000010", todo="PASS, FAIL or B."),
    "fail_marked": _open(
        colour="amber",
        headline="FAIL",
        detail="Solder Joints",
        todo="Scan a defect, then DONE.",
        attempt=2,
        criteria=_criteria(_CRITERIA, c3="FAIL", c6="N_A"),
        note="Solder joint open",
    ),
    "passed": view(colour="green", headline="PASS", detail="CRS25WT6000010 saved", todo="On to station 2, Framing."),
    "b_grade": view(
        colour="green", headline="B grade", detail="CRS25WT6000010 saved", todo="On to station 2, Framing."
    ),
    "failed": view(
        colour="amber",
        headline="FAIL saved",
        detail="CRS25WT6000010: Solder joint open",
        todo="Rework, then back to station 1.",
    ),
    "scrap": view(
        colour="red",
        headline="SCRAP",
        detail="CRS25WT6000010: Cracked cell",
        todo="Too many reworks. Take it off the line.",
    ),
    "refused": view(
        colour="red",
        headline="Station 2 first",
        detail="CRS25WT6000010 has not been framed.",
        todo="Take it to station 2, Framing.",
    ),
    "warned": _open(
        phase="warned",
        colour="green",
        headline="PASS",
        detail="CRS25WT6000009 saved",
        todo="Read this, then scan DONE.",
        warning="Order MO-2026-0815 has only 50 panels remaining. Tell the supervisor now.",
    ),
    "armed": _final(
        headline="Flash",
        detail="CRS25BB14400031",
        todo="Flash it, then PASS, FAIL or B.",
        armed_since="2026-11-23T08:40:25+00:00",
    ),
    "measured": _final(
        headline="545.3 W",
        detail="CRS25BB14400031",
        todo="PASS, FAIL or B.",
        values={**_VALUES, "judgement": "PASS", "reason": ""},
    ),
    "measured_fail": _final(
        colour="amber",
        headline="512.0 W",
        detail="Pmax is below 530 W.",
        todo="Scan a defect, then DONE.",
        values={**_VALUES, "Pmax": 512.02, "judgement": "FAIL", "reason": "Pmax 512.0 W is below the order's 530 W."},
        note="Pmax 512.0 W is below the order's 530 W.",
    ),
    "flash_again": _final(
        colour="amber",
        headline="Flash again",
        detail="No contact: Isc is zero.",
        todo="Check the contacts, flash again.",
        devices=[{"name": "scanner-4", **_OK}, _TESTER_GONE],
        notices=["Order MO-2026-0815: 50 of 250 left. Plan the next one."],
    ),
    "aside": view(
        station=4,
        name="Performance & Final",
        colour="amber",
        headline="Hello ana",
        detail="Performance & Final",
        todo="Scan a panel.",
        aside="Flash without a panel: kept in the tray. Scan the panel, then flash it.",
    ),
    "unreadable": _final(
        colour="amber",
        headline="Flash again",
        detail="The tester sent a line that could not be read.",
        todo="Call a technician: check baud and dialect.",
        armed_since="2026-11-23T08:40:25+00:00",
        notices=["Order MO-2026-0815 is complete.", "Small order MO-2026-0816: 39 of 40 left. Plan the next one."],
    ),
    "entering": _final(
        phase="entering",
        headline="Voc",
        detail="Pmax 545.3 W",
        todo="Scan Voc in V, then ENTER.",
        entry=["545.3", "49."],
    ),
    "disk_low": _open(
        headline="Inspect",
        detail="CRS25WT6000010",
        todo="PASS, FAIL or B.",
        storage={"state": "low", "reason": "Only 900 MB are free on the disk.", "todo": "Call a technician today."},
    ),
    "refusing": _open(
        headline="Inspect",
        detail="CRS25WT6000010",
        todo="PASS, FAIL or B.",
        storage={"state": "refusing", "reason": "The disk is full.", "todo": "Call a technician; scan nothing."},
    ),
    "silent": view(
        headline="Hello ana",
        todo="Scan a panel.",
        devices=[
            {
                "name": "scanner-1",
                "state": "searching",
                "reason": "The scanner is not plugged in.",
                "todo": "Plug it in.",
            }
        ],
    ),
    "stick_working": _open(
        headline="Inspect",
        detail="CRS25WT6000010",
        todo="PASS, FAIL or B.",
        sticks=[{"name": "BLUE", "state": "working", "text": "writing 43 %", "share": 0.43}],
    ),
    "stick_safe": view(
        colour="green",
        headline="PASS",
        detail="CRS25WT6000010 saved",
        todo="On to station 2, Framing.",
        sticks=[{"name": "BLUE", "state": "good", "text": "Safe to remove: 1,204 results are on it."}],
    ),
    "stick_refused": _final(
        colour="amber",
        headline="Flash again",
        detail="No contact: Isc is zero.",
        todo="Check the contacts, flash again.",
        devices=[{"name": "scanner-4", **_OK}, _TESTER_GONE],
        sticks=[
            {
                "name": "Ultra",
                "state": "bad",
                "text": "This stick is not known here: it was not opened, and nothing was written to it. Take it out. "
                "If it is to take data away, an admin enrols it: sunline usb enrol.",
            },
            {"name": "BLUE", "state": "plugged", "text": "plugged in."},
        ],
    ),
    "stick_beside_warning": _open(
        phase="warned",
        colour="green",
        headline="PASS",
        detail="CRS25WT6000009 saved",
        todo="Read this, then scan DONE.",
        warning="Order MO-2026-0815 has only 50 panels remaining. Tell the supervisor now.",
        sticks=[
            {
                "name": "BLUE",
                "state": "bad",
                "text": "The stick is full: the export is not complete. Make room on it at another computer.",
            }
        ],
    ),
    "foreign": view(
        headline="你好 王小明",
        detail="Ein sehr langer Satz mit Umlauten: äöü ÄÖÜ ß, der nicht in eine Zeile passt, nie und nimmer.",
        todo="Weiter.",
    ),
    "shadow": _open(shadow=True, phase="inspecting", colour="white", headline="Inspect", todo="Scan PASS."),
}
