"""Dialect files are checked when they are loaded, in words a technician can act on."""

import pytest

from drivers.tester import DialectRefused, load_dialect, shipped_dialect, shipped_dialects

MINIMAL = 'name = "x"\nlayout = "separated"\n[[fields]]\nis = "pmax_w"\nposition = 1\n'


def test_all_shipped_dialects_load_and_cover_every_layout() -> None:
    layouts = {shipped_dialect(name).layout.value for name in shipped_dialects()}
    assert layouts == {"separated", "fixed", "pairs"}
    assert set(shipped_dialects()) >= {"csv-lines", "key-value", "fixed-width", "block-marked"}
    assert all(shipped_dialect(name).name == name for name in shipped_dialects())


def test_defaults_make_a_small_file_enough() -> None:
    dialect = load_dialect(MINIMAL, "x.toml")
    assert (dialect.separator, dialect.decimal, dialect.encoding) == (",", ".", "utf-8")
    assert dialect.link.baud == 9600
    assert dialect.checksum is None


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("seperator = ';'\n" + MINIMAL, r"'seperator' \(did you mean 'separator'\?\)"),
        (MINIMAL + "positon = 3\n", r"'fields.0.positon' \(did you mean 'position'\?\)"),
        (MINIMAL + "[frame]\nmax_lenght = 3\n", r"'frame.max_lenght' \(did you mean 'max_length'\?\)"),
        ("decimal = ','\n" + MINIMAL, "separator must be given and differ from the decimal mark"),
        (MINIMAL + "[[fields]]\nis = 'pmax_w'\nposition = 2\n", "two fields have the same meaning"),
        (MINIMAL.replace("position = 1", "name = 'P'"), "needs the field's position"),
        (MINIMAL.replace("separated", "fixed"), "needs column and width"),
        (MINIMAL.replace("separated", "pairs"), "needs the field's name"),
        (MINIMAL.replace("pmax_w", "power"), "fields.0.is"),
        (MINIMAL + "[checksum]\nkind = 'crc32'\n", "checksum.kind"),
        (MINIMAL + "[link]\nbaud = 0\n", "link.baud"),
        (MINIMAL + "[link]\nbaud = 9600000\n", "link.baud"),
        ("ignore = ['']\n" + MINIMAL, "match every frame"),
        ("encoding = 'cp1252'\n" + MINIMAL + "[frame]\nstart = '始'\n", "'始' cannot be written in cp1252"),
        (MINIMAL + "[frame]\nstart = 'X'\nend = 'X'\n", "must differ"),
        (MINIMAL + "[checksum]\nkind = 'sum8'\nmark = ''\n", "mark must not be empty"),
        ("name = ", "not valid TOML"),
    ],
)
def test_a_faulty_dialect_is_refused_with_the_place_and_the_nearest_name(toml: str, words: str) -> None:
    with pytest.raises(DialectRefused, match=words) as refused:
        load_dialect(toml, "my.toml")
    assert str(refused.value).startswith("my.toml")
    assert refused.value.todo


def test_an_unknown_shipped_dialect_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(DialectRefused, match=r"did you mean 'csv-lines'\?"):
        shipped_dialect("csv-line")
