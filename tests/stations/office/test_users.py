import pytest

from stations.office.credentials import badge_text, hash_of_nobody, hash_password, new_badge_token, verify_password
from stations.office.outcome import Refused
from stations.office.users import (
    AddUser,
    NewBadge,
    SetPassword,
    SetUser,
    add_user,
    new_badge,
    set_password,
    set_user,
)
from stations.rules.commands import Meaning, badge_hash, read_code
from stations.rules.serials import normalise
from storage.records import Role
from tests.stations.office.shop import Shop

FIRST = AddUser(username="Ada", role=Role.ADMIN, os_user="ada")


def test_root_adds_the_first_admin_and_nobody_after(empty: Shop) -> None:
    assert empty.no(add_user, FIRST, "otto").code == "forbidden"
    assert empty.no(add_user, AddUser(username="Otto", role=Role.OPERATOR, os_user="otto"), "root").code == "refused"
    assert empty.no(add_user, AddUser(username="Ada", role=Role.ADMIN), "root").code == "invalid"
    assert empty.get(add_user, FIRST, "root").user.role is Role.ADMIN
    assert empty.no(add_user, AddUser(username="Eve", role=Role.ADMIN, os_user="eve"), "root").code == "forbidden"
    assert empty.get(add_user, AddUser(username="Otto", role=Role.OPERATOR), "ada").user.os_user is None


def test_a_badge_is_shown_once_and_kept_as_a_hash(shop: Shop) -> None:
    token = new_badge_token()
    issued = shop.get(add_user, AddUser(username="Nina", role=Role.OPERATOR, badge_token=token), "ada")
    assert issued.badge_token == token
    assert token not in repr(issued)
    stored = shop.view.user_by_name("Nina")
    assert stored is not None
    assert stored.badge_hash == badge_hash(token)
    assert all(token.encode() not in change.body for change in shop.view.changes_after(0, 1000))
    assert shop.scan(1, badge_text(token).lower()).session is not None


def test_badge_tokens_are_128_random_bits_a_scanner_can_read() -> None:
    tokens = {new_badge_token() for _ in range(100)}
    assert len(tokens) == 100
    for token in tokens:
        assert len(token) == 26
        assert token.isascii()
        code = read_code(normalise(badge_text(token)))
        assert (code.meaning, code.argument) == (Meaning.BADGE, token)


def test_a_new_badge_ends_the_old_one(shop: Shop) -> None:
    issued = shop.get(new_badge, NewBadge(username="otto"))
    assert shop.scan(1, "SL-U-otto").session is None
    assert shop.scan(1, badge_text(issued.badge_token or "")).session is not None


def test_an_admins_badge_is_for_admins_to_give(shop: Shop) -> None:
    assert shop.no(new_badge, NewBadge(username="ada"), "sam").code == "forbidden"
    assert shop.get(new_badge, NewBadge(username="ada"), "ada").badge_token
    assert shop.no(new_badge, NewBadge(username="otto"), "otto").code == "forbidden"
    assert shop.no(new_badge, NewBadge(username="gone"), "ada").code == "refused"
    assert shop.no(new_badge, NewBadge(username="nemo")).code == "not_found"


def test_everybody_sets_their_own_password_and_admins_everybodys(shop: Shop) -> None:
    hashed = hash_password("correct horse")
    assert shop.get(set_password, SetPassword(username="otto", password_hash=hashed), "otto").password_hash == hashed
    shop.get(set_password, SetPassword(username="otto", password_hash=hashed), "ada")
    assert shop.no(set_password, SetPassword(username="ada", password_hash=hashed), "sam").code == "forbidden"
    assert shop.no(set_password, SetPassword(username="otto", password_hash=hashed), "nobody").code == "forbidden"


def test_a_password_is_known_by_its_hash_alone() -> None:
    one, two = hash_password("correct horse"), hash_password("correct horse")
    assert one != two
    assert one.startswith("scrypt$16384$8$1$")
    assert len(one) < 255
    assert verify_password("correct horse", one)
    assert not verify_password("correct mule", one)
    assert not verify_password("x", "")
    assert not verify_password("x", "md5$1$1$1$AA==$AA==")
    assert not verify_password("x", one.replace("scrypt$16384", "scrypt$-1"))


def test_the_hash_of_nobody_looks_like_any_and_no_password_fits_it() -> None:
    one, nobody = hash_password("correct horse"), hash_of_nobody()
    assert nobody.split("$")[:4] == one.split("$")[:4]
    assert [len(part) for part in nobody.split("$")] == [len(part) for part in one.split("$")]
    assert not verify_password("correct horse", nobody)
    assert nobody != hash_of_nobody()


@pytest.mark.parametrize("password", ["short", "x" * 201, "surrogate \ud800"])
def test_a_password_that_cannot_be_kept_is_refused(password: str) -> None:
    with pytest.raises(Refused):
        hash_password(password)


def test_only_what_is_given_changes(shop: Shop) -> None:
    before = shop.view.user_by_name("otto")
    assert before is not None
    bound = shop.get(set_user, SetUser(username="otto", station=2, email="otto@example.com"), "ada")
    assert (bound.station_assignment, bound.email, bound.os_user) == (2, "otto@example.com", "otto")
    assert bound.badge_hash == before.badge_hash
    free = shop.get(set_user, SetUser(username="otto", station=None), "ada")
    assert (free.station_assignment, free.email) == (None, "otto@example.com")
    assert not shop.get(set_user, SetUser(username="otto", active=False), "ada").active


def test_the_last_admin_stays_one(shop: Shop) -> None:
    for request in (SetUser(username="ada", active=False), SetUser(username="ada", role=Role.SUPERVISOR)):
        assert "last admin" in shop.no(set_user, request, "ada").message
    shop.get(set_user, SetUser(username="sam", role=Role.ADMIN), "ada")
    assert not shop.get(set_user, SetUser(username="ada", active=False), "sam").active
    assert shop.no(set_user, SetUser(username="ada", active=True), "ada").code == "forbidden"


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (AddUser(username="OTTO", role=Role.OPERATOR), "refused"),
        (AddUser(username="", role=Role.OPERATOR), "invalid"),
        (AddUser(username="Nina", role=Role.OPERATOR, os_user="otto"), "refused"),
        (AddUser(username="Nina", role=Role.OPERATOR, os_user="a b"), "invalid"),
        (AddUser(username="Nina", role=Role.OPERATOR, email="nowhere"), "invalid"),
        (AddUser(username="Nina", role=Role.OPERATOR, station=5), "invalid"),
    ],
)
def test_two_people_share_nothing_that_names_them(shop: Shop, request_: AddUser, code: str) -> None:
    assert shop.no(add_user, request_, "ada").code == code


def test_changing_people_is_for_admins(shop: Shop) -> None:
    assert shop.no(set_user, SetUser(username="otto", active=False), "sam").code == "forbidden"
    assert shop.no(add_user, AddUser(username="Nina", role=Role.OPERATOR), "sam").code == "forbidden"
