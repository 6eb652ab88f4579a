from stations.office.credentials import hash_password
from stations.office.sessions import SignInAt, sign_in_at
from stations.office.users import AddUser, SetPassword, SetUser, add_user, set_password, set_user
from storage.records import Role
from tests.stations.office.shop import Shop

HASH = hash_password("correct horse battery")


def nina(shop: Shop, station: int | None = None) -> None:
    shop.get(add_user, AddUser(username="Nina", role=Role.OPERATOR, station=station, password_hash=HASH), "ada")


def test_a_name_and_its_password_sign_in_like_a_badge(shop: Shop) -> None:
    nina(shop)
    shop.get(sign_in_at, SignInAt(station=2, username="Nina", password_hash=HASH), "nobody")
    signed = shop.view.open_sign_in(2)
    assert signed is not None
    user = shop.view.user(signed.user_uuid)
    assert user is not None
    assert user.username == "Nina"


def test_an_assignment_binds_a_password_as_it_binds_a_badge(shop: Shop) -> None:
    nina(shop, station=3)
    no = shop.no(sign_in_at, SignInAt(station=2, username="Nina", password_hash=HASH), "nobody")
    assert "station 3" in no.message
    assert shop.view.open_sign_in(2) is None


def test_a_password_changed_meanwhile_signs_nobody_in(shop: Shop) -> None:
    nina(shop)
    shop.get(set_password, SetPassword(username="Nina", password_hash=hash_password("another password")), "ada")
    assert shop.no(sign_in_at, SignInAt(station=2, username="Nina", password_hash=HASH), "x").code == "forbidden"


def test_nobody_inactive_or_unknown_signs_in(shop: Shop) -> None:
    nina(shop)
    shop.get(set_user, SetUser(username="Nina", active=False), "ada")
    assert shop.no(sign_in_at, SignInAt(station=2, username="Nina", password_hash=HASH), "x").code == "refused"
    assert shop.no(sign_in_at, SignInAt(station=2, username="Nemo", password_hash=HASH), "x").code == "not_found"
    assert shop.no(sign_in_at, SignInAt(station=9, username="Nina", password_hash=HASH), "x").code in (
        "refused",
        "invalid",
    )
