import codecs

import pytest

from drivers.files.encodings import detect


@pytest.mark.parametrize(
    ("content", "encoding", "bom"),
    [
        (b"SerialNo,Pm\n1,2\n", "utf-8", 0),
        ("TTime\n下午 5:41:27\n".encode(), "utf-8", 0),
        (codecs.BOM_UTF8 + b"SerialNo\n", "utf-8", 3),
        ("SerialNo\n下午\n".encode("utf-16"), "utf-16-le", 2),
        (codecs.BOM_UTF16_BE + "SerialNo\n".encode("utf-16-be"), "utf-16-be", 2),
        ("SerialNo\n下午\n".encode("utf-16-le"), "utf-16-le", 0),
        ("SerialNo\n下午\n".encode("utf-16-be"), "utf-16-be", 0),
        ("TTime\n下午 5:41:27\n".encode("gbk"), "gbk", 0),
        ("备注\n返工\n".encode("cp936"), "gbk", 0),
        ("Temp(°C)\n24.3\n".encode("cp1252"), "cp1252", 0),
        ("Peak(W/m²)\nCafé\n".encode("cp1252"), "cp1252", 0),
        ("x\n\x81°C\n".encode("latin-1"), "latin-1", 0),
    ],
)
def test_encodings_are_told_apart(content: bytes, encoding: str, bom: int) -> None:
    assert detect(content) == (encoding, bom)


def test_a_line_torn_inside_a_character_has_no_say() -> None:
    whole = "SerialNo,TTime\nA,下午 5:41:27\nB,下".encode()
    assert detect(whole[:-1])[0] == "utf-8"
    torn = "SerialNo,TTime\nA,下午 5:41:27\nB,下".encode("gbk")
    assert detect(torn[:-1])[0] == "gbk"


def test_an_empty_file_is_any() -> None:
    assert detect(b"") == ("utf-8", 0)
