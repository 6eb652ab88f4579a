from dataclasses import replace

import pytest

from stations.office.sticks import EnrolStick, RevokeStick, enrol_stick, revoke_stick
from storage.records import Takes
from tests.stations.office.shop import Shop

BLUE = EnrolStick(vendor_id="0781", product_id="5581", usb_serial="4C530001", volume_id="1234-ABCD", name="BLUE")
KEY = "age1s7qssevgjxk4mhd5gfm6pvzgsplfxfq57fkf5tt9vxlssfdf9fzsc9am8w"


def test_an_admin_enrols_a_stick_and_nobody_else(shop: Shop) -> None:
    for who in ("sam", "otto", "gone", "nobody", "root"):
        assert shop.no(enrol_stick, BLUE, who).code == "forbidden"
    stick = shop.get(enrol_stick, BLUE, "ada")
    ada = shop.view.user_by_name("ada")
    assert ada is not None
    assert (stick.name, stick.takes, stick.always_full, stick.active) == ("BLUE", Takes.EVERYTHING, False, True)
    assert stick.enrolled_by == ada.uuid
    assert shop.view.sticks.all() == (stick,)


def test_the_same_stick_enrolled_again_is_the_same_one_with_what_is_asked_now(shop: Shop) -> None:
    first = shop.get(enrol_stick, BLUE, "ada")
    shop.get(revoke_stick, RevokeStick(stick="blue", reason="lost"), "ada")
    again = shop.get(enrol_stick, replace(BLUE, name="GREEN", takes=Takes.SHEETS, full=True, recipient=KEY), "ada")
    assert again.uuid == first.uuid
    assert (again.name, again.takes, again.always_full, again.recipient) == ("GREEN", Takes.SHEETS, True, KEY)
    assert again.active
    assert shop.view.sticks.all() == (again,)


def test_another_volume_or_another_serial_is_another_stick(shop: Shop) -> None:
    shop.get(enrol_stick, BLUE, "ada")
    shop.get(enrol_stick, replace(BLUE, volume_id="9999-0000", name="BLUE formatted"), "ada")
    shop.get(enrol_stick, replace(BLUE, usb_serial="4C530002", name="RED"), "ada")
    assert [stick.name for stick in shop.view.sticks.all()] == ["BLUE", "BLUE formatted", "RED"]


def test_two_sticks_have_two_names_until_one_is_revoked(shop: Shop) -> None:
    shop.get(enrol_stick, BLUE, "ada")
    other = replace(BLUE, usb_serial="4C530002", name="blue")
    assert "already" in shop.no(enrol_stick, other, "ada").message
    shop.get(revoke_stick, RevokeStick(stick="BLUE", reason="broken"), "ada")
    second = shop.get(enrol_stick, other, "ada")
    assert shop.no(enrol_stick, BLUE, "ada").code == "refused", "the name is taken now"
    assert shop.get(revoke_stick, RevokeStick(stick="Blue", reason="broken too"), "ada").uuid == second.uuid


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        ({"usb_serial": ""}, "refused", "cannot be told from others"),
        ({"usb_serial": "  "}, "refused", "cannot be told from others"),
        ({"usb_serial": "00000000"}, "refused", "cannot be told from others"),
        ({"volume_id": ""}, "refused", "has no id"),
        ({"vendor_id": "781"}, "invalid", "four hexadecimal digits"),
        ({"product_id": "55\n1"}, "invalid", "four hexadecimal digits"),
        ({"usb_serial": "4C\x1b[2J"}, "invalid", "do not print"),
        ({"volume_id": "x" * 200}, "invalid", "200 characters"),
        ({"name": " "}, "invalid", "empty"),
        ({"name": "BL\nUE"}, "invalid", "do not print"),
        ({"name": "B" * 41}, "invalid", "41 characters"),
        ({"recipient": "age1x"}, "invalid", "no public key"),
        ({"recipient": KEY[:-1] + "q"}, "invalid", "no public key"),
        ({"recipient": "AGE-SECRET-KEY-1QQ"}, "invalid", "secret key"),
    ],
)
def test_a_stick_that_cannot_be_told_apart_or_is_described_wrongly_is_refused(
    shop: Shop, changes: dict[str, str], code: str, said: str
) -> None:
    refusal = shop.no(enrol_stick, replace(BLUE, **changes), "ada")  # type: ignore[arg-type]
    assert refusal.code == code
    assert said in refusal.message
    assert refusal.todo
    assert "QQ" not in refusal.message + refusal.todo


def test_a_stick_is_revoked_by_name_or_by_its_id_with_a_reason_that_is_kept(shop: Shop) -> None:
    blue = shop.get(enrol_stick, BLUE, "ada")
    assert shop.no(revoke_stick, RevokeStick(stick="BLUE", reason="lost"), "sam").code == "forbidden"
    assert shop.no(revoke_stick, RevokeStick(stick="BLUE", reason=" "), "ada").code == "invalid"
    assert shop.no(revoke_stick, RevokeStick(stick="RED", reason="lost"), "ada").code == "not_found"
    assert shop.no(revoke_stick, RevokeStick(stick="abcdef", reason="lost"), "ada").code == "not_found"
    revoked = shop.get(revoke_stick, RevokeStick(stick=blue.uuid.hex[-8:], reason="lost on the train"), "ada")
    assert not revoked.active
    assert shop.view.alarms(1)[0].message == "ada revoked the stick BLUE: lost on the train"
    assert "already" in shop.no(revoke_stick, RevokeStick(stick="BLUE", reason="again"), "ada").message
