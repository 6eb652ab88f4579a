"""A small factory whose notes hold whatever people type, and what each question should be answered from it."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from storage.reads import (
    FailedPanel,
    Found,
    FoundNote,
    FoundOrder,
    FoundPallet,
    FoundPanel,
    FoundResult,
    ListFailed,
    ListOrders,
    ListPallets,
    ListPanels,
    ListResults,
    Noted,
    Question,
    SearchNotes,
    words,
)
from storage.records import (
    Criterion,
    CriterionResult,
    Mark,
    Order,
    OrderCounts,
    OrderStatus,
    Pallet,
    PalletPanel,
    PalletRemoval,
    PalletStatus,
    Panel,
    PanelStatus,
    Record,
    Role,
    StationResult,
    User,
    Verdict,
    thing_uuid,
)

SITE = "TEST"
BEGAN = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
SAID = (
    "scratch", "Scratch!", "SCRATCH on frame", "Lötstelle-3", "lötstelle 3", "Lo\u0308tstelle kalt", "lotstelle",
    "太阳能板 破裂", "破裂", "стекло, Стекло", "code 101/102", "101", "3.5 mm", "straße", "STRASSE", "ΣΑΣ σας",
    "İstanbul istanbul", "１２ full width", "12", "don't", "a\x00b".replace("\x00", "-"), "naïve café ﬁne",
    "", "   ", "---", "😀", "x" * 200, "x" * 64,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Factory:
    """Everything recorded; the newest version of each thing, and before them older versions of some panels."""

    users: tuple[User, ...]
    criteria: tuple[Criterion, ...]
    orders: tuple[Order, ...]
    earlier: tuple[Panel, ...]
    panels: tuple[Panel, ...]
    results: tuple[StationResult, ...]
    marks: tuple[CriterionResult, ...]
    pallets: tuple[Pallet, ...]
    placed: tuple[PalletPanel, ...]
    removed: tuple[PalletRemoval, ...]

    @property
    def records(self) -> tuple[Record, ...]:
        """Give everything, parents before children."""
        things: tuple[Record, ...] = (*self.users, *self.criteria, *self.orders, *self.earlier, *self.panels)
        return (*things, *self.results, *self.marks, *self.pallets, *self.placed, *self.removed)


class _Maker:
    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def uuid(self) -> UUID:
        return UUID(int=self.chance.getrandbits(128))

    def moment(self) -> datetime:
        """Many things happen in the same microsecond."""
        return BEGAN + timedelta(minutes=self.chance.randrange(60), microseconds=self.chance.randrange(2))

    def note(self) -> str | None:
        if self.chance.random() < 0.4:
            return None
        return " ".join(self.chance.choices(SAID, k=self.chance.randint(1, 3)))

    def panel(self, number: int, order: Order) -> Panel:
        serial = f"CRS25WT60{number:05}"
        return Panel(
            uuid=thing_uuid(SITE, "panel", serial), serial_number=serial, order_uuid=order.uuid,
            mo_number=order.mo_number, panel_type="60", frame_type="W", backsheet_type="T", year=2025, line_number=1,
            status=self.chance.choice(list(PanelStatus)), current_station=self.chance.randint(1, 4),
            notes=self.note(), created_at=self.moment(),
        )  # fmt: skip

    def results(self, panel: Panel, user: User) -> Iterator[StationResult]:
        for attempt in range(1, self.chance.randint(1, 5)):
            result = StationResult(
                uuid=self.uuid(), panel_uuid=panel.uuid, station_number=self.chance.randint(1, 4),
                operator_uuid=user.uuid, result=self.chance.choice([Verdict.PASS, Verdict.FAIL, Verdict.COSMETIC]),
                notes=self.note(), attempt=attempt, created_at=self.moment(),
            )  # fmt: skip
            yield result
            if self.chance.random() < 0.2:
                yield replace(
                    result, uuid=self.uuid(), result=Verdict.VOID, supersedes=result.uuid, created_at=self.moment()
                )

    def mark(self, result: StationResult, criterion: Criterion) -> CriterionResult:
        return CriterionResult(
            uuid=self.uuid(), station_result_uuid=result.uuid, criterion_uuid=criterion.uuid,
            result=self.chance.choice(list(Mark)), notes=self.note(), created_at=result.created_at,
        )  # fmt: skip

    def pallet(self, number: int, order: Order) -> Pallet:
        name = f"PT-1-2026-{number:06}"
        status = self.chance.choice(list(PalletStatus))
        return Pallet(
            uuid=thing_uuid(SITE, "pallet", name), pallet_number=name, order_uuid=order.uuid, status=status,
            created_at=self.moment(),
        )  # fmt: skip


def factory(seed: int = 1, panels: int = 60) -> Factory:
    """Make the same factory for the same seed."""
    make = _Maker(seed)
    chance = make.chance
    users = tuple(
        User(uuid=thing_uuid(SITE, "user", name), username=name, role=Role.OPERATOR, created_at=BEGAN)
        for name in ("jürgen", "eva")
    )
    criteria = (
        Criterion(uuid=thing_uuid(SITE, "criterion", "odd"), code="odd", station_number=1, criterion_name="Öddity",
                  order_index=9),
    )  # fmt: skip
    orders = tuple(
        Order(uuid=thing_uuid(SITE, "order", name), mo_number=name, panel_type="60", line_number=1, quantity=99,
              status=chance.choice(list(OrderStatus)), created_at=make.moment())
        for name in (f"MO-{number}" for number in range(6))
    )  # fmt: skip
    made = tuple(make.panel(number, chance.choice(orders[1:])) for number in range(panels))
    earlier = tuple(replace(one, notes=make.note()) for one in chance.sample(made, panels // 3))
    results = tuple(result for panel in made for result in make.results(panel, chance.choice(users)))
    marks = tuple(make.mark(result, criteria[0]) for result in chance.sample(results, len(results) // 3))
    pallets = tuple(make.pallet(number, chance.choice(orders)) for number in range(12))
    placed = tuple(
        PalletPanel(uuid=make.uuid(), pallet_uuid=chance.choice(pallets).uuid, panel_uuid=panel.uuid,
                    position_in_pallet=number + 1, added_at=make.moment())
        for number, panel in enumerate(chance.sample(made, panels // 2))
    )  # fmt: skip
    removed = tuple(
        PalletRemoval(uuid=make.uuid(), pallet_panel_uuid=place.uuid, reason="undo", removed_by=users[0].uuid,
                      created_at=make.moment())
        for place in chance.sample(placed, len(placed) // 4)
    )  # fmt: skip
    return Factory(users, criteria, orders, earlier, made, results, marks, pallets, placed, removed)


class Model:
    """Answers questions from the records alone."""

    def __init__(self, made: Factory) -> None:
        self._made = made
        self._panels = {one.uuid: one for one in made.panels}
        self._results = {one.uuid: one for one in made.results}
        self._superseded = {one.supersedes for one in made.results}
        self._names = {one.uuid: one.username for one in made.users}
        self._criteria = {one.uuid: one.criterion_name for one in made.criteria}
        self._numbers = {one.uuid: one.mo_number for one in made.orders}

    def answer(self, question: Question) -> tuple[Found, ...]:
        """Give the whole list."""
        found = list(self._all(question))
        return tuple(sorted(found, key=lambda one: (one.mark.created_at, one.mark.uuid.bytes), reverse=True))

    def _all(self, question: Question) -> Iterator[Found]:
        match question:
            case SearchNotes():
                return (one for one in self._notes() if question.words and _has(one, question))
            case ListResults():
                return (one for one in map(self._result, self._made.results) if _asked_for(one, question))
            case ListPanels():
                return (FoundPanel(one) for one in self._made.panels if _is(one, question))
            case ListFailed():
                failed = ListPanels(status=PanelStatus.FAILED, order=question.order)
                return (FailedPanel(one, self._last_fail(one)) for one in self._made.panels if _is(one, failed))
            case ListOrders(status=status):
                orders = (one for one in self._made.orders if status in (None, one.status))
                return (FoundOrder(one, self._counts(one)) for one in orders)
            case ListPallets(status=status, order=order):
                pallets = (one for one in self._made.pallets if status in (None, one.status))
                found = (FoundPallet(one, self._numbers[one.order_uuid], self._on(one)) for one in pallets)
                return (one for one in found if order in (None, one.mo_number))

    def _notes(self) -> Iterator[FoundNote]:
        for panel in self._made.panels:
            if panel.notes is not None:
                yield self._note(panel.uuid, panel.created_at, Noted.PANEL, panel.notes, panel)
        for result in self._made.results:
            if result.notes is not None:
                panel = self._panels[result.panel_uuid]
                yield self._note(result.uuid, result.created_at, Noted.RESULT, result.notes, panel, result)
        for mark in self._made.marks:
            if mark.notes is not None:
                result = self._results[mark.station_result_uuid]
                panel, name = self._panels[result.panel_uuid], self._criteria[mark.criterion_uuid]
                yield self._note(mark.uuid, mark.created_at, Noted.CRITERION, mark.notes, panel, result, name)

    def _note(
        self, uuid: UUID, at: datetime, noted: Noted, notes: str, panel: Panel, result: StationResult | None = None,
        criterion: str | None = None,
    ) -> FoundNote:  # fmt: skip
        given = (uuid, at, noted, notes, panel.uuid, panel.serial_number, panel.mo_number, panel.status)
        if result is None:
            return FoundNote(*given, None, None, criterion, None, False)
        operator, voided = self._names[result.operator_uuid], self._voided(result)
        return FoundNote(*given, result.station_number, result.result, criterion, operator, voided)

    def _result(self, one: StationResult) -> FoundResult:
        panel = self._panels[one.panel_uuid]
        return FoundResult(
            one.uuid, one.created_at, panel.uuid, panel.serial_number, panel.mo_number, panel.status,
            one.station_number, one.result, one.attempt, one.notes, self._names[one.operator_uuid], self._voided(one),
        )  # fmt: skip

    def _voided(self, one: StationResult) -> bool:
        return one.result is Verdict.VOID or one.uuid in self._superseded

    def _last_fail(self, panel: Panel) -> FoundResult | None:
        own = (self._result(one) for one in self._made.results if one.panel_uuid == panel.uuid)
        fails = [one for one in own if one.result is Verdict.FAIL and not one.voided]
        return max(fails, key=lambda one: (one.created_at, one.uuid.bytes), default=None)

    def _counts(self, order: Order) -> OrderCounts:
        of_it = [one.status for one in self._made.panels if one.order_uuid == order.uuid]
        return OrderCounts(len(of_it), of_it.count(PanelStatus.COMPLETED), of_it.count(PanelStatus.FAILED))

    def _on(self, pallet: Pallet) -> int:
        gone = {one.pallet_panel_uuid for one in self._made.removed}
        return sum(one.pallet_uuid == pallet.uuid and one.uuid not in gone for one in self._made.placed)


def _has(one: FoundNote, question: SearchNotes) -> bool:
    return (
        set(question.words) <= set(words(one.notes))
        and question.status in (None, one.status)
        and question.order in (None, one.mo_number)
        and question.station in (None, one.station_number)
        and question.since <= one.created_at < question.until
    )


def _asked_for(one: FoundResult, question: ListResults) -> bool:
    return (
        question.result in (None, one.result)
        and question.station in (None, one.station_number)
        and question.order in (None, one.mo_number)
        and not (question.standing and one.voided)
        and question.since <= one.created_at < question.until
    )


def _is(one: Panel, question: ListPanels) -> bool:
    return (
        question.status in (None, one.status)
        and question.station in (None, one.current_station)
        and question.order in (None, one.mo_number)
    )
