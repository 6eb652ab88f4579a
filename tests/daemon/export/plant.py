"""What a few days leave behind on a line: every list of an export has rows, and the texts are as bad as texts get."""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from storage.records import (
    CriterionResult,
    Mark,
    Order,
    Pallet,
    PalletPanel,
    PalletStatus,
    Panel,
    PanelStatus,
    Record,
    StationResult,
    Verdict,
    thing_uuid,
)  # fmt: skip
from tests.stations.office.shop import PEOPLE

SITE = "IN"
START = datetime(2026, 3, 2, 6, 0, 0, 1, tzinfo=UTC)
NASTY = '=HYPERLINK("x"),\r\n"quoted"\t電池 😀 \u2028 \x7f \\u0000'
VALUES = {"Pmax": 327.6, "Voc": 41.0, "Isc": 10.19, "Vmp": 33.8, "Imp": 9.6923, "source": "manual"}
OTTO = thing_uuid(SITE, "user", "otto")


def days(panels: int = 30, site: str = SITE) -> list[Record]:
    """Give one order, its panels with their results, one pallet of those that passed; criteria are the site's."""
    order = Order(
        uuid=thing_uuid(SITE, "order", "MO-7"), mo_number="MO-7", panel_type="60", line_number=1, quantity=999,
        notes=NASTY, created_by=OTTO, created_at=START,
    )  # fmt: skip
    pallet = Pallet(
        uuid=thing_uuid(SITE, "pallet", "PIN-1-2026-000001"), pallet_number="PIN-1-2026-000001", order_uuid=order.uuid,
        status=PalletStatus.COMPLETED, created_by=OTTO, created_at=START, completed_at=START + timedelta(days=1),
    )  # fmt: skip
    found: list[Record] = [*PEOPLE, order, pallet]
    for number in range(panels):
        found += _panel(order, pallet, number, site)
    return found


def _panel(order: Order, pallet: Pallet, number: int, site: str) -> list[Record]:
    serial, at = f"CRS26WT60{number:05}", START + timedelta(minutes=number)
    fate = (PanelStatus.COMPLETED, PanelStatus.FAILED, PanelStatus.REWORK)[number % 3]
    panel = Panel(
        uuid=thing_uuid(SITE, "panel", serial), serial_number=serial, order_uuid=order.uuid, mo_number=order.mo_number,
        panel_type="60", frame_type="W", backsheet_type="T", year=2026, line_number=1, status=fate, current_station=4,
        created_at=at,
    )  # fmt: skip
    place = PalletPanel(
        uuid=uuid7(), pallet_uuid=pallet.uuid, panel_uuid=panel.uuid, position_in_pallet=number + 1, added_at=at
    )
    last = Verdict.PASS if fate is PanelStatus.COMPLETED else Verdict.FAIL
    solder, high_pot = (thing_uuid(site, "criterion", key) for key in ("1:solder_joints", "4:high_pot_test"))
    rows = [
        *_result(panel.uuid, solder, Verdict.COSMETIC, at, NASTY),
        *_result(panel.uuid, high_pot, last, at, "@broken\n", station=4),
    ]
    return [panel, *([place] if last is Verdict.PASS else []), *rows]


def _result(panel: UUID, criterion: UUID, verdict: Verdict, at: datetime, notes: str, station: int = 1) -> list[Record]:
    result = StationResult(
        uuid=uuid7(), panel_uuid=panel, station_number=station, operator_uuid=OTTO, result=verdict, notes=notes,
        electrical_data=json.dumps(VALUES) if station == 4 else None, attempt=1, created_at=at,
    )  # fmt: skip
    mark = CriterionResult(
        uuid=uuid7(), station_result_uuid=result.uuid, criterion_uuid=criterion, notes="-cold, too", created_at=at,
        result=Mark.FAIL if verdict is Verdict.FAIL else Mark.PASS,
    )  # fmt: skip
    return [result, mark]
