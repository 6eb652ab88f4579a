"""A small plant whose notes, names and values hold whatever people and devices write, and what an export has of it."""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from storage.export import ExportList, Scope
from storage.records import (
    Disposition,
    FlashRuling,
    Hold,
    Order,
    Override,
    Pallet,
    Panel,
    PanelStatus,
    RawFlash,
    Record,
    StationResult,
    Subject,
    User,
    Verdict,
)
from tests.storage.reads.factory import BEGAN, Factory, factory

EVER = Scope(since=datetime(2000, 1, 1, tzinfo=UTC), until=datetime(2100, 1, 1, tzinfo=UTC))
SAID = (
    '=HYPERLINK("http://x";"y")', "+1", "-2", "@sum", "\tx", "\rx", 'say "so"', "two\r\nlines\n", "a,b;c", '"', "\\",
    "'", "\\u0041", "\x01\x08\x0b\x0c\x1f\x7f", "\u2028\u2029\ufeff", "電池 😀 Lötstelle e\u0301", "</script>", "", " ",
)  # fmt: skip
VALUES: tuple[dict[str, object], ...] = (
    {"Pmax": 300.1, "Voc": 40.1, "Isc": 9.5, "Vmp": 33.2, "Imp": 9.05, "source": "live", "flash": "0171c868-0e3e"},
    {"Pmax": 1e-05, "Voc": -0.0, "Isc": 1.5e-7, "Vmp": 1e16, "Imp": -2.5e-05, "source": "manual"},
    {"Pmax": 300, "Voc": 0.30000000000000004, "Isc": 40.0, "Vmp": 123456789012345.6, "Imp": 0.0001, "source": "late",
     "flash": "e-05", "judged_by": "plausibility"},
    {"Imp": 1.0, "Pmax": None, "source": 'Sólar "x"'},
    {},
)  # fmt: skip


Dated = Order | Panel | StationResult | Pallet
DATED = (Order, Panel, StationResult, Pallet)


@dataclass(frozen=True, slots=True, repr=False)
class Plant:
    """Everything recorded."""

    users: tuple[User, ...]
    made: Factory
    others: tuple[Record, ...]

    @property
    def records(self) -> tuple[Record, ...]:
        """Give everything, parents before children."""
        return (*self.made.records, *self.others)


def plant(seed: int = 1, panels: int = 60) -> Plant:
    """Make the same plant for the same seed."""
    chance = random.Random(f"plant {seed}")
    base = factory(seed, panels)
    users = tuple(replace(one, username=name) for one, name in zip(base.users, ("=jürgen", 'e"va'), strict=True))
    made = replace(
        base, users=users, panels=tuple(_panel(one, chance) for one in base.panels), earlier=(),
        orders=tuple(_order(one, users, chance) for one in base.orders),
        results=tuple(_result(one, chance) for one in base.results),
        marks=tuple(replace(one, notes=_said(chance)) for one in base.marks),
        pallets=tuple(_pallet(one, users, chance) for one in base.pallets),
    )  # fmt: skip
    return Plant(users, made, tuple(_others(made, chance)))


def _said(chance: random.Random) -> str | None:
    return chance.choice(SAID) if chance.random() < 0.7 else None


def _panel(one: Panel, chance: random.Random) -> Panel:
    return replace(one, notes=_said(chance))


def _order(one: Order, users: tuple[User, ...], chance: random.Random) -> Order:
    by = chance.choice((None, users[0].uuid, users[1].uuid))
    done = chance.choice((None, one.created_at + timedelta(minutes=30)))
    return replace(one, notes=_said(chance), created_by=by, completed_at=done)


def _result(one: StationResult, chance: random.Random) -> StationResult:
    values = json.dumps(chance.choice(VALUES)) if one.station_number == 4 and chance.random() < 0.8 else None
    return replace(one, notes=_said(chance), electrical_data=values)


def _pallet(one: Pallet, users: tuple[User, ...], chance: random.Random) -> Pallet:
    done = chance.choice((None, one.created_at + timedelta(minutes=chance.randrange(40))))
    return replace(one, created_by=chance.choice((None, users[1].uuid)), completed_at=done)


def _others(made: Factory, chance: random.Random) -> Iterator[Record]:
    """Scrap by a supervisor, holds, values that came late."""
    for number, panel in enumerate(made.panels):
        uuid, at = _uuid(chance), BEGAN + timedelta(minutes=chance.randrange(60))
        if panel.status is PanelStatus.FAILED and chance.random() < 0.6:
            yield Override(
                uuid=uuid, panel_uuid=panel.uuid, action="scrap", station_number=chance.choice((None, 3)),
                reason=chance.choice(SAID), decided_by=made.users[number % 2].uuid, created_at=at,
            )  # fmt: skip
        elif chance.random() < 0.2:
            yield Hold(
                uuid=uuid, subject=Subject.PANEL, subject_uuid=panel.uuid, code="ff", reason=chance.choice(SAID),
                created_at=at,
            )  # fmt: skip
        elif chance.random() < 0.4:
            flash = RawFlash(
                uuid=uuid, flash_key="k", values_key="v", device="t", source="late", flash_kind="panel", origin="",
                serial_text=None, serial_number=None, date_text=None, time_text=None, pmax_w=301.5, voc_v=40.0,
                isc_a=9.5, vmp_v=33.2, imp_a=9.05, significant_digits=5, irradiance_w_m2=None, temperature_c=None,
                raw=b"", seen_at=at,
            )  # fmt: skip
            yield flash
            yield FlashRuling(
                uuid=_uuid(chance), flash_uuid=flash.uuid, disposition=Disposition.ATTACHED, reason="late",
                panel_uuid=panel.uuid, created_at=at,
            )  # fmt: skip


def _uuid(chance: random.Random) -> UUID:
    return UUID(int=chance.getrandbits(128))


def inside(made: Factory, scope: Scope) -> dict[ExportList, list[str]]:
    """Say which rows an export has of each list, in order: by uuid, scrap and defects by the panel or result."""

    def timely(at: datetime | None) -> bool:
        return at is not None and scope.since <= at < scope.until

    results = [one for one in made.results if timely(one.created_at)]
    worked = {one.panel_uuid for one in results}
    panels = [one for one in made.panels if timely(one.created_at) or one.uuid in worked]
    known = {one.uuid for one in panels}
    gone = {one.pallet_panel_uuid for one in made.removed}
    carrying = {one.pallet_uuid for one in made.placed if one.uuid not in gone and one.panel_uuid in known}
    pallets = [
        one for one in made.pallets if timely(one.created_at) or timely(one.completed_at) or one.uuid in carrying
    ]
    named = {one.order_uuid for one in panels} | {one.order_uuid for one in pallets}
    orders = [one for one in made.orders if timely(one.created_at) or one.uuid in named]
    taken_back = {one.supersedes for one in made.results}
    cosmetic = [one for one in results if one.result is Verdict.COSMETIC and one.uuid not in taken_back]
    failed = [one for one in panels if one.status is PanelStatus.FAILED]
    found: tuple[Sequence[Dated], ...] = (orders, panels, results, pallets, failed, cosmetic)
    return {
        of: [str(one.uuid) for one in sorted(rows, key=lambda one: (one.created_at, one.uuid.bytes))]
        for of, rows in zip(ExportList, found, strict=True)
    }
