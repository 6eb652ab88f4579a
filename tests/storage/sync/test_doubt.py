"""Rows that are wrong told from a server that takes none of their kind."""

import pytest

from storage.changes import Change
from storage.errors import CentralUnfit, RowsRefused
from storage.records import ConfigEntry, Waiver
from storage.sync.doubt import ALIKE, Doubt
from tests.storage.sync.changes import START, change, uuid


def config(number: int) -> Change:
    key = f"key {number}"
    return change(ConfigEntry(uuid=uuid(key), config_key=key, config_value="x", updated_at=START), number)


def waiver(number: int) -> Change:
    it = Waiver(
        uuid=uuid(f"waiver {number}"), rule="r", panel_type="60", until=START, reason="r", granted_by=uuid("boss"),
        created_at=START,
    )  # fmt: skip
    return change(it, number)


def refusal(sqlstate: str | None = "23514", table: str | None = "waivers", constraint: str | None = "c") -> RowsRefused:
    return RowsRefused("No (x).", sqlstate=sqlstate, table=table, constraint=constraint)


def test_a_kind_refused_alike_again_and_again_is_no_fault_of_its_rows() -> None:
    doubt = Doubt()
    for number in range(1, ALIKE):
        doubt.refused([waiver(number)], refusal())
        doubt.stored([config(number)])
    with pytest.raises(CentralUnfit, match="takes no waiver any more"):
        doubt.refused([waiver(ALIKE)], refusal())
    with pytest.raises(CentralUnfit):
        doubt.refused([waiver(ALIKE)], refusal())


def test_one_of_the_kind_that_is_stored_shows_that_the_rows_were_wrong() -> None:
    doubt = Doubt()
    for number in range(3 * ALIKE):
        doubt.refused([waiver(number)], refusal())
        if number % (ALIKE - 1) == 0:
            doubt.stored([config(number), waiver(number)])


@pytest.mark.parametrize("sqlstate", [None, "23503", "23505"])
def test_what_each_row_has_of_its_own_raises_no_doubt(sqlstate: str | None) -> None:
    doubt = Doubt()
    for number in range(2 * ALIKE):
        doubt.refused([waiver(number)], refusal(sqlstate))


def test_reasons_are_counted_apart_and_so_are_kinds() -> None:
    doubt = Doubt()
    for number in range(ALIKE - 1):
        doubt.refused([waiver(number)], refusal())
        doubt.refused([waiver(number)], refusal(constraint="d"))
        doubt.refused([waiver(number)], refusal("22001", None, None))
        doubt.refused([config(number)], refusal("22001", None, None))


def test_several_refused_together_say_nothing() -> None:
    doubt = Doubt()
    for number in range(2 * ALIKE):
        doubt.refused([waiver(2 * number), waiver(2 * number + 1)], refusal())
