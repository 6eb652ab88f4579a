import ssl

import pytest
import redis.exceptions as theirs

from storage.redis.words import trouble_of


@pytest.mark.parametrize(
    ("error", "message", "answered"),
    [
        (TimeoutError(), "Redis does not answer in time.", False),
        (theirs.TimeoutError("Timeout connecting to server"), "Redis does not answer in time.", False),
        (ConnectionRefusedError("refused."), "Redis cannot be reached: refused.", False),
        (theirs.ConnectionError("Connection closed by server."), "Redis cannot be reached: Connection closed", False),
        (ssl.SSLError("no certificate"), "Redis cannot be reached: ", False),
        (theirs.AuthenticationError("WRONGPASS"), "Redis refused the password.", False),
        (theirs.BusyLoadingError("x"), "Redis is still loading its data.", False),
        (theirs.OutOfMemoryError("x"), "Redis is full.", True),
        (theirs.ReadOnlyError("x"), "Redis is a read-only replica.", True),
        (theirs.NoPermissionError("x"), "Redis does not let this user do what is needed.", True),
        (theirs.ResponseError("MISCONF disk"), "Redis refused: MISCONF disk.", True),
        (theirs.InvalidResponse("Protocol Error"), "What answers is not Redis: Protocol Error.", False),
        (RecursionError(), "What answers is not Redis: RecursionError.", False),
        (ValueError("a\n" * 999), "What answers is not Redis: a a a", False),
    ],
)
def test_every_error_is_one_plain_sentence_with_what_to_do(error: Exception, message: str, answered: bool) -> None:
    trouble = trouble_of(error)
    assert trouble.message.startswith(message)
    assert trouble.message.endswith(".")
    assert "\n" not in trouble.message
    assert len(trouble.message) < 200
    assert trouble.todo.endswith(".")
    assert trouble.answered is answered


def test_a_wrapped_refusal_of_the_password_is_still_one() -> None:
    wrapped = theirs.ConnectionError("x")
    wrapped.__cause__ = theirs.AuthenticationError("WRONGPASS")
    assert trouble_of(wrapped).message == "Redis refused the password."
