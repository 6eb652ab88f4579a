"""The completions at work, in the shells they are for."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.daemon.manual.typist import TAB, Typist

needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed here.")
needs_fish = pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed here.")
needs_zsh = pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed here.")

CASES: tuple[tuple[tuple[str, ...], set[str]], ...] = (
    (("order", "c"), {"create", "choose", "cancel"}),
    (("check",), {"check-config"}),
    (("order", "create", "--watt"), {"--watt-class-w"}),
    (("order", "list", "--status", ""), {"active", "completed", "cancelled"}),
    (("order", "list", "--status", "a"), {"active"}),
    (("user", "add", "ada", ""), {"operator", "supervisor", "admin"}),
    (("export", ""), {"verify", "key"}),
    (("export", "--source", ""), {"local", "central"}),
    (("export", "--dsn"), {"--dsn-file"}),
    (("sync", "quarantine", "d"), {"discard"}),
    # A value that is also the name of a command is a value:
    (("panel", "note", "60", "order", "--te"), {"--text"}),
    (("scan", "1", "list", "--te"), {"--text"}),
    (("usb", "revoke", "list", "--reas"), {"--reason"}),
    (("order", "list", "--order", "user", "--sta"), {"--status"}),
    (("panel", "list", "--limit", "5", "--stat"), {"--status", "--station"}),
    (("order", "create", "MO-1", ""), set()),
    (("nonsense", "order", "l"), set()),
)


def in_bash(script: Path, words: Sequence[str]) -> set[str]:
    asks = (
        'source "$1"; shift; compopt() { :; }; COMP_WORDS=(sunline "$@"); COMP_CWORD=$(($# )); '
        '_sunline sunline; ((${#COMPREPLY[@]})) && printf "%s\\n" "${COMPREPLY[@]}"; true'
    )
    command = ["bash", "--norc", "-c", asks, "bash", str(script), *words]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    assert not ended.stderr
    return {*ended.stdout.split()}


def in_fish(script: Path, words: Sequence[str], home: Path) -> set[str]:
    line = " ".join(["sunline", *words])
    asks = f"source {script}; complete --do-complete '{line}'"
    environment = {"HOME": str(home), "PATH": "/usr/bin:/bin", "XDG_CONFIG_HOME": str(home), "TERM": "dumb"}
    command = ["fish", "--no-config", "-c", asks]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, cwd=home)
    assert not ended.stderr
    return {row.split("\t")[0] for row in ended.stdout.splitlines()}


@needs_bash
def test_bash_offers_what_may_follow(folder: Path) -> None:
    assert {words: in_bash(folder / "sunline.bash", words) for words, _ in CASES} == dict(CASES)


@needs_bash
def test_bash_runs_nothing_that_stands_on_the_line(folder: Path, tmp_path: Path) -> None:
    touch = f"$(touch {tmp_path}/ran)"
    for words in (
        ["order", touch, ""],
        [touch, ""],
        ["order", "list", touch, "--st"],
        ["panel", "show", f"`{touch}`]", ""],
    ):
        in_bash(folder / "sunline.bash", words)
    assert not (tmp_path / "ran").exists()


@needs_bash
def test_bash_completes_values_behind_an_equals_sign(folder: Path) -> None:
    assert in_bash(folder / "sunline.bash", ["order", "list", "--status", "=", "co"]) == {"completed"}
    assert in_bash(folder / "sunline.bash", ["order", "list", "--status", "="]) == {"active", "completed", "cancelled"}
    assert in_bash(folder / "sunline.bash", ["order", "list", "--status", "=", "active", "--lim"]) == {"--limit"}


@needs_bash
def test_tab_in_bash_completes_words_and_names_of_files_with_blanks(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "line one.toml").touch()
    with Typist(["bash", "--norc", "-i"], {"PATH": "/usr/bin:/bin", "PS1": "> ", "TERM": "dumb"}, tmp_path) as typist:
        typist.types(f"source {folder}/sunline.bash && echo is''ready\n")
        typist.sees("isready")
        typist.types(f"sunline che{TAB}")
        typist.sees("ck-config ")
        typist.types(f"lin{TAB}")
        typist.sees(r"e\\ one\.toml")


@needs_fish
def test_fish_offers_what_may_follow(folder: Path, tmp_path: Path) -> None:
    script = folder / "sunline.fish"
    assert {words: in_fish(script, words, tmp_path) for words, _ in CASES} == dict(CASES)


@needs_fish
def test_fish_completes_values_behind_an_equals_sign_and_names_of_files(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "line one.toml").touch()
    script = folder / "sunline.fish"
    assert in_fish(script, ["order", "list", "--status=co"], tmp_path) == {"--status=completed"}
    assert in_fish(script, ["check-config", "lin"], tmp_path) == {"line one.toml"}
    assert in_fish(script, ["run", "--config=lin"], tmp_path) == {"--config=line one.toml"}


@needs_zsh
def test_tab_in_zsh_completes_from_a_folder_of_completions(folder: Path, tmp_path: Path) -> None:
    environment = {"PATH": "/usr/bin:/bin", "TERM": "dumb", "HOME": str(tmp_path), "ZDOTDIR": str(tmp_path)}
    with Typist(["zsh", "-f", "-i"], environment, tmp_path) as typist:
        typist.types(f"PS1='> '; fpath=({folder} $fpath); autoload -Uz compinit; compinit -u -D; echo is''ready\n")
        typist.sees("isready\r")
        typist.types(f"sunline che{TAB}")
        typist.sees("ck-config ")
        typist.types("\x15" + f"sunline panel note 60 order --te{TAB}")
        typist.sees("--text")
        typist.types("\x15" + f"sunline user add ada s{TAB}")
        typist.sees("supervisor")
        typist.types("\x15" + f"sunline order list --status ca{TAB}")
        typist.sees("cancelled")


@needs_zsh
def test_zsh_can_read_its_script(folder: Path) -> None:
    subprocess.run(["zsh", "-n", str(folder / "_sunline")], check=True)
