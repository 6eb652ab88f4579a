"""What a line records in a shift: people, an order, panels from the first scan to the pallet, and its troubles."""

from collections.abc import Generator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from uuid_utils.compat import uuid7

from storage.records import (
    Alarm,
    Batch,
    ConflictRuling,
    Criterion,
    CriterionResult,
    Disposition,
    FlashRuling,
    Hold,
    HoldRelease,
    ImportedFile,
    IntakeError,
    Keep,
    Mark,
    Order,
    OrderAlert,
    OrderChoice,
    Override,
    Pallet,
    PalletPanel,
    PalletRemoval,
    Panel,
    PanelStatus,
    RawFlash,
    RawGarble,
    RawScan,
    Record,
    Role,
    ScanOutcome,
    SignIn,
    SignOut,
    StationResult,
    Stick,
    StickExport,
    StickOutcome,
    StickVisit,
    Subject,
    Takes,
    User,
    Verdict,
    Waiver,
    thing_uuid,
)
from storage.records.seeds import seed_records

SITE = "TEST"
CRITERIA = {
    station: [
        it for it in seed_records(SITE, datetime.now(UTC)) if isinstance(it, Criterion) and it.station_number == station
    ]
    for station in range(1, 5)
}
_VALUES = '{"Pmax":300.1,"Voc":40.1,"Isc":9.5,"Vmp":33.2,"Imp":9.05,"source":"live"}'
_PALLET = 25


def now() -> datetime:
    return datetime.now(UTC)


