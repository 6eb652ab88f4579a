"""Whatever comes over the wire is a request or a plain refusal."""

from collections.abc import Callable

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.control.arguments import reader_of
from daemon.control.face import LineFace
from daemon.control.operations import OPERATIONS
from daemon.control.protocol import ControlError, answer_line, error_line, id_of, read_request
from daemon.line.line import Line
from stations.office.changes import KEEP
from stations.office.users import SetUser
from storage.records import Role

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
READERS = {name: reader_of(one.arguments) for name, one in OPERATIONS.items()}
NAMES = sorted({name for reader in OPERATIONS.values() for name in reader.arguments.__dataclass_fields__})


def refusal(read: Callable[[], object]) -> ControlError | None:
    """Give the refusal, or None where there was none; anything else raised is a fault."""
    try:
        read()
    except ControlError as error:
        return error
    return None


@given(st.binary() | JSON.map(orjson.dumps))
def test_a_line_is_a_request_or_refused(line: bytes) -> None:
    no = refusal(lambda: read_request(line))
    number = id_of(line)
    if no is None:
        request = read_request(line)
        assert orjson.loads(answer_line(request.id, request.args))["id"] == request.id == number
    else:
        assert orjson.loads(error_line(number, no))["error"]["code"] == "invalid"


@given(st.sampled_from(sorted(READERS)), st.dictionaries(st.sampled_from(NAMES) | st.text(), JSON, max_size=4))
def test_arguments_are_read_or_refused_in_plain_words(op: str, args: dict[str, object]) -> None:
    no = refusal(lambda: READERS[op](args))
    assert no is None or no.code == "invalid"
    assert no is None or str(no)[-1] in ".?"
    assert no is None or no.todo.startswith("It takes")


def test_what_is_left_out_stays_and_null_clears() -> None:
    read = reader_of(SetUser)
    assert read({"username": "otto"}).station is KEEP
    assert read({"username": "otto", "station": None}).station is None
    assert read({"username": "otto", "role": "admin"}).role is Role.ADMIN
    wrong: tuple[dict[str, object], ...] = (
        {"role": "KEEP"},
        {"role": None},
        {"station": "2"},
        {"station": True},
        {"active": 1},
        {"station": {}},
    )
    for bad in wrong:
        with pytest.raises(ControlError):
            read({"username": "otto", **bad})


def test_the_daemons_line_has_the_face() -> None:
    face: type[LineFace] = Line
    assert face is Line
