import pyrage
import pytest

from stations.rules.recipients import is_recipient

KNOWN = "age1s7qssevgjxk4mhd5gfm6pvzgsplfxfq57fkf5tt9vxlssfdf9fzsc9am8w"


def test_what_age_makes_is_a_recipient() -> None:
    assert is_recipient(KNOWN)
    assert all(is_recipient(str(pyrage.x25519.Identity.generate().to_public())) for _ in range(20))


@pytest.mark.parametrize("place", range(len("age1"), len(KNOWN)))
def test_one_mistyped_letter_is_noticed(place: int) -> None:
    other = "q" if KNOWN[place] != "q" else "p"
    assert not is_recipient(KNOWN[:place] + other + KNOWN[place + 1 :])


@pytest.mark.parametrize(
    "text", ["", "age1", KNOWN.upper(), KNOWN + "q", KNOWN[:-1], f" {KNOWN}", KNOWN + "\n", "ssh-ed25519 AAAA"]
)
def test_anything_else_is_none(text: str) -> None:
    assert not is_recipient(text)