class Shift:
    """One order on one line; `begin` once, then `panels`, each batch as one decision would write it."""

    def __init__(self, line: int = 1, order: str = "") -> None:
        self.line = line
        mo_number = order or f"MO-{line}"
        self.operator = User(
            uuid=thing_uuid(SITE, "user", f"op{line}"), username=f"op{line}", role=Role.OPERATOR,
            badge_hash=f"{line}" * 64, created_at=now(),
        )  # fmt: skip
        self.boss = User(uuid=thing_uuid(SITE, "user", "boss"), username="boss", role=Role.SUPERVISOR, created_at=now())
        self.order = Order(
            uuid=thing_uuid(SITE, "order", mo_number), mo_number=mo_number, panel_type="60", line_number=line,
            quantity=1000, created_by=self.boss.uuid, created_at=now(),
        )  # fmt: skip

    def begin(self) -> Iterator[Batch]:
        """People sign in, the order is opened and chosen; one of every kind panels do not lead to."""
        by = self.boss.uuid
        yield Batch((self.operator, self.boss))
        choice = thing_uuid(SITE, "order_choice", f"{self.line}:60")
        chosen = OrderChoice(
            uuid=choice, line_number=self.line, panel_type="60", order_uuid=self.order.uuid, updated_at=now()
        )
        yield Batch((self.order, chosen))
        session = SignIn(
            uuid=uuid7(), user_uuid=self.operator.uuid, station_number=1, created_at=now(),
            expires_at=now() + timedelta(hours=10),
        )  # fmt: skip
        garble = RawGarble(uuid=uuid7(), device="scan-1", raw=b"\xff\x00!", reason="Not a line.", seen_at=now())
        yield Batch((session, SignOut(uuid=uuid7(), sign_in_uuid=session.uuid, reason="badge", created_at=now())))
        yield Batch((
            garble,
            IntakeError(uuid=uuid7(), raw_uuid=garble.uuid, error="none", created_at=now()),
            Alarm(uuid=uuid7(), code="garbled", message="The scanner sent what nobody reads.", created_at=now()),
            ImportedFile(uuid=uuid7(), device="t", name="a.csv", digest="d", row_count=3, created_at=now()),
            OrderAlert(uuid=uuid7(), order_uuid=self.order.uuid, alert="low_remaining", remaining=9, created_at=now()),
            Waiver(
                uuid=uuid7(), rule="ff", panel_type="60", until=now() + timedelta(days=1), reason="new cells",
                granted_by=by, created_at=now(),
            ),
            ConflictRuling(
                uuid=uuid7(), conflict_uuid=uuid7(), keep=Keep.LOCAL, reason="r", decided_by=by, created_at=now()
            ),
        ))  # fmt: skip

        yield Batch(self._stick_visit())

    def _stick_visit(self) -> tuple[Record, ...]:
        """An admin enrols a stick, plugs it in and walks away with the data."""
        at, by = now(), self.boss.uuid
        stick = Stick(
            uuid=thing_uuid(SITE, "stick", f"0781:5581:{self.line}:1234-ABCD"), name=f"BLUE {self.line}",
            usb_serial=str(self.line), vendor_id="0781", product_id="5581", volume_id="1234-ABCD", enrolled_by=by,
            created_at=at,
        )  # fmt: skip
        given = StickExport(
            uuid=uuid7(), stick_uuid=stick.uuid, log_store=uuid7(), after_seq=0, upto_seq=5_000_000_000, since=at,
            until=at, first_day="2025-06-02", last_day="2025-06-02", takes=Takes.EVERYTHING, exported_by=by,
            created_at=at,
        )  # fmt: skip
        visit = StickVisit(
            uuid=uuid7(), stick_uuid=stick.uuid, stick_export_uuid=given.uuid, device="SanDisk Ultra",
            outcome=StickOutcome.EXPORTED, message="Safe to remove.",
            files='[{"name":"export.json","bytes":3,"sha256":"00"}]', created_at=at,
        )  # fmt: skip
        return stick, given, visit

    def panels(self, first: int, count: int) -> Iterator[Batch]:
        """Panels one after the other through all stations; every 5th fails once, every 10th is held and overridden."""
        for number in range(first, first + count):
            serial = f"CRS25WT60{self.line}{number:04}"
            panel = Panel(
                uuid=thing_uuid(SITE, "panel", serial), serial_number=serial, order_uuid=self.order.uuid,
                mo_number=self.order.mo_number, panel_type="60", frame_type="W", backsheet_type="T", year=2025,
                line_number=self.line, created_at=now(),
            )  # fmt: skip
            for station in range(1, 5):
                panel = yield from self._station(panel, station, fails=station == 2 and number % 5 == 3)
            if number % 10 == 4:
                yield self._trouble(panel)
            yield self._placed(panel, number)

    def _station(self, panel: Panel, station: int, *, fails: bool) -> Generator[Batch, None, Panel]:
        yield self._scanned(panel, panel.serial_number, station, *([panel] if station == 1 else []))
        attempt = 1
        if fails:
            failed = self._result(panel, station, Verdict.FAIL, attempt)
            panel = replace(panel, status=PanelStatus.REWORK, current_station=station)
            yield self._scanned(panel, "FAIL", station, *failed, panel)
            attempt = 2
        if station == 4:
            yield self._flashed(panel)
        passed = self._result(panel, station, Verdict.PASS, attempt)
        done = PanelStatus.COMPLETED if station == 4 else PanelStatus.IN_PRODUCTION
        panel = replace(panel, status=done, current_station=min(4, station + 1))
        yield self._scanned(panel, "PASS", station, *passed, panel)
        return panel

    def _scanned(self, panel: Panel, text: str, station: int, *decided: Record) -> Batch:
        scan = RawScan(
            uuid=uuid7(), device=f"scan-{station}", station_number=station, raw=text.encode() + b"\r", text=text,
            seen_at=now(),
        )  # fmt: skip
        outcome = ScanOutcome(
            uuid=uuid7(), scan_uuid=scan.uuid, station_number=station, code="ok", message="Look at the panel.",
            operator_uuid=self.operator.uuid, panel_uuid=panel.uuid, created_at=now(),
        )  # fmt: skip
        return Batch((scan, *decided, outcome))

    def _result(self, panel: Panel, station: int, verdict: Verdict, attempt: int) -> tuple[Record, ...]:
        it = StationResult(
            uuid=uuid7(), panel_uuid=panel.uuid, station_number=station, operator_uuid=self.operator.uuid,
            result=verdict, attempt=attempt, electrical_data=_VALUES if station == 4 else None,
            notes="Länge ≈ 1,7 m; 電池" if verdict is Verdict.FAIL else None, created_at=now(),
        )  # fmt: skip
        marks = (
            CriterionResult(
                uuid=uuid7(), station_result_uuid=it.uuid, criterion_uuid=criterion.uuid, result=Mark.PASS,
                created_at=now(),
            )
            for criterion in CRITERIA[station]
        )  # fmt: skip
        return (it, *marks)

    def _flashed(self, panel: Panel) -> Batch:
        flash = RawFlash(
            uuid=uuid7(), flash_key=panel.serial_number, values_key="v", device="tester", source="live",
            flash_kind="panel", origin="", serial_text=panel.serial_number, serial_number=panel.serial_number,
            date_text=None, time_text=None, pmax_w=300.1, voc_v=40.1, isc_a=9.5, vmp_v=33.2, imp_a=9.05,
            significant_digits=5, irradiance_w_m2=None, temperature_c=25.0, raw=b"\x00\xff\r\n", seen_at=now(),
        )  # fmt: skip
        ruling = FlashRuling(
            uuid=uuid7(), flash_uuid=flash.uuid, disposition=Disposition.ATTACHED, reason="armed",
            panel_uuid=panel.uuid, created_at=now(),
        )  # fmt: skip
        return Batch((flash, ruling))

    def _trouble(self, panel: Panel) -> Batch:
        by = self.boss.uuid
        hold = Hold(
            uuid=uuid7(), subject=Subject.PANEL, subject_uuid=panel.uuid, code="ff", reason="r", created_at=now()
        )
        return Batch((
            hold,
            HoldRelease(uuid=uuid7(), hold_uuid=hold.uuid, reason="r", released_by=by, created_at=now()),
            Override(
                uuid=uuid7(), panel_uuid=panel.uuid, action="retest", station_number=4, reason="r", decided_by=by,
                created_at=now(),
            ),
        ))  # fmt: skip

    def _placed(self, panel: Panel, number: int) -> Batch:
        named = f"PX-{self.line}-2026-{number // _PALLET + 1:06}"
        pallet = Pallet(
            uuid=thing_uuid(SITE, "pallet", named), pallet_number=named, order_uuid=self.order.uuid,
            created_by=self.operator.uuid, created_at=self.order.created_at,
        )  # fmt: skip
        placed = PalletPanel(
            uuid=uuid7(), pallet_uuid=pallet.uuid, panel_uuid=panel.uuid, position_in_pallet=number % _PALLET + 1,
            added_at=now(),
        )  # fmt: skip
        if number % _PALLET:
            return Batch((placed,))
        off = PalletRemoval(
            uuid=uuid7(), pallet_panel_uuid=placed.uuid, reason="undo", removed_by=self.boss.uuid, created_at=now()
        )
        return Batch((pallet, placed, off, replace(placed, uuid=uuid7())))
