"""Take data out of the factory: JSON, CSV and pallet sheets in a folder that proves that it is whole."""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

from cyclopts import Parameter

from daemon.cli.app import group
from daemon.cli.asking import ask, failed
from daemon.cli.exits import Exit, Failed
from daemon.cli.showing import printable
from daemon.cli.where import HERE, To, socket_of

if TYPE_CHECKING:
    from daemon.cli.exportshow import Json
    from daemon.cli.exportwords import Days
    from daemon.export.write import Origin

app = group("export", "Take data out: JSON, CSV and pallet sheets in a folder that proves that it is whole.")

app.help_epilogue = f"""After an interruption (Ctrl-C, a pulled stick, a power cut) run the same command again: it
goes on, and what is finished is read back and kept.

{app.help_epilogue}"""

_ANSWER_S: Final = 60.0
_ALL: Final = "json,csv,sheets"

Out = Annotated[
    Path, Parameter(name="--out", help="A folder that is there; the export gets a folder of its own in it.")
]
First = Annotated[str | None, Parameter(name="--from", help="First day, like 2026-03-01; none: the first there is.")]
Last = Annotated[str | None, Parameter(name="--to", help="Last day, included; none: today.")]
Formats = Annotated[str, Parameter(name="--format", help="What is written, with commas: json, csv, sheets.")]
Where = Annotated[Literal["local", "central"], Parameter(help="This line, or every line from the central server.")]
DsnFile = Annotated[Path | None, Parameter(help="A file with the address of the central server.")]
SignKey = Annotated[Path | None, Parameter(help="Sign an export of the central server with this key (a PEM file).")]
Recipient = Annotated[str | None, Parameter(help="Encrypt for the owner of this age key (age1...).")]
AsOf = Annotated[str | None, Parameter(help="When it was made, as its files say: 2026-04-01T06:00:00Z; none: now.")]
AsJson = Annotated[bool, Parameter(name="--json", negative="", show_default=False, help="Answer in JSON on stdout.")]


@app.default
def export(  # noqa: PLR0913 -- one parameter an option
    *,
    out: Out,
    first: First = None,
    last: Last = None,
    formats: Formats = _ALL,
    source: Where = "local",
    dsn_file: DsnFile = None,
    sign_key: SignKey = None,
    recipient: Recipient = None,
    as_of: AsOf = None,
    to: To = HERE,
) -> None:
    """Export orders, panels, results, pallets, failed panels and cosmetic defects of some days."""
    from daemon.cli.exportshow import outcome, watching  # noqa: PLC0415 -- only where something is exported
    from daemon.cli.exportwords import days_of, wishes_of  # noqa: PLC0415 -- as above
    from daemon.export.write import write_export  # noqa: PLC0415 -- as above

    wishes, days = wishes_of(formats, recipient, as_of), days_of(first, last)
    _assert_folder(out)
    if source == "local":
        _assert_not_given("--dsn-file", dsn_file)
        _assert_not_given("--sign-key", sign_key)
    with (
        _in_plain_words(),
        _line(days, to) if source == "local" else _central(days, dsn_file, sign_key) as origin,
        watching(as_json=to.json) as watch,
    ):
        done = write_export(out, origin, wishes, watch)
    _say(*outcome(done), as_json=to.json)


@app.command
def verify(
    folder: Annotated[Path, Parameter(help="The folder of one export.")],
    *,
    public_key: Annotated[
        str | None, Parameter(help="The line's key, as `sunline export key` shows it, or a file with it.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Check that an export is complete, unchanged and signed, wherever it lies. Needs no line.

    One line a fault; the exit code is 1 when there is one.
    """
    from daemon.cli.exportshow import checked  # noqa: PLC0415 -- only where something is checked
    from drivers.shown import shown  # noqa: PLC0415 -- as above
    from storage.export.durable import Folder  # noqa: PLC0415 -- as above
    from storage.export.layout import NAME  # noqa: PLC0415 -- as above
    from storage.export.signing import read_public_key  # noqa: PLC0415 -- as above
    from storage.export.verify import verify as check  # noqa: PLC0415 -- as above

    _assert_folder(folder)
    key = read_public_key(public_key) if public_key is not None else None
    with Folder.at(str(folder)) as opened:
        report = check(opened, key)
        within = (name for name, is_folder in opened.names() if is_folder and name.startswith(f"{NAME}-"))
        if report.manifest is None and (first := next(within, None)) is not None:
            raise Failed(
                Exit.USAGE, f"{folder} holds exports and is none.", f"Give one of them: {folder / (shown(first) or '')}"
            )
    _say(*checked(report, sure=key is not None), as_json=as_json)
    return Exit.OK if report.good else Exit.REFUSED


@app.command
def key(*, to: To = HERE) -> None:
    """Show the public key of a line: with it others check who signed an export."""
    from base64 import b64decode  # noqa: PLC0415 -- only here

    from storage.export.signing import fingerprint, pem_of  # noqa: PLC0415 -- cryptography, only where it is needed

    public_key = ask(to, "export.key")["public_key"]
    raw = b64decode(public_key)
    body = {"public_key": public_key, "fingerprint": fingerprint(raw), "pem": pem_of(raw)}
    short = f"In short, as exports show it: {body['fingerprint']}"
    _say(body, [public_key, short, "For other programs:", *body["pem"].splitlines()], as_json=to.json)


def _say(body: "Json", lines: list[str], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(body, ensure_ascii=False, indent=2), flush=True)
    else:
        print("\n".join(map(printable, lines)), flush=True)


def _line(days: "Days", to: To) -> AbstractContextManager["Origin"]:
    from daemon.control.client import ControlClient  # noqa: PLC0415 -- only where a daemon is asked
    from daemon.export.line import LineOrigin  # noqa: PLC0415 -- as above

    return nullcontext(LineOrigin(ControlClient(socket_of(to), _ANSWER_S), *days))


def _central(days: "Days", dsn_file: Path | None, sign_key: Path | None) -> AbstractContextManager["Origin"]:
    if dsn_file is None:
        raise Failed(Exit.USAGE, "The central server's address is missing.", "Give --dsn-file FILE.")
    from daemon.export.central import CentralOrigin  # noqa: PLC0415 -- psycopg, only where it is needed
    from storage.export.signing import KeySigner  # noqa: PLC0415 -- as above

    signer = KeySigner.of_file(sign_key) if sign_key is not None else None
    return CentralOrigin.open(dsn_file, *days, signer)


def _assert_folder(path: Path) -> None:
    if not path.exists():
        raise Failed(Exit.REFUSED, f"There is no folder {path}.", "Make it first, or plug the medium in.")
    if not path.is_dir():
        raise Failed(Exit.REFUSED, f"{path} is a file.", "Give a folder.")


def _assert_not_given(name: str, value: object) -> None:
    if value is not None:
        raise Failed(Exit.USAGE, f"{name} is for --source central.", "Leave it out, or add --source central.")


@contextmanager
def _in_plain_words() -> Iterator[None]:
    """Say what to do after an interruption, and where a line does not answer."""
    from daemon.control.protocol import ControlError  # noqa: PLC0415 -- only where a daemon is asked

    try:
        yield
    except KeyboardInterrupt as error:
        todo = "Run the same command again: it goes on, and keeps what is finished."
        raise Failed(Exit.INTERRUPTED, "Interrupted.", todo) from error
    except ControlError as error:
        raise failed(error) from error
