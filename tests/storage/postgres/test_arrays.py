from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import errors

from storage.postgres.arrays import literal, read_bodies
from storage.postgres.link import Link

_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(column=st.lists(st.none() | _TEXT | st.sampled_from(["NULL", "null", "", "{}", '"', "\\", "a,b", "\r\n\t"])))
async def test_the_server_reads_the_texts_that_were_written(conn: Link, column: list[str | None]) -> None:
    row = await (await conn.execute("SELECT %s::text[]", (literal(column),))).fetchone()
    assert row == (column,)


async def test_the_server_reads_numbers_times_and_uuids_that_were_written(conn: Link) -> None:
    now, uuid = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC), UUID(int=7)
    given = (
        literal([1, None, -(2**63)]),
        literal([0.1, 1e-300]),
        literal([True, False]),
        literal([now]),
        literal([uuid]),
    )
    row = await (
        await conn.execute("SELECT %s::int8[], %s::float8[], %s::bool[], %s::timestamptz[], %s::uuid[]", given)
    ).fetchone()
    assert row == ([1, None, -(2**63)], [0.1, 1e-300], [True, False], [now], [uuid])


def test_a_nul_is_refused_as_the_server_refuses_it() -> None:
    with pytest.raises(errors.UntranslatableCharacter):
        literal(["a\0b"])


@pytest.mark.parametrize("bodies", [[b"{"], [b"{},{}"], [b"{}", b"1"], [b'{"a":NaN}'], [b""], [b"}{"]])
def test_a_body_that_is_no_object_is_refused_as_the_server_refuses_it(bodies: list[bytes]) -> None:
    with pytest.raises(errors.InvalidTextRepresentation):
        read_bodies(bodies)
