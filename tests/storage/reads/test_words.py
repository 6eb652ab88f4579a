"""What a word is: the program's notion, and that the server's is the same."""

import unicodedata

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.postgres.migrate import FOLDER
from storage.reads import words
from storage.reads.words import READ_MARKS, SEPARATORS, WORD_MARKS

_TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs", "Cn"]), max_size=60)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Scratch on frame, left side", ("scratch", "on", "frame", "left", "side")),
        ("Lötstelle-3 kalt/kalt", ("lötstelle", "3", "kalt")),
        ("Lo\u0308tstelle", ("lötstelle",)),
        ("J\u030c", ("\u01f0",)),
        ("太阳能板，破裂", ("太阳能板", "破裂")),
        ("１２ ²", ("12", "2")),
        ("ΣΑΣ İ", ("σασ", "i")),
        ("don't", ("don", "t")),
        ("😀 --- …", ()),
        ("a\0b \ud800c", ("a", "b", "c")),
        ("", ()),
    ],
)
def test_words_are_runs_of_letters_and_digits_of_any_script_in_small(text: str, found: tuple[str, ...]) -> None:
    assert words(text) == found


@given(_TEXTS)
def test_words_are_the_same_words_again(text: str) -> None:
    for word in words(text):
        assert words(word) == (word,)
        assert words(word.upper()) == words(word.upper().lower())


def test_what_is_endless_is_cut() -> None:
    assert words("x" * 500) == ("x" * WORD_MARKS,)
    assert words("y " * READ_MARKS + "late") == ("y",)


def test_the_servers_rule_is_written_with_the_same_marks() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.sql"))
    assert SEPARATORS in text.replace("'\n        '", "")
    assert f"left(given, {READ_MARKS})" in text
    assert f"left(word, {WORD_MARKS})" in text


def test_the_server_finds_the_same_words_in_any_text(migrated_dsn: str) -> None:
    with psycopg.connect(migrated_dsn, autocommit=True, options="-c search_path=sunline") as server:

        @settings(deadline=None, max_examples=200)
        @given(_TEXTS | st.lists(st.sampled_from("aÖß-'3٣ 板。\u0308ΣςİıǅＡ…\n"), max_size=30).map("".join))
        def same(text: str) -> None:
            assert _words_there(server, [text]) == [set(words(text))]

        same()


def test_the_server_parts_words_at_the_same_marks(migrated_dsn: str) -> None:
    marks = [chr(code) for code in range(1, 0x20000) if unicodedata.category(chr(code)) not in ("Cs", "Cn")]
    texts = [f"a{mark}B" for mark in marks]
    with psycopg.connect(migrated_dsn, autocommit=True, options="-c search_path=sunline") as server:
        assert _words_there(server, texts) == [set(words(text)) for text in texts]


def _words_there(server: psycopg.Connection, texts: list[str]) -> list[set[str]]:
    rows = server.execute(
        "SELECT tsvector_to_array(words(text)) FROM unnest(%s::text[]) WITH ORDINALITY AS t (text, n) ORDER BY n",
        (texts,),
    )
    return [set(found) for (found,) in rows.fetchall()]
